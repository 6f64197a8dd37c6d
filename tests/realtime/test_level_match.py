import pytest

from acestep_desktop.realtime.audition import MAX_GAIN
from acestep_desktop.realtime.level_match import LevelMatch


def test_a_quieter_take_is_raised_to_the_last_one() -> None:
    levels = LevelMatch()
    levels.gain(lambda: -14.0, 1.0, match=False)

    assert levels.gain(lambda: -20.0, 1.0, match=True) == pytest.approx(10 ** (6 / 20))


def test_what_counts_is_how_loud_the_last_one_was_heard() -> None:
    levels = LevelMatch()
    levels.gain(lambda: -14.0, 0.5, match=False)

    assert levels.gain(lambda: -14.0, 1.0, match=True) == pytest.approx(0.5)
    assert levels.gain(lambda: -14.0, 1.0, match=True) == pytest.approx(0.5)


def test_near_silence_is_not_made_into_noise() -> None:
    levels = LevelMatch()
    levels.gain(lambda: -14.0, 1.0, match=False)

    assert levels.gain(lambda: -60.0, 1.0, match=True) == MAX_GAIN


@pytest.mark.parametrize(("before", "now"), [(None, -14.0), (-14.0, None)])
def test_silence_is_matched_to_nothing(before: float | None, now: float | None) -> None:
    levels = LevelMatch()
    levels.gain(lambda: before, 1.0, match=False)

    assert levels.gain(lambda: now, 0.7, match=True) == 0.7


def test_the_first_audition_has_nothing_to_match() -> None:
    assert LevelMatch().gain(lambda: -14.0, 0.7, match=True) == 0.7


def test_nothing_is_measured_unless_it_is_needed() -> None:
    measured: list[float] = []

    def loudness() -> float:
        measured.append(-14.0)
        return -14.0

    LevelMatch().gain(loudness, 1.0, match=False)

    assert measured == []
