"""Streams: the first take of a job is heard while the rest of it is still being made."""

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Slot

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.generation.jobs import Job, JobId
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.session.audition import AuditionSession
from acestep_desktop.session.jobs import JobSession
from acestep_desktop.session.parts import Part
from acestep_desktop.session.settings import SettingsSession

FIRST_FRAMES: Final = SAMPLE_RATE
"""So much must lie ahead before a part is heard."""


class StreamSession(QObject):
    """Plays the newest job's first part as soon as it will not run dry. The window's thread only.

    Made before whoever plays first takes by themselves: those find the take playing.
    """

    def __init__(
        self,
        jobs: JobSession,
        audition: AuditionSession,
        settings: SettingsSession,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._jobs, self._audition, self._settings = jobs, audition, settings
        self._clock = clock
        self._pace = _Pace()
        self._done: set[JobId] = set()
        jobs.part_grown.connect(self.show_part)
        jobs.take_kept.connect(self.go_on)
        jobs.jobs_changed.connect(self._end_broken)

    @Slot(object)
    def show_part(self, part: Part) -> None:
        """Let a part be heard, or more of it."""
        if self._audition.playing == part.part_id:
            self._audition.show_ready(part)
            return
        newest = max((job.job_id for job in self._jobs.jobs), default=part.job_id)
        if part.variation or part.job_id in self._done or part.job_id != newest:
            return
        self._pace.note(part, self._clock())
        if self._settings.plays_first_take and self._pace.keeps_ahead(part):
            self._done.add(part.job_id)
            self._audition.play_part(part)

    @Slot(object, object)
    def go_on(self, take: StoredTake, job: Job) -> None:
        """Let the finished take go on where its part was."""
        self._done.add(job.job_id)
        if self._heard_of(job):
            self._audition.go_on(take)

    @Slot(tuple)
    def _end_broken(self, jobs: tuple[Job, ...]) -> None:
        for job in jobs:
            if job.state.ended and self._heard_of(job):
                self._audition.stop()

    def _heard_of(self, job: Job) -> bool:
        return self._audition.playing.startswith(f"part-{job.job_id}-")


class _Pace:
    """How fast a part grows, from its first chunk on."""

    def __init__(self) -> None:
        self._job_id: JobId | None = None
        self._first = (0, 0.0)
        self._speed = 0.0

    def note(self, part: Part, now: float) -> None:
        """Note how far a part is at a time in seconds."""
        if part.job_id != self._job_id:
            self._job_id, self._first, self._speed = part.job_id, (part.ready, now), 0.0
        elif now > self._first[1]:
            self._speed = (part.ready - self._first[0]) / (now - self._first[1])

    def keeps_ahead(self, part: Part) -> bool:
        """Return whether playing would not overtake what is being made."""
        if part.ready < min(FIRST_FRAMES, part.frames):
            return False
        if self._speed >= SAMPLE_RATE:
            return True
        return part.whole and part.ready >= part.frames * (1 - self._speed / SAMPLE_RATE)
