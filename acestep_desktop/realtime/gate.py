"""Gates: short raised-cosine fades that open and shut a bus without a click."""

from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.dsp.samples import Samples

Levels = npt.NDArray[np.float64]

FADE: Final = 480
"""10 ms: each start, stop and seek. Half of it is heard as a tick under a bass alone."""

SWITCH: Final = 240
"""5 ms: from one audition to the next, and the timeline under it."""


def raised_cosine(frames: int) -> Samples:
    """Return a rise from 0 to 1 over `frames`, of shape (frames, 1); its mirror is its fall."""
    x = (np.arange(frames, dtype=np.float64) + 0.5) / frames
    return (0.5 - 0.5 * np.cos(np.pi * x)).astype(np.float32)[:, None]


def crossfade(old: Samples, new: Samples, gains: Samples) -> None:
    """Write to `new` the way from `old` to it; where both agree, every bit stays."""
    np.subtract(new, old, out=new)
    np.multiply(new, gains, out=new)
    np.add(new, old, out=new)


class _Way:
    """The frames of one movement: where on the cosine each is (0 shut, 1 open), and its gain."""

    def __init__(self, levels: Levels) -> None:
        self.levels = levels
        self.gains = (0.5 - 0.5 * np.cos(np.pi * levels)).astype(np.float32)[:, None]

    def __len__(self) -> int:
        return len(self.levels)


class Gate:
    """A gain between 0 and 1 that moves along a raised cosine. Used by the audio thread.

    Turned round halfway it slows down, stands and comes back along the same cosine:
    neither the gain nor its slope ever jumps.
    """

    def __init__(self, *, is_open: bool = False, frames: int = FADE) -> None:
        rise = (np.arange(frames, dtype=np.float64) + 0.5) / frames
        self._rise, self._fall = _Way(rise), _Way(rise[::-1].copy())
        self._frames = frames
        self._opening = is_open
        self._from = 1.0 if is_open else 0.0
        self._speed = 0.0
        self._way = _Way(rise[:0])
        self._at = 0

    @property
    def is_shut(self) -> bool:
        """Whether nothing comes through."""
        return not self._opening and self._at >= len(self._way)

    @property
    def is_open(self) -> bool:
        """Whether everything comes through unchanged, to the bit."""
        return self._opening and self._at >= len(self._way)

    @property
    def to_shut(self) -> int:
        """Frames until nothing comes through, were it to shut from now on."""
        if self._opening:
            return len(self._way_from(*self._motion(), opening=False))
        return len(self._way) - self._at

    def open(self) -> None:
        """Begin to rise."""
        self._turn(opening=True)

    def shut(self) -> None:
        """Begin to fall."""
        self._turn(opening=False)

    def apply(self, out: Samples) -> None:
        """Multiply `out` by the gain, and move on by its frames."""
        count = min(len(out), len(self._way) - self._at)
        out[:count] *= self._way.gains[self._at : self._at + count]
        self._at += count
        if not self._opening:
            out[count:] = 0.0

    def _turn(self, *, opening: bool) -> None:
        if opening == self._opening:
            return
        self._from, self._speed = self._motion()
        self._way = self._way_from(self._from, self._speed, opening=opening)
        self._at, self._opening = 0, opening

    def _motion(self) -> tuple[float, float]:
        """Return where on the cosine it is, and how far it has gone in the last frame."""
        if self._at >= len(self._way):
            return (1.0 if self._opening else 0.0), 0.0
        if self._at == 0:
            return self._from, self._speed
        levels = self._way.levels
        level = float(levels[self._at - 1])
        before = self._from if self._at == 1 else float(levels[self._at - 2])
        speed = level - before
        # Beyond either end the cosine goes back the way it came.
        if level < 0.0:
            return -level, -speed
        return (2.0 - level, -speed) if level > 1.0 else (level, speed)

    def _way_from(self, level: float, speed: float, *, opening: bool) -> _Way:
        end, full = (1.0, 1.0 / self._frames) if opening else (0.0, -1.0 / self._frames)
        if speed == 0.0 and level == 1.0 - end:
            return self._rise if opening else self._fall
        # From full speed to full speed back takes as long as a whole fade.
        change = 2.0 * full / self._frames
        steps = np.arange(1, 3 * self._frames, dtype=np.float64)
        speeds = np.clip(speed + change * steps, -abs(full), abs(full))
        levels = level + np.cumsum(speeds)
        there = (levels >= 1.0) if opening else (levels <= 0.0)
        arrived = int(np.argmax(there & (speeds * full > 0.0)))
        levels[arrived] = end
        return _Way(levels[: arrived + 1])
