"""True peaks: the level between samples, oversampled eightfold (ITU-R BS.1770-4, annex 2)."""

from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.dsp.samples import Samples, silence

OVERSAMPLING: Final = 8
REACH: Final = 12
"""Samples on either side that decide a value between two of them."""

_BETA: Final = 7.0
"""Kaiser window: a sine of 20 kHz is read within 0.1 dB."""


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


_Lines = npt.NDArray[np.float32]
"""Audio of shape (channels, frames)."""


def true_peaks(samples: Samples, first: int, count: int, cell: int) -> npt.NDArray[np.float32]:
    """Return the true peak of `count` cells of `cell` frames, over all channels.

    Every value is computed by the same sum in the same order wherever its cell
    lies, so it depends on the samples around it alone.

    Args:
        samples: Must hold `REACH` frames before and behind the cells.
        first: Index into `samples` of the first cell.
    """
    around = np.ascontiguousarray(samples[first - REACH + 1 : first + count * cell + REACH].T)
    if cell % _SPAN == 0:
        return _peaks_by_product(around, count, cell)
    return _peaks_by_taps(around, count, cell)


def _peaks_by_product(around: _Lines, count: int, cell: int) -> npt.NDArray[np.float32]:
    """Return the peaks of cells by one small matrix product a cell, all of the same shape."""
    channels, length = around.shape
    spans, taps = cell // _SPAN, len(_SPAN_MATRIX)
    strides = (4 * cell, 4 * length, 4 * _SPAN, 4)
    windows: npt.NDArray[np.float32] = np.ndarray(
        (count, channels, spans, taps), np.float32, around.data, 0, strides
    )
    between = np.matmul(windows.reshape(count, channels * spans, taps), _SPAN_MATRIX)
    between = between.reshape(count, -1)
    own = around[:, REACH - 1 : REACH - 1 + count * cell].reshape(channels, count, cell)
    highest: npt.NDArray[np.float32] = np.maximum(
        np.maximum(between.max(axis=1), -between.min(axis=1)),
        np.maximum(own.max(axis=(0, 2)), -own.min(axis=(0, 2))),
    )
    return highest


def _peaks_by_taps(around: _Lines, count: int, cell: int) -> npt.NDArray[np.float32]:
    """Return the peaks of cells of any length, by one sum for each frame."""
    frames = count * cell
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


class TruePeakMeter:
    """Finds the highest true peak of audio that comes in blocks."""

    def __init__(self, channels: int) -> None:
        self._held = silence(REACH, channels)
        self._highest = 0.0

    def add(self, block: Samples) -> None:
        """Take the next frames, of any number."""
        for at in range(0, len(block), _CHUNK):
            self._search(block[at : at + _CHUNK])

    def finish(self) -> float:
        """Return the highest true peak of all channels as an amplitude."""
        self._search(silence(REACH + _SPAN, self._held.shape[1]))
        return self._highest

    def _search(self, block: Samples) -> None:
        """Search all spans whose surroundings are complete, and hold the rest."""
        audio = np.concatenate((self._held, block), dtype=np.float32)
        self._highest = max(self._highest, float(audio.max()), -float(audio.min()))
        spans = max(0, len(audio) - 2 * REACH + 1) // _SPAN
        self._held = audio[spans * _SPAN :].copy()
        if not spans:
            return
        for channel in np.ascontiguousarray(audio.T):
            views = np.lib.stride_tricks.sliding_window_view(channel, len(_SPAN_MATRIX))
            windows = views[: spans * _SPAN : _SPAN]
            high = np.maximum(windows.max(axis=1), -windows.min(axis=1))
            picked = windows[high * GROWTH > self._highest]
            if len(picked):
                batches = np.resize(picked, (-(-len(picked) // _BATCH), _BATCH, picked.shape[1]))
                between = batches @ _SPAN_MATRIX
                self._highest = max(self._highest, float(between.max()), -float(between.min()))


_CHUNK: Final = 48_000
_SPAN: Final = 16
"""Frames searched at a time, and frames interpolated by one row of a matrix product."""

_BATCH: Final = 48
"""Rows of one product: larger ones are shared among threads, which wait for one another
far longer than they work when the processor is busy."""


def _span_matrix() -> npt.NDArray[np.float32]:
    """Return the matrix from a window of samples to all values between `_SPAN` of them."""
    matrix = np.zeros((_SPAN + 2 * REACH - 1, len(_TAPS), _SPAN), np.float32)
    for frame in range(_SPAN):
        matrix[frame : frame + 2 * REACH, :, frame] = _TAPS.T
    return matrix.reshape(len(matrix), -1)


_SPAN_MATRIX: Final = _span_matrix()
