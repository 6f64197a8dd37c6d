"""Judge Sketch on the audio alone: 300 prompts (28 without `--full`), by a seed of their own."""

import os
import sys
from collections import Counter, defaultdict
from functools import cache
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from table import Row, at_least, at_most, run_alone  # noqa: E402

from acestep_desktop.sketch.engine import SketchEngine, create  # noqa: E402
from tests.sketch.judging import (  # noqa: E402
    GENRES,
    Asked,
    Judged,
    judge,
    prompts,
    seam_auc,
    shares,
)

SEED = 20_261_122
GOALS = {
    "as asked": 100.0,
    "tempo within 0.2 bpm": 98.0,
    "key equal or relative": 90.0,
    "beat one within 1 ms": 100.0,
    "master within limits": 99.0,
    "stems null": 100.0,
}


@cache
def _engine() -> SketchEngine:
    return create()


def _judge(asked: Asked) -> Judged:
    return judge(asked, _engine())


def judged(count: int) -> list[Judged]:
    """Return the judgement of `count` prompts, by two processes."""
    with get_context("spawn").Pool(2) as pool:
        return list(pool.imap(_judge, prompts(count, SEED), chunksize=4))


def report(found: list[Judged]) -> None:
    """Print the prompts that fail, and the faults of each genre."""
    by_genre: dict[str, Counter[str]] = defaultdict(Counter)
    for each in found:
        if each.faults:
            faults = "; ".join(each.faults)
            print(f"{each.asked.seed:6d} {each.asked.key.short:>5s} {each.asked.caption}: {faults}")
        by_genre[each.asked.genre].update(fault.split()[0] for fault in each.faults)
    for _, genre, _, _ in GENRES:
        if by_genre[genre]:
            told = ", ".join(f"{fault} {times}" for fault, times in by_genre[genre].items())
            print(f"  {genre}: {told}")


def measure(full: bool) -> list[Row]:
    """Return the shares of prompts that come out as they should."""
    found = judged(300 if full else len(GENRES))
    report(found)
    rows = [at_least(line, share, GOALS[line], "%") for line, share in shares(found).items()]
    return [*rows, at_most("seam of a loop against its bar lines, AUC", seam_auc(found), 0.6, "")]


if __name__ == "__main__":
    sys.exit(run_alone(measure, "the judged lines"))
