"""How long the window takes from the start of its process to its first paint.

Run as `python tests/bench/bench_window.py [--full]`; prints one table.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from table import Row, at_most, holds, noted, run_alone

ROOT: Final = Path(__file__).resolve().parents[2]
RUNS: Final = 7
HEAVY: Final = ("torch", "scipy", "soundfile", "diffusers", "transformers")

_PAINTED: Final = """
import os, sys
from PySide6.QtCore import QEvent, QObject
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched.isWidgetType():
            heavy = [n for n in %r if n in sys.modules]
            os.write(1, (",".join(heavy) or "none").encode())
            os._exit(0)
        return False
"""

BARE: Final = """
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
watch = Watch()
window = QMainWindow()
application.installEventFilter(watch)
window.show()
application.exec()
"""

_PROGRAM: Final = """
import gc
gc.disable()  # as the program begins
from acestep_desktop.ui import main_window
from PySide6.QtWidgets import QApplication
act = main_window.MainWindow.%s
def watched(*given):
    global watch
    watch = Watch()
    %s
main_window.MainWindow.%s = watched
sys.argv = ["acestep-desktop"]
from acestep_desktop.__main__ import main
main()
"""

_BEFORE: Final = "QApplication.instance().installEventFilter(watch); act(*given)"
_AFTER: Final = "act(*given); QApplication.instance().installEventFilter(watch)"

WHOLE: Final = _PROGRAM % ("show", _BEFORE, "show")
FURNISHED: Final = _PROGRAM % ("furnish", _AFTER, "furnish")


@dataclass(frozen=True, slots=True)
class Start:
    """What a start cost until its first paint, in milliseconds, and what it had loaded."""

    wall_ms: float
    processor_ms: float
    loaded: str


def start(program: str, home: str) -> Start:
    """Start a program in a process of its own and wait for its first paint."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", _PAINTED % (HEAVY,) + program],
        cwd=ROOT,
        env=os.environ
        | {"ACESTEP_HOME": home, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    with process.stdout:
        loaded = process.stdout.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0 and loaded
    wall = time.perf_counter() - begun
    return Start(wall * 1e3, (used.ru_utime + used.ru_stime) * 1e3, loaded)


def starts(runs: int) -> dict[str, list[Start]]:
    """Return the starts of a bare window and of ours, taken in turn."""
    programs = {"bare": BARE, "seen": WHOLE, "whole": FURNISHED}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        for program in programs.values():
            start(program, home)
        taken: dict[str, list[Start]] = {name: [] for name in programs}
        for _ in range(runs):
            for name, program in programs.items():
                taken[name].append(start(program, home))
    return taken


def measure(full: bool) -> list[Row]:
    """Return how much longer the program takes than a bare window, and what it loads by then."""
    taken = starts(RUNS if full else 3)
    wall = {name: median(each.wall_ms for each in runs) for name, runs in taken.items()}
    used = {name: median(each.processor_ms for each in runs) for name, runs in taken.items()}
    loaded = taken["seen"][-1].loaded
    return [
        noted("a bare window is painted after", wall["bare"], "ms"),
        noted("the program is painted, its prompt takes words, after", wall["seen"], "ms"),
        at_most("that over a bare window, by the clock", wall["seen"] / wall["bare"], 2.5, "×"),
        at_most("that over a bare window, of processor", used["seen"] / used["bare"], 2.5, "×"),
        noted("all panels are painted after", wall["whole"], "ms"),
        noted("that over a bare window, of processor", used["whole"] / used["bare"], "×"),
        holds(
            "heavy libraries loaded by the first paint", loaded, "none", reached=loaded == "none"
        ),
    ]


if __name__ == "__main__":
    sys.exit(run_alone(measure, "window"))
