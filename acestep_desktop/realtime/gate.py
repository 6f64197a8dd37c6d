"""Gates: short raised-cosine fades that open and shut a bus without a click."""

from typing import Final

import numpy as np

from acestep_desktop.dsp.samples import Samples

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


class Gate:
    """A gain between 0 and 1 that moves along a raised cosine. Used by the audio thread.

    Turning round halfway is smooth, because the fall is the rise backwards.
    """

    def __init__(self, *, is_open: bool = False, frames: int = FADE) -> None:
        self._rise = raised_cosine(frames)
        self._fall = self._rise[::-1].copy()
        self._frames = frames
        self._level = frames if is_open else 0
        self._opening = is_open

    @property
    def is_shut(self) -> bool:
        """Whether nothing comes through."""
        return self._level == 0 and not self._opening

    @property
    def is_open(self) -> bool:
        """Whether everything comes through unchanged, to the bit."""
        return self._level == self._frames and self._opening

    @property
    def to_shut(self) -> int:
        """Frames until nothing comes through, were it to shut from now on."""
        return self._level

    def open(self) -> None:
        """Begin to rise."""
        self._opening = True

    def shut(self) -> None:
        """Begin to fall."""
        self._opening = False

    def apply(self, out: Samples) -> None:
        """Multiply `out` by the gain, and move on by its frames."""
        if self.is_open:
            return
        if self._opening:
            count = min(len(out), self._frames - self._level)
            out[:count] *= self._rise[self._level : self._level + count]
            self._level += count
            return
        count = min(len(out), self._level)
        first = self._frames - self._level
        out[:count] *= self._fall[first : first + count]
        out[count:] = 0.0
        self._level -= count
