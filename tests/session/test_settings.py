"""Settings that are remembered."""

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.time import DEFAULT_BUFFER
from acestep_desktop.library.preferences import Preferences
from acestep_desktop.session.settings import MAX_RECENT, SettingsSession


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "preferences.json"


@pytest.fixture
def settings(qapp: QCoreApplication, path: Path) -> SettingsSession:
    return SettingsSession(Preferences(path))


def test_without_any_choice_there_are_sensible_ones(settings: SettingsSession) -> None:
    assert settings.theme == "dark"
    assert settings.device is None
    assert settings.buffer == DEFAULT_BUFFER
    assert settings.plays_first_take and settings.level_matched
    assert settings.geometry == b"" and settings.recent == []


def test_choices_are_remembered_at_once(
    settings: SettingsSession, path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(settings.theme_changed) as changed:
        settings.set_theme("light")
    settings.set_device("Headphones")
    settings.set_buffer(128)
    settings.set_plays_first_take(False)
    settings.set_level_matched(False)
    settings.set_geometry(b"\x01\xff")
    again = SettingsSession(Preferences(path))
    assert changed.args == ["light"]
    assert (again.theme, again.device, again.geometry) == ("light", "Headphones", b"\x01\xff")
    assert not again.plays_first_take and not again.level_matched
    assert again.buffer == 128


def test_a_buffer_that_is_not_offered_is_the_usual_one(settings: SettingsSession) -> None:
    settings.set_buffer(7)
    assert settings.buffer == DEFAULT_BUFFER


def test_recent_projects_are_newest_first_without_repeats_or_lost_files(
    settings: SettingsSession, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{number}.acestep" for number in range(MAX_RECENT + 2)]
    for path in paths:
        path.write_text("{}")
        settings.add_recent(path)
    settings.add_recent(paths[5])
    paths[6].unlink()
    assert settings.recent[0] == paths[5]
    assert len(settings.recent) == MAX_RECENT - 1
    assert paths[6] not in settings.recent


def test_what_cannot_be_remembered_holds_for_now_and_is_said(
    qapp: QCoreApplication, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    settings = SettingsSession(Preferences(tmp_path / "file" / "preferences.json"))
    said: list[str] = []
    settings.failed.connect(said.append)
    settings.set_theme("light")
    assert len(said) == 1
    assert settings.theme == "light"


def test_damaged_geometry_is_none(path: Path, qapp: QCoreApplication) -> None:
    path.write_text('{"geometry": "no hex"}')
    assert SettingsSession(Preferences(path)).geometry == b""
