"""Esc in the whole window: it leaves what can be left before it stops what is made or heard."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.jobs import JobState
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.main_window import MainWindow
from acestep_desktop.ui.tempo_box import TempoBox
from acestep_desktop.ui.timeline.inline_name import InlineName
from acestep_desktop.ui.timeline.pointer import Doing
from acestep_desktop.ui.timeline.view import TimelineView
from tests.ui.conftest import keep
from tests.ui.window.conftest import FakeRealtime, named, place

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def timeline(window: MainWindow, sessions: Sessions) -> TimelineView:
    """A clip on the timeline, and a take that is heard: Esc that reaches the window ends it."""
    keep(TakeLibrary(sessions.library.folders), "warm house")
    take = sessions.library.search()[0]
    place(sessions, take)
    sessions.audition.play(take)
    view = window.findChild(TimelineView)
    view.viewport.fit()
    view.canvas.setFocus()
    return view


def escape(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.keyClick(widget, Qt.Key.Key_Escape)


def test_esc_deselects_first_and_then_stops_what_is_heard(
    timeline: TimelineView, realtime: FakeRealtime, qtbot: QtBot
) -> None:
    timeline.editor.select_all()
    escape(qtbot, timeline.canvas)
    assert (timeline.selected, realtime.ended) == (frozenset(), 0)
    escape(qtbot, timeline.canvas)
    assert realtime.ended == 1


def test_esc_in_the_midst_of_a_drag_takes_only_the_drag_back(
    timeline: TimelineView, realtime: FakeRealtime, sessions: Sessions, qtbot: QtBot
) -> None:
    before = sessions.document.project
    grip = QPoint(round(timeline.viewport.scale.x_of_frame(48_000)), 40)
    QTest.mousePress(timeline.canvas, LEFT, NONE, grip)
    timeline.pointer.move((grip + QPoint(120, 0)).toPointF(), NONE)
    assert timeline.pointer.doing is Doing.DRAGGING
    timeline.editor.clear()
    escape(qtbot, timeline.canvas)
    QTest.mouseRelease(timeline.canvas, LEFT, NONE, grip)
    assert (sessions.document.project, realtime.ended) == (before, 0)


def test_esc_takes_a_loop_back_that_is_being_drawn(
    timeline: TimelineView, window: MainWindow, realtime: FakeRealtime, qtbot: QtBot
) -> None:
    named(window, QPlainTextEdit, "Prompt").setFocus()
    QTest.mousePress(timeline.ruler, LEFT, NONE, QPoint(100, 6))
    QTest.mouseMove(timeline.ruler, QPoint(300, 6))
    escape(qtbot, window.focusWidget())
    assert not timeline.ruler.dragging
    assert realtime.ended == 0


def test_esc_forgets_the_name_of_a_clip_that_was_typed(
    timeline: TimelineView, sessions: Sessions, realtime: FakeRealtime, qtbot: QtBot
) -> None:
    timeline.editor.select_all()
    qtbot.keyClick(timeline.canvas, Qt.Key.Key_F2)
    (name,) = timeline.canvas.findChildren(InlineName)
    qtbot.keyClicks(name, "something")
    escape(qtbot, name)
    assert not name.isVisible()
    assert [clip.name for clip in sessions.document.project.tracks[0].clips] == ["Drums"]
    assert realtime.ended == 0


def test_esc_forgets_the_name_of_a_track_that_was_typed(
    timeline: TimelineView,
    window: MainWindow,
    sessions: Sessions,
    realtime: FakeRealtime,
    qtbot: QtBot,
) -> None:
    name = named(window, QLineEdit, "Name of track Drums")
    name.setFocus()
    qtbot.keyClicks(name, "something")
    escape(qtbot, name)
    assert (name.text(), name.hasFocus()) == ("Drums", False)
    assert sessions.document.project.tracks[0].name == "Drums"
    assert realtime.ended == 0


def test_esc_clears_a_search_and_then_stops_what_is_heard(
    timeline: TimelineView, window: MainWindow, realtime: FakeRealtime, qtbot: QtBot
) -> None:
    search = named(window, QLineEdit, "Search takes")
    search.setFocus()
    qtbot.keyClicks(search, "house")
    escape(qtbot, search)
    assert (search.text(), realtime.ended) == ("", 0)
    escape(qtbot, search)
    assert realtime.ended == 1


def test_esc_forgets_a_tempo_that_was_typed(
    timeline: TimelineView, window: MainWindow, realtime: FakeRealtime, qtbot: QtBot
) -> None:
    box = window.findChild(TempoBox)
    shown = box.text()
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "77")
    assert box.text() != shown
    escape(qtbot, box)
    assert (box.text(), realtime.ended) == (shown, 0)
    escape(qtbot, box)
    assert realtime.ended == 1


def test_esc_cancels_the_job_that_runs_and_says_that_others_wait(
    window: MainWindow, sessions: Sessions, qtbot: QtBot
) -> None:
    jobs = sessions.jobs
    for _ in range(3):
        jobs.submit("sketch", Request(Prompt("wait at step 1"), bars=1))
    qtbot.waitUntil(lambda: jobs.jobs[0].state is JobState.RUNNING)
    said: list[str] = []
    window._space.said.connect(said.append)
    escape(qtbot, named(window, QPlainTextEdit, "Prompt"))
    first, *others = (job.state for job in jobs.jobs)
    assert first is JobState.CANCELLED
    assert not any(state.ended for state in others)
    assert "2 more wait" in said[-1]
