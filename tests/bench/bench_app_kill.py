"""What killing the whole program while it edits and generates costs: nothing acknowledged."""

import sys

from killer import nothing_lost, report_of
from table import Row, at_least, noted, run_alone


def measure(full: bool) -> list[Row]:
    """Kill the program 50 times (5 when quick), each time going on where it was left."""
    rounds = 50 if full else 5
    report = report_of("tests.e2e.whole_app", rounds)
    said = report["said"]
    acknowledged = sum(said.get(word, 0) for word in ("take_kept", "autosaved", "saved"))
    return [
        nothing_lost(f"lost, or left running, in {rounds} kills", report),
        at_least("takes, autosaves, saves acknowledged", acknowledged, rounds, ""),
        at_least("takes kept among them", said.get("take_kept", 0), rounds / 3, ""),
        noted("starts that offered what was left", said.get("recovered", 0), ""),
        noted("it took", report["s"], "s"),
    ]


if __name__ == "__main__":
    sys.exit(run_alone(measure, "app_kill"))
