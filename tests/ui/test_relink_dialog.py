"""The dialog of missing files."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QFileDialog, QLabel, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame
from acestep_desktop.session.relink import Located, Media
from acestep_desktop.ui.relink_dialog import RelinkDialog

RAIN = Media(TakeId("1"), "../Takes/Rain.wav", Frame(1), 2)
SNOW = Media(TakeId("2"), "../Takes/Snow.wav", Frame(1), 2)


class FakeRelink(QObject):
    """Remembers where it was to look."""

    missing_changed = Signal(tuple)
    located = Signal(object)

    def __init__(self, *missing: Media) -> None:
        super().__init__()
        self.missing = missing
        self.looking = False
        self.places: list[Path] = []

    def locate(self, places: Sequence[Path]) -> None:
        self.places.extend(places)
        self.looking = True

    def end(self, located: Located) -> None:
        self.looking = False
        self.located.emit(located)


@pytest.fixture
def relink(qapp: QCoreApplication) -> FakeRelink:
    return FakeRelink(RAIN, SNOW)


@pytest.fixture
def dialog(relink: FakeRelink, qtbot: QtBot, tmp_path: Path) -> RelinkDialog:
    dialog = RelinkDialog(relink, tmp_path)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    return dialog


def button(dialog: RelinkDialog, words: str) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if words in b.accessibleName())


def state(dialog: RelinkDialog) -> str:
    return next(
        label.text()
        for label in dialog.findChildren(QLabel)
        if label.accessibleName() == "Missing takes"
    )


def names(dialog: RelinkDialog) -> list[str]:
    (items,) = dialog.findChildren(QListWidget)
    return [items.item(row).text() for row in range(items.count())]


def test_it_names_what_is_missing(dialog: RelinkDialog) -> None:
    assert names(dialog) == ["Rain.wav", "Snow.wav"]
    assert state(dialog) == "2 takes of this project are missing."


def test_a_folder_is_searched(
    dialog: RelinkDialog, relink: FakeRelink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/music")
    button(dialog, "folder").click()
    assert relink.places == [Path("/music")]
    assert state(dialog).startswith("Looking")
    assert not button(dialog, "folder").isEnabled()


def test_files_are_chosen(
    dialog: RelinkDialog, relink: FakeRelink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (["/a.wav", "/b.wav"], ""))
    button(dialog, "files").click()
    assert relink.places == [Path("/a.wav"), Path("/b.wav")]


def test_closing_the_file_dialog_looks_nowhere(
    dialog: RelinkDialog, relink: FakeRelink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([], ""))
    button(dialog, "folder").click()
    button(dialog, "files").click()
    assert relink.places == []


def test_what_became_of_the_search_is_told(dialog: RelinkDialog, relink: FakeRelink) -> None:
    relink.locate([Path("/music")])
    relink.end(Located(1, (SNOW,)))
    assert names(dialog) == ["Snow.wav"]
    assert state(dialog) == "The take was found and imported into the library. 1 still missing."
    assert button(dialog, "folder").isEnabled()


def test_without_missing_takes_there_is_nothing_to_choose(
    dialog: RelinkDialog, relink: FakeRelink
) -> None:
    relink.missing_changed.emit(())
    assert state(dialog) == "No take of this project is missing."
    assert not button(dialog, "folder").isEnabled()


@pytest.mark.parametrize(
    ("located", "words"),
    [
        (Located(2, ()), "2 takes were found and imported into the library."),
        (Located(0, (RAIN,)), "None of the missing takes is there"),
        (Located(0, (RAIN,), ("The disk is full.",)), "The disk is full."),
        (Located(1, (RAIN,), ("The disk is full.",)), "1 still missing. The disk is full."),
        (Located(1, (RAIN,), (), complete=False), "Only 20,000 files were looked at"),
    ],
)
def test_every_outcome_has_its_sentence(located: Located, words: str) -> None:
    assert words in located.sentence


def test_what_cannot_be_chosen_says_why(
    dialog: RelinkDialog, relink: FakeRelink, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert button(dialog, "folder").toolTip() == "Look through a folder and all folders in it"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/stick")
    button(dialog, "folder").click()
    assert "the search goes on" in button(dialog, "files").toolTip()
    relink.looking = False
    dialog.show_missing(())
    assert button(dialog, "files").toolTip() == "No take is missing"
