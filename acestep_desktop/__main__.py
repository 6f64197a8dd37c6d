"""Start the program, its window, or one of its child processes."""

import gc
import sys
from pathlib import Path


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    if sys.argv[1:2] == ["--child"]:
        from acestep_desktop.child.main import main as run_child

        return run_child(sys.argv[2:])
    from acestep_desktop.cli import main as run_program

    return run_program(open_window=_open_window)


def _open_window(project: Path | None) -> int:
    # Nothing that is loaded at the start is garbage; app.py switches this on again.
    gc.disable()
    from acestep_desktop.app import main as run_window

    return run_window(project)


if __name__ == "__main__":
    sys.exit(main())
