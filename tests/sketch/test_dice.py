"""Dice: chance that is the same everywhere."""

from acestep_desktop.sketch.dice import Dice


def test_streams_with_one_name_are_the_same_and_with_two_names_are_not() -> None:
    first = [Dice(7, "bass", 1).ratio() for _ in range(3)]

    assert first == [Dice(7, "bass", 1).ratio() for _ in range(3)]
    assert first != [Dice(7, "bass", 2).ratio() for _ in range(3)]


def test_names_do_not_run_into_each_other() -> None:
    assert Dice(1, "a", "bc").ratio() != Dice(1, "ab", "c").ratio()


def test_draws_are_known_numbers_on_every_machine() -> None:
    dice = Dice(42, "golden")

    assert [dice.within(0, 999) for _ in range(5)] == [538, 348, 615, 878, 273]


def test_a_whole_number_reaches_both_ends_and_nothing_beyond() -> None:
    dice = Dice(1, "ends")

    assert {dice.within(-2, 2) for _ in range(300)} == {-2, -1, 0, 1, 2}


def test_draws_around_zero_stay_within_the_spread_and_lean_to_the_middle() -> None:
    dice = Dice(3, "around")
    drawn = [dice.around(10) for _ in range(2000)]

    assert max(abs(value) for value in drawn) <= 10
    assert sum(abs(value) <= 5 for value in drawn) > 1300


def test_options_are_drawn_as_often_as_their_weights_say() -> None:
    dice = Dice(5, "weights")
    drawn = [dice.weighted((("often", 3), ("seldom", 1), ("never", 0))) for _ in range(2000)]

    assert 1400 < drawn.count("often") < 1600
    assert drawn.count("never") == 0


def test_picks_come_from_all_options() -> None:
    dice = Dice(6, "picks")

    assert {dice.pick("abcd") for _ in range(200)} == set("abcd")
