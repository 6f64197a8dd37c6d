"""The last thing before the device: whatever goes wrong, ears and speakers are safe."""

from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.domain.level import amplitude_from_db
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.dsp.limiter import CEILING_DB
from acestep_desktop.dsp.samples import Samples, is_tame, silence, tame
from acestep_desktop.dsp.truepeak import GROWTH, REACH, true_peaks

Gains = npt.NDArray[np.float64]

THRESHOLD: Final = amplitude_from_db(CEILING_DB + 0.002)
TARGET: Final = amplitude_from_db(CEILING_DB - 0.2)
"""A master at its ceiling of -1 dBTP passes to the bit, because the same meter reads both;
what exceeds it is taken a little further down, as a moving gain moves peaks as well."""

WINDOW: Final = 64
"""Frames over which the gain falls before a peak; a power of two."""

_RELEASE: Final = 1.0 / (0.2 * SAMPLE_RATE)
"""The gain rises again in a straight line, by 1 in 200 ms."""

DELAY: Final = WINDOW - 1 + REACH
_MARGIN: Final = 2 * REACH - 1
_QUIET: Final = 0.999 * THRESHOLD / GROWTH
"""Below this peak, no curve through the samples reaches the threshold."""


class SafetyLimiter:
    """Makes finite and at most -1 dBTP of anything; music below that keeps its bits.

    Delays by `DELAY` frames. Used by the audio thread alone.
    """

    latency_s: Final = DELAY / SAMPLE_RATE

    def __init__(self) -> None:
        self._smooth = np.hanning(WINDOW + 2)[1:-1] / np.hanning(WINDOW + 2).sum()
        self._past = silence(DELAY + REACH)
        self._gains: Gains = np.ones(2 * (WINDOW - 1))
        self._released = 1.0
        self._idle = len(self._gains)

    def process(self, out: Samples, *, limited: bool = False) -> None:
        """Limit stereo `out` in place; `limited` says that a master limiter did so already."""
        count = len(out)
        if not count:
            return
        if not is_tame(out):
            tame(out, out)
        heard = np.concatenate((self._past, out))
        needed = self._needed(heard[-(count + _MARGIN) :], count, limited)
        gains = np.concatenate((self._gains, needed))
        delayed = heard[REACH : REACH + count]
        if self._idle >= len(gains):
            out[:] = delayed
        else:
            np.multiply(delayed, self._smoothed(gains)[:, None], out=out, casting="same_kind")
        self._past = heard[count:]
        self._gains = gains[count:]

    def _needed(self, recent: Samples, count: int, limited: bool) -> Gains:
        """Return the gain that each of the last `count` frames, read `REACH` late, needs."""
        self._idle += count
        if self._released >= 1.0 and (limited or float(np.abs(recent).max()) < _QUIET):
            return np.ones(count)
        peaks = true_peaks(recent, REACH - 1, count, 1)
        needed = np.where(peaks > THRESHOLD, TARGET / np.maximum(peaks, THRESHOLD), 1.0)
        slope = _RELEASE * np.arange(1, count + 1)
        risen = np.minimum.accumulate(np.minimum(needed - slope, self._released)) + slope
        released: Gains = np.minimum(risen, 1.0)
        self._released = float(released[-1])
        if float(released.min()) < 1.0:
            self._idle = 0
        return released

    def _smoothed(self, gains: Gains) -> npt.NDArray[np.float32]:
        lowest = _lowest(gains)
        return np.convolve(lowest, self._smooth, "valid").astype(np.float32)


def _lowest(gains: Gains) -> Gains:
    """Return the least of each `WINDOW` gains in a row; windows grow by doubling."""
    width = 1
    while width < WINDOW:
        gains = np.minimum(gains[:-width], gains[width:])
        width *= 2
    return gains
