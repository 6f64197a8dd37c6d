"""The whole program, with all its processes: logged out, and killed, in the middle of work."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from acestep_desktop.library.autosave import recoveries
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.projects import load_project
from tests.e2e.person import edit_number
from tests.e2e.whole_app import (
    PERSON,
    ROOT,
    Running,
    orphans_of,
    problems_after,
    processes_of,
    running,
)

KILLS = 5
END_S = 2.0
"""What a desktop gives a program at a logout before it loses patience."""

WINDOW = ("-m", "acestep_desktop")


def log_out(program: Running) -> tuple[int, float]:
    """End the program as a desktop does; return its exit code, and how long it took."""
    begun = time.monotonic()
    program.process.send_signal(signal.SIGTERM)
    code = program.process.wait(timeout=30)
    return code, time.monotonic() - begun


def wait_for_children(home: Path) -> None:
    """Wait until the audio process is there: then the window is up."""
    until = time.monotonic() + 30
    while len(processes_of(home)) < 2:
        assert time.monotonic() < until, "the window has started no audio process"
        psutil.wait_procs([], timeout=0.05)
        time.sleep(0.05)


def test_a_logout_ends_the_program_as_it_is_started_by_everyone(tmp_path: Path) -> None:
    with running(tmp_path, WINDOW) as program:
        wait_for_children(tmp_path)
        code, took_s = log_out(program)
        left = orphans_of(tmp_path, within_s=0.5)
    assert (code, left) == (0, [])
    assert took_s < END_S, took_s


def test_a_logout_while_takes_are_made_keeps_the_work_and_leaves_nobody_behind(
    tmp_path: Path,
) -> None:
    with running(tmp_path, PERSON) as program:
        program.wait_for("generating")
        program.wait_for("autosaved", 3)
        code, took_s = log_out(program)
        left = orphans_of(tmp_path, within_s=0.5)
    assert (code, left) == (0, [])
    assert took_s < END_S, took_s
    assert problems_after(program) == []


def test_what_a_logout_left_unsaved_is_offered_at_the_next_start(tmp_path: Path) -> None:
    with running(tmp_path) as program:
        program.wait_for("autosaved", 2)
        log_out(program)
    found = recoveries(folders_below(tmp_path).data / "Autosaves")
    last = max(program.numbers("autosaved", "saved"))
    if not found:  # the last edit happened to be saved
        assert last in program.numbers("saved")
        return
    left = edit_number(load_project(found[0].autosave))
    assert left >= last
    with running(tmp_path) as again:
        again.wait_for("recovered")
    assert again.numbers("recovered") == [left]


@pytest.mark.parametrize("seed", [1])
def test_killed_at_random_moments_nothing_that_was_acknowledged_is_missing(
    tmp_path: Path, seed: int
) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.e2e.whole_app", str(tmp_path), str(KILLS), str(seed)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        check=False,
    )
    report = json.loads(run.stdout)
    assert report["problems"] == []
    assert report["said"]["autosaved"] >= KILLS
    assert report["said"]["take_kept"] > 0
    assert report["said"].get("recovered", 0) + report["said"].get("saved", 0) > 0
