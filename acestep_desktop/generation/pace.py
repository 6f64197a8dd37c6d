"""How long an engine will take, learned from how long it took."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Final

MOST_RUNS: Final = 20
"""Older runs are forgotten: the machine may have changed since."""


@dataclass(frozen=True, slots=True)
class PastRun:
    """What an engine once did: frames of audio, in seconds of work."""

    frames: int
    work_s: float


def expected_work_s(frames: int, past: Sequence[PastRun]) -> float | None:
    """Return how long `frames` will take, from runs in order of time; None without any.

    A line through the runs: the median of the slopes of all pairs (Theil-Sen), so
    that a run during which the computer was busy does not bend it. Runs that are all
    equally long give no line; then work grows with length.
    """
    runs = [run for run in past if run.frames > 0 and run.work_s >= 0.0][-MOST_RUNS:]
    if not runs:
        return None
    slopes = [
        (b.work_s - a.work_s) / (b.frames - a.frames)
        for a, b in combinations(runs, 2)
        if a.frames != b.frames
    ]
    slope = median(slopes) if slopes else -1.0
    overhead_s = median(run.work_s - slope * run.frames for run in runs)
    if slope < 0.0 or overhead_s < 0.0:
        return frames * median(run.work_s / run.frames for run in runs)
    return overhead_s + slope * frames
