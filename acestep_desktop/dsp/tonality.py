"""Tonality: the key of audio, by its chroma and the profiles of Krumhansl and Kessler."""

from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.domain.key import Key, Mode
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.dsp.samples import Samples, as_mono
from acestep_desktop.dsp.spectrum import magnitudes

_WINDOW: Final = 16_384
_HOP: Final = 4_096
_LOWEST_HZ: Final = 60.0
_HIGHEST_HZ: Final = 2_100.0
_MIDDLE_C_HZ: Final = 440.0 * 2.0 ** (-9 / 12)

_FLOOR: Final = 1e-4
"""Windows whose strongest partial is below -80 dBFS say nothing."""

_PROFILES: Final[dict[Mode, tuple[float, ...]]] = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
"""How well each pitch class fits a key on C: Krumhansl, Cognitive Foundations (1990), p. 30."""

_TONICS: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

Chroma = npt.NDArray[np.float64]


def chroma(samples: Samples) -> Chroma:
    """Return how much of each pitch class, C first, is heard; they sum to 1 (0 if silent).

    Only peaks of the spectrum count, so that drums, which have none, do not;
    every window has the same weight.
    """
    hertz = np.fft.rfftfreq(_WINDOW, 1.0 / SAMPLE_RATE)
    bins = np.flatnonzero((hertz >= _LOWEST_HZ) & (hertz <= _HIGHEST_HZ))
    total = np.zeros(12)
    for spectra in magnitudes(as_mono(samples), _WINDOW, _HOP):
        left, middle, right = spectra[:, bins - 1], spectra[:, bins], spectra[:, bins + 1]
        strongest = middle.max(axis=1, keepdims=True)
        peaks = (middle > left) & (middle >= right) & (middle > 0.01 * strongest)
        rows, columns = np.nonzero(peaks & (strongest > _FLOOR))
        shift = _between(left[rows, columns], middle[rows, columns], right[rows, columns])
        semitones = 12.0 * np.log2((bins[columns] + shift) * (SAMPLE_RATE / _WINDOW) / _MIDDLE_C_HZ)
        classes = np.round(semitones).astype(np.int64) % 12
        weights = np.sqrt(middle[rows, columns] / strongest[rows, 0])
        total += np.bincount(classes, weights, minlength=12)
    return total / max(float(total.sum()), 1e-12)


def key_of(samples: Samples) -> Key | None:
    """Return the key whose profile is most like the chroma; None where nothing has a pitch."""
    heard = chroma(samples)
    if not heard.any():
        return None
    likeness = {
        (tonic, mode): float(np.corrcoef(np.roll(profile, tonic), heard)[0, 1])
        for mode, profile in _PROFILES.items()
        for tonic in range(12)
    }
    tonic, mode = max(likeness, key=lambda key: likeness[key])
    return Key(_TONICS[tonic], mode)


def same_notes(a: Key, b: Key) -> bool:
    """Return whether two keys are equal (however spelled) or relative."""
    return set(a.scale) == set(b.scale)


def _between(
    left: npt.NDArray[np.float32], top: npt.NDArray[np.float32], right: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """Return where between bins peaks lie, by a parabola through the logarithms."""
    a, b, c = (np.log(np.maximum(side, 1e-9).astype(np.float64)) for side in (left, top, right))
    bend = np.minimum(a - 2.0 * b + c, -1e-9)
    return np.clip(0.5 * (a - c) / bend, -0.5, 0.5)
