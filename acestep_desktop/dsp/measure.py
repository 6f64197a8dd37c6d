"""Plain measures of audio: where it begins, how wide and how even it is, what is wrong."""

import math
from typing import Final, Literal

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE, Frame
from acestep_desktop.dsp.samples import Samples, as_mono
from acestep_desktop.dsp.spectrum import magnitudes

Fault = Literal["not finite", "silence", "noise"]

_SILENCE: Final = 1e-3
"""A take that never exceeds -60 dBFS is silence."""

_FLAT: Final = 0.4
_STEADY_DB: Final = 1.0
"""Noise has a spectrum as flat as this, and a level that hardly moves."""


def first_onset(samples: Samples, below_peak_db: float = 40.0) -> Frame | None:
    """Return the first frame that is less than `below_peak_db` under the peak; None if silent."""
    levels = np.abs(samples).max(axis=1, initial=0.0)
    peak = float(levels.max(initial=0.0))
    if peak <= 0.0:
        return None
    return Frame(int(np.argmax(levels >= peak * 10.0 ** (-below_peak_db / 20.0))))


def stereo_correlation(samples: Samples) -> float:
    """Return how alike left and right are, -1..1; mono and silence are 1."""
    if samples.shape[1] == 1:
        return 1.0
    left, right = samples[:, 0].astype(np.float64), samples[:, 1].astype(np.float64)
    power = math.sqrt(float(left @ left) * float(right @ right))
    return float(left @ right) / power if power > 0.0 else 1.0


def stereo_width(samples: Samples) -> float:
    """Return the share (0..1) of the energy that is lost in mono; silence is 0."""
    if samples.shape[1] == 1:
        return 0.0
    audio = samples.astype(np.float64)
    side = audio[:, 0] - audio[:, 1]
    energy = 2.0 * float(np.square(audio).sum())
    return float(side @ side) / energy if energy > 0.0 else 0.0


def crest_db(samples: Samples) -> float | None:
    """Return peak over RMS, over all channels; None for silence."""
    peak = float(np.abs(samples).max(initial=0.0))
    if peak <= 0.0:
        return None
    rms = math.sqrt(float(np.mean(np.square(samples, dtype=np.float64))))
    return 20.0 * math.log10(peak / rms)


def null_db(a: Samples, b: Samples) -> float:
    """Return the peak of the difference of two signals in dBFS; -inf where they are equal.

    Raises ValueError unless they have the same shape.
    """
    if a.shape != b.shape:
        raise ValueError(f"signals of different shapes cannot null: {a.shape} and {b.shape}")
    peak = float(np.abs(a.astype(np.float64) - b).max(initial=0.0))
    return 20.0 * math.log10(peak) if peak > 0.0 else -math.inf


def octave_levels_db(samples: Samples, lowest_hz: float = 31.25) -> tuple[float, ...]:
    """Return the RMS of ten octaves, the first centred on `lowest_hz`, in dB below their sum."""
    hertz = np.fft.rfftfreq(8192, 1.0 / SAMPLE_RATE)
    powers = np.zeros(len(hertz))
    for spectra in magnitudes(as_mono(samples), 8192, 4096):
        powers += np.square(spectra, dtype=np.float64).sum(axis=0)
    octaves = np.floor(np.log2(np.maximum(hertz, 1.0) / lowest_hz) + 0.5)
    sums = np.array([powers[octaves == octave].sum() for octave in range(10)])
    shares = sums / max(float(sums.sum()), 1e-30)
    return tuple(float(10.0 * np.log10(max(share, 1e-12))) for share in shares)


def fault_of(samples: Samples) -> Fault | None:
    """Return what makes audio no music: NaN or Inf, silence, or plain steady noise."""
    if not np.isfinite(samples).all():
        return "not finite"
    if float(np.abs(samples).max(initial=0.0)) < _SILENCE:
        return "silence"
    return "noise" if _is_noise(samples) else None


def _is_noise(samples: Samples) -> bool:
    mono = as_mono(samples)
    step = SAMPLE_RATE // 10
    steps = mono[: len(mono) // step * step].reshape(-1, step)
    if len(steps) < 5:
        return False
    levels = 10.0 * np.log10(np.mean(np.square(steps), axis=1) + 1e-12)
    return float(levels.std()) < _STEADY_DB and spectral_flatness(samples) > _FLAT


def spectral_flatness(samples: Samples) -> float:
    """Return the geometric over the arithmetic mean of the power from 100 Hz to 16 kHz, 0..1."""
    hertz = np.fft.rfftfreq(2048, 1.0 / SAMPLE_RATE)
    band = (hertz >= 100.0) & (hertz <= 16_000.0)
    powers = np.zeros(int(band.sum()))
    for spectra in magnitudes(as_mono(samples), 2048, 1024):
        powers += np.square(spectra[:, band], dtype=np.float64).sum(axis=0)
    mean = float(powers.mean())
    return float(np.exp(np.mean(np.log(powers + 1e-30)))) / mean if mean > 0.0 else 0.0
