"""The composition root of the window: the one place that knows everything."""

import gc
import importlib
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QMessageBox

from acestep_desktop.domain.errors import UserError
from acestep_desktop.library.folders import Folders, standard_folders
from acestep_desktop.library.preferences import Preferences
from acestep_desktop.session.prompts import PromptShelf
from acestep_desktop.session.settings import SettingsSession
from acestep_desktop.ui.main_window import MainWindow
from acestep_desktop.ui.theme import load_theme, palette_of, style_sheet

_SIGNALS_MS: Final = 200
"""How often Python gets a turn to see Ctrl+C and SIGTERM while Qt waits."""

_SWITCH_INTERVAL_S: Final = 0.001
"""How long a thread may keep Python to itself while others wait: a fifth of what is usual, because
what an engine sends passes through several, and the window's waits among them."""

_UNPAINTED_MS: Final = 1_000
"""A window that nobody sees, such as one that starts as an icon, is furnished after this."""

_MISTAKE: Final = (
    "The program made a mistake at its start, and ends. Started from a terminal, it prints where."
)

_SLOW: Final = ("numpy", "acestep_desktop.session.assembly", "acestep_desktop.ui.workspace")
"""What takes long to import and is not needed for the first sight of the window."""


def main(project: Path | None = None) -> int:
    """Show the window until it is closed; return the exit code."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    # Asked for by name in its arguments: setStyle would answer with all that Qt knows of styles.
    application = QApplication([*sys.argv[:1], "-style", "Fusion"])
    application.setApplicationName("ACE-Step Desktop")
    folders = standard_folders()
    settings = SettingsSession(Preferences(folders.preferences))
    window = MainWindow(settings, PromptShelf(folders.data))
    # Widgets that are put together under a style sheet are each styled again and again.
    show_theme(application, settings.theme)
    settings.theme_changed.connect(partial(show_theme, application))
    window.restore_place()
    opening = Opening(lambda: _furnished(window, settings, folders, project), window)
    window.painted.connect(opening.begin)
    QTimer.singleShot(_UNPAINTED_MS, opening, opening.begin)
    window.show()

    def leave_soon(*_: object) -> None:
        # Out of every event loop, that of a dialog which waits for an answer as well. What
        # is still on its way meets living sessions: they are closed when the last loop ended.
        QTimer.singleShot(0, partial(application.exit, 0))

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave_soon)
    beat = QTimer()
    beat.start(_SIGNALS_MS)
    beat.timeout.connect(_give_python_a_turn)
    code = application.exec()
    opening.end()
    window.log_out()  # also one that was closed early, and furnished since
    if opening.failed:
        _tell_of(opening.error)
    return code


class Opening(QObject):
    """Does the steps of the start, one in each turn of the event loop, so that keys are heard.

    A step that fails ends the event loop; `failed` says so, and `error` why where a person
    can do something about it.
    """

    def __init__(self, steps: Callable[[], Iterator[None]], window: QObject) -> None:
        super().__init__(window)
        self.error: UserError | None = None
        self.failed = False
        self._steps: Iterator[None] = iter(())
        self._make_steps = steps
        self._turn = QTimer(self)
        self._turn.timeout.connect(self._go_on)
        self._begun = False

    @Slot()
    def begin(self) -> None:
        """Begin, unless that was done."""
        if not self._begun:
            self._begun = True
            self._steps = self._make_steps()
            self._turn.start(0)

    def end(self) -> None:
        """Do no more steps."""
        self._begun = True
        self._turn.stop()

    @Slot()
    def _go_on(self) -> None:
        self.failed = True
        try:
            next(self._steps)
            self.failed = False
        except StopIteration:
            self._turn.stop()
            self.failed = False
        except UserError as error:
            self.error = error
        finally:
            if self.failed:
                self._turn.stop()
                QApplication.exit(1)


def _furnished(
    window: MainWindow, settings: SettingsSession, folders: Folders, project: Path | None
) -> Iterator[None]:
    """Load the rest of the program and furnish the window with it, step by step."""
    for name in _SLOW:
        importlib.import_module(name)
        yield
    from acestep_desktop.session.assembly import make_sessions

    sessions = make_sessions(folders, settings=settings)
    with ExitStack() as undone:
        undone.callback(sessions.close)  # else their threads would keep the program alive
        window.furnish(sessions)
        undone.pop_all()
    yield
    # What was loaded stays to the end: it is not worth a look at each collection.
    gc.freeze()
    gc.enable()
    sessions.start()
    recovered = window.files.offer_recovery()
    yield  # the end of the program may have come while the question was open
    if project is not None and not recovered:
        window.files.open(project)
    elif project is not None and (left_out := window.files.left_out(project)):
        window.warn(left_out)


def _tell_of(error: UserError | None) -> None:
    """Say in a box that the start failed: who started it by an icon sees no terminal."""
    QMessageBox.critical(None, "ACE-Step Desktop", str(error or _MISTAKE))
    if error is not None:
        raise error


def show_theme(application: QApplication, name: str) -> None:
    """Give the whole program the colours of a theme."""
    theme = load_theme(name)
    application.setPalette(palette_of(theme))
    application.setStyleSheet(style_sheet(theme))


def _give_python_a_turn() -> None:
    """Return to Python, which then handles the signals that came."""
