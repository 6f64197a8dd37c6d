"""Spectra of short windows: what rhythm, key and seams are measured on."""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.dsp.samples import Samples, as_mono

FLUX_HOP: Final = 256
_FLUX_WINDOW: Final = 1024
_COMPRESSION: Final = 100.0
"""Flux is taken on log(1 + 100·magnitude), so that soft strokes count as well."""

_WINDOWS_AT_ONCE: Final = 512

Curve = npt.NDArray[np.float64]


def magnitudes(
    mono: npt.NDArray[np.floating], window: int, hop: int
) -> Iterator[npt.NDArray[np.float32]]:
    """Yield magnitude spectra, some windows (rows) at a time; window k begins at k·hop.

    A sine of amplitude 1 has a peak of about 1. The last windows are filled up
    with silence; memory stays bounded.
    """
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    shape *= 2.0 * window / shape.sum()
    count = max(1, math.ceil(len(mono) / hop))
    for first in range(0, count, _WINDOWS_AT_ONCE):
        rows = min(_WINDOWS_AT_ONCE, count - first)
        audio = np.zeros((rows - 1) * hop + window, np.float32)
        part = mono[first * hop : first * hop + len(audio)]
        audio[: len(part)] = part
        views = np.lib.stride_tricks.sliding_window_view(audio, window)[::hop]
        # NumPy stays in single precision, and is several times faster, only when it scales.
        yield np.abs(np.fft.rfft(views * shape, axis=1, norm="forward"))


def spectral_flux(samples: Samples) -> Curve:
    """Return the growth of the spectrum from one window to the next, every `FLUX_HOP` frames.

    Value k belongs to the window that is centred on frame k·FLUX_HOP.
    """
    mono = np.concatenate((np.zeros(_FLUX_WINDOW // 2), as_mono(samples)))
    before = np.zeros((1, _FLUX_WINDOW // 2 + 1), np.float32)
    curves = []
    for spectra in magnitudes(mono, _FLUX_WINDOW, FLUX_HOP):
        levels = np.log1p(_COMPRESSION * spectra)
        growth = np.diff(np.concatenate((before, levels)), axis=0)
        curves.append(np.maximum(growth, 0.0).sum(axis=1, dtype=np.float64))
        before = levels[-1:]
    return np.concatenate(curves)
