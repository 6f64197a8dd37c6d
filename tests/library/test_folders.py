"""Where things live: in the music folder, or all below one home."""

from pathlib import Path

import pytest

from acestep_desktop.library.folders import Folders, folders_below, standard_folders


def test_a_home_of_its_own_holds_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACESTEP_HOME", str(tmp_path / "stick"))
    folders = standard_folders()
    assert folders == folders_below(tmp_path / "stick")
    assert folders.takes == tmp_path / "stick" / "Takes"
    for place in (folders.stems, folders.journal, folders.index, folders.work, folders.projects):
        assert place.is_relative_to(tmp_path / "stick")


def test_without_one_takes_are_in_the_music_folder_and_data_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ACESTEP_HOME", raising=False)
    folders = standard_folders()
    assert folders.root.name == "ACE-Step Desktop"
    assert not folders.index.is_relative_to(folders.root)
    assert not folders.preferences.is_relative_to(folders.root)


def test_a_home_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert folders_below(Path("here")).takes == tmp_path / "here" / "Takes"


def test_each_root_has_an_index_of_its_own(tmp_path: Path) -> None:
    one, two = Folders(tmp_path / "a", tmp_path), Folders(tmp_path / "b", tmp_path)
    assert one.index != two.index
