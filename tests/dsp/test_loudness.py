"""Loudness and levels, against EBU Tech 3341 and a second opinion."""

import math
import tracemalloc
from collections.abc import Iterator

import numpy as np
import pyloudnorm
import pytest

from acestep_desktop.dsp.loudness import (
    LoudnessMeter,
    loudness_lufs,
    measure_levels,
    true_peak_db,
)
from acestep_desktop.dsp.samples import Samples, silence
from tests.dsp.arrangements import noise
from tests.dsp.music import RATE, cadence, clicks, tone


def parts(*levels_and_seconds: tuple[float, float]) -> Samples:
    """Return a 1 kHz tone on both sides at each level (dBFS) for so many seconds."""
    return np.concatenate(
        [tone(1_000.0, 10.0 ** (level / 20.0), seconds) for level, seconds in levels_and_seconds]
    )


@pytest.mark.parametrize(
    ("audio", "expected"),
    [
        (parts((-23.0, 20.0)), -23.0),
        (parts((-33.0, 20.0)), -33.0),
        (parts((-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)), -23.0),
        (parts((-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)), -23.0),
        (parts((-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)), -23.0),
    ],
    ids=["case 1", "case 2", "case 3", "case 4", "case 5"],
)
def test_programme_loudness_meets_ebu_tech_3341(audio: Samples, expected: float) -> None:
    assert loudness_lufs(audio) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(
    "audio",
    [
        noise(10 * RATE, 0.4),
        noise(7 * RATE + 1_234, 0.1, channels=1),
        clicks(97.0),
        cadence(4, "minor", 2.0),
        tone(40.0, 0.7, 5.0),
        tone(12_000.0, 0.2, 5.0),
    ],
    ids=["noise", "mono noise", "clicks", "cadence", "40 Hz", "12 kHz"],
)
def test_loudness_agrees_with_pyloudnorm(audio: Samples) -> None:
    other = pyloudnorm.Meter(RATE).integrated_loudness(audio.astype(np.float64))
    assert loudness_lufs(audio) == pytest.approx(other, abs=0.1)


def test_momentary_and_short_term_are_the_loudest_windows() -> None:
    levels = measure_levels(parts((-40.0, 4.0), (-20.0, 0.5), (-40.0, 4.0)))
    assert levels.momentary_lufs == pytest.approx(-20.0, abs=0.1)
    assert levels.short_term_lufs == pytest.approx(-20.0 - 10 * math.log10(6), abs=0.3)


def test_audio_shorter_than_a_window_counts_as_one_of_its_length() -> None:
    assert loudness_lufs(tone(1_000.0, 10 ** (-20 / 20), 0.2)) == pytest.approx(-20.0, abs=0.4)


@pytest.mark.parametrize("sizes", [(1_000,), (48_000, 7), (4_799, 4_801), (200_000,)])
def test_blocks_of_any_size_measure_alike(sizes: tuple[int, ...]) -> None:
    audio = clicks(120.0, 5.3)
    whole = measure_levels(audio)
    meter = LoudnessMeter(2)
    at = turn = 0
    while at < len(audio):
        meter.add(audio[at : at + sizes[turn % len(sizes)]])
        at, turn = at + sizes[turn % len(sizes)], turn + 1
    levels = meter.levels()
    for name in ("loudness_lufs", "momentary_lufs", "short_term_lufs", "true_peak_db", "rms_db"):
        assert getattr(levels, name) == pytest.approx(getattr(whole, name), abs=1e-4)
    assert (levels.frames, levels.peak_db) == (whole.frames, whole.peak_db)


@pytest.mark.parametrize("audio", [silence(0), silence(100), silence(RATE, 1)])
def test_silence_has_no_levels(audio: Samples) -> None:
    levels = measure_levels(audio)
    assert levels.measured() == type(levels.measured())(None, None, None)
    assert (levels.rms_db, levels.dc, levels.frames) == (None, 0.0, len(audio))


def test_peak_rms_and_dc_are_plain() -> None:
    audio = np.tile(np.array(((0.5, 0.25), (0.0, 0.25)), np.float32), (24_000, 1))
    levels = measure_levels(audio)
    assert levels.peak_db == pytest.approx(-6.0206, abs=1e-3)
    assert levels.rms_db == pytest.approx(10 * math.log10((0.125 + 0.0625) / 2), abs=1e-3)
    assert levels.dc == pytest.approx(0.25)


def test_a_take_keeps_peak_true_peak_and_loudness() -> None:
    levels = measure_levels(tone(1_000.0, 0.5, 1.0))
    kept = levels.measured()
    assert (kept.peak_db, kept.true_peak_db) == (levels.peak_db, levels.true_peak_db)
    assert kept.loudness_lufs == levels.loudness_lufs is not None


@pytest.mark.parametrize(
    ("hertz", "phase"), [(12_000.0, math.pi / 4), (997.0, 0.0), (6_000.0, 0.4), (19_000.0, 1.0)]
)
def test_true_peak_reads_sines_between_their_samples(hertz: float, phase: float) -> None:
    wave = 0.5 * np.sin(2.0 * np.pi * hertz * np.arange(RATE) / RATE + phase)
    fade = np.minimum(1.0, np.minimum(np.arange(RATE), np.arange(RATE)[::-1]) / 2_000)
    assert true_peak_db((wave * fade)[:, None].astype(np.float32)) == pytest.approx(-6.02, abs=0.1)


def test_true_peak_is_never_below_the_highest_sample() -> None:
    audio = noise(5_000)
    assert true_peak_db(audio) >= 20.0 * math.log10(float(np.abs(audio).max()))


def test_more_than_two_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="1 or 2 channels, got 6"):
        LoudnessMeter(6)


def test_a_long_file_is_measured_in_bounded_memory() -> None:
    block = noise(RATE)

    def seconds(count: int) -> Iterator[Samples]:
        for _ in range(count):
            yield block

    peaks = []
    measure_levels(seconds(3))
    for count in (6, 24):
        tracemalloc.start()
        measure_levels(seconds(count))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]
