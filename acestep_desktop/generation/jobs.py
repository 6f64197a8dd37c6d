"""Jobs in their order: what waits, what runs, and what became of the rest."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from itertools import count
from typing import NewType

from acestep_desktop.domain.request import Request
from acestep_desktop.generation.errors import UnknownJobError

JobId = NewType("JobId", int)


class JobState(Enum):
    """Where a job is on its way."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of the job."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Job:
    """One request on its way through an engine.

    `fraction` 0..1 and `stage` say how far it is; `reason` is the sentence of a failure.
    """

    job_id: JobId
    engine: str
    request: Request
    state: JobState = JobState.QUEUED
    fraction: float = 0.0
    stage: str = ""
    reason: str = ""


class JobQueue:
    """All jobs of this run of the program, in the order in which they will be done.

    Every method is atomic and may be called from any thread. A method that is
    given the id of no job raises UnknownJobError. One that is given a job notes
    what became of it, and changes nothing if it comes too late: the job has ended,
    or was even forgotten. Each returns the job as it is afterwards.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: tuple[Job, ...] = ()
        self._ids = count(1)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All jobs, in order."""
        return self._jobs

    def find(self, job_id: JobId) -> Job:
        """Return the job with this id."""
        return self._jobs[self._index(job_id)]

    def is_running(self, job: Job) -> bool:
        """Return whether a job is on the list and running."""
        return any(j.job_id == job.job_id and j.state is JobState.RUNNING for j in self._jobs)

    def add(self, engine: str, request: Request) -> Job:
        """Queue a request at the end."""
        with self._lock:
            job = Job(JobId(next(self._ids)), engine, request)
            self._jobs = (*self._jobs, job)
            return job

    def start_next(self, engine: str) -> Job | None:
        """Set the first queued job of `engine` running, unless one runs already."""
        with self._lock:
            mine = [job for job in self._jobs if job.engine == engine]
            if any(job.state is JobState.RUNNING for job in mine):
                return None
            waiting = next((job for job in mine if job.state is JobState.QUEUED), None)
            if waiting is None:
                return None
            return self._put(replace(waiting, state=JobState.RUNNING))

    def progress(self, job: Job, fraction: float, stage: str) -> Job:
        """Note how far a running job is; it never goes back."""
        return self._change(
            job,
            lambda now: replace(now, fraction=min(1.0, max(now.fraction, fraction)), stage=stage),
            JobState.RUNNING,
        )

    def finish(self, job: Job) -> Job:
        """Note that a running job is done."""
        return self._change(
            job,
            lambda now: replace(now, state=JobState.DONE, fraction=1.0, stage=""),
            JobState.RUNNING,
        )

    def fail(self, job: Job, reason: str) -> Job:
        """Note that a job failed, and why."""
        return self._change(
            job,
            lambda now: replace(now, state=JobState.FAILED, reason=reason),
            JobState.QUEUED,
            JobState.RUNNING,
        )

    def cancel(self, job: Job) -> Job:
        """Note that a job is cancelled; its engine has to be told as well if it runs."""
        return self._change(
            job,
            lambda now: replace(now, state=JobState.CANCELLED),
            JobState.QUEUED,
            JobState.RUNNING,
        )

    def retry(self, job_id: JobId) -> Job:
        """Queue the request of a job that ended once more, as a new job at the end."""
        job = self.find(job_id)
        return self.add(job.engine, job.request) if job.state.ended else job

    def move(self, job_id: JobId, to: int) -> Job:
        """Give a queued job the place `to`, counted from 0, among the queued ones."""
        with self._lock:
            job = self.find(job_id)
            if job.state is not JobState.QUEUED:
                return job
            waiting = [j for j in self._jobs if j.state is JobState.QUEUED and j != job]
            waiting.insert(max(0, to), job)
            rest = iter(waiting)
            self._jobs = tuple(next(rest) if j.state is JobState.QUEUED else j for j in self._jobs)
            return job

    def forget_ended(self) -> None:
        """Drop the jobs that have ended."""
        with self._lock:
            self._jobs = tuple(job for job in self._jobs if not job.state.ended)

    def _change(self, job: Job, change: Callable[[Job], Job], *states: JobState) -> Job:
        """Change a job that is on the list, in one of `states`."""
        with self._lock:
            now = next((j for j in self._jobs if j.job_id == job.job_id), None)
            if now is None:
                return job
            return self._put(change(now)) if now.state in states else now

    def _put(self, job: Job) -> Job:
        index = self._index(job.job_id)
        self._jobs = (*self._jobs[:index], job, *self._jobs[index + 1 :])
        return job

    def _index(self, job_id: JobId) -> int:
        for index, job in enumerate(self._jobs):
            if job.job_id == job_id:
                return index
        raise UnknownJobError(f"There is no job {job_id} any more: it was taken off the list.")
