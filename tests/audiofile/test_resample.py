"""Resampling and downmixing: exact lengths, no delay, no aliases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acestep_desktop.audiofile.errors import RefusedAudioError
from acestep_desktop.audiofile.resample import downmixed, resampled, resampled_length
from acestep_desktop.audiofile.samples import Samples, blocks_of
from tests.audiofile.sounds import noise, sine

RATES = [1_000, 8_000, 11_025, 22_050, 32_000, 44_100, 47_999, 48_001, 88_200, 96_000, 192_000]


def at_48k(sound: Samples, rate: int, block: int = 4_096) -> Samples:
    blocks = list(resampled(blocks_of(sound, block), rate))
    return np.concatenate(blocks) if blocks else np.zeros((0, sound.shape[1]), np.float32)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("frames", [1, 2, 999, 44_100, 100_003])
def test_the_length_is_exact(rate: int, frames: int) -> None:
    assert len(at_48k(noise(frames, 1), rate)) == resampled_length(frames, rate, 48_000)


@settings(max_examples=40)
@given(st.integers(1, 50_000), st.integers(4_000, 192_000), st.integers(4_000, 192_000))
def test_the_length_is_the_nearest_whole_number(frames: int, rate: int, to_rate: int) -> None:
    exact = frames * to_rate / rate
    length = resampled_length(frames, rate, to_rate)
    assert abs(length - exact) <= 0.5 + 1e-6
    assert sum(map(len, resampled([noise(frames, 1)], rate, to_rate))) == length


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_an_impulse_stays_where_it_was(rate: int) -> None:
    sound = np.zeros((rate, 1), np.float32)
    sound[rate // 2] = 1.0
    assert int(np.argmax(np.abs(at_48k(sound, rate)))) == 24_000


@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize("hertz", [997.0, 15_000.0])
def test_a_tone_keeps_its_level_phase_and_purity(rate: int, hertz: float) -> None:
    read = at_48k(sine(2 * rate, hertz, rate), rate)
    expected = sine(96_000, hertz)
    middle = slice(9_600, -9_600)
    heard, meant = read[middle, 0].astype(np.float64), expected[middle, 0].astype(np.float64)
    gain = np.dot(heard, meant) / np.dot(meant, meant)
    error = np.sqrt(np.mean((heard - gain * meant) ** 2))
    assert abs(20 * np.log10(gain)) < 0.001
    assert 20 * np.log10(error / 0.35) < -145


def test_the_highest_tones_heard_keep_their_level() -> None:
    read = at_48k(sine(88_200, 19_900.0, 44_100), 44_100)[9_600:-9_600]
    level = np.sqrt(2 * np.mean(read.astype(np.float64) ** 2))
    assert abs(20 * np.log10(level / 0.5)) < 0.02


def test_a_tone_above_half_the_new_rate_leaves_no_alias() -> None:
    read = at_48k(sine(192_000, 30_000.0, 96_000), 96_000)
    assert np.abs(read[9_600:-9_600]).max() < 1e-6


def test_block_size_does_not_change_what_comes_out() -> None:
    sound = noise(50_000)
    assert np.array_equal(at_48k(sound, 44_100, 50_000), at_48k(sound, 44_100, 777))


def test_the_same_rate_gives_the_same_samples() -> None:
    sound = noise(1_000)
    assert np.array_equal(at_48k(sound, 48_000), sound)


def test_a_loop_may_ask_for_its_exact_length_but_not_for_any() -> None:
    sound = [noise(44_100, 1)]
    assert sum(map(len, resampled(sound, 44_100, frames=48_001))) == 48_001
    assert sum(map(len, resampled(sound, 44_100, frames=47_999))) == 47_999
    assert sum(map(len, resampled(sound, 44_100, frames=90_000))) == 48_000


@pytest.mark.parametrize("rate", [0, -1, 999, 1_000_000])
def test_an_impossible_rate_is_refused(rate: int) -> None:
    with pytest.raises(RefusedAudioError, match="sample rate"):
        list(resampled([noise(10)], rate))


def test_mono_and_stereo_pass_untouched() -> None:
    for channels in (1, 2):
        sound = noise(100, channels)
        assert next(downmixed([sound])) is sound


DOWNMIX = [
    (3, {"C": 2}, {}),
    (4, {}, {"Ls": 2, "Rs": 3}),
    (5, {"C": 2}, {"Ls": 3, "Rs": 4}),
    (6, {"C": 2}, {"Ls": 4, "Rs": 5}),
    (7, {"C": 2}, {"Ls": 5, "Rs": 6}),
    (8, {"C": 2}, {"Ls": 6, "Rs": 7}),
]


@pytest.mark.parametrize(("channels", "middles", "sides"), DOWNMIX)
def test_surround_becomes_stereo_by_bs_775(
    channels: int, middles: dict[str, int], sides: dict[str, int]
) -> None:
    one_each = np.eye(channels, dtype=np.float32)
    stereo = next(downmixed([one_each]))
    assert stereo.shape == (channels, 2)
    assert stereo[0].tolist() == [1, 0]
    assert stereo[1].tolist() == [0, 1]
    for place in middles.values():
        assert stereo[place] == pytest.approx([0.70711, 0.70711], abs=1e-5)
    if sides:
        assert stereo[sides["Ls"]] == pytest.approx([0.70711, 0], abs=1e-5)
        assert stereo[sides["Rs"]] == pytest.approx([0, 0.70711], abs=1e-5)
    if channels >= 6:
        assert stereo[3].tolist() == [0, 0]


def test_nine_channels_are_refused() -> None:
    with pytest.raises(RefusedAudioError, match="9 channels"):
        list(downmixed([noise(10, 9)]))
