"""Meters, and seconds, quarters and frames."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.time import (
    DENOMINATORS,
    SAMPLE_RATE,
    TICKS_PER_QUARTER,
    Meter,
    frames_from_seconds,
    seconds_from_frames,
    ticks_from_quarters,
)

meters = st.builds(Meter, st.integers(1, 32), st.sampled_from(DENOMINATORS))


@pytest.mark.parametrize(
    ("text", "quarters"),
    [
        ("4/4", Fraction(4)),
        ("3/4", Fraction(3)),
        ("6/8", Fraction(3)),
        ("7/8", Fraction(7, 2)),
        ("5/4", Fraction(5)),
        ("2/2", Fraction(4)),
        ("1/32", Fraction(1, 8)),
        ("32/1", Fraction(128)),
        (" 12 / 8 ", Fraction(6)),
    ],
)
def test_a_meter_says_how_long_its_bars_are(text: str, quarters: Fraction) -> None:
    meter = Meter.parse(text)
    assert meter.quarters_per_bar == quarters
    assert meter.ticks_per_bar == quarters * TICKS_PER_QUARTER


@given(meters)
def test_ticks_of_bars_and_beats_are_whole_for_every_meter(meter: Meter) -> None:
    assert meter.ticks_per_bar == meter.quarters_per_bar * TICKS_PER_QUARTER
    assert meter.ticks_per_beat * meter.numerator == meter.ticks_per_bar


@given(meters)
def test_a_meter_is_written_as_it_is_read(meter: Meter) -> None:
    assert Meter.parse(str(meter)) == meter


@pytest.mark.parametrize(
    "text", ["", "4", "4/", "/4", "four/4", "4/4/4", "4\\4", "-4/4", "4.0/4", "4/4x", "99999/4"]
)
def test_what_is_no_meter_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(InvalidValueError, match="a meter is written like 4/4 or 6/8"):
        Meter.parse(text)


@pytest.mark.parametrize(
    ("numerator", "denominator", "sentence"),
    [
        (4, 3, "the meter's lower number must be 1, 2, 4, 8, 16 or 32, got 3"),
        (4, 0, "the meter's lower number must be 1, 2, 4, 8, 16 or 32, got 0"),
        (4, 64, "the meter's lower number must be 1, 2, 4, 8, 16 or 32, got 64"),
        (0, 4, r"the meter's upper number must be within 1\.\.32, got 0"),
        (-1, 4, r"the meter's upper number must be within 1\.\.32, got -1"),
        (33, 4, r"the meter's upper number must be within 1\.\.32, got 33"),
    ],
)
def test_a_meter_that_cannot_be_is_refused(numerator: int, denominator: int, sentence: str) -> None:
    with pytest.raises(InvalidValueError, match=f"^{sentence}$"):
        Meter(numerator, denominator)


@given(st.integers(0, 600 * SAMPLE_RATE))
def test_frames_survive_the_way_through_seconds(frames: int) -> None:
    assert frames_from_seconds(seconds_from_frames(frames)) == frames


def test_a_second_has_48000_frames() -> None:
    assert frames_from_seconds(1.0) == 48_000
    assert seconds_from_frames(24_000) == 0.5


@given(st.fractions(0, 1000, max_denominator=960))
def test_ticks_are_fine_enough_for_any_subdivision(quarters: Fraction) -> None:
    ticks = ticks_from_quarters(quarters)
    assert abs(Fraction(ticks, TICKS_PER_QUARTER) - quarters) <= Fraction(1, 2 * TICKS_PER_QUARTER)
