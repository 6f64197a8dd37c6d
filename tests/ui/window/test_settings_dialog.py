"""The settings: each choice holds at once, here and at the next start."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QMessageBox,
)
from pytestqt.qtbot import QtBot

from acestep_desktop.app import show_theme
from acestep_desktop.library.folders import Folders
from acestep_desktop.realtime.stream import Device
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.main_window import MainWindow
from acestep_desktop.ui.settings_dialog import SettingsDialog
from acestep_desktop.ui.theme import THEME_NAMES, load_theme
from tests.ui.window.conftest import FakeRealtime, MakeSessions, named

HEADPHONES = Device("Headphones", 2, 44_100, False)
SPEAKERS = Device("Speakers", 2, 48_000, True)


@pytest.fixture
def dialog(sessions: Sessions, realtime: FakeRealtime, qtbot: QtBot) -> SettingsDialog:
    realtime.found = [SPEAKERS, HEADPHONES]
    with qtbot.waitSignal(sessions.transport.devices_found):
        dialog = SettingsDialog(sessions.settings, sessions.transport, sessions.music_folder)
        qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def choose(box: QComboBox, index: int) -> None:
    """Choose as a person does: Qt tells `activated` of that alone."""
    box.setCurrentIndex(index)
    box.activated.emit(index)


def test_devices_that_were_found_can_be_chosen_and_are_used_at_once(
    dialog: SettingsDialog, sessions: Sessions, realtime: FakeRealtime
) -> None:
    box = named(dialog, QComboBox, "Output device")
    assert [box.itemText(i) for i in range(box.count())] == [
        "System default",
        "Speakers (48000 Hz)",
        "Headphones (44100 Hz)",
    ]
    choose(box, 2)
    assert realtime.device == "Headphones"
    assert sessions.settings.device == "Headphones"
    choose(box, 0)
    assert realtime.device is None
    assert sessions.settings.device is None


def test_a_buffer_is_chosen_used_at_once_and_at_the_next_start(
    dialog: SettingsDialog,
    sessions: Sessions,
    realtime: FakeRealtime,
    new_sessions: MakeSessions,
) -> None:
    box = named(dialog, QComboBox, "Buffer")
    assert (box.currentText(), realtime.block) == ("512 frames (11 ms)", 512)
    choose(box, box.findData(256))
    assert realtime.block == sessions.settings.buffer == 256
    sound = FakeRealtime()
    new_sessions(sound)
    assert sound.block == 256


def test_the_device_that_was_chosen_is_used_at_the_next_start(
    sessions: Sessions, new_sessions: MakeSessions
) -> None:
    sessions.settings.set_device("Headphones")
    sound = FakeRealtime()
    new_sessions(sound)
    assert sound.device == "Headphones"


def test_without_a_device_the_dialog_says_what_to_do(
    sessions: Sessions, realtime: FakeRealtime, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(sessions.transport.devices_found):
        dialog = SettingsDialog(sessions.settings, sessions.transport, sessions.music_folder)
        qtbot.addWidget(dialog)
    box = named(dialog, QComboBox, "Output device")
    assert box.count() == 1
    assert "connect one" in box.toolTip()


def test_looking_for_devices_in_the_settings_opens_no_menu_elsewhere(
    window: MainWindow, sessions: Sessions, realtime: FakeRealtime, qtbot: QtBot
) -> None:
    realtime.found = [SPEAKERS]
    with qtbot.waitSignal(sessions.transport.devices_found):
        sessions.transport.find_devices()
    assert QApplication.activePopupWidget() is None


def test_a_theme_that_nobody_knows_is_shown_as_the_usual_one(
    sessions: Sessions, qtbot: QtBot
) -> None:
    sessions.settings.set_theme("midnight")
    with qtbot.waitSignal(sessions.transport.devices_found):
        dialog = SettingsDialog(sessions.settings, sessions.transport, sessions.music_folder)
        qtbot.addWidget(dialog)
    assert named(dialog, QComboBox, "Theme").currentData() == "dark"


def test_a_music_folder_that_cannot_be_made_is_said(
    dialog: SettingsDialog, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda parent, title, words: said.append(words))
    monkeypatch.setattr(QDesktopServices, "openUrl", said.append)
    shutil.rmtree(folders.root)
    folders.root.write_text("in the way")
    named(dialog, QAbstractButton, "Open the music folder").click()
    folders.root.unlink()
    folders.root.mkdir()
    assert len(said) == 1 and str(folders.root) in said[0]


@pytest.mark.parametrize(
    ("choice", "switch"),
    [("Play the first take", "Play first"), ("Match levels", "Same level")],
)
def test_the_tray_shows_what_the_settings_say(
    window: MainWindow, dialog: SettingsDialog, choice: str, switch: str
) -> None:
    shown = named(window, QCheckBox, switch)
    assert shown.isChecked()
    named(dialog, QCheckBox, choice).click()
    assert not shown.isChecked()
    named(dialog, QCheckBox, choice).click()
    assert shown.isChecked()


@pytest.mark.parametrize("name", THEME_NAMES)
def test_a_theme_is_chosen_and_remembered(
    dialog: SettingsDialog, sessions: Sessions, new_sessions: MakeSessions, name: str, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(sessions.settings.theme_changed) as changed:
        choose(named(dialog, QComboBox, "Theme"), THEME_NAMES.index(name))
    assert changed.args == [name]
    assert new_sessions().settings.theme == name


def test_a_theme_changes_what_is_already_painted(
    window: MainWindow, sessions: Sessions, qapp: QApplication
) -> None:
    meter = next(w for w in window.findChildren(object) if type(w).__name__ == "LevelMeter")

    def paper() -> str:
        return str(meter.grab().toImage().pixelColor(70, 11).name())

    assert paper() == load_theme("dark").background
    sessions.settings.set_theme("light")
    assert paper() == load_theme("light").background


def test_the_whole_program_takes_a_themes_colours(qapp: QApplication) -> None:
    before = qapp.palette(), qapp.styleSheet()
    try:
        for name in THEME_NAMES:
            show_theme(qapp, name)
            assert qapp.palette().window().color().name() == load_theme(name).background
            assert load_theme(name).accent in qapp.styleSheet()
    finally:
        qapp.setPalette(before[0])
        qapp.setStyleSheet(before[1])


def test_levels_are_matched_or_not_from_the_next_take_on(
    dialog: SettingsDialog, sessions: Sessions
) -> None:
    box = named(dialog, QCheckBox, "Match levels")
    assert box.isChecked() and sessions.audition.level_matched
    box.click()
    assert not sessions.audition.level_matched
    box.click()
    assert sessions.audition.level_matched


def test_the_first_take_need_not_play(
    dialog: SettingsDialog, sessions: Sessions, new_sessions: MakeSessions
) -> None:
    named(dialog, QCheckBox, "Play the first take").click()
    assert not sessions.settings.plays_first_take
    assert not new_sessions().settings.plays_first_take


def test_the_dialog_shows_what_was_chosen_before(
    sessions: Sessions, realtime: FakeRealtime, qtbot: QtBot
) -> None:
    sessions.settings.set_theme("contrast")
    sessions.settings.set_level_matched(False)
    sessions.settings.set_plays_first_take(False)
    sessions.settings.set_device("Headphones")
    realtime.found = [SPEAKERS, HEADPHONES]
    with qtbot.waitSignal(sessions.transport.devices_found):
        dialog = SettingsDialog(sessions.settings, sessions.transport, sessions.music_folder)
        qtbot.addWidget(dialog)
    assert named(dialog, QComboBox, "Theme").currentData() == "contrast"
    assert not named(dialog, QCheckBox, "Match levels").isChecked()
    assert not named(dialog, QCheckBox, "Play the first take").isChecked()
    assert named(dialog, QComboBox, "Output device").currentData() == "Headphones"


def test_the_music_folder_is_made_and_opened(
    dialog: SettingsDialog, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    named(dialog, QAbstractButton, "Open the music folder").click()
    assert [Path(url.toLocalFile()) for url in opened] == [folders.root]
    assert folders.root.is_dir()


def test_settings_are_forgotten_when_they_are_closed(
    window: MainWindow, sessions: Sessions, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(QDialog, "exec", lambda dialog: 0)
    for _ in range(3):
        window.files.settings_wanted.emit()
    qtbot.waitUntil(lambda: not window.findChildren(SettingsDialog))


def test_every_control_has_a_name_and_a_tip(dialog: SettingsDialog) -> None:
    controls = [*dialog.findChildren(QComboBox), *dialog.findChildren(QCheckBox)]
    assert len(controls) >= 4
    for control in controls:
        assert control.accessibleName() and control.toolTip()
