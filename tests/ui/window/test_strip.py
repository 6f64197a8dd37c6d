"""Strip mode: small, on top, and back to where the window was."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QPlainTextEdit
from pytestqt.qtbot import QtBot

from acestep_desktop.ui.commands import Commands
from acestep_desktop.ui.library_panel import LibraryPanel
from acestep_desktop.ui.main_window import MainWindow
from acestep_desktop.ui.timeline.panel import TimelinePanel
from acestep_desktop.ui.tray import AuditionTray
from tests.ui.window.conftest import named


def test_a_strip_is_small_on_top_and_has_prompt_and_tray(window: MainWindow) -> None:
    strip = window.findChild(Commands).strip
    strip.toggle()
    assert window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    assert window.isVisible() and window.height() <= 260 and window.width() <= 920
    assert window.findChild(AuditionTray).isVisible()
    assert named(window, QPlainTextEdit, "Prompt").isVisible()
    assert named(window, QAbstractButton, "Generate").isVisible()
    assert not window.findChild(LibraryPanel).isVisible()
    assert not window.findChild(TimelinePanel).isVisible()


def test_the_whole_window_comes_back_as_it_was(window: MainWindow, qtbot: QtBot) -> None:
    strip = window.findChild(Commands).strip
    before = window.geometry()
    strip.toggle()
    named(window, QAbstractButton, "Whole window").click()
    assert not strip.on
    assert window.geometry() == before
    assert not window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    assert window.findChild(LibraryPanel).isVisible()
    assert not named(window, QAbstractButton, "Whole window").isVisible()


def test_a_key_makes_and_ends_the_strip(window: MainWindow, qtbot: QtBot) -> None:
    strip = window.findChild(Commands).strip
    window.findChild(Commands).book.run("Strip on top of everything")
    assert strip.on
    window.findChild(Commands).book.run("Strip on top of everything")
    assert not strip.on
