"""The master: loud enough, below the ceiling, round, and the same for every stem."""

import numpy as np
import pytest

from acestep_desktop.dsp.loudness import loudness_lufs, true_peak_db
from acestep_desktop.dsp.measure import null_db
from acestep_desktop.sketch.sound.level import gated_db, window_energies
from acestep_desktop.sketch.sound.mixdown import gain_curve, mastered
from acestep_desktop.sketch.sound.signal import Stereo

FRAMES = 6 * 48_000 + 37


def pulses(seed: int, level: float = 0.1, crest: float = 8.0) -> Stereo:
    """Noise with a loud, decaying burst every half second."""
    rng = np.random.default_rng(seed)
    audio = level * rng.standard_normal((2, FRAMES))
    steps = np.arange(FRAMES) % 24_000
    burst = crest * level * np.exp(-steps / 600.0) * rng.standard_normal(FRAMES)
    return (audio * 0.3 + burst).astype(np.float32)


@pytest.mark.parametrize("glue", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("crest", [0.5, 2.0])
def test_a_mix_is_loud_enough_and_below_the_ceiling(glue: float, crest: float) -> None:
    mixed = mastered([pulses(1, crest=crest), pulses(2, crest=crest)], glue)
    lufs, peak = loudness_lufs(mixed.mix), true_peak_db(mixed.mix)
    assert lufs is not None
    assert peak is not None
    assert abs(lufs + 14.0) < 1.5
    assert peak <= -1.0


def test_stems_sum_to_the_mix() -> None:
    mixed = mastered([pulses(seed) for seed in range(5)])
    total = np.sum([stem.astype(np.float64) for stem in mixed.stems], axis=0)
    assert null_db(total.astype(np.float32), mixed.mix) <= -120.0


def test_every_stem_is_turned_by_the_same_gain() -> None:
    one, two = pulses(1), pulses(2)
    both = mastered([one.copy(), two.copy()])
    for stem, source in zip(both.stems, (one, two), strict=True):
        loud = np.abs(source[0]) > 0.05
        gains = stem[loud, 0] / (source[0] - source[0].mean())[loud]
        curve = gain_curve(
            (one - one.mean(axis=1, keepdims=True)) + (two - two.mean(axis=1, keepdims=True)),
            0.4,
            -14.0,
        )
        assert np.allclose(gains, curve[loud], rtol=1e-2)


def test_a_constant_offset_is_taken_out() -> None:
    audio = pulses(3) + np.float32(0.2)
    mixed = mastered([audio])
    assert np.abs(mixed.mix.mean(axis=0)).max() < 1e-3


def test_the_gain_moves_smoothly_and_comes_round() -> None:
    curve = gain_curve(pulses(4, crest=12.0), 0.5, -14.0)
    around = np.concatenate([curve[-4000:], curve[:4000]])
    step = np.abs(np.diff(curve)).max()
    assert step < 0.01 * float(curve.max())
    assert np.abs(np.diff(around)).max() <= 1.5 * step
    assert float(curve.min()) > 0.0


def test_a_loop_that_is_turned_gets_the_gain_turned() -> None:
    audio = pulses(5)[:, : 64 * 4096]
    shift = 64 * 100
    turned = gain_curve(np.roll(audio, shift, axis=1), 0.4, -14.0)
    assert np.abs(np.roll(gain_curve(audio, 0.4, -14.0), shift) - turned).max() < 0.05


def test_silence_stays_silence() -> None:
    mixed = mastered([np.zeros((2, 9600), dtype=np.float32)])
    assert not mixed.mix.any()
    assert np.isfinite(mixed.mix).all()


@pytest.mark.parametrize("frames", [1, 63, 64, 65, 2_000, 8_193])
def test_very_short_loops_are_mastered_too(frames: int) -> None:
    audio = pulses(6)[:, :frames].copy()
    mixed = mastered([audio])
    assert mixed.mix.shape == (frames, 2)
    assert np.isfinite(mixed.mix).all()
    assert np.abs(mixed.mix).max() < 1.0


def test_the_quick_estimate_of_loudness_is_near_the_exact_one() -> None:
    audio = pulses(7, crest=2.0)
    exact = loudness_lufs(np.ascontiguousarray(audio.T))
    assert exact is not None
    assert abs(gated_db(window_energies(audio)) - exact) < 0.7
    assert abs(gated_db(window_energies(audio, every=2)) - exact) < 1.5
