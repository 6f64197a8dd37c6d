"""The transport: where the playhead stands, whether it rolls, and where it wraps."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.project import TickRange
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame

MIN_LOOP: Final = Frame(480)
"""A loop below 10 ms is a tone, not music."""


@dataclass(frozen=True, slots=True)
class Loop:
    """The frames [start, end), played again and again once the playhead is before `end`."""

    start: Frame
    end: Frame

    def __post_init__(self) -> None:
        if self.start < 0 or self.end - self.start < MIN_LOOP:
            raise InvalidValueError(
                f"a loop needs at least {MIN_LOOP} frames, got {self.start}..{self.end}"
            )

    @property
    def length(self) -> Frame:
        """Frames in one pass."""
        return Frame(self.end - self.start)


def loop_of(span: TickRange, tempo: TempoMap) -> Loop:
    """Return a brace as frames; one that is drawn narrower than what can be looped is widened."""
    start, end = tempo.frame_at(span.start), tempo.frame_at(span.end)
    return Loop(start, max(end, Frame(start + MIN_LOOP)))


@dataclass(frozen=True, slots=True)
class Span:
    """`frames` frames of the timeline from `start` on, without a jump in them."""

    start: Frame
    frames: int


@dataclass(frozen=True, slots=True)
class Transport:
    """Rolling or not, at `frame`. A playhead at or behind the loop's end never wraps."""

    frame: Frame = Frame(0)
    rolling: bool = False
    loop: Loop | None = None

    def __post_init__(self) -> None:
        if self.frame < 0:
            raise InvalidValueError(f"the playhead cannot be before bar 1, got {self.frame}")

    def played(self) -> "Transport":
        """Return this transport, rolling."""
        return replace(self, rolling=True)

    def stopped(self) -> "Transport":
        """Return this transport, standing still where it is."""
        return replace(self, rolling=False)

    def located(self, frame: Frame) -> "Transport":
        """Return this transport with its playhead at `frame`; it rolls on if it rolled."""
        return replace(self, frame=frame)

    def looped(self, loop: Loop | None) -> "Transport":
        """Return this transport with another loop, or none; the playhead stays."""
        return replace(self, loop=loop)

    def to_wrap(self) -> int | None:
        """Return the frames until the playhead wraps; None if it never will."""
        if self.loop is None or self.frame >= self.loop.end:
            return None
        return self.loop.end - self.frame

    def advanced(self, frames: int) -> "Transport":
        """Return this transport `frames` of playing later, wrapped where the loop ends."""
        left = self.to_wrap()
        if left is None or frames < left:
            return replace(self, frame=Frame(self.frame + frames))
        assert self.loop is not None
        return replace(self, frame=Frame(self.loop.start + (frames - left) % self.loop.length))

    def spans(self, frames: int) -> Iterator[Span]:
        """Return what the next `frames` of playing are made of, in order."""
        at = self
        while frames > 0:
            left = at.to_wrap()
            count = frames if left is None else min(frames, left)
            yield Span(at.frame, count)
            at = at.advanced(count)
            frames -= count
