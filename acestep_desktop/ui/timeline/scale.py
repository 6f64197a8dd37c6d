"""The scale of the timeline: which pixel shows which frame or tick."""

from dataclasses import dataclass, replace
from typing import Final

from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import SAMPLE_RATE, Frame, Tick

FINEST: Final = SAMPLE_RATE / 4_000
"""Frames in a pixel at the closest look: 4,000 pixels a second."""

COARSEST: Final = SAMPLE_RATE * 60.0
"""Frames in a pixel from farthest away: a minute."""

STEP: Final = 2**0.25
"""One notch of the wheel; four of them double."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Time from left to right: `origin` is the frame at x = 0.

    Pixels are steady in seconds, so that a waveform keeps its shape where the tempo changes.
    """

    tempo: TempoMap
    origin: float = 0.0
    frames_per_pixel: float = SAMPLE_RATE / 50

    def x_of_frame(self, frame: float) -> float:
        """Return the pixel of a frame; it may lie outside of what is seen."""
        return (frame - self.origin) / self.frames_per_pixel

    def frame_at(self, x: float) -> Frame:
        """Return the frame at a pixel, never before the start."""
        return Frame(max(0, round(self.origin + x * self.frames_per_pixel)))

    def x_of_tick(self, tick: int) -> float:
        """Return the pixel of a tick."""
        return self.x_of_frame(self.tempo.frame_at(tick))

    def tick_at(self, x: float) -> Tick:
        """Return the tick at a pixel, never before the start."""
        return self.tempo.tick_at(self.frame_at(x))

    def pixels_of(self, ticks: int, at: int = 0) -> float:
        """Return how wide a span of ticks is, from the tick `at` on."""
        return self.x_of_tick(at + ticks) - self.x_of_tick(at)

    def scrolled_to(self, origin: float) -> "Scale":
        """Return this scale beginning at another frame, not before the start."""
        return replace(self, origin=max(0.0, origin))

    def zoomed(self, factor: float, x: float) -> "Scale":
        """Return a closer look for factors above 1; what is at pixel `x` stays there."""
        fixed = self.origin + x * self.frames_per_pixel
        frames_per_pixel = min(max(self.frames_per_pixel / factor, FINEST), COARSEST)
        origin = max(0.0, fixed - x * frames_per_pixel)
        return replace(self, origin=origin, frames_per_pixel=frames_per_pixel)

    def fitted(self, start: float, end: float, width: int) -> "Scale":
        """Return the scale that shows start..end in `width` pixels, with a little air."""
        air = max(1.0, end - start) * 0.02
        wished = (max(1.0, end - start) + 2 * air) / max(1, width)
        frames_per_pixel = min(max(wished, FINEST), COARSEST)
        return replace(self, origin=max(0.0, start - air), frames_per_pixel=frames_per_pixel)
