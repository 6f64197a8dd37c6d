"""Settings: remembered at once, shared between windows, and never a reason not to start."""

from pathlib import Path

import pytest

from acestep_desktop.audiofile.errors import DiskFullError
from acestep_desktop.library.preferences import Preferences
from tests.disks import size_limit
from tests.needs import needs


def test_settings_are_remembered_at_once(tmp_path: Path) -> None:
    path = tmp_path / "data" / "preferences.json"
    Preferences(path).set({"theme": "dark", "buffer": 256, "gain_db": -3, "recent": ["a", "雨"]})
    again = Preferences(path)
    assert again.get("theme", "light") == "dark"
    assert again.get("buffer", 512) == 256
    assert again.get("gain_db", 0.0) == -3.0
    assert again.get("recent", None) == ["a", "雨"]
    assert again.get("none", "default") == "default"


@pytest.mark.parametrize("value", ["256", 2.5, True, [], {}])
def test_a_setting_of_another_type_is_the_default(tmp_path: Path, value: object) -> None:
    preferences = Preferences(tmp_path / "p.json")
    preferences.set({"buffer": value})  # type: ignore[dict-item]
    assert preferences.get("buffer", 512) == 512


def test_what_this_version_does_not_know_stays_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"from the future": {"a": [1]}, "theme": "light"}')
    Preferences(tmp_path / "p.json").set({"theme": "dark"})
    assert Preferences(tmp_path / "p.json").get("from the future", None) == {"a": [1]}


def test_two_windows_do_not_undo_each_other(tmp_path: Path) -> None:
    one, two = Preferences(tmp_path / "p.json"), Preferences(tmp_path / "p.json")
    one.set({"a": 1})
    two.set({"b": 2})
    again = Preferences(tmp_path / "p.json")
    assert (again.get("a", 0), again.get("b", 0)) == (1, 2)
    assert two.get("a", 0) == 1


def test_a_setting_can_be_forgotten(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "p.json")
    preferences.set({"a": 1, "b": 2})
    preferences.set({"a": None})
    assert preferences.get("a", 7) == 7
    assert '"a"' not in (tmp_path / "p.json").read_text()


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 9_999, b" " * 2**21])
def test_a_damaged_file_is_set_aside_and_settings_begin_anew(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "p.json").write_bytes(data)
    preferences = Preferences(tmp_path / "p.json")
    assert preferences.get("theme", "light") == "light"
    assert (tmp_path / "p.damaged.json").read_bytes() == data
    preferences.set({"theme": "dark"})
    assert Preferences(tmp_path / "p.json").get("theme", "light") == "dark"


@needs("posix")
def test_a_full_disk_is_said_and_the_setting_holds_in_this_window(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "p.json")
    preferences.set({"theme": "dark"})
    with size_limit(10), pytest.raises(DiskFullError, match="disk is full"):
        preferences.set({"theme": "light"})
    assert preferences.get("theme", "") == "light"
    assert Preferences(tmp_path / "p.json").get("theme", "") == "dark"
