"""The pace of jobs: how long one will take, from how long those before it took."""

import threading
from functools import lru_cache
from pathlib import Path

from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.request import Extend, Request, TextToMusic
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import Frame, Meter, frames_from_seconds
from acestep_desktop.domain.understanding import understand
from acestep_desktop.generation.jobs import Job
from acestep_desktop.generation.pace import MOST_RUNS, PastRun, expected_work_s
from acestep_desktop.library.source_facts import source_frames

_GUESSED_BPM = 110.0
"""Where only the engine knows the tempo; the same guess is made for past runs."""


class JobPace:
    """Remembers what the jobs of each engine took. Any thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._past: dict[str, list[PastRun]] = {}

    def note(self, job: Job, work_s: float) -> None:
        """Note that a whole job took so long."""
        with self._guard:
            runs = self._past.setdefault(job.engine, [])
            runs.append(PastRun(wished_frames(job.request), work_s))
            del runs[:-MOST_RUNS]

    def expected_s(self, job: Job) -> float | None:
        """Return how long `job` will take; None for the first of an engine."""
        with self._guard:
            runs = list(self._past.get(job.engine, ()))
        return expected_work_s(wished_frames(job.request), runs)


def wished_frames(request: Request) -> int:
    """Return about how many frames a request asks for, all variations together."""
    return _frames_of_one(request) * request.variations


def _frames_of_one(request: Request) -> int:
    task = request.task
    if not isinstance(task, TextToMusic) and (source := _frames_of_file(task.source)) is not None:
        more_s = task.before_s + task.after_s if isinstance(task, Extend) else 0.0
        return source + frames_from_seconds(more_s)
    meaning = understand(request)
    if meaning.seconds is not None:
        return frames_from_seconds(meaning.seconds)
    bpm = meaning.bpm or _GUESSED_BPM
    return frames_of_bars(meaning.bars or 1, meaning.meter or Meter(), bpm)


@lru_cache(maxsize=256)
def _frames_of_file(path: str) -> Frame | None:
    """Return the length of a source; it is asked for at every step of a job."""
    try:
        return source_frames(Path(path))
    except UserError:
        return None
