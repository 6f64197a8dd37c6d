"""Plain measures of audio."""

import math

import numpy as np
import pytest

from acestep_desktop.dsp.measure import (
    crest_db,
    fault_of,
    first_onset,
    null_db,
    octave_levels_db,
    spectral_flatness,
    stereo_correlation,
    stereo_width,
)
from acestep_desktop.dsp.samples import Samples, silence
from tests.dsp.arrangements import noise
from tests.dsp.music import cadence, clicks, tone


def test_the_first_onset_is_the_first_frame_that_is_loud_enough() -> None:
    audio = silence(1_000)
    audio[100:] = 0.001
    audio[500:] = 0.5
    assert first_onset(audio) == 500
    assert first_onset(audio, 60.0) == 100
    assert first_onset(silence(10)) is None


def sides(left: Samples, right: Samples) -> Samples:
    return np.stack((left[:, 0], right[:, 0]), axis=1)


@pytest.mark.parametrize(
    ("audio", "correlation", "width"),
    [
        (tone(200.0), 1.0, 0.0),
        (tone(200.0)[:, :1], 1.0, 0.0),
        (sides(tone(200.0), -tone(200.0)), -1.0, 1.0),
        (sides(noise(90_000), noise(90_000, seed=8)), 0.0, 0.5),
        (silence(100), 1.0, 0.0),
    ],
    ids=["both sides", "mono", "inverted", "unlike", "silence"],
)
def test_correlation_and_width_say_what_mono_loses(
    audio: Samples, correlation: float, width: float
) -> None:
    assert stereo_correlation(audio) == pytest.approx(correlation, abs=0.02)
    assert stereo_width(audio) == pytest.approx(width, abs=0.02)


def test_the_crest_of_a_sine_is_3_db() -> None:
    assert crest_db(tone(1_000.0)) == pytest.approx(3.01, abs=0.01)
    assert crest_db(silence(10)) is None


def test_a_null_is_the_peak_of_the_difference() -> None:
    audio = noise(100)
    other = audio.copy()
    other[50, 1] += 0.001
    assert null_db(audio, audio) == -math.inf
    assert null_db(audio, other) == pytest.approx(-60.0, abs=0.01)
    with pytest.raises(ValueError, match="different shapes"):
        null_db(audio, audio[:50])


@pytest.mark.parametrize(("hertz", "octave"), [(31.0, 0), (125.0, 2), (1_000.0, 5), (8_000.0, 8)])
def test_a_tone_lies_in_its_octave(hertz: float, octave: int) -> None:
    levels = octave_levels_db(tone(hertz, seconds=2.0))
    assert len(levels) == 10
    assert levels[octave] == pytest.approx(0.0, abs=0.3)


def test_white_noise_rises_3_db_an_octave() -> None:
    levels = octave_levels_db(noise(480_000))
    assert np.diff(levels[2:9]) == pytest.approx(3.0, abs=0.4)


def broken(value: float) -> Samples:
    audio = tone(440.0)
    audio[7, 1] = value
    return audio


@pytest.mark.parametrize(
    ("audio", "fault"),
    [
        (cadence(0, "major"), None),
        (clicks(120.0, 4.0), None),
        (broken(np.nan), "not finite"),
        (broken(np.inf), "not finite"),
        (silence(48_000), "silence"),
        (noise(48_000, 1e-4), "silence"),
        (silence(0), "silence"),
        (noise(96_000), "noise"),
        (noise(1_000), None),
    ],
)
def test_what_is_no_music_is_named(audio: Samples, fault: str | None) -> None:
    assert fault_of(audio) == fault


def test_noise_is_flat_and_tones_are_not() -> None:
    assert spectral_flatness(noise(96_000)) > 0.95
    assert spectral_flatness(tone(440.0)) < 0.01
    assert spectral_flatness(silence(4_800)) == 0.0
