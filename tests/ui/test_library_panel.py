"""The library panel: found as typed, filtered, sorted, starred, named, trashed and brought back."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSpinBox,
)
from pytestqt.qtbot import QtBot

from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.audition import AuditionSession
from acestep_desktop.session.library import LibrarySession
from acestep_desktop.ui.library_panel import LibraryPanel
from acestep_desktop.ui.start_card import EXAMPLES, StartCard
from acestep_desktop.ui.take_actions import TakeActions
from acestep_desktop.ui.take_list import TakeList
from acestep_desktop.ui.take_model import PAGE
from acestep_desktop.ui.theme import load_theme
from acestep_desktop.ui.toast import Toast
from tests.library.test_search import stocked
from tests.session.test_batches import FakeJobs
from tests.ui.conftest import FakeSound, keep


@pytest.fixture
def actions(library: LibrarySession, audition: AuditionSession) -> TakeActions:
    return TakeActions(library, audition, FakeJobs())


@pytest.fixture
def panel(
    qtbot: QtBot,
    takes: TakeLibrary,
    library: LibrarySession,
    audition: AuditionSession,
    actions: TakeActions,
) -> LibraryPanel:
    for words in ("warm house", "cold techno", "bright trance"):
        keep(takes, words)
    panel = LibraryPanel(library, audition, actions, load_theme("dark"))
    qtbot.addWidget(panel)
    panel.resize(440, 600)
    panel.show()
    return panel


def listing(panel: LibraryPanel) -> TakeList:
    return panel.findChild(TakeList)


def titles(panel: LibraryPanel) -> list[str]:
    return [take.title for take in listing(panel).takes.takes]


def named(panel: LibraryPanel, kind: type, name: str):
    return next(w for w in panel.findChildren(kind) if w.accessibleName() == name)


def choose(panel: LibraryPanel, *rows: int) -> None:
    listing(panel).select_takes({listing(panel).takes.takes[row].take_id for row in rows})


def test_typing_searches(panel: LibraryPanel, qtbot: QtBot) -> None:
    qtbot.keyClicks(named(panel, QLineEdit, "Search takes"), "techno")
    qtbot.waitUntil(lambda: titles(panel) == ["Cold techno"])


def test_what_nothing_matches_is_said_in_place(panel: LibraryPanel, qtbot: QtBot) -> None:
    qtbot.keyClicks(named(panel, QLineEdit, "Search takes"), "zither")
    nothing = next(w for w in panel.findChildren(QLabel) if w.text().startswith("No take is"))
    qtbot.waitUntil(nothing.isVisible)
    assert not panel.findChild(StartCard).isVisible()


def test_filters_narrow_down_and_are_cleared(
    panel: LibraryPanel, library: LibrarySession, qtbot: QtBot
) -> None:
    library.set_starred(library.search("house")[:1], True)
    named(panel, QAbstractButton, "Filters").click()
    named(panel, QAbstractButton, "Starred only").click()
    qtbot.waitUntil(lambda: titles(panel) == ["Warm house"])
    named(panel, QSpinBox, "Slowest tempo").setValue(130)
    qtbot.waitUntil(lambda: titles(panel) == [])
    assert "•" in named(panel, QAbstractButton, "Filters").text()
    named(panel, QAbstractButton, "Clear filters").click()
    qtbot.waitUntil(lambda: len(titles(panel)) == 3)


def test_keys_and_bars_are_filters_too(panel: LibraryPanel, qtbot: QtBot) -> None:
    named(panel, QComboBox, "Key filter").setCurrentText("C major")
    qtbot.waitUntil(lambda: titles(panel) == [])
    named(panel, QComboBox, "Key filter").setCurrentText("A minor")
    named(panel, QComboBox, "Bars filter").setCurrentIndex(1)
    qtbot.waitUntil(lambda: len(titles(panel)) == 3)
    named(panel, QComboBox, "Bars filter").setCurrentIndex(3)
    qtbot.waitUntil(lambda: titles(panel) == [])


def test_takes_are_sorted(panel: LibraryPanel, qtbot: QtBot) -> None:
    assert titles(panel) == ["Bright trance", "Cold techno", "Warm house"]
    named(panel, QComboBox, "Order").setCurrentText("Oldest first")
    qtbot.waitUntil(lambda: titles(panel)[0] == "Warm house")
    named(panel, QComboBox, "Order").setCurrentText("By title")
    qtbot.waitUntil(lambda: titles(panel)[0] == "Bright trance")


def test_a_click_on_the_star_stars_and_keeps_the_selection(
    panel: LibraryPanel, library: LibrarySession, qtbot: QtBot
) -> None:
    choose(panel, 0, 2)
    rows = listing(panel)
    area = rows.visualRect(rows.takes.index(1))
    star = QPoint(area.right() - 15, area.center().y())
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=star)
    assert [take.starred for take in rows.takes.takes] == [False, True, False]
    assert [take.title for take in panel.selected()] == ["Bright trance", "Warm house"]


def test_f2_renames(
    panel: LibraryPanel, library: LibrarySession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: (" Sunset ", True))
    choose(panel, 1)
    qtbot.keyClick(listing(panel), Qt.Key.Key_F2)
    assert titles(panel)[1] == "Sunset"


def test_tags_are_given_shown_and_found(
    panel: LibraryPanel,
    actions: TakeActions,
    library: LibrarySession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("intro, late night", True))
    actions.ask_tags(library.search("house"))
    assert library.search("late night")[0].tags == ("intro", "late night")


def test_tags_of_several_takes_are_those_they_share_and_the_others_stay(
    panel: LibraryPanel,
    actions: TakeActions,
    library: LibrarySession,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    takes = library.search()
    library.change_tags(takes, added=["old", "warm"], removed=())
    library.change_tags(library.search()[:1], added=["mine"], removed=())
    shown: list[str] = []

    def answer(*_: object, text: str) -> tuple[str, bool]:
        shown.append(text)
        return "warm, new", True

    monkeypatch.setattr(QInputDialog, "getText", answer)
    told: list[object] = []
    library.takes_changed.connect(lambda: told.append(None))
    actions.ask_tags(library.search())
    assert shown == ["old, warm"]
    tags = [take.tags for take in library.search()]
    assert tags == [("warm", "mine", "new"), *[("warm", "new")] * (len(takes) - 1)]
    assert len(told) == 1


def test_the_menu_tells_the_keys_of_the_list(
    panel: LibraryPanel, actions: TakeActions, library: LibrarySession
) -> None:
    texts = [entry.text() for entry in actions.menu(library.search(), panel).actions()]
    assert not any("\t" in text for text in texts)
    told: list[tuple[str, ...]] = []
    for entry in panel.menu_of(library.search()).actions():
        if "\t" in entry.text():
            told.append(tuple(entry.text().split("\t")))
    assert ("Star", "S") in told and ("Trash", "Delete") in told


def test_ctrl_c_puts_the_files_on_the_clipboard(panel: LibraryPanel, qtbot: QtBot) -> None:
    choose(panel, 0, 2)
    qtbot.keyClick(listing(panel), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    data = QGuiApplication.clipboard().mimeData()
    assert data.formats() == ["text/uri-list"]
    assert all(Path(url.toLocalFile()).is_file() for url in data.urls())
    assert len(data.urls()) == 2


def test_trash_is_undone_with_one_click(
    panel: LibraryPanel, library: LibrarySession, qtbot: QtBot
) -> None:
    choose(panel, 0, 1)
    qtbot.keyClick(listing(panel), Qt.Key.Key_Delete)
    assert titles(panel) == ["Warm house"]
    toast = panel.findChild(Toast)
    assert toast.isVisible() and toast.sentence.startswith("2 takes were trashed")
    named(panel, QAbstractButton, "Undo").click()
    assert len(titles(panel)) == 3 and not toast.isVisible()


def test_delete_in_the_trash_brings_back(
    panel: LibraryPanel, library: LibrarySession, qtbot: QtBot
) -> None:
    library.trash(library.search("house"))
    named(panel, QAbstractButton, "Trash").click()
    qtbot.waitUntil(lambda: titles(panel) == ["Warm house"])
    choose(panel, 0)
    qtbot.keyClick(listing(panel), Qt.Key.Key_Delete)
    assert len(library.search()) == 3


def test_a_playing_take_falls_silent_when_it_is_trashed_and_others_play_on(
    panel: LibraryPanel, actions: TakeActions, library: LibrarySession, sound: FakeSound
) -> None:
    first, second, _ = library.search()
    actions.play(first)
    actions.trash([second])
    assert sound.ended == 0
    actions.trash([first])
    assert sound.ended == 1


def test_a_right_click_shows_the_menu(panel: LibraryPanel, qtbot: QtBot) -> None:
    choose(panel, 0)
    listing(panel).menu_wanted.emit(panel.selected(), QPoint(10, 10))
    (menu,) = (m for m in panel.findChildren(QMenu) if not isinstance(m.parent(), QMenu))
    assert "Reveal in folder" in [action.text() for action in menu.actions()]
    menu.close()


def test_space_plays_the_selected_take(panel: LibraryPanel, sound: FakeSound, qtbot: QtBot) -> None:
    choose(panel, 1)
    listing(panel).setFocus()
    qtbot.keyClick(listing(panel), Qt.Key.Key_Space)
    assert len(sound.heard) == 1


def test_an_empty_library_says_how_to_begin(
    qtbot: QtBot, library: LibrarySession, audition: AuditionSession, actions: TakeActions
) -> None:
    panel = LibraryPanel(library, audition, actions, load_theme("dark"))
    qtbot.addWidget(panel)
    panel.show()
    card = panel.findChild(StartCard)
    assert card.isVisible()
    assert panel.minimumSizeHint().width() <= 340
    for button in card.findChildren(QPushButton)[: len(EXAMPLES)]:
        with qtbot.waitSignal(panel.example_chosen) as chosen:
            button.click()
        assert chosen.args[0] in EXAMPLES


def test_ten_thousand_takes_are_read_as_they_are_scrolled_to(
    qtbot: QtBot, tmp_path: Path, audition: AuditionSession
) -> None:
    shelf = stocked(tmp_path, 10_000)
    session = LibrarySession(shelf)
    panel = LibraryPanel(session, audition, TakeActions(session, audition, FakeJobs()),
                         load_theme("dark"))  # fmt: skip
    qtbot.addWidget(panel)
    model = listing(panel).takes
    from acestep_desktop.library.stored import TakeQuery

    everything = TakeQuery(present=None)
    session.find(everything)
    model.show_query(everything)
    assert model.rowCount() == PAGE
    while model.canFetchMore():
        model.fetchMore()
    assert model.rowCount() == 10_000
    assert len({take.take_id for take in model.takes}) == 10_000

    def seconds(query: TakeQuery) -> float:
        spent = []
        for _ in range(5):
            started = time.perf_counter()
            session.find(query)
            spent.append(time.perf_counter() - started)
        return min(spent)

    # A page of a search costs a small part of reading every take.
    whole = seconds(everything)
    assert seconds(TakeQuery("warm", present=None, limit=PAGE)) < whole / 4
    session.close()
