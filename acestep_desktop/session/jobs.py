"""The generation queue: jobs in, takes out, on a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QThread, Signal, Slot

from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.request import Request
from acestep_desktop.generation.client import EngineClient
from acestep_desktop.generation.events import (
    Cancelled,
    Event,
    Failed,
    Started,
    TakeDraft,
    TakeReady,
)
from acestep_desktop.generation.generator import AudioChunk, Progress
from acestep_desktop.generation.jobs import Job, JobId, JobQueue, JobState
from acestep_desktop.generation.run import Run
from acestep_desktop.library.listening import Listening
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.engine_clients import EngineClients
from acestep_desktop.session.engines import new_seed
from acestep_desktop.session.pace import JobPace
from acestep_desktop.session.parts import Part, PartFiles

__all__ = ["Job", "JobId", "JobSession", "JobState", "JobThread"]

log = logging.getLogger(__name__)

MAX_WAITING: Final = 50
"""More than anyone can listen to; a stuck key must not fill the night with jobs."""

_COOPERATE_MS: Final = 300
"""How long closing waits for an engine to stop at its next step; a logout waits for nobody."""

_WAIT_MS: Final = 5_000
"""How long closing waits for the thread, once its engines were made to end."""


class JobThread(QThread):
    """Does the queued jobs one after the other; every signal leaves from this thread."""

    job_changed = Signal(object)
    take_kept = Signal(object, object)
    part_grown = Signal(object)
    told = Signal(str)

    def __init__(
        self,
        queue: JobQueue,
        library: TakeLibrary,
        clients: EngineClients,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        # A QThread without a name asks PySide for that of its class while it starts, without
        # Python's lock; where the window defines classes just then, that ended the program.
        self.setObjectName("jobs")
        self._queue = queue
        self._library = library
        self._clients = clients
        self._wake = threading.Event()
        self._run: tuple[JobId, Run] | None = None
        self.pace = JobPace()

    def wake(self) -> None:
        """Have the thread look at the queue. Any thread."""
        self._wake.set()

    def stop(self, job_id: JobId) -> None:
        """Have the engine stop this job, if it is the one being done. Any thread."""
        if (doing := self._run) is not None and doing[0] == job_id:
            doing[1].cancel()

    def run(self) -> None:
        """Do jobs until interrupted."""
        while not self.isInterruptionRequested():
            job = self._next_job()
            if job is None:
                self._wake.wait()
                self._wake.clear()
                continue
            self._do(job)

    def _next_job(self) -> Job | None:
        for job in self._queue.jobs:
            if job.state is JobState.QUEUED:
                return self._queue.start_next(job.engine)
        return None

    def _do(self, job: Job) -> None:
        self.job_changed.emit(job)
        begun_s = time.monotonic()
        try:
            ended = self._follow(job)
            if ended.state is JobState.DONE:
                self.pace.note(job, time.monotonic() - begun_s)
        except UserError as error:
            ended = self._queue.fail(job, str(error))
        except Exception:  # the edge of the thread
            log.exception("a job failed in the program itself")
            ended = self._queue.fail(job, "The program made a mistake with this job. Try it again.")
        self.job_changed.emit(ended)

    def _follow(self, job: Job) -> Job:
        with (
            self._clients.using(job.engine) as client,
            self._library.workplace() as folder,
            closing(client.run(job.request, folder)) as run,
        ):
            growing = Growing(job, folder, self._library)
            self._run = (job.job_id, run)
            if not self._queue.is_running(job):
                run.cancel()  # it was cancelled before there was a run to be told
            try:
                for event in run:
                    self._note(job, event, growing)
                    if isinstance(event, Failed):
                        return self._queue.fail(job, event.reason)
                    if isinstance(event, Cancelled):
                        return self._queue.cancel(job)
            finally:
                self._run = None
        return self._queue.finish(job)

    def _note(self, job: Job, event: Event, growing: "Growing") -> None:
        match event:
            case Started(estimate=estimate) if estimate.reason:
                self.told.emit(estimate.reason)
            case Progress(variation=variation, fraction=fraction, stage=stage):
                done = (variation + fraction) / job.request.variations
                self.job_changed.emit(self._queue.progress(job, done, stage))
            case AudioChunk():
                if (part := growing.grow(event)) is not None:
                    self.part_grown.emit(part)
            case TakeReady(variation=variation, draft=draft):
                self.take_kept.emit(growing.keep(variation, draft), job)
                for warning in draft.warnings:
                    self.told.emit(warning)
            case _:
                pass


class Growing:
    """The takes of one job while they are made. The thread of the jobs only."""

    def __init__(self, job: Job, folder: Path, library: TakeLibrary) -> None:
        self._library = library
        self._parts = PartFiles(job.job_id, job.request, folder)
        self._heard: dict[int, Listening] = {}

    def grow(self, chunk: AudioChunk) -> Part | None:
        """Take more of a variation; return what can be heard of it now, if that can be."""
        heard = self._heard.setdefault(chunk.variation, Listening())
        heard.hear(chunk.start, chunk.samples)
        with suppress(OSError):  # only hearing it early needs that file
            return self._parts.write(chunk)
        return None

    def keep(self, variation: int, draft: TakeDraft) -> StoredTake:
        """Keep a finished variation; what was heard of it need not be read again."""
        heard = self._heard.pop(variation, None)
        return self._library.commit_raw(
            draft.mix,
            draft.stems,
            frames=draft.frames,
            channels=draft.channels,
            recipe=draft.recipe,
            levels=draft.measured,
            heard=heard if draft.streamed else None,
        )


class JobSession(QObject):
    """The verbs of generation: submit, cancel, retry. The thread of the window only.

    `jobs_changed` carries all jobs, in order; `take_kept` the take, in the
    library already, and its job; `part_grown` a `Part` of one that is being made;
    `job_failed` a job whose `reason` is a sentence; `told` what an engine has to say of
    a job; `refused` the sentence of a wish that was not granted.
    """

    jobs_changed = Signal(tuple)
    take_kept = Signal(object, object)
    part_grown = Signal(object)
    job_failed = Signal(object)
    told = Signal(str)
    refused = Signal(str)

    def __init__(
        self,
        library: TakeLibrary,
        client_of: Callable[[str], EngineClient] = EngineClient,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._queue = JobQueue()
        self.clients = EngineClients(client_of)
        self._thread = JobThread(self._queue, library, self.clients, self)
        self._thread.job_changed.connect(self._show_job)
        self._thread.take_kept.connect(self.take_kept)
        self._thread.part_grown.connect(self.part_grown)
        self._thread.told.connect(self.told)
        self._thread.start()

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All jobs that have not been forgotten, in order."""
        return self._queue.jobs

    def submit(self, engine: str, request: Request) -> Job | None:
        """Queue a request; the takes come as `take_kept`. None, and `refused`, if too many wait."""
        waiting = sum(job.state is JobState.QUEUED for job in self._queue.jobs)
        if waiting >= MAX_WAITING:
            self.refused.emit(
                f"{waiting} jobs are waiting, which is the most: let some finish, or cancel them."
            )
            return None
        job = self._queue.add(engine, request)
        self._announce()
        return job

    def more_like(self, engine: str, request: Request) -> Job | None:
        """Queue the request for one more take of the same plan, its parts played anew."""
        return self.submit(engine, request.like(new_seed()))

    def move(self, job_id: JobId, to: int) -> None:
        """Give a waiting job the place `to`, counted from 0, among those that wait."""
        self._queue.move(job_id, to)
        self._announce()

    def cancel(self, job_id: JobId) -> None:
        """Cancel a queued or running job; what it has finished is kept."""
        self._queue.cancel(self._queue.find(job_id))
        self._thread.stop(job_id)
        self._announce()

    def cancel_all(self) -> None:
        """Cancel every job that has not ended."""
        for job in self._queue.jobs:
            if not job.state.ended:
                self.cancel(job.job_id)

    def retry(self, job_id: JobId) -> None:
        """Queue the request of a job that ended once more."""
        job = self._queue.find(job_id)
        if job.state.ended:
            self.submit(job.engine, job.request)

    def forget_ended(self) -> None:
        """Drop the jobs that have ended from the list."""
        self._queue.forget_ended()
        self._announce()

    def expected_s(self, job: Job) -> float | None:
        """Return how long a job will take in all, from what jobs took before; None without any."""
        return self._thread.pace.expected_s(job)

    def close(self) -> None:
        """Cancel everything and end the thread and its engines."""
        self._thread.requestInterruption()
        for job in self._queue.jobs:
            self._queue.cancel(job)
            self._thread.stop(job.job_id)
        self._thread.wake()
        stopped = self._thread.wait(_COOPERATE_MS)
        self.clients.end_all(grace_s=_COOPERATE_MS / 1000 if stopped else 0.0)
        if not self._thread.wait(_WAIT_MS):
            log.warning("the generation thread did not end in time")

    def _announce(self) -> None:
        self._thread.wake()
        self.jobs_changed.emit(self._queue.jobs)

    @Slot(object)
    def _show_job(self, job: Job) -> None:
        self.jobs_changed.emit(self._queue.jobs)
        if job.state is JobState.FAILED:
            self.job_failed.emit(job)
