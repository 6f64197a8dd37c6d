"""How loud a part or a mix is, estimated fast: good to a fraction of a decibel, for decisions.

What is delivered is measured exactly elsewhere; here the balance of eight stems has to be
found in a few hundredths of a second.
"""

from typing import Final

import numpy as np

from acestep_desktop.sketch.sound.signal import Curve, Stereo, bins_hz, loudness_weight, spectrum_of

WINDOW: Final = 8192
"""Frames of a measured window: 171 ms."""

_GATE: Final = 0.1
"""Windows 10 dB below the mean are pauses and do not count."""


def window_energies(audio: Stereo, every: int = 1) -> Curve:
    """Return the weighted mean square, summed over both sides, of every n-th window."""
    frames = audio.shape[1]
    if frames < WINDOW:
        audio = np.tile(audio, (1, -(-WINDOW // frames)))
        frames = audio.shape[1]
    count = frames // WINDOW
    windows = audio[:, : count * WINDOW].reshape(2, count, WINDOW)[:, ::every]
    spectra = spectrum_of(windows)
    power = spectra.real**2 + spectra.imag**2
    weight = (loudness_weight(bins_hz(WINDOW)) ** 2 * (2.0 / WINDOW**2)).astype(np.float32)
    power *= weight
    return np.asarray(power.sum(axis=2, dtype=np.float64).sum(axis=0))


def gated_db(energies: Curve) -> float:
    """Return the loudness of windows in LUFS, pauses left out; -120 for silence."""
    mean = float(np.mean(energies)) if len(energies) else 0.0
    if mean < 1e-12:
        return -120.0
    # Two windows are close to the 400 ms that BS.1770 gates.
    blocks = (energies + np.roll(energies, -1)) / 2
    heard = blocks[blocks >= mean * _GATE]
    return float(-0.691 + 10.0 * np.log10(np.mean(heard)))
