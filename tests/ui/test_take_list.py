"""The list of takes: what a row says, and which files leave when it is dragged."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.library import LibrarySession, TakeQuery
from acestep_desktop.ui import take_list
from acestep_desktop.ui.drops import dropped_files
from acestep_desktop.ui.files_out import files_data
from acestep_desktop.ui.take_list import TakeList
from acestep_desktop.ui.theme import load_theme
from tests.ui.conftest import keep


@pytest.fixture
def listing(qtbot: QtBot, takes: TakeLibrary, library: LibrarySession) -> TakeList:
    for words in ("warm house", "cold techno", "bright trance"):
        keep(takes, words)
    listing = TakeList(library, load_theme("dark"))
    qtbot.addWidget(listing)
    listing.takes.show_query(TakeQuery())
    listing.resize(700, 300)
    listing.show()
    return listing


def test_the_newest_take_comes_first_with_its_facts_for_a_screen_reader(listing: TakeList) -> None:
    index = listing.takes.index(0)
    assert index.data() == "Bright trance"
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Bright trance, 120 bpm, A minor, 1 bar, 0:02"


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> list[list[Path]]:
    """What the pointer carries away; a real drag would wait for a person."""
    carried: list[list[Path]] = []
    monkeypatch.setattr(take_list, "drag_files", lambda _, paths: carried.append(paths))
    return carried


def test_selected_rows_are_dragged_as_their_files_in_order(
    listing: TakeList, carried: list[list[Path]], qtbot: QtBot
) -> None:
    takes = listing.takes.takes
    listing.select_takes([takes[2].take_id, takes[0].take_id])
    with qtbot.waitSignal(listing.files_left) as left:
        listing.startDrag(Qt.DropAction.CopyAction)
    assert carried == left.args == [[takes[0].path, takes[2].path]]
    assert all(path.is_file() for path in carried[0])


def test_a_take_whose_file_is_gone_is_not_dragged(
    listing: TakeList, carried: list[list[Path]]
) -> None:
    listing.takes.takes[1].path.unlink()
    listing.takes.show_query(TakeQuery())
    listing.selectAll()
    listing.startDrag(Qt.DropAction.CopyAction)
    assert [len(paths) for paths in carried] == [2]


def test_files_are_carried_as_urls_and_nothing_else(tmp_path: Path) -> None:
    data = files_data([tmp_path / "a.wav"])
    assert data.formats() == ["text/uri-list"]
    assert [Path(url.toLocalFile()) for url in data.urls()] == [tmp_path / "a.wav"]


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
        return sum(image.pixelColor(x, 32).name() == wave for x in range(10, 70))

    qtbot.waitUntil(lambda: wave_pixels() > 40)


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


def test_only_so_many_drawn_waveforms_are_kept(
    listing: TakeList,
    library: LibrarySession,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    monkeypatch.setattr(take_list, "MAX_WAVES", 2)
    takes = listing.takes.takes
    qtbot.waitUntil(lambda: all(library.thumbnail(take) is not None for take in takes))
    listing.viewport().grab()
    assert len(listing._delegate._waves) == 2
