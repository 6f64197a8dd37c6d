"""The list of takes: what a row says, and which files leave when it is dragged."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.library import LibrarySession
from acestep_desktop.ui.drops import dropped_files
from acestep_desktop.ui.take_list import TakeList
from acestep_desktop.ui.theme import load_theme
from tests.ui.conftest import keep


@pytest.fixture
def listing(qtbot: QtBot, takes: TakeLibrary, library: LibrarySession) -> TakeList:
    for words in ("warm house", "cold techno", "bright trance"):
        keep(takes, words)
    listing = TakeList(library, load_theme("dark"))
    qtbot.addWidget(listing)
    listing.takes.show_takes(library.search())
    listing.resize(700, 300)
    listing.show()
    return listing


def test_the_newest_take_comes_first_with_its_facts_for_a_screen_reader(listing: TakeList) -> None:
    index = listing.takes.index(0)
    assert index.data() == "Bright trance"
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Bright trance, 120 bpm, A minor, 1 bar, 0:02"


def test_dragged_rows_are_files_in_order_and_nothing_else(listing: TakeList) -> None:
    indexes = [listing.takes.index(row) for row in (2, 0)]
    data = listing.takes.mimeData(indexes)
    assert data.formats() == ["text/uri-list"]
    files = [Path(url.toLocalFile()) for url in data.urls()]
    assert [file.name.split("_")[0] for file in files] == ["Bright trance", "Warm house"]
    assert all(file.is_file() for file in files)


def test_a_drag_can_only_copy(listing: TakeList) -> None:
    assert listing.takes.supportedDragActions() == Qt.DropAction.CopyAction


def test_keys_wish_for_verbs(listing: TakeList, qtbot: QtBot) -> None:
    listing.setCurrentIndex(listing.takes.index(1))
    with qtbot.waitSignal(listing.star_wanted) as starred:
        qtbot.keyClick(listing, Qt.Key.Key_S)
    assert [take.title for take in starred.args[0]] == ["Cold techno"]
    with qtbot.waitSignal(listing.trash_wanted) as trashed:
        qtbot.keyClick(listing, Qt.Key.Key_Delete)
    assert [take.title for take in trashed.args[0]] == ["Cold techno"]
    with qtbot.waitSignal(listing.play_wanted) as played:
        qtbot.keyClick(listing, Qt.Key.Key_Return)
    assert played.args[0].title == "Cold techno"


def test_a_waveform_is_drawn_once_it_is_known(
    listing: TakeList, library: LibrarySession, qtbot: QtBot
) -> None:
    def wave_pixels() -> int:
        image = listing.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        wave = load_theme("dark").wave
        return sum(image.pixelColor(x, 32).name() == wave for x in range(10, 150))

    qtbot.waitUntil(lambda: wave_pixels() > 100)


def test_the_selection_finds_its_take_again(listing: TakeList) -> None:
    take = listing.takes.takes[2]
    listing.select_take(take.take_id)
    assert listing.selected() == [take]
    listing.select_take("nobody")
    assert listing.selected() == [take]


def test_dropped_audio_is_told_from_the_rest(tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls(
        [QUrl.fromLocalFile(str(tmp_path / name)) for name in ("a.wav", "b.mp4", "c.FLAC")]
    )
    files, refused = dropped_files(data)
    assert [file.name for file in files] == ["a.wav", "c.FLAC"]
    assert '"b.mp4" is not an audio file' in refused


def test_dropped_words_are_refused_in_a_sentence() -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/a.wav")])
    files, refused = dropped_files(data)
    assert files == []
    assert refused.startswith("What was dropped is not an audio file")
