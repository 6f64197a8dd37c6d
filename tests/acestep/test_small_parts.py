"""The torch-free parts: what is kept, how long takes are, how loud they are, what is told."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.acestep.errors import LengthError
from acestep_desktop.acestep.finishing import (
    MAX_GAIN,
    TARGET_PEAK,
    Levelled,
    levelling_gain,
)
from acestep_desktop.acestep.job import TELL_EVERY_S, Telling
from acestep_desktop.acestep.length import frames_of, latents_for, made_seconds, music_of, settled
from acestep_desktop.acestep.lru import Recent
from acestep_desktop.acestep.steps import SAMPLING, Step, Work, done
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.time import Frame
from acestep_desktop.domain.understanding import Understanding, understand
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.generation.generator import JobCancelled, Progress


def test_what_was_used_last_is_kept_longest() -> None:
    kept: Recent[str] = Recent(2)
    kept.put("a", "A")
    kept.put("b", "B")
    assert kept.get("a") == "A"

    kept.put("c", "C")

    assert (kept.get("a"), kept.get("b"), kept.get("c")) == ("A", None, "C")


def test_what_is_kept_stays_within_its_budget() -> None:
    kept: Recent[str] = Recent(100, budget=10, weigh=len)
    for letter in "abcd":
        kept.put(letter, letter * 4)

    assert len(kept) == 2
    assert kept.put("huge", "x" * 11) == "x" * 11
    assert kept.get("huge") is None and len(kept) == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)), max_size=40))
def test_a_bounded_memory_never_holds_more_than_it_may(puts: list[tuple[int, int]]) -> None:
    kept: Recent[int] = Recent(3, budget=12, weigh=float)
    for key, weight in puts:
        kept.put(key, weight)

        held = [found for k in range(6) if (found := kept.get(k)) is not None]
        assert len(held) == len(kept) <= 3 and sum(held) <= 12


def test_what_is_kept_is_made_once_and_again_after_it_was_dropped() -> None:
    made: list[str] = []
    kept: Recent[str] = Recent(4)

    def make() -> str:
        made.append("made")
        return "it"

    assert [kept.once("key", make), kept.once("key", make)] == ["it", "it"]
    kept.drop("key")
    kept.drop("nothing")
    kept.once("key", make)
    kept.clear()

    assert made == ["made", "made"] and len(kept) == 0


def loud(frames: int, peak: float, seed: int = 0) -> Samples:
    sound = np.random.default_rng(seed).uniform(-1, 1, (frames, 2)).astype(np.float32)
    return sound / np.abs(sound).max() * np.float32(peak)


@pytest.mark.parametrize("peak", [0.05, 0.5, 1.0, 3.0])
def test_a_take_is_trimmed_and_peaks_at_minus_one_db(peak: float) -> None:
    take = Levelled(Frame(1000)).whole(loud(1500, peak))

    assert take.shape == (1000, 2) and take.dtype == np.float32
    assert np.abs(take).max() == pytest.approx(TARGET_PEAK, rel=1e-5)


def test_silence_stays_silent() -> None:
    assert not Levelled(Frame(10)).whole(np.zeros((10, 2), np.float32)).any()
    assert levelling_gain(1e-9) == MAX_GAIN


@given(st.lists(st.floats(0.01, 4.0), min_size=1, max_size=6))
def test_a_preview_never_jumps_and_is_never_too_loud(peaks: list[float]) -> None:
    finish = Levelled(Frame(10_000))
    gains = []
    for index, peak in enumerate(peaks):
        raw = loud(1000, peak, index)
        heard = finish.preview(index * 1000, raw)
        assert heard is not None and heard[0] == index * 1000
        assert np.abs(heard[1]).max() <= TARGET_PEAK + 1e-6
        # After 10 ms the level is that of the loudest so far.
        gains.append(float(heard[1][600, 0] / raw[600, 0]))

    assert all(b <= a + 1e-6 for a, b in itertools.pairwise(gains))
    assert gains[-1] == pytest.approx(TARGET_PEAK / max(1.0, *peaks), rel=1e-4)


def test_a_preview_ends_where_the_take_ends() -> None:
    finish = Levelled(Frame(1500))

    first, second = finish.preview(0, loud(1000, 0.5)), finish.preview(1000, loud(1000, 0.5))

    assert first is not None and second is not None
    assert (len(first[1]), len(second[1])) == (1000, 500)
    assert finish.preview(2000, loud(1000, 0.5)) is None


def understood(words: str = "", **fields: object) -> Understanding:
    return settled(understand(Request(Prompt(words), **fields)))  # type: ignore[arg-type]


def test_a_range_of_tempos_becomes_one_tempo_where_bars_need_it() -> None:
    asked = understood("120-130 bpm", bars=4)

    assert asked.bpm == 125.0
    assert frames_of(asked) == round(16 * 60 / 125 * 48_000)


def test_seconds_need_no_tempo() -> None:
    asked = understood("a hum", seconds=7.5)

    assert (asked.bpm, asked.meter) == (None, None)
    assert frames_of(asked) == 360_000
    assert music_of(asked).loop_frames() is None


def test_ten_minutes_are_the_most() -> None:
    assert frames_of(understood(seconds=600.0)) == 28_800_000
    with pytest.raises(LengthError, match="fewer bars"):
        frames_of(understood(bars=512, bpm=120.0))


def test_short_takes_are_cut_from_ten_seconds() -> None:
    assert made_seconds(Frame(4_800)) == 10
    assert made_seconds(Frame(960_000)) == 20
    assert [latents_for(frames, 1920) for frames in (1, 1920, 1921)] == [1, 1, 2]


def counted(steps: int, parts: int) -> Work[str]:
    for step in range(steps):
        for part in range(parts):
            yield Step(SAMPLING, step, steps, part / parts)
        yield Step(SAMPLING, step + 1, steps)
    return "made"


def told(telling: Telling, work: Work[str]) -> tuple[list[Progress], str]:
    progress = telling.of(0, work)
    heard = []
    while True:
        try:
            heard.append(next(progress))
        except StopIteration as end:
            return heard, end.value


def test_each_step_is_told_once_and_the_result_is_returned() -> None:
    heard, result = told(Telling(lambda: False, clock=lambda: 0.0), counted(3, 4))

    assert result == "made" == done(counted(3, 4))
    assert [progress.step for progress in heard] == [0, 1, 2, 3]


def test_a_step_that_takes_long_is_told_again_with_more_done() -> None:
    clock = itertools.count(step=TELL_EVERY_S)

    heard, _ = told(Telling(lambda: False, clock=lambda: next(clock)), counted(1, 4))

    assert [progress.step for progress in heard] == [0, 0, 0, 0, 1]
    assert all(a.fraction < b.fraction for a, b in itertools.pairwise(heard))


def test_cancelled_work_is_closed() -> None:
    closed: list[str] = []

    def work() -> Work[str]:
        try:
            yield Step(SAMPLING, 1, 9)
            yield Step(SAMPLING, 2, 9)
        finally:
            closed.append("closed")
        return "never"

    heard: list[Progress] = []
    with pytest.raises(JobCancelled):
        heard.extend(Telling(lambda: bool(closed) or len(heard) > 9).of(0, _until(work(), heard)))
    assert closed == ["closed"]


def _until(work: Work[str], heard: list[Progress]) -> Work[str]:
    """Do `work`, and fill `heard` after its first step so that the job counts as cancelled."""
    try:
        yield next(work)
        heard.extend([Progress(0, 0.0, SAMPLING, 0, 1)] * 10)
        yield next(work)
        return "never"
    finally:
        work.close()
