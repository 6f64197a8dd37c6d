"""The tempo map: frames, ticks and bars, exact and without drift."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.tempo import (
    BarPosition,
    MeterChange,
    TempoChange,
    TempoMap,
    checked_bpm,
    exact_bpm,
    frames_of_bars,
    frames_of_quarters,
)
from acestep_desktop.domain.time import PPQN, TICKS_PER_QUARTER, Meter, Tick

project_bpm = st.one_of(
    st.floats(20, 999),
    st.integers(20, 999).map(float),
    st.integers(200, 9990).map(lambda n: n / 10),
)
meters = st.builds(Meter, st.integers(1, 16), st.sampled_from((2, 4, 8, 16)))
frames = st.integers(0, 4 * 3600 * 48_000)


@st.composite
def tempo_maps(draw: st.DrawFn) -> TempoMap:
    """Maps with up to five tempi, and up to four meters at bar lines."""
    tempos = [TempoChange(Tick(0), draw(project_bpm))]
    for _ in range(draw(st.integers(0, 4))):
        at = tempos[-1].at + draw(st.integers(1, 64 * TICKS_PER_QUARTER))
        tempos.append(TempoChange(Tick(at), draw(project_bpm)))
    changes = [MeterChange(Tick(0), draw(meters))]
    for _ in range(draw(st.integers(0, 3))):
        bars = draw(st.integers(1, 16))
        at = changes[-1].at + bars * changes[-1].meter.ticks_per_bar
        changes.append(MeterChange(Tick(at), draw(meters)))
    return TempoMap(tuple(tempos), tuple(changes))


@given(project_bpm, frames)
def test_a_frame_survives_the_way_through_ticks_at_any_tempo(bpm: float, frame: int) -> None:
    tempo = TempoMap.steady(bpm)
    assert tempo.frame_at(tempo.tick_at(frame)) == frame


@given(tempo_maps(), frames)
def test_a_frame_survives_the_way_through_ticks_over_tempo_changes(
    tempo: TempoMap, frame: int
) -> None:
    assert tempo.frame_at(tempo.tick_at(frame)) == frame


@pytest.mark.parametrize("bpm", [20.0, 20.1, 59.99, 60.0, 120.0, 174.3, 333.333, 998.9, 999.0])
def test_a_tick_is_finer_than_a_frame(bpm: float) -> None:
    tempo = TempoMap.steady(bpm)
    assert tempo.exact_frame_at(1) < 1
    for frame in (0, 1, 2, 47_999, 48_000, 123_456_789):
        assert tempo.frame_at(tempo.tick_at(frame)) == frame


@given(tempo_maps(), st.integers(0, 10**9), st.integers(0, 10**9))
def test_time_never_runs_backwards(tempo: TempoMap, a: int, b: int) -> None:
    first, second = sorted((a, b))
    assert tempo.frame_at(first) <= tempo.frame_at(second)
    assert tempo.exact_frame_at(first) <= tempo.exact_frame_at(second)


@given(tempo_maps(), st.integers(0, 10**9), st.integers(1, 10**8))
def test_no_position_drifts(tempo: TempoMap, tick: int, step: int) -> None:
    exact = tempo.exact_frame_at(tick + step) - tempo.exact_frame_at(tick)
    rounded = tempo.frame_at(tick + step) - tempo.frame_at(tick)
    assert abs(rounded - exact) <= 1


@pytest.mark.parametrize(
    ("bars", "meter", "bpm", "expected"),
    [
        (8, "4/4", 120.0, 768_000),
        (1, "4/4", 120.0, 96_000),
        (1, "6/8", 120.0, 72_000),
        (4, "3/4", 90.0, 384_000),
        (16, "4/4", 174.3, round(Fraction(16 * 4 * 60 * 48_000 * 10, 1743))),
        (8, "7/8", 133.33, round(Fraction(28 * 60 * 48_000 * 100, 13_333))),
        (512, "4/4", 30.0, 512 * 4 * 96_000),
    ],
)
def test_bars_last_as_long_as_the_formula_says(
    bars: int, meter: str, bpm: float, expected: int
) -> None:
    assert frames_of_bars(bars, Meter.parse(meter), bpm) == expected


@given(st.integers(1, 512), meters, st.integers(3000, 30_000).map(lambda n: n / 100))
def test_bars_agree_with_the_formula_in_decimals(bars: int, meter: Meter, bpm: float) -> None:
    decimal = Fraction(round(bpm * 100), 100)
    formula = bars * meter.quarters_per_bar * 60 / decimal * 48_000
    assert frames_of_bars(bars, meter, bpm) == round(formula)
    assert frames_of_quarters(bars * meter.quarters_per_bar, bpm) == formula


@given(st.integers(1, 64), meters, project_bpm)
def test_a_steady_map_and_the_formula_agree(bars: int, meter: Meter, bpm: float) -> None:
    tempo = TempoMap.steady(bpm, meter)
    assert tempo.frame_at(tempo.tick_of_bar(bars + 1)) == frames_of_bars(bars, meter, bpm)


def test_a_decimal_tempo_is_the_number_that_was_written() -> None:
    assert exact_bpm(174.3) == Fraction(1743, 10)
    assert exact_bpm(120) == 120


def test_tempo_changes_take_effect_where_they_stand() -> None:
    bar = Meter().ticks_per_bar
    tempo = TempoMap(
        (TempoChange(Tick(0), 120.0), TempoChange(Tick(bar), 60.0), TempoChange(Tick(3 * bar), 240))
    )
    assert tempo.frame_at(bar) == 96_000
    assert tempo.frame_at(2 * bar) == 96_000 + 192_000
    assert tempo.frame_at(4 * bar) == 96_000 + 2 * 192_000 + 48_000
    assert [tempo.bpm_at(t) for t in (0, bar - 1, bar, 3 * bar)] == [120.0, 120.0, 60.0, 240.0]


def test_before_the_start_the_first_tempo_holds() -> None:
    tempo = TempoMap((TempoChange(Tick(0), 120.0), TempoChange(Tick(100), 60.0)))
    assert tempo.frame_at(-TICKS_PER_QUARTER) == -24_000
    assert tempo.tick_at(-24_000) == -TICKS_PER_QUARTER
    assert tempo.bpm_at(-5) == 120.0
    assert tempo.meter_at(-5) == Meter()
    assert tempo.bar_at(-1) == 0


@given(tempo_maps(), st.integers(1, 200))
def test_a_bar_begins_at_its_line(tempo: TempoMap, bar: int) -> None:
    tick = tempo.tick_of_bar(bar)
    assert tempo.bar_at(tick) == bar
    assert bar == 1 or tempo.bar_at(tick - 1) == bar - 1
    assert tempo.position_at(tick) == BarPosition(bar, 1, 0)


@given(tempo_maps(), st.integers(0, 10**9))
def test_a_position_is_written_as_it_is_read(tempo: TempoMap, tick: int) -> None:
    position = tempo.position_at(tick)
    read = tempo.tick_of_position(str(position))
    assert 0 <= tick - read < TICKS_PER_QUARTER // PPQN
    assert tempo.position_at(read) == position


@pytest.mark.parametrize(
    ("text", "bar", "beats", "tick"),
    [("1", 1, 0, 0), ("17", 17, 0, 0), ("17.3", 17, 2, 0), ("17.3.480", 17, 2, 480)],
)
def test_a_position_is_read(text: str, bar: int, beats: int, tick: int) -> None:
    tempo = TempoMap()
    ticks = tempo.tick_of_bar(bar) + beats * TICKS_PER_QUARTER + tick * TICKS_PER_QUARTER // PPQN
    assert tempo.tick_of_position(text) == ticks
    assert tempo.tick_of_position(f" {text} ") == ticks


def test_a_position_is_written_with_a_dot_between_bar_beat_and_tick() -> None:
    assert str(BarPosition(17, 3, 48)) == "17.3.048"


@pytest.mark.parametrize(
    "text", ["", "0", "0.1", "1.0", "1.1.1.1", "-1", "1,1", "x", "1.", "9999999", "1.1.99999", "①"]
)
def test_what_is_no_position_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(InvalidValueError, match=r"a position is written like 17 or 17\.3\.480"):
        TempoMap().tick_of_position(text)


@pytest.mark.parametrize(
    ("ticks", "sentence"),
    [
        ((), "the first tempo must stand at the start"),
        ((5,), "the first tempo must stand at the start"),
        ((0, 5, 5), "tempo changes must follow one another in time"),
        ((0, 5, 4), "tempo changes must follow one another in time"),
    ],
)
def test_tempo_changes_out_of_order_are_refused(ticks: tuple[int, ...], sentence: str) -> None:
    with pytest.raises(InvalidValueError, match=sentence):
        TempoMap(tuple(TempoChange(Tick(at), 120.0) for at in ticks))


def test_a_meter_changes_only_at_a_bar_line() -> None:
    bar = Meter().ticks_per_bar
    meters = (MeterChange(Tick(0), Meter()), MeterChange(Tick(bar + 1), Meter(3, 4)))
    with pytest.raises(InvalidValueError, match="a meter can change only at a bar line"):
        TempoMap(meters=meters)


def test_bars_are_counted_through_meter_changes() -> None:
    four, three = Meter().ticks_per_bar, Meter(3, 4).ticks_per_bar
    tempo = TempoMap(
        meters=(
            MeterChange(Tick(0), Meter()),
            MeterChange(Tick(2 * four), Meter(3, 4)),
            MeterChange(Tick(2 * four + 4 * three), Meter(7, 8)),
        )
    )
    assert tempo.tick_of_bar(3) == 2 * four
    assert tempo.tick_of_bar(7) == 2 * four + 4 * three
    assert tempo.bar_at(2 * four + three) == 4
    assert tempo.meter_at(2 * four + 4 * three) == Meter(7, 8)
    assert tempo.position_at(2 * four + three + TICKS_PER_QUARTER) == BarPosition(4, 2, 0)


def test_a_tempo_change_before_the_start_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="cannot be before the start"):
        TempoChange(Tick(-1), 120.0)


@pytest.mark.parametrize("bpm", [19.99, 999.1, 0, -1, math.nan, math.inf, 1e9])
def test_a_project_tempo_that_cannot_be_is_refused(bpm: float) -> None:
    with pytest.raises(InvalidValueError, match=r"bpm must be within 20\.\.999, got "):
        TempoChange(Tick(0), bpm)


@pytest.mark.parametrize("bpm", [29.99, 300.1, 0, -1, math.nan, -math.inf])
def test_a_request_tempo_that_cannot_be_is_refused(bpm: float) -> None:
    with pytest.raises(InvalidValueError, match=r"^bpm must be within 30\.\.300, got "):
        checked_bpm(bpm)


@given(project_bpm, meters)
def test_maps_of_the_same_changes_are_equal(bpm: float, meter: Meter) -> None:
    assert TempoMap.steady(bpm, meter) == TempoMap.steady(bpm, meter)
    assert hash(TempoMap.steady(bpm, meter)) == hash(TempoMap.steady(bpm, meter))
