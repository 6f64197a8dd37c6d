"""How long the window takes from the start of its process to its first paint.

Run as `python tests/bench/bench_window.py [--full]`; prints one table.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

from table import Row, at_most, holds, noted, run_alone

ROOT: Final = Path(__file__).resolve().parents[2]
RUNS: Final = 7
HEAVY: Final = ("torch", "scipy", "soundfile", "diffusers", "transformers")

_PAINTED: Final = """
import os, sys
from PySide6.QtCore import QEvent, QObject, QTimer
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

WHOLE: Final = """
from acestep_desktop import app
from acestep_desktop.ui import main_window
show = main_window.MainWindow.show
def watched(window):
    from PySide6.QtWidgets import QApplication
    global watch
    watch = Watch()
    QApplication.instance().installEventFilter(watch)
    show(window)
main_window.MainWindow.show = watched
app.main()
"""


def first_paint(program: str, home: str) -> tuple[float, str]:
    """Return the seconds until the first paint, and the heavy libraries that were loaded."""
    begun = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-c", _PAINTED % (HEAVY,) + program],
        cwd=ROOT,
        env=os.environ
        | {"ACESTEP_HOME": home, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return time.perf_counter() - begun, run.stdout


def times(runs: int) -> tuple[float, float, str]:
    """Return the medians of a bare window and of ours, taken in turn, and what ours loaded."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        for program in (BARE, WHOLE):
            first_paint(program, home)
        bare, whole, loaded = [], [], "none"
        for _ in range(runs):
            bare.append(first_paint(BARE, home)[0])
            seconds, loaded = first_paint(WHOLE, home)
            whole.append(seconds)
    return median(bare), median(whole), loaded


def measure(full: bool) -> list[Row]:
    """Return how much longer the program takes than a bare window, and what it loads by then."""
    bare, whole, loaded = times(RUNS if full else 3)
    return [
        noted("a bare window is painted after", bare * 1000, "ms"),
        noted("the program is painted after", whole * 1000, "ms"),
        at_most("the program over a bare window", whole / bare, 2.5, "×"),
        holds("heavy libraries loaded by then", loaded, "none", reached=loaded == "none"),
    ]


if __name__ == "__main__":
    sys.exit(run_alone(measure, "window"))
