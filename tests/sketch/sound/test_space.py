"""Rooms, echoes and devices are linear where they must be, and round."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.sketch.sound.convolution import (
    BLOCK,
    blocks_of,
    convolved,
    folded,
    partitions_of,
)
from acestep_desktop.sketch.sound.inserts import inserted, rounded_off
from acestep_desktop.sketch.sound.patches import Insert
from acestep_desktop.sketch.sound.signal import Mono, Stereo
from acestep_desktop.sketch.sound.space import ROOMS, echoed, impulse_of, reverberated


def noise(frames: int, channels: int = 2, seed: int = 1) -> Stereo:
    """White noise, shape (channels, frames)."""
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal((channels, frames))).astype(np.float32)


def circular(line: Mono, answer: Mono) -> Mono:
    """The textbook's convolution in a circle."""
    frames = len(line)
    lap = np.zeros(frames)
    for start in range(0, len(answer), frames):
        piece = answer[start : start + frames]
        lap[: len(piece)] += piece
    spectrum = np.fft.rfft(line.astype(np.float64)) * np.fft.rfft(lap)
    return np.fft.irfft(spectrum, frames)


@pytest.mark.parametrize("frames", [7, 1000, BLOCK, BLOCK + 1, 50_001])
@pytest.mark.parametrize("length", [1, 300, BLOCK, 40_000])
def test_convolution_in_blocks_is_convolution_in_a_circle(frames: int, length: int) -> None:
    line, answer = noise(frames, 1)[0], noise(length, 1, seed=2)[0]
    ours = convolved(blocks_of(line), partitions_of(answer), frames)
    assert np.abs(ours - circular(line, answer)).max() < 2e-5


@given(st.integers(1, 50), st.integers(1, 400))
def test_folding_loses_nothing(frames: int, length: int) -> None:
    line = np.arange(1, length + 1, dtype=np.float32)
    lap = folded(line, frames)
    assert len(lap) == frames
    assert float(lap.sum()) == float(line.sum())


@pytest.mark.parametrize("name", sorted(ROOMS))
def test_a_room_answers_evenly_on_both_sides_and_dies_away(name: str) -> None:
    answer = impulse_of(name)
    energy = np.sum(answer.astype(np.float64) ** 2, axis=1)
    assert np.allclose(energy, 1.0, atol=1e-3)
    last = answer[:, -answer.shape[1] // 10 :]
    assert np.sum(last.astype(np.float64) ** 2) < 1e-4
    assert abs(float(np.corrcoef(answer)[0, 1])) < 0.2
    assert np.abs(answer.mean(axis=1)).max() < 1e-4


def test_larger_rooms_ring_longer() -> None:
    lengths = [impulse_of(name).shape[1] for name in ("booth", "room", "chamber", "cathedral")]
    assert lengths == sorted(lengths)


def test_reverb_is_linear() -> None:
    a, b = noise(40_000), noise(40_000, seed=5)
    whole = reverberated(a + b, "plate")
    parts = reverberated(a, "plate") + reverberated(b, "plate")
    assert np.abs(whole - parts).max() < 1e-5


@pytest.mark.parametrize("shift", [1, 777, 30_000])
def test_reverb_and_echoes_do_not_know_where_the_loop_starts(shift: int) -> None:
    audio = noise(40_000)
    turned = np.roll(audio, shift, axis=1)
    for device in (lambda x: reverberated(x, "room", 0.7), lambda x: echoed(x, 5_000)):
        assert np.abs(np.roll(device(audio), shift, axis=1) - device(turned)).max() < 1e-5


def test_echoes_stand_a_step_apart_on_alternate_sides_and_fade() -> None:
    audio = np.zeros((2, 48_000), dtype=np.float32)
    audio[:, 100:103] = 1.0
    wet = echoed(audio, 8_000)
    first, second = (np.sum(wet[:, at : at + 400] ** 2, axis=1) for at in (7_900, 15_900))
    assert first[0] > 2 * first[1]
    assert second[1] > 2 * second[0]
    assert first[0] > 2 * second[1]


@pytest.mark.parametrize("device", ["drive", "fuzz", "cabinet", "dust", "widen"])
def test_devices_that_do_not_turn_do_not_know_where_the_loop_starts(device: str) -> None:
    audio = noise(40_000)
    inserts = (Insert(device, 0.5),)
    turned = inserted(np.roll(audio, 999, axis=1), inserts)
    assert np.abs(np.roll(inserted(audio, inserts), 999, axis=1) - turned).max() < 2e-4


@pytest.mark.parametrize("device", ["tremolo", "autopan", "chorus", "rotary"])
def test_devices_that_turn_come_round_at_the_end(device: str) -> None:
    steps = np.arange(96_000)
    tone = np.sin(2 * np.pi * 200 * steps / 48_000).astype(np.float32) * 0.2
    audio = inserted(np.stack([tone, tone]), (Insert(device, 0.8),))
    around = np.concatenate([audio[:, -2000:], audio[:, :2000]], axis=1)
    bends = np.abs(np.diff(around.astype(np.float64), 2, axis=1)).max(axis=0)
    assert bends[1990:2010].max() <= 1.2 * np.percentile(bends, 99.9)


def test_widening_is_gone_in_mono() -> None:
    tone = noise(20_000, 1)[0]
    wide = inserted(np.stack([tone, tone]), (Insert("widen", 0.5),))
    assert np.abs(wide.mean(axis=0) - tone).max() < 1e-6
    assert np.sum((wide[0] - wide[1]) ** 2) > 0.05 * np.sum(tone**2)


def test_a_speaker_takes_the_fizz_away() -> None:
    audio = inserted(noise(48_000), (Insert("cabinet", 1.0),))
    power = np.abs(np.fft.rfft(audio[0])) ** 2
    hz = np.fft.rfftfreq(48_000, 1 / 48_000)
    body, fizz = power[(hz > 500) & (hz < 3000)].mean(), power[hz > 10_000].mean()
    assert fizz < 1e-3 * body


def test_drive_rounds_loud_and_leaves_quiet_alone() -> None:
    quiet, loud = noise(4_800) * np.float32(0.02), noise(4_800) * np.float32(20)
    assert np.abs(inserted(quiet, (Insert("drive", 0.5),)) - quiet).max() < 1e-4
    assert np.abs(inserted(loud, (Insert("drive", 0.5),))).max() < 0.3 * np.abs(loud).max()


def test_peaks_are_rounded_off_and_all_else_stays() -> None:
    wave = np.linspace(-3.0, 3.0, 601, dtype=np.float32)
    bent = rounded_off(np.stack([wave, wave]), 1.0)[0]
    inside = np.abs(wave) <= 0.66
    assert np.array_equal(bent[inside], wave[inside])
    assert np.abs(bent).max() <= 1.0
    assert np.all(np.diff(bent) >= 0.0)
    assert np.abs(np.diff(bent, 2)).max() < 1e-3


def test_widening_keeps_the_sum_and_the_bass() -> None:
    frames = np.arange(48_000)
    for hz, most in ((60.0, 0.08), (1000.0, 1.0)):
        tone = np.sin(2 * np.pi * hz * frames / 48_000).astype(np.float32)
        wide = inserted(np.stack([tone, tone]), (Insert("widen", 0.5),))
        assert np.abs(wide.sum(axis=0) - 2 * tone).max() < 1e-4
        side = np.sqrt(np.mean(np.square(wide[0] - wide[1])))
        assert 0.0 < side < most, hz
