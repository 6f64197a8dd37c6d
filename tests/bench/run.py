"""Run the benchmarks beside this file, one after the other, and print their tables.

python tests/bench/run.py [--full] [NAME ...]
"""

import argparse
import importlib
import sys
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))

from awake import awake  # noqa: E402
from table import Row, as_table, missed  # noqa: E402


def names_in(folder: Path) -> list[str]:
    """Return the names of the benchmarks in `folder`, sorted."""
    return sorted(path.stem.removeprefix("bench_") for path in folder.glob("bench_*.py"))


def measured(name: str, *, full: bool) -> list[Row]:
    """Return the rows of the benchmark `name`; one that breaks off is a row that missed."""
    try:
        bench = importlib.import_module(f"bench_{name}")
        with awake():
            rows: list[Row] = bench.measure(full)
    except Exception as error:
        traceback.print_exc()
        return [Row(name, type(error).__name__, "to be measured", "MISSED")]
    return rows


def run(names: Iterable[str], *, full: bool) -> int:
    """Run the benchmarks `names` and print a table of each; return the exit status."""
    status = 0
    for name in names:
        print(f"\n## {name}\n", flush=True)
        rows = measured(name, full=full)
        print(as_table(rows), flush=True)
        status |= int(missed(rows))
    return status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line names, or all; return the exit status."""
    known = names_in(FOLDER)
    parser = argparse.ArgumentParser(description="Run benchmarks and print their tables.")
    parser.add_argument("--full", action="store_true", help="as long and often as the goals demand")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.names) - set(known))
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(known)}")
    return run(chosen.names or known, full=chosen.full)


if __name__ == "__main__":
    sys.exit(main())
