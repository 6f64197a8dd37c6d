"""The lyrics page: what is sung, and what will be hard to sing."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.lyrics import LANGUAGES, SECTION_TAGS
from acestep_desktop.ui.lyrics_edit import LyricsEdit
from acestep_desktop.ui.lyrics_page import LyricsPage

SONG = "[verse]\nThe rain is falling on the window of my room tonight again\nI hear it sing"


@pytest.fixture
def page(qtbot: QtBot) -> LyricsPage:
    page = LyricsPage()
    qtbot.addWidget(page)
    page.resize(420, 220)
    page.show()
    return page


def labels(page: LyricsPage) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page)]


def edit_of(page: LyricsPage) -> LyricsEdit:
    return page.findChild(LyricsEdit)


def test_nothing_written_is_instrumental(page: LyricsPage) -> None:
    assert page.lyrics == "" and page.language == "unknown"
    assert labels(page) == ["Instrumental"]


def test_what_is_typed_is_counted_and_warned_of(page: LyricsPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.changed):
        qtbot.keyClicks(edit_of(page), "hello there")
    qtbot.waitUntil(lambda: "1 line, 3 syllables" in labels(page))
    page.show_lyrics(SONG, "en")
    assert "2 lines, 20 syllables" in labels(page)
    assert any(text.startswith("Line 2: about 16 syllables") for text in labels(page))
    assert page.lyrics == SONG and page.language == "en"


def test_a_length_that_is_too_short_is_told(page: LyricsPage, qtbot: QtBot) -> None:
    page.show_lyrics("[verse]\n" + "la la la la la la\n" * 12, "en")
    page.show_length(60.0)
    page.read()
    assert not any("need at least" in text for text in labels(page))
    page.show_length(8.0)
    qtbot.waitUntil(lambda: any("need at least" in text for text in labels(page)))


def test_an_engine_that_does_not_sing_says_so_where_there_are_lyrics(page: LyricsPage) -> None:
    page.show_singer("Sketch does not sing.")
    assert labels(page) == ["Instrumental"]
    page.show_lyrics(SONG, "en")
    assert any(text.startswith("Sketch does not sing. (and 1 more)") for text in labels(page))
    page.show_singer("")
    assert not any("Sketch" in text for text in labels(page))


def test_a_section_tag_is_written_at_the_cursor_and_can_be_undone(
    page: LyricsPage, qtbot: QtBot
) -> None:
    section = next(b for b in page.findChildren(QToolButton) if b.accessibleName() == "Section")
    assert [a.data() for a in section.menu().actions()] == list(SECTION_TAGS)
    page.show_lyrics("one\ntwo", "en")
    edit = edit_of(page)
    cursor = edit.textCursor()
    cursor.setPosition(4)
    edit.setTextCursor(cursor)
    next(a for a in section.menu().actions() if a.data() == "chorus").trigger()
    assert edit.toPlainText() == "one\n\n[chorus]\ntwo"
    qtbot.keyClicks(edit, "sun ")
    assert edit.toPlainText() == "one\n\n[chorus]\nsun two"
    edit.undo()
    edit.undo()
    assert edit.toPlainText() == "one\ntwo"


def test_every_language_can_be_chosen(page: LyricsPage) -> None:
    box = page.findChild(QComboBox)
    assert [box.itemData(row) for row in range(box.count())] == list(LANGUAGES)
    for code in ("yue", "ht", "unknown"):
        box.setCurrentIndex(box.findData(code))
        assert page.language == code


def test_ctrl_enter_generates_and_writes_nothing(page: LyricsPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.generate_wanted):
        qtbot.keyClick(edit_of(page), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert page.lyrics == ""


def test_characters_that_are_no_text_are_left_out(page: LyricsPage) -> None:
    page.show_lyrics("la\x00 la\u200b\n\n", "xx")
    assert page.lyrics == "la la" and page.language == "unknown"


def test_the_margin_shows_how_many_syllables_a_line_has(page: LyricsPage) -> None:
    edit = edit_of(page)
    edit.setProperty("hardColour", QColor("#ff0000"))

    def reds() -> int:
        shown = page.grab().toImage()
        pixels = ((x, y) for x in range(shown.width()) for y in range(shown.height()))
        colours = (shown.pixelColor(x, y) for x, y in pixels)
        return sum(c.red() > 180 and c.green() < 80 and c.blue() < 80 for c in colours)

    page.show_lyrics("short and sweet", "en")
    before = reds()
    page.show_lyrics(SONG.split("\n")[1], "en")
    assert before == 0 and reds() > 5
