"""The start: the window is seen with the prompt, then furnished; what is asked meanwhile waits."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from acestep_desktop.app import Opening
from acestep_desktop.domain.errors import UserError
from acestep_desktop.library.folders import Folders
from acestep_desktop.session.prompts import PromptShelf
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.main_window import MainWindow
from tests.ui.window.conftest import FakeRealtime, named

FIRST_SIGHT = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from acestep_desktop import app

app.Opening.begin = lambda opening: QTimer.singleShot(0, QApplication.quit)
sys.argv = ["acestep-desktop"]
from acestep_desktop.__main__ import main
code = main()
print(*sys.modules)
sys.exit(code)
"""


@pytest.fixture
def bare_window(sessions: Sessions, qtbot: QtBot) -> MainWindow:
    """The window as it is seen first."""
    window = MainWindow(sessions.settings, PromptShelf(sessions.library.folders.data))
    qtbot.addWidget(window)
    return window


def test_the_first_sight_of_the_window_needs_no_arithmetic_and_no_process(folders: Folders) -> None:
    seen = subprocess.run(
        [sys.executable, "-c", FIRST_SIGHT],
        env={**os.environ, "ACESTEP_HOME": str(folders.root), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = set(seen.stdout.split())
    assert "acestep_desktop.ui.prompt_panel" in loaded
    late = {"numpy", "multiprocessing", "subprocess", "sqlite3", "acestep_desktop.ui.workspace"}
    assert not loaded & late
    assert not [name for name in loaded if name.startswith("acestep_desktop.realtime")]


def test_the_window_says_when_it_can_be_seen(bare_window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bare_window.painted):
        bare_window.show()


def test_an_idea_that_is_sent_off_at_once_is_made_when_the_program_is_loaded(
    bare_window: MainWindow, sessions: Sessions, qtbot: QtBot
) -> None:
    bare_window.show()
    words = named(bare_window, QPlainTextEdit, "Prompt")
    qtbot.keyClicks(words, "slow house")
    qtbot.keyClick(words, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert sessions.jobs.jobs == ()
    bare_window.furnish(sessions)
    assert [job.request.prompt.caption for job in sessions.jobs.jobs] == ["slow house"]
    assert words.toPlainText() == "slow house"
    bare_window.log_out()


def test_a_window_that_is_closed_before_it_is_furnished_has_nothing_to_ask(
    bare_window: MainWindow, sessions: Sessions, realtime: FakeRealtime
) -> None:
    bare_window.show()
    assert bare_window.close()
    assert not realtime.closed


def test_keys_are_heard_between_the_steps_of_the_start(
    qapp: QCoreApplication, qtbot: QtBot
) -> None:
    done: list[str] = []

    def steps() -> Iterator[None]:
        done.append("first")
        QTimer.singleShot(0, lambda: done.append("key"))
        yield
        yield
        done.append("last")

    parent = QObject()
    opening = Opening(steps, parent)
    opening.begin()
    opening.begin()
    qtbot.waitUntil(lambda: "last" in done)
    assert done == ["first", "key", "last"]


def test_a_start_that_fails_ends_the_program_with_its_reason(
    qapp: QCoreApplication, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    codes: list[int] = []
    monkeypatch.setattr(QApplication, "exit", codes.append)

    def steps() -> Iterator[None]:
        yield
        raise UserError("The folder of takes cannot be read.")

    parent = QObject()
    opening = Opening(steps, parent)
    opening.begin()
    qtbot.waitUntil(lambda: bool(codes))
    assert codes == [1]
    assert opening.failed
    assert str(opening.error) == "The folder of takes cannot be read."
