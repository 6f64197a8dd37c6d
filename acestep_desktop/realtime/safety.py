"""The last thing before the device: whatever goes wrong, ears and speakers are safe."""

from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.domain.level import amplitude_from_db
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.dsp.samples import Samples, is_tame, silence, tame

Gains = npt.NDArray[np.float64]

THRESHOLD: Final = amplitude_from_db(-0.95)
TARGET: Final = amplitude_from_db(-1.25)
"""A master at its ceiling of -1 dBTP passes to the bit; what exceeds it is taken below."""

WINDOW: Final = 64
"""Frames over which the gain falls before a peak; a power of two."""

_RELEASE: Final = 1.0 / (0.2 * SAMPLE_RATE)
"""The gain rises again in a straight line, by 1 in 200 ms."""

_PHASES: Final = 4
_TAPS: Final = 32
"""True peaks are looked for at four times the rate (ITU-R BS.1770-4, annex 2), with
filters longer than the ones shown there, because what peaks most here is noise."""

_AHEAD: Final = _TAPS // 2
DELAY: Final = WINDOW - 1 + _AHEAD
_QUIET: Final = 0.4 * THRESHOLD
"""Below this peak, no curve through the samples reaches the threshold."""


def _between() -> Samples:
    """Return the filters, one a row, that read between two frames."""
    distance = np.arange(_TAPS)[None, :] - (_AHEAD - 1) - np.arange(1, _PHASES)[:, None] / _PHASES
    window = np.i0(8.0 * np.sqrt(np.maximum(0.0, 1.0 - (distance / _AHEAD) ** 2)))
    filters = np.sinc(distance) * window
    filters /= filters.sum(axis=1, keepdims=True)
    return np.asarray(filters, np.float32)


class SafetyLimiter:
    """Makes finite and at most -1 dBTP of anything; music below that keeps its bits.

    Delays by `DELAY` frames. Used by the audio thread alone.
    """

    latency_s: Final = DELAY / SAMPLE_RATE

    def __init__(self) -> None:
        self._filters = _between()
        self._smooth = np.hanning(WINDOW + 2)[1:-1] / np.hanning(WINDOW + 2).sum()
        self._past = silence(DELAY + _TAPS)
        self._gains: Gains = np.ones(2 * (WINDOW - 1))
        self._released = 1.0
        self._idle = len(self._gains)

    def process(self, out: Samples) -> None:
        """Limit stereo `out` in place."""
        count = len(out)
        if not count:
            return
        if not is_tame(out):
            tame(out, out)
        heard = np.concatenate((self._past, out))
        needed = self._needed(heard[DELAY:], count)
        gains = np.concatenate((self._gains, needed))
        delayed = heard[_TAPS : _TAPS + count]
        if self._idle >= len(gains):
            out[:] = delayed
        else:
            np.multiply(delayed, self._smoothed(gains)[:, None], out=out, casting="same_kind")
        self._past = heard[count:]
        self._gains = gains[count:]

    def _needed(self, recent: Samples, count: int) -> Gains:
        """Return the gain that each of the last `count` frames, read `_AHEAD` late, needs."""
        # Only the last (count + taps - 1) frames of `recent` bear on them.
        recent = recent[-(count + _TAPS - 1) :]
        self._idle += count
        peak = float(np.abs(recent).max())
        if peak < _QUIET and self._released >= 1.0:
            return np.ones(count)
        peaks = self._true_peaks(recent)
        needed = np.where(peaks > THRESHOLD, TARGET / np.maximum(peaks, THRESHOLD), 1.0)
        slope = _RELEASE * np.arange(1, count + 1)
        risen = np.minimum.accumulate(np.minimum(needed - slope, self._released)) + slope
        released: Gains = np.minimum(risen, 1.0)
        self._released = float(released[-1])
        if float(released.min()) < 1.0:
            self._idle = 0
        return released

    def _true_peaks(self, recent: Samples) -> Gains:
        # Both channels in one row: what is read across the border is thrown away.
        row = recent.T.ravel()
        peaks = np.abs(row[_AHEAD - 1 : len(row) - _AHEAD])
        for taps in self._filters:
            np.maximum(peaks, np.abs(np.correlate(row, taps)), out=peaks)
        count = len(recent) - _TAPS + 1
        both: Gains = np.maximum(peaks[:count], peaks[-count:]).astype(np.float64)
        return both

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
