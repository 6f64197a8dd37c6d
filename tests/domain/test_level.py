"""Levels: decibels, amplitudes and pans."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.level import (
    MIN_GAIN_DB,
    amplitude_from_db,
    checked_gain_db,
    checked_pan,
    db_from_amplitude,
)


@pytest.mark.parametrize(
    ("gain_db", "amplitude"),
    [(0.0, 1.0), (20.0, 10.0), (-20.0, 0.1), (-120.0, 0.0), (-200.0, 0.0), (-math.inf, 0.0)],
)
def test_an_amplitude_is_ten_to_the_twentieth_of_the_decibels(
    gain_db: float, amplitude: float
) -> None:
    assert amplitude_from_db(gain_db) == pytest.approx(amplitude)


@given(st.floats(-119.9, 24))
def test_decibels_survive_the_way_through_an_amplitude(gain_db: float) -> None:
    assert db_from_amplitude(amplitude_from_db(gain_db)) == pytest.approx(gain_db, abs=1e-9)


@pytest.mark.parametrize("amplitude", [0.0, -1.0, 1e-300])
def test_silence_is_as_low_as_a_fader_goes(amplitude: float) -> None:
    assert db_from_amplitude(amplitude) == MIN_GAIN_DB


@pytest.mark.parametrize("gain_db", [-120, 0, 24, 23.999])
def test_a_gain_within_bounds_is_a_float(gain_db: float) -> None:
    assert checked_gain_db(gain_db) == gain_db
    assert type(checked_gain_db(gain_db)) is float


@pytest.mark.parametrize("gain_db", [-120.1, 24.1, math.nan, math.inf, -math.inf])
def test_a_gain_that_cannot_be_is_refused(gain_db: float) -> None:
    with pytest.raises(InvalidValueError, match=r"^a gain must be within -120\.\.24 dB, got "):
        checked_gain_db(gain_db)


@pytest.mark.parametrize("pan", [-1, 0, 1, 0.25])
def test_a_pan_within_bounds_is_a_float(pan: float) -> None:
    assert checked_pan(pan) == pan
    assert type(checked_pan(pan)) is float


@pytest.mark.parametrize("pan", [-1.01, 1.01, math.nan, math.inf])
def test_a_pan_that_cannot_be_is_refused(pan: float) -> None:
    with pytest.raises(InvalidValueError, match=r"^a pan must be within -1\.\.1, got "):
        checked_pan(pan)
