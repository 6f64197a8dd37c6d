"""Killers of processes: each runs in a process of its own, and reports what was lost."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from table import Row, holds

ROOT = Path(__file__).resolve().parents[2]
SEED = 77


def report_of(module: str, rounds: int) -> dict[str, Any]:
    """Have a module of the tests kill `rounds` times in a home of its own; return its report.

    It is called with the home, the rounds and a seed, and prints one JSON object.
    """
    with tempfile.TemporaryDirectory() as home:
        run = subprocess.run(
            [sys.executable, "-m", module, home, str(rounds), str(SEED)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            check=False,
        )
    report: dict[str, Any] = json.loads(run.stdout)
    for problem in report["problems"][:10]:
        print(problem)
    return report


def nothing_lost(what: str, report: dict[str, Any]) -> Row:
    """Return the row that holds where the killer found nothing amiss."""
    problems = report["problems"]
    return holds(what, str(len(problems)), "0", reached=not problems)
