"""What killing the whole program while it edits and generates costs: nothing acknowledged."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from table import Row, at_least, holds, noted, run_alone

ROOT = Path(__file__).resolve().parents[2]


def measure(full: bool) -> list[Row]:
    """Kill the program 50 times (5 when quick), each time going on where it was left."""
    rounds = 50 if full else 5
    with tempfile.TemporaryDirectory() as home:
        run = subprocess.run(
            [sys.executable, "-m", "tests.e2e.whole_app", home, str(rounds), "77"],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            check=False,
        )
    report = json.loads(run.stdout)
    said, problems = report["said"], report["problems"]
    for problem in problems[:10]:
        print(problem)
    acknowledged = sum(said.get(word, 0) for word in ("take_kept", "autosaved", "saved"))
    return [
        holds(
            f"lost, or left running, in {rounds} kills",
            str(len(problems)),
            "0",
            reached=not problems,
        ),
        at_least("takes, autosaves, saves acknowledged", acknowledged, rounds, ""),
        at_least("takes kept among them", said.get("take_kept", 0), rounds / 3, ""),
        noted("starts that offered what was left", said.get("recovered", 0), ""),
        noted("it took", report["s"], "s"),
    ]


if __name__ == "__main__":
    sys.exit(run_alone(measure, "app_kill"))
