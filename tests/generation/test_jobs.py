"""Jobs in their order."""

import threading

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.generation.errors import UnknownJobError
from acestep_desktop.generation.jobs import Job, JobId, JobQueue, JobState


def wish(words: str = "x") -> Request:
    return Request(Prompt(words))


def queue_of(*words: str) -> tuple[JobQueue, list[Job]]:
    queue = JobQueue()
    return queue, [queue.add("sketch", wish(word)) for word in words]


def words_of(queue: JobQueue) -> list[str]:
    return [job.request.prompt.caption for job in queue.jobs]


def test_jobs_are_done_in_the_order_in_which_they_came() -> None:
    queue, jobs = queue_of("a", "b")

    first = queue.start_next("sketch")
    blocked = queue.start_next("sketch")
    queue.finish(jobs[0])
    second = queue.start_next("sketch")

    assert blocked is None
    assert first is not None and first.job_id == jobs[0].job_id
    assert second is not None and second.job_id == jobs[1].job_id
    assert [job.state for job in queue.jobs] == [JobState.DONE, JobState.RUNNING]


def test_each_engine_has_its_own_turn() -> None:
    queue, _ = queue_of("a")
    slow = queue.add("acestep", wish("b"))
    queue.start_next("sketch")
    started = queue.start_next("acestep")

    assert started is not None and started.job_id == slow.job_id


def test_an_empty_queue_starts_nothing() -> None:
    assert JobQueue().start_next("sketch") is None


def test_progress_is_kept_and_never_goes_back() -> None:
    queue, (job,) = queue_of("a")
    queue.start_next("sketch")
    queue.progress(job, 0.5, "Playing")
    after = queue.progress(job, 0.25, "Mixing")
    beyond = queue.progress(job, 7.0, "Mixing")

    assert (after.fraction, after.stage) == (0.5, "Mixing")
    assert beyond.fraction == 1.0
    assert queue.finish(job).fraction == 1.0


def test_a_failed_job_keeps_its_reason() -> None:
    queue, (job,) = queue_of("a")
    queue.start_next("sketch")
    failed = queue.fail(job, "The strings have come off.")

    assert (failed.state, failed.reason) == (JobState.FAILED, "The strings have come off.")


def test_a_waiting_job_that_is_cancelled_is_never_started() -> None:
    queue, jobs = queue_of("a", "b")
    queue.cancel(jobs[0])
    started = queue.start_next("sketch")

    assert started is not None and started.job_id == jobs[1].job_id


@pytest.mark.parametrize("end", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
def test_what_has_ended_stays_as_it_is(end: JobState) -> None:
    queue, (job,) = queue_of("a")
    queue.start_next("sketch")
    ways = {
        JobState.DONE: lambda: queue.finish(job),
        JobState.FAILED: lambda: queue.fail(job, "Why."),
        JobState.CANCELLED: lambda: queue.cancel(job),
    }
    ended = ways[end]()
    for way in ways.values():
        way()
    queue.progress(job, 0.1, "Late")
    queue.move(job.job_id, 0)

    assert queue.find(job.job_id) == ended
    assert ended.state is end


def test_a_retry_is_a_new_job_at_the_end() -> None:
    queue, jobs = queue_of("a", "b")
    queue.start_next("sketch")
    queue.fail(jobs[0], "Why.")
    again = queue.retry(jobs[0].job_id)

    assert words_of(queue) == ["a", "b", "a"]
    assert (again.state, again.reason, again.fraction) == (JobState.QUEUED, "", 0.0)
    assert again.job_id not in {job.job_id for job in jobs}


def test_a_job_that_has_not_ended_is_not_retried() -> None:
    queue, (job,) = queue_of("a")

    assert queue.retry(job.job_id) == job
    assert len(queue.jobs) == 1


@pytest.mark.parametrize(
    ("to", "order"),
    [(0, "dbc"), (1, "bdc"), (2, "bcd"), (99, "bcd"), (-5, "dbc")],
)
def test_a_waiting_job_moves_among_the_waiting(to: int, order: str) -> None:
    queue, jobs = queue_of("a", "b", "c", "d")
    queue.start_next("sketch")
    queue.move(jobs[3].job_id, to)

    assert words_of(queue) == ["a", *order]


def test_ended_jobs_can_be_forgotten() -> None:
    queue, jobs = queue_of("a", "b", "c")
    queue.start_next("sketch")
    queue.finish(jobs[0])
    queue.cancel(jobs[1])
    queue.forget_ended()

    assert words_of(queue) == ["c"]
    with pytest.raises(UnknownJobError, match="no job 1 any more"):
        queue.find(jobs[0].job_id)


def test_a_forgotten_job_may_still_come_to_its_end() -> None:
    queue, _ = queue_of("a", "b")
    running = queue.start_next("sketch")
    assert running is not None
    assert queue.is_running(running)
    queue.cancel(running)
    queue.forget_ended()

    for after in (queue.progress(running, 0.9, "Late"), queue.fail(running, "Late.")):
        assert after == running
    assert not queue.is_running(running)
    assert words_of(queue) == ["b"]


def test_a_job_that_never_was_is_unknown() -> None:
    queue = JobQueue()
    for verb in (queue.find, queue.retry):
        with pytest.raises(UnknownJobError):
            verb(JobId(7))


def test_many_threads_can_use_one_queue() -> None:
    queue = JobQueue()
    started: list[JobId] = []

    def work() -> None:
        for _ in range(50):
            queue.add("sketch", wish())
            job = queue.start_next("sketch")
            if job is not None:
                started.append(job.job_id)
                queue.finish(job)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while (job := queue.start_next("sketch")) is not None:
        started.append(job.job_id)
        queue.finish(job)

    assert sorted(started) == list(range(1, 201))
    assert all(job.state is JobState.DONE for job in queue.jobs)


class QueueMachine(RuleBasedStateMachine):
    """Whatever is done in whatever order, a queue stays a queue."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = JobQueue()
        self.ended: dict[JobId, Job] = {}

    def _any(self, number: int) -> Job | None:
        jobs = self.queue.jobs
        return jobs[number % len(jobs)] if jobs else None

    @rule(engine=st.sampled_from(["sketch", "acestep"]))
    def add(self, engine: str) -> None:
        self.queue.add(engine, wish())

    @rule(engine=st.sampled_from(["sketch", "acestep"]))
    def start(self, engine: str) -> None:
        self.queue.start_next(engine)

    @rule(number=st.integers(0, 50), verb=st.sampled_from(["cancel", "finish"]))
    def change(self, number: int, verb: str) -> None:
        if (job := self._any(number)) is not None:
            getattr(self.queue, verb)(job)

    @rule(number=st.integers(0, 50))
    def retry(self, number: int) -> None:
        if (job := self._any(number)) is not None:
            self.queue.retry(job.job_id)

    @rule(number=st.integers(0, 50), to=st.integers(-2, 10))
    def move(self, number: int, to: int) -> None:
        if (moved := self._any(number)) is not None:
            before = {job.job_id for job in self.queue.jobs}
            self.queue.move(moved.job_id, to)
            assert {job.job_id for job in self.queue.jobs} == before

    @invariant()
    def one_job_runs_per_engine(self) -> None:
        running = [job.engine for job in self.queue.jobs if job.state is JobState.RUNNING]
        assert len(running) == len(set(running))

    @invariant()
    def ids_are_their_own(self) -> None:
        ids = [job.job_id for job in self.queue.jobs]
        assert len(ids) == len(set(ids))

    @invariant()
    def what_ended_never_changes(self) -> None:
        for job in self.queue.jobs:
            if job.state.ended:
                assert self.ended.setdefault(job.job_id, job) == job


TestAnyOrderOfVerbs = QueueMachine.TestCase
TestAnyOrderOfVerbs.settings = settings(max_examples=40, stateful_step_count=25)
