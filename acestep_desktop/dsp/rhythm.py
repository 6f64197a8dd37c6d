"""Rhythm: the tempo of audio whose tempo is roughly known."""

from typing import Final

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.dsp.spectrum import FLUX_HOP, Curve, spectral_flux

BEATS: Final = 4
_SEARCH: Final = 0.10


def tempo_near(samples: Samples, bpm: float) -> float | None:
    """Return the tempo within ±10 % of `bpm`; None where the audio is too short or silent.

    The spectral flux is correlated with itself a little less than four beats to
    a little more later; a parabola through the highest value and its neighbours
    gives the tempo between the steps.
    """
    flux = spectral_flux(samples)
    lag = BEATS * 60.0 / bpm * SAMPLE_RATE / FLUX_HOP
    low, high = int(lag / (1.0 + _SEARCH)), int(np.ceil(lag / (1.0 - _SEARCH)))
    if high + 2 > len(flux) or not flux.any():
        return None
    likeness = autocorrelation(flux - flux.mean(), high + 2)
    peak = low + int(np.argmax(likeness[low : high + 1]))
    left, top, right = likeness[peak - 1 : peak + 2]
    bend = left - 2.0 * top + right
    shift = 0.5 * (left - right) / bend if bend < 0.0 else 0.0
    return float(BEATS * 60.0 * SAMPLE_RATE / FLUX_HOP / (peak + np.clip(shift, -1.0, 1.0)))


def autocorrelation(curve: Curve, lags: int) -> Curve:
    """Return the mean product of `curve` with itself, `0..lags-1` steps later."""
    size = 1 << (2 * len(curve) - 1).bit_length()
    spectrum = np.fft.rfft(curve, size)
    products = np.fft.irfft(spectrum * spectrum.conj(), size)[:lags]
    return np.asarray(products / (len(curve) - np.arange(lags)))
