"""How long an engine will take, learned from how long it took."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.generation.pace import MOST_RUNS, PastRun, expected_work_s

FRAMES = st.integers(1_000, 30_000_000)
RUNS = st.lists(st.builds(PastRun, FRAMES, st.floats(0, 1e5)), min_size=1, max_size=30)


def test_nobody_knows_without_a_past() -> None:
    assert expected_work_s(48_000, []) is None
    assert expected_work_s(48_000, [PastRun(0, 1.0), PastRun(48_000, -1.0)]) is None


def test_one_run_says_how_long_a_second_of_audio_takes() -> None:
    assert expected_work_s(96_000, [PastRun(48_000, 0.5)]) == pytest.approx(1.0)


def test_runs_of_one_length_are_taken_at_their_median() -> None:
    past = [PastRun(48_000, seconds) for seconds in (0.4, 0.5, 9.0)]

    assert expected_work_s(48_000, past) == pytest.approx(0.5)


@given(
    st.floats(0.0, 10.0),
    st.floats(1e-8, 1e-3),
    st.lists(FRAMES, min_size=2, max_size=15, unique=True),
    FRAMES,
)
def test_overhead_and_pace_are_both_learned(
    overhead_s: float, pace: float, lengths: list[int], frames: int
) -> None:
    past = [PastRun(length, overhead_s + pace * length) for length in lengths]

    assert expected_work_s(frames, past) == pytest.approx(overhead_s + pace * frames, rel=1e-3)


def test_one_slow_day_changes_little() -> None:
    past = [PastRun(n * 48_000, 0.2 + 0.01 * n) for n in range(1, 12)]
    past[4] = PastRun(5 * 48_000, 60.0)

    assert expected_work_s(30 * 48_000, past) == pytest.approx(0.5, rel=0.05)


def test_old_runs_are_forgotten() -> None:
    old = [PastRun(48_000, 100.0)] * 50
    new = [PastRun(48_000, 1.0)] * MOST_RUNS

    assert expected_work_s(48_000, old + new) == pytest.approx(1.0)


@given(RUNS, FRAMES, FRAMES)
def test_more_audio_never_takes_less_nor_less_than_nothing(
    past: list[PastRun], frames: int, more: int
) -> None:
    short, long = expected_work_s(frames, past), expected_work_s(frames + more, past)

    assert short is not None and long is not None
    assert 0.0 <= short <= long
