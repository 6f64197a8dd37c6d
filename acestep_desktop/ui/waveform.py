"""Waveforms as images: one numpy pass, no loop over samples."""

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

Peaks = npt.NDArray[np.float32]
"""Shape (2, n): the lowest and the highest sample of each of n equal spans."""


def waveform_image(peaks: Peaks, width: int, height: int, colour: str) -> QImage:
    """Return a transparent image of width x height pixels with the waveform in `colour`.

    Every column shows the extremes of the peaks that it covers, at least one
    pixel tall, so that silence is a line.
    """
    width, height = max(1, width), max(1, height)
    lows, highs = _columns(peaks, width)
    middle = (height - 1) / 2
    top = np.floor(middle - np.clip(highs, -1, 1) * middle).astype(np.int32)
    bottom = np.ceil(middle - np.clip(lows, -1, 1) * middle).astype(np.int32)
    rows = np.arange(height, dtype=np.int32)[:, None]
    filled = (rows >= top) & (rows <= np.maximum(bottom, top))
    pixels = np.where(filled, np.uint32(QColor(colour).rgba()), np.uint32(0))
    stride = width * 4
    image = QImage(pixels.tobytes(), width, height, stride, QImage.Format.Format_ARGB32)
    return image.copy()


def _columns(peaks: Peaks, width: int) -> tuple[Peaks, Peaks]:
    count = peaks.shape[1]
    if count == 0:
        silence = np.zeros(width, np.float32)
        return silence, silence
    edges = np.linspace(0, count, width + 1)
    starts = np.minimum(edges[:-1].astype(np.int64), count - 1)
    if count <= width:
        return peaks[0, starts], peaks[1, starts]
    return np.minimum.reduceat(peaks[0], starts), np.maximum.reduceat(peaks[1], starts)
