"""True peaks: the level between samples, by fourfold oversampling (ITU-R BS.1770-4, annex 2)."""

from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.dsp.samples import Samples

OVERSAMPLING: Final = 4
REACH: Final = 12
"""Samples on either side that decide a value between two of them."""

_BETA: Final = 7.0
"""Kaiser window: 70 dB of rejection, flat within 0.1 dB up to 20 kHz."""


def _interpolators() -> npt.NDArray[np.float32]:
    """Return windowed sinc interpolators, one row a quarter of a sample, each summing to 1."""
    taps = np.arange(1 - REACH, REACH + 1, dtype=np.float64)
    rows = []
    for phase in range(1, OVERSAMPLING):
        t = taps - phase / OVERSAMPLING
        window = np.i0(_BETA * np.sqrt(1.0 - (t / REACH) ** 2)) / np.i0(_BETA)
        row = np.sinc(t) * window
        rows.append(row / row.sum())
    return np.array(rows, np.float32)


_TAPS: Final = _interpolators()

GROWTH: Final = float(np.abs(_TAPS.astype(np.float64)).sum(axis=1).max()) * 1.0001
"""No true peak is higher than this times the highest sample around it."""


def true_peaks(samples: Samples, first: int, count: int, cell: int) -> npt.NDArray[np.float32]:
    """Return the true peak of `count` cells of `cell` frames, over all channels.

    Every value is computed by the same sum in the same order wherever its cell
    lies, so it depends on the samples around it alone.

    Args:
        samples: Must hold `REACH` frames before and behind the cells.
        first: Index into `samples` of the first cell.
    """
    frames = count * cell
    around = np.ascontiguousarray(samples[first - REACH + 1 : first + frames + REACH].T)
    peaks = np.abs(around[:, REACH - 1 : REACH - 1 + frames])
    product = np.empty((len(_TAPS), *peaks.shape), np.float32)
    total = np.zeros_like(product)
    for tap in range(2 * REACH):
        np.multiply(_TAPS[:, tap, None, None], around[:, tap : tap + frames], product)
        np.add(total, product, total)
    np.abs(total, total)
    peaks = np.maximum(peaks, total.max(axis=0))
    highest: npt.NDArray[np.float32] = peaks.reshape(-1, count, cell).max(axis=(0, 2))
    return highest
