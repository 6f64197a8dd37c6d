"""Strip mode: small, on top, and back to where the window was."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QPlainTextEdit
from pytestqt.qtbot import QtBot

from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.commands import Commands
from acestep_desktop.ui.library_panel import LibraryPanel
from acestep_desktop.ui.lyrics_page import LyricsPage
from acestep_desktop.ui.main_window import MainWindow
from acestep_desktop.ui.timeline.panel import TimelinePanel
from acestep_desktop.ui.tray import AuditionTray
from tests.ui.window.conftest import named, rename


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


def test_the_keys_of_the_menus_go_on_in_a_strip(
    window: MainWindow, sessions: Sessions, qtbot: QtBot
) -> None:
    rename(sessions, "Song")
    window.findChild(Commands).strip.toggle()
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not sessions.document.modified


def test_quitting_as_a_strip_keeps_the_place_of_the_whole_window(
    window: MainWindow, sessions: Sessions
) -> None:
    window.resize(window.width(), 711)
    before = bytes(window.saveGeometry().data())
    window.findChild(Commands).strip.toggle()
    window.close()
    assert sessions.settings.geometry == before


def test_a_maximized_window_is_so_again_after_the_strip(window: MainWindow) -> None:
    window.showMaximized()
    strip = window.findChild(Commands).strip
    strip.toggle()
    assert not window.isMaximized() and window.height() <= 260
    strip.toggle()
    assert window.isMaximized()


def test_a_page_that_is_opened_ends_the_strip(window: MainWindow) -> None:
    commands = window.findChild(Commands)
    commands.strip.toggle()
    commands.book.run("Lyrics")
    assert not commands.strip.on
    assert window.findChild(LyricsPage).isVisible()
