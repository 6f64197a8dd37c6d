"""What killing a saver of takes, titles, projects and settings costs: nothing that was said."""

import sys

from killer import nothing_lost, report_of
from table import Row, at_least, noted, run_alone


def measure(full: bool) -> list[Row]:
    """Kill a saver 1,000 times on the disk (20 when quick) and look for what is lost."""
    rounds = 1_000 if full else 20
    report = report_of("tests.library.killing", rounds)
    return [
        nothing_lost(f"lost or broken in {rounds:,} kills", report),
        at_least("takes, titles, saves acknowledged", sum(report["said"].values()), rounds, ""),
        noted("takes kept, read whole afterwards", report["takes"], ""),
        noted("it took", report["s"], "s"),
    ]


if __name__ == "__main__":
    sys.exit(run_alone(measure, "kill"))
