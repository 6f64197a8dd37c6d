"""The pace of jobs: how long one will take, from how long those before it took."""

import threading

from acestep_desktop.domain.request import Request
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import SAMPLE_RATE, Meter
from acestep_desktop.domain.understanding import understand
from acestep_desktop.generation.jobs import Job
from acestep_desktop.generation.pace import MOST_RUNS, PastRun, expected_work_s

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
    meaning = understand(request)
    if meaning.seconds is not None:
        frames = round(meaning.seconds * SAMPLE_RATE)
    else:
        bpm = meaning.bpm or _GUESSED_BPM
        frames = frames_of_bars(meaning.bars or 1, meaning.meter or Meter(), bpm)
    return frames * request.variations
