"""Batches: the takes of each job as they arrive, and what is still to come of it."""

from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.request import Request
from acestep_desktop.domain.understanding import understand
from acestep_desktop.generation.jobs import Job, JobId, JobState
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.session.jobs import JobSession
from acestep_desktop.session.library import LibrarySession

__all__ = ["Batch", "BatchSession", "JobId", "Place", "StoredTake"]

MAX_BATCHES: Final = 12
"""Older ones leave the tray; their takes are in the library."""


@dataclass(frozen=True, slots=True)
class Place:
    """One variation of a batch: its take, or how far it is (0..1)."""

    take: StoredTake | None = None
    fraction: float = 0.0


@dataclass(frozen=True, slots=True)
class Batch:
    """What becomes of one job that has begun.

    `bars` (at `bpm`) or `seconds` is the length that the takes will have, as far as it
    is known before; `reason` is the sentence of a failure.
    """

    job_id: JobId
    engine: str
    request: Request
    places: tuple[Place, ...]
    bars: int | None = None
    bpm: float | None = None
    seconds: float | None = None
    stage: str = ""
    reason: str = ""

    @property
    def takes(self) -> tuple[StoredTake, ...]:
        """The takes that have arrived."""
        return tuple(place.take for place in self.places if place.take is not None)

    def with_take(self, take: StoredTake) -> "Batch":
        """Return this batch with one more take, in the first place that is free."""
        free = next((i for i, place in enumerate(self.places) if place.take is None), None)
        if free is None:
            return replace(self, places=(*self.places, Place(take, 1.0)))
        return replace(
            self, places=(*self.places[:free], Place(take, 1.0), *self.places[free + 1 :])
        )

    def with_job(self, job: Job) -> "Batch":
        """Return this batch as far as `job` is; what will never come leaves it."""
        if job.state.ended:
            arrived = tuple(place for place in self.places if place.take is not None)
            reason = job.reason if job.state is JobState.FAILED else ""
            return replace(self, places=arrived, stage="", reason=reason)
        count = len(self.places)
        places = tuple(
            place if place.take else replace(place, fraction=_part(job.fraction, number, count))
            for number, place in enumerate(self.places)
        )
        return replace(self, places=places, stage=job.stage)

    def with_takes(self, takes: dict[TakeId, StoredTake]) -> "Batch":
        """Return this batch with its takes as they are in the library now."""
        return replace(
            self,
            places=tuple(
                place if place.take is None else replace(place, take=takes[place.take.take_id])
                for place in self.places
                if place.take is None or place.take.take_id in takes
            ),
        )


class BatchSession(QObject):
    """The batches of this run of the program, newest first. The window's thread only.

    `batches_changed` carries all of them. `first_arrived` carries the first take of
    the job that was submitted last: the one to play by itself.
    """

    batches_changed = Signal(tuple)
    first_arrived = Signal(object)

    def __init__(
        self, jobs: JobSession, library: LibrarySession, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._library = jobs, library
        self._batches: tuple[Batch, ...] = ()
        self._begun: set[JobId] = set()
        jobs.jobs_changed.connect(self._follow_jobs)
        jobs.take_kept.connect(self._add_take)
        library.takes_changed.connect(self.refresh)

    @property
    def batches(self) -> tuple[Batch, ...]:
        """All batches, newest first."""
        return self._batches

    @property
    def takes(self) -> tuple[StoredTake, ...]:
        """All takes that have arrived, newest batch first, each batch in its order."""
        return tuple(take for batch in self._batches for take in batch.takes)

    def find(self, take_id: str) -> Batch | None:
        """Return the batch that a take came with, if it came in this run."""
        for batch in self._batches:
            if any(take.take_id == take_id for take in batch.takes):
                return batch
        return None

    def dismiss(self, job_id: JobId) -> None:
        """Take a batch out of the tray; its takes stay in the library."""
        self._put(tuple(batch for batch in self._batches if batch.job_id != job_id))

    def retry(self, job_id: JobId) -> None:
        """Ask for the same as a batch once more; unless that is refused, the batch makes room."""
        batch = next((batch for batch in self._batches if batch.job_id == job_id), None)
        if batch is not None and self._jobs.submit(batch.engine, batch.request) is not None:
            self.dismiss(job_id)

    @Slot()
    def refresh(self) -> None:
        """Look the takes up again: stars, titles and trash may have changed."""
        ids = [take.take_id for take in self.takes]
        if ids:
            found = self._library.lookup(ids)
            self._put(tuple(batch.with_takes(found) for batch in self._batches))

    @Slot(tuple)
    def _follow_jobs(self, jobs: tuple[Job, ...]) -> None:
        known = {batch.job_id: batch for batch in self._batches}
        for job in jobs:
            if job.job_id in known:
                known[job.job_id] = known[job.job_id].with_job(job)
            elif job.state is not JobState.QUEUED and job.job_id not in self._begun:
                self._begun.add(job.job_id)
                known = {job.job_id: _begun(job).with_job(job), **known}
        self._put(tuple(known.values()))

    @Slot(object, object)
    def _add_take(self, take: StoredTake, job: Job) -> None:
        batch = next((b for b in self._batches if b.job_id == job.job_id), None) or _begun(job)
        self._begun.add(job.job_id)
        is_first = not batch.takes
        rest = [batch.with_take(take) if b is batch else b for b in self._batches]
        if not any(b.job_id == job.job_id for b in rest):
            rest.insert(0, batch.with_take(take))
        self._put(tuple(rest))
        if is_first and job.job_id == max(j.job_id for j in (*self._jobs.jobs, job)):
            self.first_arrived.emit(take)

    def _put(self, batches: tuple[Batch, ...]) -> None:
        shown = tuple(b for b in batches if b.places or b.reason)[:MAX_BATCHES]
        if shown != self._batches:
            self._batches = shown
            self.batches_changed.emit(shown)


def _begun(job: Job) -> Batch:
    meaning = understand(job.request)
    return Batch(
        job_id=job.job_id,
        engine=job.engine,
        request=job.request,
        places=(Place(),) * job.request.variations,
        bars=meaning.bars,
        bpm=meaning.bpm,
        seconds=meaning.seconds,
    )


def _part(fraction: float, number: int, count: int) -> float:
    """Return how far variation `number` of `count` is when all of them are at `fraction`."""
    return min(1.0, max(0.0, fraction * count - number))
