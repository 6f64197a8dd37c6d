"""What the bootstrap costs: the first start, and what a second start adds."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from table import Row, at_most, noted, run_alone

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "packaging"))

from small_checkout import make_checkout, variables  # noqa: E402

PROGRAM = ("--version",)


def seconds_of(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Return how long `command` takes; raise CalledProcessError when it fails."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment, cwd="/")
    return time.perf_counter() - began


def through_bootstrap(checkout: Path) -> list[str]:
    """Return the command that starts the program of `checkout` through its bootstrap."""
    return [sys.executable, str(checkout / "packaging" / "bootstrap.py"), "run", "--", *PROGRAM]


def second_starts(checkout: Path, environment: Mapping[str, str], times: int) -> list[Row]:
    """Return what starting through the bootstrap adds to starting the program itself."""
    python = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    alone = [str(checkout.joinpath(".venv", *python)), "-P", "-m", "acestep_desktop", *PROGRAM]
    direct = [seconds_of(alone, environment) for _ in range(times)]
    through = [seconds_of(through_bootstrap(checkout), environment) for _ in range(times)]
    added = statistics.median(through) - statistics.median(direct)
    return [
        noted("the program alone, median", statistics.median(direct), "s"),
        at_most(f"a second start adds, median of {times}", added, 2.0, "s"),
        at_most(f"a second start adds, worst of {times}", max(through) - min(direct), 2.0, "s"),
    ]


def small(folder: Path) -> list[Row]:
    """Measure second starts of a program of three lines, installed without a network."""
    make_checkout(folder)
    environment = variables(folder)
    seconds_of(through_bootstrap(folder), environment)
    return second_starts(folder, environment, 5)


def whole(folder: Path) -> list[Row]:
    """Measure the first start of a fresh clone in a fresh home, and second starts."""
    clone, home = folder / "clone", folder / "home"
    home.mkdir()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    environment = {key: value for key, value in os.environ.items() if key != "ACESTEP_VENV"}
    environment["HOME"] = str(home)
    first = seconds_of(through_bootstrap(clone), environment)
    return [
        noted("a first start, everything downloaded", first, "s"),
        *second_starts(clone, environment, 20),
    ]


def measure(full: bool) -> list[Row]:
    """Measure the whole program when `full`, else a small one."""
    folder = Path(tempfile.mkdtemp(prefix="acestep-bench-"))
    try:
        return whole(folder) if full else small(folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(run_alone(measure, "bootstrap"))
