"""What makes the window easy: the steps by name, little motion, and the strip's transport."""

from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QMenu, QPushButton

from acestep_desktop.domain.edits import set_tempo
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.session.transport import CALM_MS, ROLLING_MS
from acestep_desktop.ui.commands import Commands
from acestep_desktop.ui.history_menu import HistoryMenu
from acestep_desktop.ui.library_panel import LibraryPanel
from acestep_desktop.ui.main_window import MainWindow
from acestep_desktop.ui.settings_dialog import SettingsDialog
from acestep_desktop.ui.strip_transport import StripTransport
from acestep_desktop.ui.timeline.panel import TimelinePanel
from tests.ui.window.conftest import FakeRealtime, named, place, rename


def steps(window: MainWindow) -> list[QAction]:
    menu = window.findChild(HistoryMenu)
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    return menu.actions()


def test_the_menu_of_steps_goes_to_any_of_them(window: MainWindow, sessions: Sessions) -> None:
    for name in ("one", "two", "three"):
        rename(sessions, name)
    assert [action.text() for action in steps(window)] == [*["Rename"] * 3, "As it was opened"]
    assert [action.isChecked() for action in steps(window)] == [True, False, False, False]
    steps(window)[2].trigger()
    assert sessions.document.project.name == "one"
    assert steps(window)[0].text() == "Redo up to: Rename"
    steps(window)[0].trigger()
    assert sessions.document.project.name == "three"
    steps(window)[3].trigger()
    assert sessions.document.history.past == ()


def test_less_movement_is_remembered_and_holds_at_once(
    window: MainWindow, sessions: Sessions, folders_takes: TakeLibrary
) -> None:
    dialog = SettingsDialog(sessions.settings, sessions.transport, sessions.music_folder, window)
    box = named(dialog, QCheckBox, "Reduced motion")
    box.click()
    assert sessions.settings.reduced_motion
    assert sessions.transport.rolling_ms == CALM_MS
    assert not QApplication.isEffectEnabled(Qt.UIEffect.UI_AnimateMenu)
    assert QApplication.cursorFlashTime() == 0
    box.click()
    assert sessions.transport.rolling_ms == ROLLING_MS
    assert QApplication.cursorFlashTime() > 0
    dialog.deleteLater()


def test_a_line_of_the_grid_is_shown_as_what_it_is(sessions: Sessions) -> None:
    # At 122 bpm most lines lie between two frames.
    tempo = TempoMap.steady(122)
    sessions.document.apply("Change tempo", partial(set_tempo, tempo=tempo))
    for bar in range(1, 40):
        sessions.transport.locate_tick(tempo.tick_of_bar(bar))
        assert str(sessions.transport.position()) == f"{bar}.1.000"


def test_a_strip_has_a_transport(
    window: MainWindow, sessions: Sessions, realtime: FakeRealtime
) -> None:
    transport = window.findChild(StripTransport)
    assert not transport.isVisible()
    window.findChild(Commands).strip.toggle()
    assert transport.isVisible()
    named(transport, QPushButton, "Play the project").click()
    assert realtime.status.rolling
    assert not named(transport, QPushButton, "Loop of the project").isEnabled()
    window.findChild(Commands).strip.toggle()
    assert not transport.isVisible()


def test_a_double_click_on_the_bars_plays_from_there(
    window: MainWindow, realtime: FakeRealtime
) -> None:
    timeline = window.findChild(TimelinePanel)
    x = round(timeline.viewport.scale.x_of_frame(4 * 48_000))
    QTest.mouseDClick(timeline.ruler, Qt.MouseButton.LeftButton, pos=QPoint(x, 8))
    assert realtime.status.rolling


def test_a_double_click_on_a_clip_shows_its_take_in_the_list(
    window: MainWindow, sessions: Sessions, folders_takes: TakeLibrary
) -> None:
    noise = np.random.default_rng(1).uniform(-0.2, 0.2, (48_000, 2)).astype(np.float32)
    take = sessions.library.lookup([folders_takes.commit(noise, title="Hiss").take_id])
    (stored,) = take.values()
    place(sessions, stored)
    window.findChild(TimelinePanel).take_wanted.emit(stored.take_id)
    assert [t.take_id for t in window.findChild(LibraryPanel).selected()] == [stored.take_id]
