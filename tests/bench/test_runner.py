"""The benchmarks' runner and its tables."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from awake import awake

from tests.bench import table
from tests.bench.table import Row, as_table, at_least, at_most, holds, missed, noted

FOLDER = Path(__file__).parent

GOOD = """\
import sys
from table import at_most, run_alone
def measure(full):
    return [at_most("start", 1.5 if full else 0.5, 1.0, "s")]
if __name__ == "__main__":
    sys.exit(run_alone(measure, "good"))
"""
BROKEN = """\
def measure(full):
    raise OSError("no card")
"""


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (at_most("start", 1.99, 2, "s"), "good"),
        (at_most("start", 2.0, 2, "s"), "good"),
        (at_most("start", 2.01, 2, "s"), "MISSED"),
        (at_least("speed", 30, 30, "x"), "good"),
        (at_least("speed", 29, 30, "x"), "MISSED"),
        (holds("samples", "identical", "identical", reached=True), "good"),
        (holds("samples", "3 differ", "identical", reached=False), "MISSED"),
        (noted("size", 12, "MB"), "noted"),
    ],
)
def test_the_verdict_compares_the_figure_with_the_goal(row: Row, verdict: str) -> None:
    assert row.verdict == verdict
    assert missed([row]) is (verdict == "MISSED")


def test_nothing_that_is_not_a_number_passes() -> None:
    assert at_most("start", float("nan"), 2, "s").verdict == "MISSED"
    assert at_least("start", float("nan"), 2, "s").verdict == "MISSED"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.123456, "s", "0.123 s"),
        (12.0, "MB", "12 MB"),
        (12.345, "s", "12.3 s"),
        (127.4, "s", "127 s"),
        (0.0, "frames", "0 frames"),
        (0.05, "s", "0.0500 s"),
        (float("nan"), "s", "nan s"),
        (2.5, "s", "2.50 s"),
        (1234567.8, "frames", "1,234,568 frames"),
        (-1.5, "dB", "-1.50 dB"),
        (3, "", "3"),
    ],
)
def test_figures_have_three_digits(value: float, unit: str, text: str) -> None:
    assert table.shown(value, unit) == text


def test_a_table_is_aligned_markdown() -> None:
    rows = [at_most("second start adds", 0.18, 2, "s"), noted("size", 12, "MB")]
    assert as_table(rows).splitlines() == [
        "| line              | figure  | goal  | verdict |",
        "|-------------------|---------|-------|---------|",
        "| second start adds | 0.180 s | ≤ 2 s | good    |",
        "| size              | 12 MB   |       | noted   |",
    ]


@pytest.fixture
def benches(tmp_path: Path) -> Path:
    for name in ("run.py", "table.py", "awake.py"):
        (tmp_path / name).write_text((FOLDER / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "bench_good.py").write_text(GOOD)
    (tmp_path / "bench_broken.py").write_text(BROKEN)
    return tmp_path


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(folder / arguments[0]), *arguments[1:]]
    return subprocess.run(
        command, check=False, capture_output=True, encoding="utf-8", env={"PYTHONUTF8": "1"}
    )


def test_all_benchmarks_run_though_one_breaks_off(benches: Path) -> None:
    done = run(benches, "run.py")
    assert done.returncode == 1
    assert done.stdout.index("## broken") < done.stdout.index("## good")
    assert "| broken | OSError | to be measured | MISSED  |" in done.stdout
    assert "| start | 0.500 s | ≤ 1 s | good    |" in done.stdout
    assert "no card" in done.stderr


def test_the_benchmarks_named_run_alone(benches: Path) -> None:
    done = run(benches, "run.py", "good")
    assert done.returncode == 0
    assert "broken" not in done.stdout


def test_a_full_run_measures_what_the_goal_demands(benches: Path) -> None:
    done = run(benches, "run.py", "--full", "good")
    assert done.returncode == 1
    assert "1.50 s" in done.stdout


@pytest.mark.parametrize(("full", "status"), [((), 0), (("--full",), 1)])
def test_a_benchmark_is_runnable_by_itself(
    benches: Path, full: tuple[str, ...], status: int
) -> None:
    done = run(benches, "bench_good.py", *full)
    assert done.returncode == status
    assert done.stdout.startswith("| line  | figure")


def test_an_unknown_benchmark_is_answered_with_those_there_are(benches: Path) -> None:
    done = run(benches, "run.py", "goood")
    assert done.returncode == 2
    assert "no benchmark is called goood; there are broken, good" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such class")
def test_processors_are_kept_awake_by_what_takes_nothing_from_anybody() -> None:
    with awake() as processes:
        assert len(processes) == len(os.sched_getaffinity(0))
        assert {os.sched_getscheduler(process.pid) for process in processes} == {os.SCHED_IDLE}
    assert all(process.poll() is not None for process in processes)


@pytest.mark.parametrize("bench", sorted(FOLDER.glob("bench_*.py")), ids=lambda path: path.stem)
def test_every_benchmark_keeps_the_contract(bench: Path) -> None:
    text = bench.read_text(encoding="utf-8")
    assert "def measure(full: bool) -> list[Row]:" in text
    assert 'if __name__ == "__main__":' in text
