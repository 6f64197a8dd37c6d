"""Rhythm: the tempo, within a fifth of a beat a minute."""

import numpy as np
import pytest

from acestep_desktop.dsp.rhythm import autocorrelation, tempo_near
from acestep_desktop.dsp.samples import silence
from tests.dsp.arrangements import noise
from tests.dsp.music import clicks


@pytest.mark.parametrize("bpm", [60.0, 91.3, 120.0, 128.0, 174.3, 300.0])
@pytest.mark.parametrize("guess", [0.95, 1.0, 1.06])
def test_the_tempo_is_found_near_a_guess(bpm: float, guess: float) -> None:
    assert tempo_near(clicks(bpm), bpm * guess) == pytest.approx(bpm, abs=0.2)


def test_swing_does_not_change_the_tempo() -> None:
    assert tempo_near(clicks(96.0, swing=0.3), 96.0) == pytest.approx(96.0, abs=0.2)


def test_mono_has_a_tempo_too() -> None:
    assert tempo_near(clicks(110.0)[:, :1], 108.0) == pytest.approx(110.0, abs=0.2)


@pytest.mark.parametrize("audio", [silence(48_000 * 8), noise(10_000)])
def test_silence_and_snippets_have_no_tempo(audio: np.ndarray) -> None:
    assert tempo_near(audio, 120.0) is None


def test_autocorrelation_is_the_mean_product() -> None:
    curve = np.random.default_rng(1).standard_normal(50)
    expected = [np.mean(curve[: 50 - lag] * curve[lag:]) for lag in range(20)]
    assert np.allclose(autocorrelation(curve, 20), expected)
