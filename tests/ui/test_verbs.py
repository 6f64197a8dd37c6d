"""Verbs, their keys, the palette and the sheet of keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from acestep_desktop.ui.help import HelpSheet
from acestep_desktop.ui.palette import CommandPalette
from acestep_desktop.ui.verbs import Verb, VerbBook, matching, writes

Done = list[str]


@pytest.fixture
def done() -> Done:
    return []


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    layout = QVBoxLayout(window)
    for child in (QLineEdit(), QComboBox(), QPushButton("Press")):
        layout.addWidget(child)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitActive(window)
    return window


@pytest.fixture
def book(window: QWidget, done: Done) -> VerbBook:
    book = VerbBook(window)
    book.add(
        Verb("Play take 1", "Takes", lambda: done.append("one"), ("1",)),
        Verb("Generate", "Prompt", lambda: done.append("generate"), ("Ctrl+G",)),
        Verb("Swap takes", "Takes", lambda: done.append("swap"), ("B",), lambda: "Hear two first."),
        Verb("Trash", "Takes", lambda: done.append("trash"), ("Delete",), bound=False),
    )
    return book


def test_keys_do_what_their_verb_says(
    window: QWidget, book: VerbBook, done: Done, qtbot: QtBot
) -> None:
    window.findChild(QPushButton).setFocus()
    qtbot.keyClick(window, Qt.Key.Key_1)
    qtbot.keyClick(window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert done == ["one", "generate"]


@pytest.mark.parametrize("kind", [QLineEdit, QComboBox])
def test_keys_that_write_do_nothing_else_while_typing(
    kind: type[QWidget], window: QWidget, book: VerbBook, done: Done, qtbot: QtBot
) -> None:
    field = window.findChild(kind)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_1)
    qtbot.keyClick(field, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert done == ["generate"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("1", True),
        ("Delete", True),
        ("?", True),
        ("Shift+A", True),
        ("Space", True),
        ("Ctrl+G", False),
        ("Alt+S", False),
        ("Esc", False),
        ("F11", False),
    ],
)
def test_writing_keys_are_told_from_commands(keys: str, expected: bool) -> None:
    assert writes(keys) is expected


def test_a_refusal_is_said_and_nothing_is_done(
    window: QWidget, book: VerbBook, done: Done, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(book.said) as said:
        book.run("Swap takes")
    assert (said.args, done) == (["Hear two first."], [])


def test_keys_that_belong_to_a_widget_are_shown_and_left_to_it(
    window: QWidget, book: VerbBook, done: Done, qtbot: QtBot
) -> None:
    window.findChild(QPushButton).setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Delete)
    assert done == []
    book.run("Trash")
    assert done == ["trash"]


def test_a_name_is_entered_once(book: VerbBook) -> None:
    with pytest.raises(ValueError, match="two verbs"):
        book.add(Verb("Trash", "Takes", print))


def test_actions_of_a_menu_are_verbs_too(window: QWidget, book: VerbBook, done: Done) -> None:
    menu = QMenu(window)
    save = menu.addAction("&Save…")
    save.setShortcut(QKeySequence("Ctrl+S"))
    menu.addSeparator()
    menu.addAction("Undo").setEnabled(False)
    save.triggered.connect(lambda: done.append("save"))
    book.add_actions("File", menu.actions())
    assert [(v.name, v.keys_text) for v in book.verbs[-2:]] == [("Save", "Ctrl+S"), ("Undo", "")]
    book.run("Save")
    assert done == ["save"]
    assert "nothing" in book.verbs[-1].refusal()


def test_the_best_match_comes_first(book: VerbBook) -> None:
    assert matching(book.verbs, "t")[0].name == "Trash"
    assert [verb.name for verb in matching(book.verbs, "take 1")] == ["Play take 1"]
    assert [verb.name for verb in matching(book.verbs, "ctrl+g")] == ["Generate"]


def test_the_palette_finds_and_does(
    window: QWidget, book: VerbBook, done: Done, qtbot: QtBot
) -> None:
    palette = CommandPalette(book, window)
    palette.open_empty()
    words = palette.findChild(QLineEdit)
    assert len(palette.shown()) == 4
    qtbot.keyClicks(words, "gen")
    qtbot.keyClick(words, Qt.Key.Key_Return)
    assert done == ["generate"]
    assert not palette.isVisible()


def test_the_palette_says_why_something_is_refused(
    window: QWidget, book: VerbBook, done: Done, qtbot: QtBot
) -> None:
    palette = CommandPalette(book, window)
    palette.open_empty()
    words = palette.findChild(QLineEdit)
    qtbot.keyClicks(words, "swap")
    assert palette.findChild(QLabel, "warning").text() == "Hear two first."
    qtbot.keyClick(words, Qt.Key.Key_Return)
    assert palette.isVisible() and done == []
    qtbot.keyClicks(words, "xyz")
    assert "No command" in palette.findChild(QLabel, "warning").text()


def test_the_arrows_choose_in_the_palette(
    window: QWidget, book: VerbBook, done: Done, qtbot: QtBot
) -> None:
    palette = CommandPalette(book, window)
    palette.open_empty()
    words = palette.findChild(QLineEdit)
    qtbot.keyClick(words, Qt.Key.Key_Down)
    assert palette.findChild(QListWidget).currentRow() == 1
    qtbot.keyClick(words, Qt.Key.Key_Return)
    assert done == ["generate"]


def test_the_keys_of_a_command_are_painted_at_the_end_of_its_row_and_said(
    window: QWidget, book: VerbBook, qtbot: QtBot
) -> None:
    palette = CommandPalette(book, window)
    qtbot.addWidget(palette)
    palette.open_empty()
    rows = palette.findChild(QListWidget)
    keyed = next(n for n, verb in enumerate(palette.shown()) if verb.keys)
    item = rows.item(keyed)
    said = item.data(Qt.ItemDataRole.AccessibleTextRole)
    assert said.endswith(palette.shown()[keyed].keys_text)

    def end_of_row() -> QImage:
        box = rows.visualItemRect(item)
        return rows.viewport().grab(box.adjusted(box.width() // 2, 0, 0, 0)).toImage()

    with_keys = end_of_row()
    item.setData(Qt.ItemDataRole.UserRole, "")
    assert end_of_row() != with_keys


def test_the_sheet_shows_every_key_and_finds_one(
    window: QWidget, book: VerbBook, qtbot: QtBot
) -> None:
    sheet = HelpSheet(book, window)
    sheet.open_whole()

    def shown() -> str:
        return " ".join(label.text() for label in sheet.findChildren(QLabel))

    assert all(verb.keys_text in shown() for verb in book.verbs)
    qtbot.keyClicks(sheet.findChild(QLineEdit), "generate")
    qtbot.waitUntil(lambda: "Trash" not in shown())
    assert "Ctrl+G" in shown()
