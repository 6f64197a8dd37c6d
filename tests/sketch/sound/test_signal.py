"""The arithmetic that instruments share."""

import numpy as np
import pytest

from acestep_desktop.sketch.sound.modal import modes, ring, together
from acestep_desktop.sketch.sound.signal import (
    audio_of,
    band,
    bins_hz,
    coloured_noise,
    faded,
    falling,
    fast_length,
    filtered,
    generator,
    half_cosine,
    minimum_phase,
    peaks,
    pitch_hz,
    spectrum_of,
    without_drift,
)
from acestep_desktop.sketch.sound.voice import REFERENCE, Strike, levelled
from acestep_desktop.sketch.sound.wavetable import (
    LEVELS,
    Filter,
    brightness_tables,
    harmonics_of,
    level_of,
    phase_of,
    play,
)


def test_random_numbers_depend_on_words_alone() -> None:
    first, again = generator("a", 1).random(4), generator("a", 1).random(4)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, generator("a1").random(4))


def test_pitches_are_equally_tempered() -> None:
    assert pitch_hz(69) == 440.0
    assert abs(pitch_hz(60) - 261.6256) < 1e-3


@pytest.mark.parametrize("frames", [1, 15, 100, 4096, 4097, 50_000])
def test_a_fast_length_is_long_enough_and_not_twice_as_long(frames: int) -> None:
    assert frames <= fast_length(frames) <= max(16, 2 * frames)


def test_there_and_back_is_the_same() -> None:
    audio = generator("x").standard_normal((2, 600)).astype(np.float32)
    assert np.abs(audio_of(spectrum_of(audio), 600) - audio).max() < 1e-5
    assert np.abs(spectrum_of(audio) - np.fft.rfft(audio)).max() < 1e-3


def test_a_band_passes_its_middle_and_stops_0_hz() -> None:
    hz = bins_hz(4800)
    gain = band(hz, 200.0, 2000.0, 3)
    assert gain[0] == 0.0
    assert gain[np.searchsorted(hz, 600)] > 0.99
    assert gain[np.searchsorted(hz, 50)] < 0.02
    assert gain[np.searchsorted(hz, 10_000)] < 0.01


def test_a_peak_is_as_high_as_asked() -> None:
    gain = peaks(np.array([100.0, 1000.0, 10_000.0]), ((1000.0, 6.0, 2.0),))
    assert abs(20 * np.log10(gain[1]) - 6.0) < 1e-6
    assert abs(gain[0] - 1.0) < 0.01


def test_noise_has_unit_power_within_its_band() -> None:
    noise = coloured_noise(96_000, generator("n"), 500.0, 2000.0)
    assert 0.9 < float(np.std(noise)) < 1.1
    power = np.abs(np.fft.rfft(noise)) ** 2
    hz = bins_hz(96_000)
    assert power[(hz > 300) & (hz < 3500)].sum() > 0.9 * power.sum()


def test_a_filter_keeps_onsets_where_they_are() -> None:
    audio = np.zeros(4800, dtype=np.float32)
    audio[1000] = 1.0
    answer = filtered(audio, 100.0, 8000.0)
    assert np.abs(answer[:995]).max() < 1e-2 * np.abs(answer).max()
    assert abs(int(np.argmax(np.abs(answer))) - 1000) < 12


def test_minimum_phase_keeps_the_gain() -> None:
    gain = band(bins_hz(8192), 60.0, 9000.0)
    response = minimum_phase(gain)
    inside = gain > 0.05
    assert np.allclose(np.abs(response)[inside], gain[inside], rtol=0.02)


def test_what_a_bent_wave_leaves_at_0_hz_is_taken_out() -> None:
    tone = np.sin(2 * np.pi * 100 * np.arange(48_000) / 48_000).astype(np.float32)
    bent = np.tanh(2 * tone + 0.5).astype(np.float32)
    assert abs(float(bent.mean())) > 0.1
    assert abs(float(without_drift(bent, 100.0)[960:].mean())) < 1e-3


def test_envelopes_start_and_end_where_they_should() -> None:
    assert falling(10, 1.0)[0] == 1.0
    step = half_cosine(100)
    assert step[0] < 0.001
    assert step[-1] > 0.999
    assert np.allclose(step + step[::-1], 1.0, atol=1e-6)
    audio = faded(np.ones(1000, dtype=np.float32), 0.001, 0.002)
    assert audio[0] < 0.01
    assert audio[-1] < 0.01
    assert audio[500] == 1.0


def test_ringing_partials_are_the_sines_they_stand_for() -> None:
    bank = modes([220.0, 441.5, 3000.0], [1.0, 0.5, 0.25], [1.0, 0.5, 0.2], [0.0, 1.0, 2.0])
    seconds = np.arange(30_000) / 48_000
    wanted = sum(
        gain * 1000.0 ** (-seconds / t60) * np.sin(2 * np.pi * hz * seconds + phase)
        for hz, gain, t60, phase in zip(bank.hz, bank.gains, bank.t60_s, bank.phases, strict=True)
    )
    assert np.abs(ring(bank, 30_000) - wanted).max() < 1e-4


def test_a_bank_of_hundreds_is_the_sum_of_its_parts() -> None:
    rng = generator("bank")
    one = modes(rng.uniform(100, 8000, 150), rng.random(150), 0.5)
    two = modes(rng.uniform(100, 8000, 150), rng.random(150), 0.5)
    assert np.abs(ring(together(one, two), 5000) - ring(one, 5000) - ring(two, 5000)).max() < 1e-3


def test_partials_nobody_hears_are_left_out() -> None:
    bank = modes([5.0, 1000.0, 30_000.0], 1.0, 1.0).audible()
    assert bank.hz.tolist() == [1000.0]
    assert not ring(modes([30_000.0], 1.0, 1.0), 100).any()


@pytest.mark.parametrize("shape", ["saw", "square", "triangle", "pulse", "sine", "bars"])
def test_a_table_has_no_partial_above_hearing(shape: str) -> None:
    harmonics = harmonics_of(shape, duty=0.3, bars=(1.0, 0.5))
    tables = brightness_tables(harmonics, 2000.0, Filter())
    assert tables.shape[0] == LEVELS
    spectrum = np.abs(np.fft.rfft(tables[:, :-1], axis=1))
    assert spectrum[:, 10:].max() < 1e-3 * spectrum.max()


def test_brighter_tables_are_brighter_and_resonance_peaks() -> None:
    tables = brightness_tables(harmonics_of("saw"), 110.0, Filter(4, 0.0))
    spectra = np.abs(np.fft.rfft(tables[:, :-1], axis=1))
    centroids = (spectra * np.arange(spectra.shape[1])).sum(axis=1) / spectra.sum(axis=1)
    assert (np.diff(centroids) > 0).all()
    sharp = brightness_tables(harmonics_of("saw"), 110.0, Filter(4, 0.9))
    level = int(level_of(np.array([1100.0], dtype=np.float32))[0])
    peaked, plain = (np.abs(np.fft.rfft(each[level, :-1]))[8:12].max() for each in (sharp, tables))
    assert peaked > 3 * plain


def test_a_table_is_played_at_its_pitch() -> None:
    tables = brightness_tables(harmonics_of("sine"), 440.0, Filter(1))
    tone = play(tables, phase_of(440.0, None, 48_000), float(LEVELS - 2))
    assert int(np.argmax(np.abs(np.fft.rfft(tone)))) == 440
    rest = np.abs(np.fft.rfft(tone))
    rest[438:443] = 0
    assert rest.max() < 1e-4 * np.abs(np.fft.rfft(tone)).max()


def test_levelling_brings_the_loudest_moment_to_the_reference() -> None:
    audio = np.concatenate([np.ones(4800), 0.1 * np.ones(48_000)]).astype(np.float32)
    levelled(audio)
    assert abs(float(audio[0]) - REFERENCE) < 1e-6
    assert not levelled(np.zeros(100, dtype=np.float32)).any()


def test_a_strike_knows_its_pitch_and_what_chance_depends_on() -> None:
    strike = Strike("bells", 69, 0.5, 48_000)
    assert strike.hz == 440.0
    assert strike.seconds == 1.0
    assert strike.words("x") == Strike("bells", 69, 0.5, 99).words("x")
    assert strike.words() != Strike("bells", 69, 0.6, 99).words()
    assert strike.unforced() == Strike("bells", 69, 0.6, 99).unforced()
