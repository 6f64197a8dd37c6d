"""The grid: beats of every meter, and patterns laid on them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.time import DENOMINATORS, Meter
from acestep_desktop.sketch.grid import SIXTEENTH, fit, grid_of

ALL_METERS = st.builds(Meter, st.integers(1, 32), st.sampled_from(DENOMINATORS))


@pytest.mark.parametrize(
    ("meter", "steps"),
    [
        ("4/4", [4, 4, 4, 4]),
        ("3/4", [4, 4, 4]),
        ("2/4", [4, 4]),
        ("5/4", [4, 4, 4, 4, 4]),
        ("6/8", [6, 6]),
        ("12/8", [6, 6, 6, 6]),
        ("7/8", [4, 4, 6]),
        ("5/8", [4, 6]),
        ("9/8", [6, 6, 6]),
        ("3/8", [6]),
        ("2/2", [4, 4, 4, 4]),
    ],
)
def test_beats_are_grouped_as_the_meter_is_counted(meter: str, steps: list[int]) -> None:
    beats = grid_of(Meter.parse(meter)).beats

    assert [beat.length // SIXTEENTH for beat in beats] == steps


@given(ALL_METERS)
def test_the_beats_of_any_meter_fill_its_bar_without_a_gap(meter: Meter) -> None:
    grid = grid_of(meter)
    ends = [beat.start + beat.length for beat in grid.beats]

    assert grid.bar == meter.ticks_per_bar
    assert [beat.start for beat in grid.beats] == [0, *ends[:-1]]
    assert ends[-1] == grid.bar


@given(ALL_METERS, st.text("Xx.-o", min_size=16, max_size=16), st.integers(0, 5))
def test_the_events_of_any_pattern_follow_one_another_within_the_bar(
    meter: Meter, pattern: str, bar: int
) -> None:
    grid = grid_of(meter)
    hits = fit(pattern, grid, bar)

    assert all(hit.length > 0 for hit in hits)
    assert all(hit.at >= 0 and hit.at + hit.length <= grid.bar for hit in hits)
    for hit, following in itertools.pairwise(hits):
        assert hit.at + hit.length <= following.at


@pytest.mark.parametrize(("meter", "middle"), [("4/4", 8), ("3/4", 8), ("5/4", 12), ("7/8", 8)])
def test_the_middle_is_where_the_bar_is_counted_in_two(meter: str, middle: int) -> None:
    assert grid_of(Meter.parse(meter)).middle == middle * SIXTEENTH


def test_a_pattern_in_four_four_stands_as_it_is_written() -> None:
    hits = fit("X---..o.x.x-....", grid_of(Meter(4, 4)), 0)

    assert [(hit.at // SIXTEENTH, hit.length // SIXTEENTH, hit.symbol) for hit in hits] == [
        (0, 4, "X"),
        (6, 1, "o"),
        (8, 1, "x"),
        (10, 2, "x"),
    ]


def test_four_on_the_floor_stays_on_every_beat_of_any_meter() -> None:
    for meter in ("3/4", "5/4", "6/8", "7/8", "2/4"):
        grid = grid_of(Meter.parse(meter))
        starts = {hit.at for hit in fit("X...X...X...X...", grid, 0)}
        assert starts >= {beat.start for beat in grid.beats}, meter


def test_a_backbeat_falls_on_the_second_dotted_quarter_of_six_eight() -> None:
    hits = fit("....X.......X...", grid_of(Meter(6, 8)), 0)

    assert [hit.at // SIXTEENTH for hit in hits] == [6]


def test_a_waltz_has_two_backbeats() -> None:
    hits = fit("....X.......X...", grid_of(Meter(3, 4)), 0)

    assert [hit.at // SIXTEENTH for hit in hits] == [4, 8]


def test_a_pattern_of_two_bars_alternates() -> None:
    grid = grid_of(Meter(4, 4))
    pattern = "X" + "." * 15 + "........X......."

    assert [fit(pattern, grid, bar)[0].at // SIXTEENTH for bar in range(4)] == [0, 8, 0, 8]


def test_twelve_characters_are_triplets() -> None:
    hits = fit("x.xx.xx.xx.x", grid_of(Meter(4, 4)), 0)

    assert hits[1].at == 2 * 960_000 // 3
