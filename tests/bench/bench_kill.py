"""What killing a saver of takes, titles, projects and settings costs: nothing that was said."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from table import Row, at_least, holds, noted, run_alone

ROOT = Path(__file__).resolve().parents[2]


def measure(full: bool) -> list[Row]:
    """Kill a saver 1,000 times on the disk (20 when quick) and look for what is lost."""
    rounds = 1_000 if full else 20
    with tempfile.TemporaryDirectory() as home:
        run = subprocess.run(
            [sys.executable, "-m", "tests.library.killing", home, str(rounds), "77"],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            check=True,
        )
    report = json.loads(run.stdout)
    said, problems = report["said"], report["problems"]
    for problem in problems[:10]:
        print(problem)
    return [
        holds(f"lost or broken in {rounds:,} kills", str(len(problems)), "0", reached=not problems),
        at_least("takes, titles, saves acknowledged", sum(said.values()), rounds, ""),
        noted("takes kept, read whole afterwards", report["takes"], ""),
        noted("it took", report["s"], "s"),
    ]


if __name__ == "__main__":
    sys.exit(run_alone(measure, "kill"))
