"""Rows of a benchmark and the table they are printed in.

A benchmark is a file `bench_NAME.py` beside this one with a function
`measure(full: bool) -> list[Row]`: quick where `full` is false, else as long and as often as the
goal demands. Its last lines let it run alone:

    if __name__ == "__main__":
        sys.exit(run_alone(measure, "NAME"))
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from awake import awake

Verdict = Literal["good", "MISSED", "noted"]
Measure = Callable[[bool], "list[Row]"]


@dataclass(frozen=True, slots=True)
class Row:
    """One measured line: what, how much, what was wanted, and whether that was reached."""

    line: str
    figure: str
    goal: str
    verdict: Verdict


def at_most(line: str, value: float, limit: float, unit: str) -> Row:
    """Return the row of a `value` that must not be above `limit`."""
    reached: Verdict = "good" if value <= limit else "MISSED"
    return Row(line, shown(value, unit), f"≤ {shown(limit, unit)}", reached)


def at_least(line: str, value: float, limit: float, unit: str) -> Row:
    """Return the row of a `value` that must not be below `limit`."""
    reached: Verdict = "good" if value >= limit else "MISSED"
    return Row(line, shown(value, unit), f"≥ {shown(limit, unit)}", reached)


def holds(line: str, figure: str, goal: str, *, reached: bool) -> Row:
    """Return the row of something that is true or not, such as "bit-identical"."""
    return Row(line, figure, goal, "good" if reached else "MISSED")


def noted(line: str, value: float, unit: str) -> Row:
    """Return the row of a figure that has no goal."""
    return Row(line, shown(value, unit), "", "noted")


def shown(value: float, unit: str) -> str:
    """Return `value` with three significant digits, whole numbers whole, and its unit."""
    size = abs(value)
    places = 0 if float(value).is_integer() or size >= 100 else 1 if size >= 10 else 2
    number = f"{value:#.3g}" if 0 < size < 1 else f"{value:,.{places}f}"
    return f"{number} {unit}".rstrip()


def as_table(rows: Sequence[Row]) -> str:
    """Return `rows` as a table of Markdown with aligned columns."""
    heads = ("line", "figure", "goal", "verdict")
    cells = [heads, *((row.line, row.figure, row.goal, row.verdict) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def missed(rows: Sequence[Row]) -> bool:
    """Return whether any of `rows` missed its goal."""
    return any(row.verdict == "MISSED" for row in rows)


def run_alone(measure: Measure, name: str) -> int:
    """Measure and print one benchmark as its file is run; return the exit status."""
    parser = argparse.ArgumentParser(description=f"Measure {name}.")
    parser.add_argument("--full", action="store_true", help="as long and often as the goals demand")
    full = parser.parse_args().full
    with awake():
        rows = measure(full)
    sys.stdout.write(as_table(rows) + "\n")
    return int(missed(rows))
