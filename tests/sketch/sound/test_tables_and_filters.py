"""Oscillators, filters, ensembles and the bank of partials, measured partial by partial."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.bars import BarVoice
from acestep_desktop.sketch.sound.ensemble import LOOP, EnsembleVoice
from acestep_desktop.sketch.sound.modal import modes, ring
from acestep_desktop.sketch.sound.oscillator import OscillatorVoice
from acestep_desktop.sketch.sound.signal import (
    Curve,
    Mono,
    amplitude,
    band,
    falling,
    frames_in,
    generator,
    pitch_hz,
    rising,
)
from acestep_desktop.sketch.sound.strings import StringVoice
from acestep_desktop.sketch.sound.voice import Strike, Voice
from acestep_desktop.sketch.sound.wavetable import (
    HIGHEST_HZ,
    LEVELS,
    LOWEST_HZ,
    Filter,
    brightness_tables,
    harmonics_of,
    level_of,
    phase_of,
    play,
)

A3 = Strike("test", 57, 0.6, SAMPLE_RATE)


def mono(voice: Voice, strike: Strike = A3) -> Mono:
    audio = voice.sound(strike)
    return audio if audio.ndim == 1 else audio.mean(axis=0)


def magnitudes(audio: Mono) -> Curve:
    """Magnitudes, one bin a hertz."""
    return np.abs(np.fft.rfft(audio * np.hanning(len(audio)), SAMPLE_RATE))


def near(audio: Mono, hz: float, reach: int = 3) -> float:
    centre = round(hz)
    return float(magnitudes(audio)[centre - reach : centre + reach + 1].max())


def level(audio: Mono) -> float:
    return float(np.sqrt(np.mean(audio.astype(np.float64) ** 2)))


@pytest.mark.parametrize(
    ("shape", "number", "wanted"),
    [
        ("saw", 2, 1 / 2),
        ("saw", 7, 1 / 7),
        ("square", 2, 0.0),
        ("square", 3, 1 / 3),
        ("triangle", 3, 1 / 9),
        ("triangle", 4, 0.0),
        ("sine", 2, 0.0),
    ],
)
def test_a_wave_has_the_harmonics_of_its_name(shape: str, number: int, wanted: float) -> None:
    harmonics = harmonics_of(shape)

    assert harmonics[0] == 1.0
    assert abs(harmonics[number - 1] - wanted) < 1e-12


@pytest.mark.parametrize("part", [2, 3, 4, 5])
def test_a_pulse_lacks_the_harmonics_that_divide_its_duty(part: int) -> None:
    harmonics = harmonics_of("pulse", duty=1 / part)

    assert harmonics[part - 1] < 1e-12
    assert harmonics[part] > 0.01


@pytest.mark.parametrize("poles", [1, 2, 4])
def test_more_poles_fall_faster_above_the_cutoff(poles: int) -> None:
    tables = brightness_tables(harmonics_of("saw"), 100.0, Filter(poles))
    index = round(float(level_of(np.array([400.0], dtype=np.float32))[0]))
    cycle = np.abs(np.fft.rfft(tables[index, :-1]))
    fall_db = 20 * np.log10(cycle[64] / cycle[32]) + 6.02

    assert abs(fall_db + 6.02 * poles) < 1.5


@given(st.floats(LOWEST_HZ, HIGHEST_HZ * 0.99))
def test_a_cutoff_lies_between_the_tables_on_either_side_of_it(cutoff: float) -> None:
    place = float(level_of(np.array([cutoff], dtype=np.float32))[0])
    below, above = (
        LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** (k / (LEVELS - 1))
        for k in (np.floor(place), np.floor(place) + 1)
    )

    assert below * 0.99 <= cutoff <= above * 1.01


def test_cutoffs_beyond_the_tables_stay_at_their_ends() -> None:
    low, high = level_of(np.array([0.0, 1e6], dtype=np.float32))

    assert low == 0.0
    assert LEVELS - 1.01 < high < LEVELS - 1


@settings(max_examples=40)
@given(st.floats(20.0, 5000.0), st.floats(0.0, 1.0), st.integers(1, 3000))
def test_a_phase_runs_evenly_and_bends_with_its_curve(hz: float, start: float, frames: int) -> None:
    plain = phase_of(hz, None, frames, start)
    bent = phase_of(hz, np.full(frames, 2.0, dtype=np.float32), frames, start)

    assert abs(plain[-1] - start - (frames - 1) * hz / SAMPLE_RATE) < 1e-6
    assert abs(bent[-1] - start - 2 * (plain[-1] - start)) < 1e-6


def test_a_sweep_through_the_tables_has_no_steps() -> None:
    tables = brightness_tables(harmonics_of("saw"), 110.0, Filter(4))
    rising_level = np.linspace(5, 30, SAMPLE_RATE, dtype=np.float32)
    tone = play(tables, phase_of(110.0, None, SAMPLE_RATE), rising_level)
    periods = tone[: 109 * 436].reshape(-1, 436)
    peaks = np.abs(periods).max(axis=1)

    assert np.abs(np.diff(peaks)).max() < 0.1 * peaks.max()


@pytest.mark.parametrize("cents", [5.0, 12.0, 25.0])
def test_detuned_voices_lie_as_far_out_as_asked(cents: float) -> None:
    voice = OscillatorVoice(shape="sine", unison=3, detune_cents=cents, cutoff_hz=12_000.0)
    long = replace(A3, pitch=93, frames=4 * SAMPLE_RATE)
    audio = mono(voice, long)
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio)), 8 * SAMPLE_RATE))
    hz = np.arange(len(spectrum)) / 8
    loud = hz[spectrum > 0.25 * spectrum.max()]
    top, low = (1200 * np.log2(edge / pitch_hz(93)) for edge in (loud.max(), loud.min()))

    assert abs(top - cents) < 1.5
    assert abs(low + cents) < 1.5


@pytest.mark.parametrize(("soft", "hard"), [(0.1, 0.5), (0.5, 1.0)])
def test_a_filter_opens_with_force(soft: float, hard: float) -> None:
    voice = OscillatorVoice(force_octaves=2.0)
    dull, bright = (mono(voice, replace(A3, force=force)) for force in (soft, hard))

    assert near(bright, 2200) / near(bright, 220) > 1.5 * near(dull, 2200) / near(dull, 220)


@pytest.mark.parametrize("attack_s", [0.02, 0.1, 0.4])
def test_an_attack_takes_its_time(attack_s: float) -> None:
    audio = mono(OscillatorVoice(attack_s=attack_s))
    windows = np.sqrt(np.mean(audio.reshape(-1, 480) ** 2, axis=1))
    reached = int(np.flatnonzero(windows > 0.9 * windows[-1])[0]) * 0.01

    assert 0.5 * attack_s <= reached <= 1.3 * attack_s + 0.02


def test_the_filter_follows_the_keyboard() -> None:
    still, following = (
        mono(OscillatorVoice(cutoff_key=key), replace(A3, pitch=81)) for key in (0.0, 1.0)
    )

    assert near(following, 3520) / near(following, 880) > near(still, 3520) / near(still, 880)


@pytest.mark.parametrize("pitch", [40, 52, 64, 76])
def test_a_string_rings_as_long_as_its_octave_says(pitch: int) -> None:
    string = StringVoice(partials=1, t60_s=2.0, t60_octave=0.5, damp_hz=1e9, wolf_hz=0.0)
    audio = mono(string, replace(A3, pitch=pitch, frames=2 * SAMPLE_RATE))
    early, late = level(audio[4800:9600]), level(audio[28_800:33_600])
    fallen_db = 20 * np.log10(late / early)
    t60 = 2.0 * 0.5 ** ((pitch - 60) / 12)

    assert abs(fallen_db / (-60 * 0.5 / t60) - 1) < 0.3


@pytest.mark.parametrize("t60_s", [0.3, 1.0, 3.0])
def test_a_partial_falls_by_sixty_decibels_in_its_time(t60_s: float) -> None:
    audio = ring(modes([440.0], 1.0, t60_s), SAMPLE_RATE)
    early, late = level(audio[:4800]), level(audio[24_000:28_800])

    assert abs(20 * np.log10(late / early) + 60 * 0.5 / t60_s) < 0.5


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(30, 15_000), st.floats(0.01, 1), st.floats(0.05, 3)), max_size=6),
    st.integers(1, 3000),
)
def test_any_bank_is_the_sum_of_its_partials(
    rows: list[tuple[float, float, float]], frames: int
) -> None:
    hz, gains, t60 = (np.array([row[k] for row in rows]) for k in range(3))
    whole = ring(modes(hz, gains, t60), frames)
    alone = [ring(modes([row[0]], row[1], row[2]), frames) for row in rows]

    assert whole.shape == (frames,)
    assert np.abs(whole - sum(alone, np.zeros(frames))).max() < 1e-3


@pytest.mark.parametrize(("ratio", "hardness"), [(2.76, 1.0), (5.4, 2.0), (8.9, 3.0)])
def test_a_bar_has_the_partials_of_its_table(ratio: float, hardness: float) -> None:
    bar = BarVoice(((1.0, 1.0, 3.0, 0.0), (ratio, 0.6, 2.0, hardness)))
    soft, hard = (mono(bar, replace(A3, force=force)) for force in (0.2, 1.0))
    hz = pitch_hz(57) * ratio

    assert near(hard, hz) > 20 * near(hard, hz * 1.2)
    assert near(hard, hz) / near(hard, 220) > near(soft, hz) / near(soft, 220)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_section_has_its_harmonics_in_bands(number: int) -> None:
    strike = replace(A3, frames=LOOP)
    audio = mono(EnsembleVoice(shape="saw", width=0.0), strike)
    spectrum = np.abs(np.fft.rfft(audio.astype(np.float64))) ** 2
    hz = np.fft.rfftfreq(LOOP, 1 / SAMPLE_RATE)
    centre = pitch_hz(57) * number
    on = spectrum[np.abs(hz - centre) < 12].sum()
    off = spectrum[np.abs(hz - centre * (1 + 0.5 / number)) < 12].sum()

    assert on > 50 * off


def test_a_wider_crowd_is_further_apart() -> None:
    strike = replace(A3, pitch=69, frames=LOOP)
    widths = []
    for cents in (10.0, 40.0, 90.0):
        audio = mono(EnsembleVoice(shape="sine", spread_cents=cents, focus=0.0), strike)
        power = np.abs(np.fft.rfft(audio.astype(np.float64))) ** 2
        hz = np.fft.rfftfreq(LOOP, 1 / SAMPLE_RATE)
        inside = (hz > 350) & (hz < 550)
        mean = (power * hz)[inside].sum() / power[inside].sum()
        widths.append(np.sqrt((power * (hz - mean) ** 2)[inside].sum() / power[inside].sum()))
    assert widths == sorted(widths)
    assert widths[2] > 2 * widths[0]


@given(st.floats(-60.0, 20.0))
def test_six_decibels_double(level_db: float) -> None:
    assert abs(amplitude(level_db + 6.0206) / amplitude(level_db) - 2.0) < 1e-4


@given(st.integers(1, 5000), st.floats(0.001, 5.0))
def test_what_rises_is_what_falls_upside_down(frames: int, time_s: float) -> None:
    down, up = falling(frames, time_s), rising(frames, time_s)

    assert np.allclose(down + up, 1.0, atol=1e-6)
    assert (np.diff(down) <= 0).all()
    assert frames_in(time_s) >= 1


@given(st.floats(20.0, 5000.0), st.integers(1, 6))
def test_a_band_is_three_decibels_down_at_its_edges(low: float, order: int) -> None:
    high = low * 100
    edge = band(np.array([low, high]), low, high, order)

    assert np.allclose(edge, np.sqrt(0.5), atol=0.01)


def test_two_generators_of_different_words_agree_on_nothing() -> None:
    first, second = (generator("room", name).random(64) for name in ("hall", "plate"))

    assert abs(float(np.corrcoef(first, second)[0, 1])) < 0.4
