"""Feel: swing, looseness and dynamics that stay on the grid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.sketch.dice import Dice
from acestep_desktop.sketch.feel import Feel, Stroke, perform, swing_pair

BAR = 4 * 960_000
SIXTEENTHS = [Stroke(k * 240_000, 120_000, 42, 90) for k in range(64)]


def feel(**changes: object) -> Feel:
    values: dict[str, object] = {"bpm": 120.0, "bar": BAR, "total": 4 * BAR} | changes
    return Feel(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(("unit", "swing"), [(16, 560), (16, 620), (8, 667), (8, 600)])
def test_the_second_of_each_pair_falls_where_the_swing_says(unit: int, swing: int) -> None:
    pair = swing_pair(unit)
    swung = feel(pair=pair, swing=swing)

    for index in range(4 * BAR // pair):
        assert swung.swung(index * pair) == index * pair
        assert swung.swung(index * pair + pair // 2) == index * pair + pair * swing // 1000


def test_straight_time_is_not_moved() -> None:
    assert [feel(pair=480_000).swung(at) for at in range(0, BAR, 77_777)] == list(
        range(0, BAR, 77_777)
    )


@given(st.integers(0, 4 * BAR - 1), st.sampled_from([8, 16]), st.integers(500, 700))
def test_swing_keeps_the_order_of_events_and_the_bar(at: int, unit: int, swing: int) -> None:
    swung = feel(pair=swing_pair(unit), swing=swing)

    assert swung.swung(at) // BAR == at // BAR
    assert swung.swung(at) <= swung.swung(at + 1) or (at + 1) * 3 % swing_pair(unit) == 0


def test_triplets_are_not_swung_twice() -> None:
    third = 960_000 * 2 // 3

    assert feel(pair=960_000, swing=650).swung(third) == third


def test_bar_lines_and_tight_notes_do_not_move() -> None:
    tight = [Stroke(k * 240_000, 120_000, 36, 90, tight=True) for k in range(64)]

    assert [note.start for note in perform(tight, feel(), Dice(1, "t"))] == [s.at for s in tight]
    loose = perform(SIXTEENTHS, feel(), Dice(1, "t"))
    assert [note.start for note in loose if note.start % BAR == 0] == [0, BAR, 2 * BAR, 3 * BAR]


@pytest.mark.parametrize("bpm", [60.0, 120.0, 174.0])
def test_looseness_is_at_most_4_ms_and_0_on_average(bpm: float) -> None:
    played = perform(SIXTEENTHS, feel(bpm=bpm), Dice(2, "loose"))
    to_ms = 60_000 / bpm / 960_000
    delays = [
        (note.start - stroke.at) * to_ms for note, stroke in zip(played, SIXTEENTHS, strict=True)
    ]

    assert max(abs(delay) for delay in delays) <= 4.001
    assert abs(sum(delays) / len(delays)) < 0.2
    assert len({round(delay, 3) for delay in delays}) > 10


def test_the_notes_of_a_chord_stay_together() -> None:
    chord = [Stroke(at, 100_000, pitch, 90) for at in (240_000, 700_000) for pitch in (60, 64, 67)]
    starts = [note.start for note in perform(chord, feel(), Dice(3, "chord"))]

    assert len(set(starts[:3])) == 1
    assert len(set(starts[3:])) == 1


def test_dynamics_are_uneven_but_near_what_is_written() -> None:
    velocities = [note.velocity for note in perform(SIXTEENTHS, feel(), Dice(4, "v"))]

    assert len(set(velocities)) > 4
    assert all(85 <= velocity <= 95 for velocity in velocities)


def test_nothing_sounds_after_the_end() -> None:
    late = [Stroke(4 * BAR - 1000, BAR, 60, 90), Stroke(4 * BAR, 100, 60, 90)]
    played = perform(late, feel(), Dice(5, "end"))

    assert len(played) == 1
    assert played[0].start + played[0].length <= 4 * BAR


def test_a_note_ends_where_the_next_of_its_pitch_begins() -> None:
    long = [Stroke(0, BAR, 60, 90), Stroke(BAR // 2, 1000, 60, 90)]
    first, second = perform(long, feel(loose_ms=0.0), Dice(6, "overlap"))

    assert first.start + first.length == second.start


def test_two_strokes_at_one_place_become_one_note() -> None:
    double = [Stroke(0, 1000, 60, 50), Stroke(0, 2000, 60, 90)]

    assert len(perform(double, feel(), Dice(7, "double"))) == 1
