"""A program that is killed at any moment loses nothing that it said was kept."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.needs import needs

ROOT = Path(__file__).parents[2]


@needs("posix")
def test_two_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    # Memory as the disk: what a kill can interrupt is the same, and 200 take less time.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as home:
        run = subprocess.run(
            [sys.executable, "-m", "tests.library.killing", home, "200", "1"],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert report["problems"] == []
    assert report["said"]["take"] >= 50
    assert report["said"]["project"] >= 50
    assert report["said"]["settings"] >= 50
