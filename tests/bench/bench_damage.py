"""Damaged audio, project and journal files by the ten thousand: what becomes of them."""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from table import Row, at_most, holds, noted, run_alone

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from acestep_desktop.domain.errors import UserError  # noqa: E402
from acestep_desktop.library.projects import load_project  # noqa: E402
from acestep_desktop.library.stored import TakeQuery  # noqa: E402
from tests.audiofile.fuzz import fuzz  # noqa: E402
from tests.audiofile.mutations import mutations  # noqa: E402
from tests.library.makers import quick_library  # noqa: E402

GOLDEN = ROOT / "tests" / "library" / "golden"


def measure(full: bool) -> list[Row]:
    """Read 10,000 damaged files of each kind (300 when quick) by every door there is."""
    count = 10_000 if full else 300
    with tempfile.TemporaryDirectory() as folder:
        return [
            *audio(Path(folder), count),
            *documents("project", GOLDEN / "project_v1.acestep", count, opener(Path(folder))),
            *documents("journal", GOLDEN / "library_v1.jsonl", count, reader(Path(folder))),
        ]


def audio(folder: Path, count: int) -> list[Row]:
    """Read damaged WAV, FLAC, AIFF, OGG and MP3 files."""
    began = time.perf_counter()
    report = fuzz(folder, count, seed=1_000)
    return [
        holds(
            f"{count:,} damaged audio files",
            f"{report.read:,} read, {report.refused:,} refused, {len(report.wrong)} wrong",
            "0 wrong",
            reached=not report.wrong,
        ),
        at_most("slowest audio file", report.slowest_s, 5.0, "s"),
        at_most("memory grew by", report.grown_mb, 300.0, "MB"),
        noted("all of them took", time.perf_counter() - began, "s"),
    ]


def documents(name: str, good: Path, count: int, use: Callable[[bytes], bool]) -> list[Row]:
    """Read damaged documents; `use` says whether one was read, or raises what is untyped."""
    read = refused = 0
    slowest = 0.0
    wrong: list[str] = []
    for data in mutations(good.read_bytes(), count, seed=2_000):
        began = time.perf_counter()
        try:
            done = use(data)
            read, refused = read + done, refused + (not done)
        except Exception as error:
            wrong.append(f"{type(error).__name__}: {error}")
        slowest = max(slowest, time.perf_counter() - began)
    print(*wrong[:5], sep="\n")
    figure = f"{read:,} read, {refused:,} refused, {len(wrong)} wrong"
    return [
        holds(f"{count:,} damaged {name}s", figure, "0 wrong", reached=not wrong),
        at_most(f"slowest {name}", slowest, 5.0, "s"),
    ]


def opener(folder: Path) -> Callable[[bytes], bool]:
    """Return what opens a project."""
    path = folder / "a.acestep"

    def use(data: bytes) -> bool:
        path.write_bytes(data)
        try:
            load_project(path)
        except UserError:
            return False
        return True

    return use


def reader(folder: Path) -> Callable[[bytes], bool]:
    """Return what reads a journal into an index, as another library's journal each time."""
    shelf = quick_library(folder / "home")
    shelf.folders.root.mkdir(parents=True)

    def use(data: bytes) -> bool:
        shelf.folders.journal.write_bytes(data)
        return len(shelf.search(TakeQuery(present=None, trashed=None))) > 0

    return use


if __name__ == "__main__":
    sys.exit(run_alone(measure, "damage"))
