"""Fast arithmetic of sound, held against the slow and plain way to say the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.dsp.loudness import loudness_lufs
from acestep_desktop.sketch.sound.convolution import (
    BLOCK,
    blocks_of,
    convolved,
    folded,
    partitions_of,
)
from acestep_desktop.sketch.sound.level import WINDOW, gated_db, window_energies
from acestep_desktop.sketch.sound.modal import Modes, modes, ring, together


def plainly(bank: Modes, frames: int) -> np.ndarray:
    """Return the partials as a sine each."""
    time = np.arange(frames) / SAMPLE_RATE
    total = np.zeros(frames)
    for hz, gain, t60, phase in zip(bank.hz, bank.gains, bank.t60_s, bank.phases, strict=True):
        total += gain * np.exp(-np.log(1000.0) * time / t60) * np.sin(2 * np.pi * hz * time + phase)
    return total


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.floats(20, 18_000), st.floats(0.1, 1), st.floats(0.05, 8), st.floats(0, 6)),
        min_size=1,
        max_size=120,
    ),
    st.integers(1, 5_000),
)
def test_partials_ring_as_sines_that_decay(
    partials: list[tuple[float, float, float, float]], frames: int
) -> None:
    hz, gains, t60, phases = (np.array(column) for column in zip(*partials, strict=True))
    bank = Modes(hz, gains, t60, phases)
    error = np.abs(ring(bank, frames) - plainly(bank, frames)).max()
    assert error <= 2e-5 * len(partials)


@pytest.mark.parametrize("t60", [0.1, 0.5, 2.0])
def test_a_partial_has_fallen_by_60_db_when_it_says(t60: float) -> None:
    tone = ring(modes([1_000.0], 1.0, t60), int(t60 * SAMPLE_RATE) + 480)
    begin = np.abs(tone[:48]).max()
    end = np.abs(tone[-480:-432]).max()
    assert 20 * np.log10(end / begin) == pytest.approx(-60.0, abs=1.0)


@pytest.mark.parametrize("hz", [0.0, 5.0, 14.9, 30_000.0, 96_000.0])
def test_what_nobody_hears_is_not_computed_into_noise(hz: float) -> None:
    assert not ring(modes([hz], 1.0, 1.0), 1_000).any()


def test_banks_together_ring_as_each_alone() -> None:
    low, high = modes([220.0], 0.5, 1.0), modes([880.0, 990.0], 0.25, 0.5)
    both = ring(together(low, high), 4_800)
    assert np.abs(both - ring(low, 4_800) - ring(high, 4_800)).max() <= 1e-5


@settings(max_examples=25)
@given(st.integers(1, 3 * BLOCK), st.integers(1, 2 * BLOCK + 7), st.integers(0, 2**31))
def test_a_convolution_goes_round_in_a_circle(frames: int, answer: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    line = rng.standard_normal(frames).astype(np.float32)
    tail = rng.standard_normal(answer).astype(np.float32)
    got = convolved(blocks_of(line), partitions_of(tail), frames)
    circle = np.zeros(frames)
    for start in range(0, answer, frames):
        lap = tail[start : start + frames]
        circle[: len(lap)] += lap
    spectrum = np.fft.rfft(line.astype(np.float64)) * np.fft.rfft(circle)
    want = np.fft.irfft(spectrum, frames)
    assert np.abs(got - want).max() <= 1e-5 * max(1.0, float(np.abs(want).max()))


@pytest.mark.parametrize("frames", [1, 7, BLOCK - 1, BLOCK, BLOCK + 1])
def test_an_answer_of_one_click_changes_nothing(frames: int) -> None:
    line = np.random.default_rng(1).standard_normal(frames).astype(np.float32)
    click = np.ones(1, np.float32)
    assert np.abs(convolved(blocks_of(line), partitions_of(click), frames) - line).max() <= 1e-5


@given(st.integers(1, 400), st.integers(0, 2_000))
def test_folding_keeps_every_sample(frames: int, length: int) -> None:
    line = np.arange(length, dtype=np.float32)
    lap = folded(line, frames)
    assert len(lap) == frames
    assert lap.sum() == pytest.approx(line.sum(), rel=1e-5)
    assert np.array_equal(lap[:1], line[::frames].sum(keepdims=True)[:1] if length else [0.0])


def loudness(audio: np.ndarray) -> float:
    """Return what BS.1770 says, measured exactly."""
    measured = loudness_lufs(np.ascontiguousarray(audio.T, dtype=np.float32))
    assert measured is not None
    return measured


@pytest.mark.parametrize("level_db", [-40.0, -20.0, -6.0])
@pytest.mark.parametrize("colour", ["white", "dull", "tone"])
def test_the_fast_loudness_is_within_a_decibel_of_the_exact_one(
    level_db: float, colour: str
) -> None:
    rng = np.random.default_rng(3)
    sound = rng.standard_normal((2, 4 * SAMPLE_RATE)) * 0.1
    if colour == "dull":
        for side in sound:
            side[:] = np.convolve(side, np.ones(48) / 8, "same")
    if colour == "tone":
        sound[:] = 0.1 * np.sin(2 * np.pi * 997 * np.arange(4 * SAMPLE_RATE) / SAMPLE_RATE)
    audio = (sound * 10 ** (level_db / 20)).astype(np.float32)
    assert gated_db(window_energies(audio)) == pytest.approx(loudness(audio), abs=1.0)


def test_pauses_do_not_make_music_quieter() -> None:
    rng = np.random.default_rng(3)
    music = (rng.standard_normal((2, 4 * WINDOW)) * 0.1).astype(np.float32)
    pause = np.zeros((2, 12 * WINDOW), np.float32)
    alone = gated_db(window_energies(music))
    with_pauses = gated_db(window_energies(np.concatenate([music, pause], axis=1)))
    assert with_pauses == pytest.approx(alone, abs=1.5)


def test_silence_is_as_quiet_as_can_be_said() -> None:
    assert gated_db(window_energies(np.zeros((2, WINDOW), np.float32))) == -120.0
    assert gated_db(np.zeros(0)) == -120.0


@pytest.mark.parametrize("frames", [16, 100, WINDOW - 1])
def test_a_short_sound_is_measured_too(frames: int) -> None:
    rng = np.random.default_rng(frames)
    audio = (rng.standard_normal((2, frames)) * 0.2).astype(np.float32)
    assert -60.0 < gated_db(window_energies(audio)) < 0.0


@given(st.floats(0.01, 4.0))
def test_twice_the_amplitude_is_six_decibels(gain: float) -> None:
    audio = (np.random.default_rng(5).standard_normal((2, 2 * WINDOW)) * 0.1).astype(np.float32)
    louder = gated_db(window_energies(audio * np.float32(gain)))
    assert louder - gated_db(window_energies(audio)) == pytest.approx(20 * np.log10(gain), abs=0.01)
