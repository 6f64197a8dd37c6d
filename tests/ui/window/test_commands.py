"""The keys and commands of the whole window."""

import re
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.project import TickRange
from acestep_desktop.domain.time import Tick
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.commands import NO_TAKE, NONE_CHOSEN, Commands
from acestep_desktop.ui.library_panel import LibraryPanel
from acestep_desktop.ui.main_window import MainWindow
from acestep_desktop.ui.palette import CommandPalette
from tests.ui.conftest import keep
from tests.ui.window.conftest import FakeRealtime, named

KEYS = re.compile(r"\(((?:Ctrl\+|Shift\+|Alt\+)*(?:F\d+|Esc|Space|Home|Delete|[A-Z?,]|Enter))\)")


@pytest.fixture
def commands(window: MainWindow) -> Commands:
    return window.findChild(Commands)


def press(qtbot: QtBot, widget: QWidget, text: str) -> None:
    combination = QKeySequence(text)[0]
    qtbot.keyClick(widget, combination.key(), combination.keyboardModifiers())


def test_no_two_bound_verbs_share_a_key(commands: Commands) -> None:
    keys = [QKeySequence(key).toString() for v in commands.book.verbs if v.bound for key in v.keys]
    assert len(keys) == len(set(keys))


def test_no_bound_key_is_a_menu_key_too(commands: Commands) -> None:
    bound = {QKeySequence(key).toString() for v in commands.book.verbs if v.bound for key in v.keys}
    menus = {
        QKeySequence(key).toString()
        for verb in commands.book.verbs
        if verb.group in ("File", "Edit")
        for key in verb.keys
    }
    assert not bound & menus


def test_every_key_that_a_tooltip_promises_is_in_the_book(
    window: MainWindow, commands: Commands
) -> None:
    known = {QKeySequence(key).toString() for verb in commands.book.verbs for key in verb.keys}
    known |= {"Ctrl+Enter", "Esc"}
    promised = {
        key for widget in window.findChildren(QWidget) for key in KEYS.findall(widget.toolTip())
    }
    assert promised
    assert {QKeySequence(key).toString() for key in promised} <= known


def test_the_palette_lists_file_edit_and_timeline_too(commands: Commands) -> None:
    groups = {verb.group for verb in commands.book.verbs}
    assert {"Prompt", "Takes", "Transport", "Library", "Window", "File", "Edit"} <= groups
    assert "Timeline" in groups


def test_ctrl_k_opens_the_palette_and_enter_does_it(
    window: MainWindow, sessions: Sessions, qtbot: QtBot
) -> None:
    window.activateWindow()
    press(qtbot, window, "Ctrl+K")
    palette = window.findChild(CommandPalette)
    qtbot.waitUntil(palette.isVisible)
    words = palette.findChild(QLineEdit)
    qtbot.keyClicks(words, "light theme")
    qtbot.keyClick(words, Qt.Key.Key_Return)
    assert sessions.settings.theme == "light"


@pytest.mark.parametrize("key", ["?", "F1"])
def test_the_sheet_of_keys_opens(window: MainWindow, key: str, qtbot: QtBot) -> None:
    window.setFocus()
    press(qtbot, window, key)
    sheet = next(d for d in window.findChildren(QDialog) if d.windowTitle() == "Keys and gestures")
    assert sheet.isVisible()


def test_no_key_acts_while_the_prompt_is_written(
    window: MainWindow, realtime: FakeRealtime, qtbot: QtBot
) -> None:
    words = named(window, QPlainTextEdit, "Prompt")
    words.setFocus()
    qtbot.keyClicks(words, "808 bells, kick? 1 2 3 ")
    assert words.toPlainText() == "808 bells, kick? 1 2 3 "
    assert realtime.heard == [] and not realtime.metronome


def test_space_plays_the_last_take_while_there_is_no_song(
    window: MainWindow, sessions: Sessions, realtime: FakeRealtime, commands: Commands
) -> None:
    keep(TakeLibrary(sessions.library.folders), "warm house")
    take = sessions.library.search()[0]
    sessions.audition.play(take)
    commands.book.run("Play or stop")
    assert realtime.ended == 1
    commands.book.run("Play or stop")
    assert [heard for heard, _ in realtime.heard] == [take.take_id] * 2


def test_space_stops_what_rolls_before_it_plays_a_take(
    window: MainWindow, sessions: Sessions, realtime: FakeRealtime, commands: Commands
) -> None:
    keep(TakeLibrary(sessions.library.folders), "warm house")
    sessions.audition.play(sessions.library.search()[0])
    sessions.audition.stop()
    sessions.transport.toggle()
    assert realtime.status.rolling
    commands.book.run("Play or stop")
    assert not realtime.status.rolling and len(realtime.heard) == 1


def test_verbs_of_a_take_say_when_there_is_none(commands: Commands, qtbot: QtBot) -> None:
    with qtbot.waitSignal(commands.said) as said:
        commands.book.run("Star the take")
    assert said.args == [NO_TAKE]


def test_verbs_of_the_list_act_on_what_is_selected_there(
    window: MainWindow, sessions: Sessions, commands: Commands, qtbot: QtBot
) -> None:
    keep(TakeLibrary(sessions.library.folders), "warm house")
    with qtbot.waitSignal(commands.said) as said:
        commands.book.run("Trash (in the list)")
    assert said.args == [NONE_CHOSEN]
    sessions.library.takes_changed.emit()
    take = sessions.library.search()[0]
    window.findChild(LibraryPanel).show_take(take.take_id)
    commands.book.run("Star (in the list)")
    assert sessions.library.search()[0].starred
    commands.book.run("Trash (in the list)")
    assert not sessions.library.search()


def test_the_take_that_is_heard_is_starred_by_a_key(
    window: MainWindow, sessions: Sessions, commands: Commands
) -> None:
    keep(TakeLibrary(sessions.library.folders), "warm house")
    sessions.audition.play(sessions.library.search()[0])
    commands.book.run("Star the take")
    assert sessions.library.search()[0].starred


def test_l_and_k_and_esc_reach_the_transport(
    window: MainWindow, sessions: Sessions, realtime: FakeRealtime, qtbot: QtBot
) -> None:
    keep(TakeLibrary(sessions.library.folders), "warm house")
    sessions.audition.play(sessions.library.search()[0])
    window.setFocus()
    press(qtbot, window, "K")
    assert realtime.metronome
    loop = TickRange(Tick(0), Tick(960_000))
    sessions.document.apply("Loop", lambda project: replace(project, loop=loop))
    press(qtbot, window, "L")
    assert realtime.loop is not None
    press(qtbot, window, "Esc")
    assert realtime.ended == 1
