"""Spectra of short windows."""

import numpy as np
import pytest

from acestep_desktop.dsp.samples import as_mono, silence
from acestep_desktop.dsp.spectrum import FLUX_HOP, magnitudes, spectral_flux
from tests.dsp.music import tone


def test_a_sine_of_full_scale_peaks_at_one() -> None:
    spectra = np.concatenate(list(magnitudes(as_mono(tone(3_000.0, 1.0)), 1_024, 512)))
    assert spectra[5:80].max(axis=1) == pytest.approx(1.0, abs=0.01)
    assert int(np.argmax(spectra[10])) == 64


@pytest.mark.parametrize("frames", [0, 1, 511, 512, 300_000])
def test_there_is_a_window_for_every_hop(frames: int) -> None:
    spectra = np.concatenate(list(magnitudes(np.zeros(frames), 1_024, 512)))
    assert len(spectra) == max(1, -(-frames // 512))


def test_flux_is_highest_where_a_sound_begins() -> None:
    audio = silence(48_000)
    audio[24_000:] = tone(500.0)[:24_000]
    begins = int(np.argmax(spectral_flux(audio)))
    assert abs(begins * FLUX_HOP - 24_000) <= 2 * FLUX_HOP
