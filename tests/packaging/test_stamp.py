"""The stamp that lets a second start install nothing."""

import json
from pathlib import Path

import pytest
from boot import stamp
from boot.stamp import Stamp

STAMP = Stamp("/home/ann/acestep", "a" * 64, "3.11.7", "cpu", "", ("test",))


def test_a_stamp_is_read_as_it_was_written(tmp_path: Path) -> None:
    stamp.write(str(tmp_path), STAMP)
    assert stamp.read(str(tmp_path)) == STAMP
    assert [path.name for path in tmp_path.iterdir()] == [stamp.NAME]


def test_a_stamp_that_is_removed_is_gone(tmp_path: Path) -> None:
    stamp.write(str(tmp_path), STAMP)
    stamp.remove(str(tmp_path))
    assert stamp.read(str(tmp_path)) is None
    stamp.remove(str(tmp_path))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", '{"checkout": "/x"}', '{"extras": null}', '{"extras": [], "more": 1}'],
)
def test_a_damaged_stamp_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / stamp.NAME).write_text(text)
    assert stamp.read(str(tmp_path)) is None


def test_a_stamp_cut_anywhere_counts_as_none(tmp_path: Path) -> None:
    whole = json.dumps(STAMP._asdict())
    for length in range(len(whole)):
        (tmp_path / stamp.NAME).write_text(whole[:length])
        assert stamp.read(str(tmp_path)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"checkout": "/home/ann/moved"},
        {"pyproject": "b" * 64},
        {"python": "3.12.1"},
        {"hardware": "nvidia-smi"},
        {"extras": ("link", "test")},
    ],
)
def test_a_change_of_anything_makes_a_stamp_worthless(change: dict[str, object]) -> None:
    assert stamp.covers(STAMP, STAMP)
    assert not stamp.covers(STAMP, STAMP._replace(**change))


def test_an_installation_with_test_tools_serves_a_plain_start() -> None:
    assert stamp.covers(STAMP, STAMP._replace(extras=()))
    assert not stamp.covers(STAMP._replace(extras=()), STAMP)
    assert not stamp.covers(None, STAMP)


def test_what_is_expected_follows_from_the_files(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.4\n")
    folder = str(tmp_path)
    before = stamp.expected(folder, folder, "", ("test", "link"))
    assert before.python == "3.12.4"
    assert before.extras == ("link", "test")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert stamp.expected(folder, folder, "", ()).pyproject != before.pyproject


def test_a_folder_without_an_environment_has_no_python(tmp_path: Path) -> None:
    assert stamp.environment_version(str(tmp_path)) == ""
