"""What is played against the bounce, bit for bit: 200 random projects, seeks, 1,000 wraps."""

import random
import sys
import tempfile
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import numpy as np  # noqa: E402
from hypothesis import HealthCheck, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from table import Row, at_least, at_most, noted, run_alone  # noqa: E402

from acestep_desktop.domain.project import Project  # noqa: E402
from acestep_desktop.domain.time import Frame  # noqa: E402
from acestep_desktop.realtime.gate import FADE  # noqa: E402
from tests.dsp.random_projects import FOUR_SECONDS, SOURCES, projects  # noqa: E402
from tests.realtime.studio import Studio, brace  # noqa: E402
from tests.realtime.test_tap import cue, pull_at_random, whole  # noqa: E402

WRAPS = 1_000


def measure(full: bool) -> list[Row]:
    """Return what differs: nothing may."""
    totals = {"projects": 0, "frames": 0, "wrong": 0, "seeks": 0}
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(SOURCES, Path(folder))

        @settings(
            max_examples=200 if full else 20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(projects(min_clips=1), st.integers(0, 2**30))
        def run(project: Project, seed: int) -> None:
            totals["projects"] += 1
            _play_and_seek(studio, project, seed, totals)

        run()
        wraps = _wraps(studio, totals)
        studio.close()
    return [
        at_least("random projects played", totals["projects"], 200 if full else 20, ""),
        noted("seeks", totals["seeks"], ""),
        at_least("loop wraps", wraps, WRAPS, ""),
        noted("frames compared with the bounce", totals["frames"], ""),
        at_most("frames that differ in a bit", totals["wrong"], 0, ""),
    ]


def _play_and_seek(studio: Studio, project: Project, seed: int, totals: dict[str, int]) -> None:
    cue(studio, project)
    studio.client.play()
    pull_at_random(studio, FOUR_SECONDS, seed)
    _compare(studio, whole(project), totals)
    dice = random.Random(seed)
    for _ in range(2):
        seek = dice.randrange(FOUR_SECONDS)
        studio.taps.clear()
        studio.client.locate(Frame(seek))
        pull_at_random(studio, 6_000 + FADE, seed)
        reference = whole(project, seek, seek + 7_000)
        _compare(studio, reference, totals, seek)
        totals["seeks"] += 1


def _compare(studio: Studio, reference: np.ndarray, totals: dict[str, int], start: int = 0) -> None:
    for frame, samples in studio.taps:
        expected = reference[frame - start : frame - start + len(samples)]
        totals["frames"] += len(samples)
        if len(expected) == len(samples):
            totals["wrong"] += int((samples != expected).any(axis=1).sum())
        else:
            totals["wrong"] += len(samples)


def _wraps(studio: Studio, totals: dict[str, int]) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        project = projects(min_clips=3).example()
    length = 2_345
    cue(studio, project, 5_000)
    studio.client.set_loop(brace(project, 5_000, 5_000 + length))
    studio.client.play()
    for _ in range(WRAPS * length // 512 + 1):
        studio.pull(512)
    _compare(studio, whole(project, 5_000, 5_000 + length), totals, 5_000)
    return sum(frame == 5_000 for frame, _ in studio.taps) - 1


if __name__ == "__main__":
    sys.exit(run_alone(measure, "tap"))
