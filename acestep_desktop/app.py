"""The composition root of the window: the one place that knows everything."""

import signal
import sys
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from acestep_desktop.library.folders import standard_folders
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.audition import AuditionSession
from acestep_desktop.session.jobs import JobSession
from acestep_desktop.session.library import LibrarySession
from acestep_desktop.ui.main_window import MainWindow
from acestep_desktop.ui.theme import load_theme, palette_of, style_sheet

_SIGNALS_MS: Final = 200
"""How often Python gets a turn to see Ctrl+C and SIGTERM while Qt waits."""


def main(project: Path | None = None) -> int:
    """Show the window until it is closed; return the exit code."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("ACE-Step Desktop")
    theme = load_theme("dark")
    application.setStyle("Fusion")
    application.setPalette(palette_of(theme))
    application.setStyleSheet(style_sheet(theme))
    library = TakeLibrary(standard_folders())
    jobs, audition = JobSession(library), AuditionSession()
    window = MainWindow(jobs, LibrarySession(library), audition, theme)
    window.resize(1100, 720)
    window.show()
    if project is not None:
        window.say("Projects open in the command line for now: acestep-desktop play or render.")
    QTimer.singleShot(0, window, audition.start)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.close())
    beat = QTimer()
    beat.start(_SIGNALS_MS)
    beat.timeout.connect(_give_python_a_turn)
    return application.exec()


def _give_python_a_turn() -> None:
    """Return to Python, which then handles the signals that came."""
