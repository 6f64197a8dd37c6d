"""Room: how much of the window is left for the music at the smallest usual size."""

from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.main_window import MainWindow
from acestep_desktop.ui.prompt_fields import PromptFields
from acestep_desktop.ui.prompt_panel import PromptPanel
from acestep_desktop.ui.take_list import TakeList
from acestep_desktop.ui.theme import load_theme, style_sheet
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT
from acestep_desktop.ui.timeline.view import TimelineView
from tests.ui.conftest import keep


def test_the_lanes_have_room_below_a_prompt_that_was_understood(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.setStyleSheet(style_sheet(load_theme("dark")))
    window.resize(1280, 800)
    prompt = window.findChild(PromptPanel)
    prompt.set_words("deep house, warm bass, A minor, 8 bars")
    qtbot.waitUntil(lambda: len(prompt.findChildren(QToolButton, "chip")) >= 4)
    lanes = window.findChild(TimelineView).canvas
    qtbot.waitUntil(lambda: lanes.height() >= 3.5 * ROW_HEIGHT)


def test_the_fields_of_the_prompt_wrap_where_they_find_no_room(qtbot: QtBot) -> None:
    fields = PromptFields()
    qtbot.addWidget(fields)
    fields.setStyleSheet(style_sheet(load_theme("dark")))
    fields.resize(1200, 40)
    fields.show()
    qtbot.waitUntil(lambda: 0 < fields.height() < 45)
    fields.resize(400, 40)
    assert fields.height() > 45


def test_a_narrow_list_of_takes_shows_its_stars(
    window: MainWindow, sessions: Sessions, qtbot: QtBot
) -> None:
    keep(TakeLibrary(sessions.library.folders), "a take whose title is far too long for the list")
    sessions.library.takes_changed.emit()
    takes = window.findChild(TakeList)
    takes.setFixedWidth(300)
    qtbot.waitUntil(lambda: takes.width() == 300)
    row = takes.visualRect(takes.takes.index(0))
    assert row.right() <= takes.viewport().rect().right()
    assert not takes.horizontalScrollBar().isVisible()
