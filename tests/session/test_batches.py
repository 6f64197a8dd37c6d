"""Batches: takes as they arrive, and what is still to come."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.generation.jobs import Job, JobId, JobState
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.batches import MAX_BATCHES, Batch, BatchSession
from acestep_desktop.session.library import LibrarySession
from acestep_desktop.session.pace import JobPace, wished_frames
from tests.ui.conftest import keep, library, takes

__all__ = ["library", "takes"]


class FakeJobs(QObject):
    """Tells what a test says."""

    jobs_changed = Signal(tuple)
    take_kept = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.jobs: tuple[Job, ...] = ()

    def tell(self, *jobs: Job) -> None:
        self.jobs = jobs
        self.jobs_changed.emit(jobs)


def job(number: int, words: str = "house, 4 bars", variations: int = 1, **fields: object) -> Job:
    request = Request(Prompt(words), variations=variations)
    return Job(JobId(number), "sketch", request, **{"state": JobState.RUNNING, **fields})


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs()


@pytest.fixture
def batches(jobs: FakeJobs, library: LibrarySession, takes: TakeLibrary) -> Iterator[BatchSession]:
    yield BatchSession(jobs, library)


def test_a_job_that_waits_is_no_batch_yet(jobs: FakeJobs, batches: BatchSession) -> None:
    jobs.tell(job(1, state=JobState.QUEUED))
    assert batches.batches == ()
    jobs.tell(job(1))
    assert [len(batch.places) for batch in batches.batches] == [1]
    assert batches.batches[0].bars == 4


def test_variations_progress_one_after_the_other(jobs: FakeJobs, batches: BatchSession) -> None:
    jobs.tell(job(1, variations=4, fraction=0.375, stage="Playing"))
    batch = batches.batches[0]
    assert [place.fraction for place in batch.places] == [1.0, 0.5, 0.0, 0.0]
    assert batch.stage == "Playing"


def test_a_take_fills_the_first_place_and_the_first_is_told(
    jobs: FakeJobs, batches: BatchSession, takes: TakeLibrary, qtbot: QtBot
) -> None:
    running = job(1, variations=2)
    jobs.tell(running)
    one, two = takes.get(keep(takes, "one")), takes.get(keep(takes, "two two"))
    with qtbot.waitSignal(batches.first_arrived) as first:
        jobs.take_kept.emit(one, running)
    assert first.args == [one]
    with qtbot.assertNotEmitted(batches.first_arrived):
        jobs.take_kept.emit(two, running)
    assert batches.takes == (one, two)


def test_only_the_job_that_was_asked_for_last_plays_by_itself(
    jobs: FakeJobs, batches: BatchSession, takes: TakeLibrary, qtbot: QtBot
) -> None:
    jobs.tell(job(1), job(2, state=JobState.QUEUED))
    with qtbot.assertNotEmitted(batches.first_arrived):
        jobs.take_kept.emit(takes.get(keep(takes, "one")), jobs.jobs[0])


def test_a_cancelled_job_keeps_what_arrived_and_nothing_else(
    jobs: FakeJobs, batches: BatchSession, takes: TakeLibrary
) -> None:
    running = job(1, variations=3)
    jobs.tell(running, job(2))
    jobs.take_kept.emit(takes.get(keep(takes, "one")), running)
    jobs.tell(replace(running, state=JobState.CANCELLED), job(2, state=JobState.CANCELLED))
    assert [(batch.job_id, len(batch.places)) for batch in batches.batches] == [(1, 1)]


def test_a_failed_job_says_why_until_it_is_dismissed(jobs: FakeJobs, batches: BatchSession) -> None:
    jobs.tell(job(1, state=JobState.FAILED, reason="No memory."))
    assert [batch.reason for batch in batches.batches] == ["No memory."]
    batches.dismiss(JobId(1))
    jobs.tell(*jobs.jobs)
    assert batches.batches == ()


def test_stars_titles_and_trash_show_at_once(
    jobs: FakeJobs, batches: BatchSession, takes: TakeLibrary, library: LibrarySession
) -> None:
    running = job(1, variations=2)
    jobs.tell(running)
    for words in ("one", "two two"):
        jobs.take_kept.emit(takes.get(keep(takes, words)), running)
    one, two = batches.takes
    library.set_starred([one], True)
    library.trash([two])
    assert [(take.take_id, take.starred) for take in batches.takes] == [(one.take_id, True)]


def test_the_newest_batch_comes_first_and_old_ones_leave(
    jobs: FakeJobs, batches: BatchSession
) -> None:
    jobs.tell(*(job(number) for number in range(1, MAX_BATCHES + 4)))
    assert [batch.job_id for batch in batches.batches][:2] == [MAX_BATCHES + 3, MAX_BATCHES + 2]
    assert len(batches.batches) == MAX_BATCHES


def test_takes_beyond_the_variations_find_a_place_too(takes: TakeLibrary) -> None:
    take = takes.get(keep(takes, "one"))
    batch = Batch(JobId(1), "sketch", Request(Prompt("x")), ())
    assert batch.with_take(take).takes == (take,)


def test_the_pace_of_an_engine_is_learned_from_its_jobs() -> None:
    pace = JobPace()
    eight = job(1, "8 bars, 120 bpm")
    assert wished_frames(eight.request) == 768_000
    assert pace.expected_s(eight) is None
    pace.note(eight, 2.0)
    assert pace.expected_s(eight) == pytest.approx(2.0)
    assert pace.expected_s(job(2, "16 bars, 120 bpm")) == pytest.approx(4.0)
    assert pace.expected_s(replace(eight, engine="other")) is None
