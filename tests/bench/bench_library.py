"""What the library costs: keeping, searching, making the index again, importing two hours."""

import os
import resource
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

from table import Row, at_most, noted, run_alone

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from acestep_desktop.library.folders import folders_below  # noqa: E402
from acestep_desktop.library.stored import Order, TakeQuery  # noqa: E402
from acestep_desktop.library.takes import TakeLibrary  # noqa: E402
from acestep_desktop.ui.take_model import PAGE  # noqa: E402
from tests.audiofile.sounds import wav_bytes  # noqa: E402
from tests.library.makers import library, recipe, sound  # noqa: E402
from tests.library.test_search import stocked  # noqa: E402


def measure(full: bool) -> list[Row]:
    """Measure with 10,000 takes and two hours of eight channels (1,000 and a minute)."""
    count, seconds = (10_000, 7_200) if full else (1_000, 60)
    with tempfile.TemporaryDirectory() as folder:
        return [
            *searching(Path(folder) / "many", count),
            *keeping(Path(folder) / "few"),
            *importing(Path(folder), seconds),
        ]


def searching(home: Path, count: int) -> list[Row]:
    """Search `count` takes."""
    shelf = stocked(home, count)
    first = spent(lambda: shelf.search(TakeQuery(limit=1, present=None)))
    rows = [noted(f"{count:,} takes: the first look, journal to index", first, "s")]
    for text in ("rainy", "rainy 999", "nothing such", ""):
        query = TakeQuery(text, present=None, limit=200)
        best = min(spent(lambda query=query: shelf.search(query)) for _ in range(9))
        rows.append(at_most(f'search "{text}", first 200', 1000 * best, 50.0, "ms"))
    for order in get_args(Order):
        query = TakeQuery("rainy", present=None, engine="sketch", bpm=(200, 250), bars=(1, 99))
        page = replace(query, order=order, limit=PAGE)
        best = min(spent(lambda page=page: shelf.search(page)) for _ in range(9))
        line = f'three filters and "rainy", by {order}, a page of {PAGE}'
        rows.append(at_most(line, 1000 * best, 50.0, "ms"))
    later = replace(page, offset=count // 24)
    best = min(spent(lambda: shelf.search(later)) for _ in range(9))
    rows.append(at_most("the page that scrolling comes to", 1000 * best, 50.0, "ms"))
    everything = min(spent(lambda: shelf.search(TakeQuery(present=None))) for _ in range(5))
    rows.append(noted("list them all", 1000 * everything, "ms"))
    rows.append(noted("star one", 1000 * min(spent(lambda: shelf.star(1)) for _ in range(9)), "ms"))
    return rows


def keeping(home: Path) -> list[Row]:
    """Keep a take of thirty seconds with four stems."""
    shelf = library(home)
    mix = sound(1, 48_000 * 30)
    stems = [(name, mix) for name in ("Drums", "Bass", "Keys", "Pad")]
    took = spent(lambda: shelf.commit(mix, stems, recipe()))
    return [noted("keep 30 s with four stems, measured", took, "s")]


def importing(folder: Path, seconds: int) -> list[Row]:
    """Import a long file of eight channels in a process of its own."""
    path = folder / "long.wav"
    frames = 44_100 * seconds
    form = wav_bytes(channels=8, rate=44_100)[12:]
    sizes = struct.pack("<4sIQQQI", b"ds64", 28, 72 + frames * 16, frames * 16, frames, 0)
    head = b"RF64" + b"\xff" * 4 + b"WAVE" + sizes + form + b"data" + b"\xff" * 4
    path.write_bytes(head)
    os.truncate(path, len(head) + frames * 16)
    run = subprocess.run(
        [sys.executable, __file__, "--import", str(path), str(folder / "import")],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    )
    took, peak, kept = (float(word) for word in run.stdout.split())
    assert kept == 48_000 * seconds
    name = f"import {seconds:,} s, 8 channels, 44.1 kHz, RF64"
    return [noted(name, took, "s"), at_most("its peak memory", peak, 500.0, "MB")]


def import_one(path: Path, home: Path) -> None:
    """Import one file; print seconds, peak memory in MB, and the take's frames."""
    began = time.perf_counter()
    take = TakeLibrary(folders_below(home)).import_file(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(time.perf_counter() - began, peak, take.frames)


def spent(act: Callable[[], object]) -> float:
    """Return the seconds that `act` takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    if sys.argv[1:2] == ["--import"]:
        import_one(Path(sys.argv[2]), Path(sys.argv[3]))
        sys.exit(0)
    sys.exit(run_alone(measure, "library"))
