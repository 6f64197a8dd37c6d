"""The prompt panel: words and fields become a request."""

from pathlib import Path
from random import Random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QInputDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.reading import Span
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.time import Meter
from acestep_desktop.domain.understanding import understand
from acestep_desktop.session.prompts import Preset, PromptShelf, built_in_presets
from acestep_desktop.ui.prompt_panel import PromptPanel
from acestep_desktop.ui.prompt_words import alternatives, rolled, with_words, without_span


@pytest.fixture
def panel(qtbot: QtBot) -> PromptPanel:
    panel = PromptPanel()
    qtbot.addWidget(panel)
    panel.show()
    return panel


def named(panel: PromptPanel, kind: type, name: str):
    return next(w for w in panel.findChildren(kind) if w.accessibleName() == name)


def test_an_untouched_panel_leaves_everything_to_the_words(panel: PromptPanel) -> None:
    panel.set_words("slow house")
    request = panel.request()
    assert request.prompt.caption == "slow house"
    assert (request.bars, request.bpm, request.key, request.meter) == (None, None, None, None)


def test_fields_are_part_of_the_request(panel: PromptPanel) -> None:
    named(panel, QComboBox, "Length").setCurrentText("16")
    named(panel, QComboBox, "Key").setCurrentText("F# minor")
    named(panel, QComboBox, "Meter").setCurrentText("6/8")
    named(panel, QSpinBox, "Takes").setValue(3)
    named(panel, QLineEdit, "Seed").setText("42")
    request = panel.request()
    assert (request.bars, request.key, request.meter) == (16, Key("F#", "minor"), Meter(6, 8))
    assert (request.variations, request.seed) == (3, 42)


def test_an_empty_seed_is_a_new_one_each_time(panel: PromptPanel) -> None:
    assert len({panel.request().seed for _ in range(8)}) > 1


def test_ctrl_enter_generates_while_typing(panel: PromptPanel, qtbot: QtBot) -> None:
    words = named(panel, QPlainTextEdit, "Prompt")
    qtbot.keyClicks(words, "warm pads")
    with qtbot.waitSignal(panel.generate_wanted) as wanted:
        qtbot.keyClick(words, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    request: Request = wanted.args[0]
    assert request.prompt.caption == "warm pads"
    assert words.toPlainText() == "warm pads"


def test_the_button_generates_too(panel: PromptPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.generate_wanted):
        named(panel, QAbstractButton, "Generate").click()


def test_what_was_understood_is_said_while_typing(panel: PromptPanel, qtbot: QtBot) -> None:
    panel.set_words("house in F# minor, 128 bpm, with xylozonk")

    def said() -> bool:
        shown = (*panel.findChildren(QLabel), *panel.findChildren(QToolButton))
        text = " ".join(widget.text() for widget in shown)
        return "128" in text and "F# minor" in text and "Not understood: xylozonk" in text

    qtbot.waitUntil(said)


def test_control_characters_of_a_web_page_are_left_out(panel: PromptPanel) -> None:
    panel.set_words("warm\x00\x08 pads\u200b")
    assert panel.request().prompt.caption == "warm pads"


def test_a_prompt_that_is_far_too_long_is_cut_not_refused(panel: PromptPanel) -> None:
    panel.set_words("x" * 12_000)
    assert len(panel.request().prompt.caption) == 10_000


def test_progress_is_shown_and_can_be_cancelled(panel: PromptPanel, qtbot: QtBot) -> None:
    cancel = named(panel, QAbstractButton, "Cancel")
    assert not cancel.isEnabled()
    panel.show_progress(0.4, "Playing")
    with qtbot.waitSignal(panel.cancel_wanted):
        cancel.click()
    panel.show_progress(None, "")
    assert not cancel.isEnabled()


def spans_of(words: str) -> tuple[Span, ...]:
    return understand(Request(Prompt(words))).reading.spans


def chips(panel: PromptPanel) -> dict[str, QToolButton]:
    found = panel.findChildren(QToolButton, "chip")
    return {chip.text(): chip for chip in found if chip.isVisibleTo(panel)}


def choose(panel: PromptPanel, chip: str, verb: str) -> None:
    menu = chips(panel)[chip].menu()
    next(action for action in menu.actions() if action.text() == verb).trigger()


@pytest.mark.parametrize(
    ("words", "value", "rest"),
    [
        ("slow house, warm bass, 8 bars", "8 bars", "slow house, warm bass"),
        ("slow house, warm bass", "slow", "house, warm bass"),
        ("house, warm bass, 8 bars", "House", "warm bass, 8 bars"),
        ("house, 122 bpm, 8 bars", "122 bpm", "house, 8 bars"),
    ],
)
def test_words_that_are_struck_out_leave_no_gap(words: str, value: str, rest: str) -> None:
    span = next(span for span in spans_of(words) if span.value == value)
    assert without_span(words, span) == rest


def test_other_words_take_the_place_of_a_span() -> None:
    words = "slow house, warm bass"
    genre = next(span for span in spans_of(words) if span.kind == "genre")
    assert with_words(words, genre, "techno") == "slow techno, warm bass"
    assert "house" not in alternatives(genre) and len(alternatives(genre)) > 3


@pytest.mark.parametrize("seed", range(25))
def test_a_rolled_prompt_is_understood_whole(seed: int) -> None:
    meaning = understand(Request(Prompt(rolled(Random(seed)))))
    assert meaning.reading.genres
    assert not meaning.ignored


def test_chips_are_removed_and_changed(panel: PromptPanel, qtbot: QtBot) -> None:
    panel.set_words("dark house, 8 bars")
    qtbot.waitUntil(lambda: "mood: Dark" in chips(panel))
    choose(panel, "mood: Dark", "Remove")
    assert panel.request().prompt.caption == "house, 8 bars"
    qtbot.waitUntil(lambda: "mood: Dark" not in chips(panel))
    choose(panel, "genre: House", "techno")
    assert panel.request().prompt.caption == "techno, 8 bars"


def test_a_locked_fact_goes_into_its_field_and_the_dice_respect_it(
    panel: PromptPanel, qtbot: QtBot
) -> None:
    panel.set_words("dark house, 122 bpm, 8 bars")
    qtbot.waitUntil(lambda: "bpm: 122 bpm" in chips(panel))
    choose(panel, "bpm: 122 bpm", "Lock")
    choose(panel, "mood: Dark", "Lock")
    for _ in range(6):
        named(panel, QAbstractButton, "Dice").click()
        assert panel.request().bpm == 122.0
        assert "dark" in panel.request().prompt.caption


def test_a_locked_field_keeps_its_value(panel: PromptPanel) -> None:
    named(panel, QComboBox, "Key").setCurrentText("F# minor")
    named(panel, QAbstractButton, "Lock key").click()
    for _ in range(6):
        named(panel, QAbstractButton, "Dice").click()
        assert panel.request().key == Key("F#", "minor")


@pytest.fixture
def shelf(tmp_path: Path) -> PromptShelf:
    return PromptShelf(tmp_path)


def test_used_prompts_are_remembered_and_recalled(
    shelf: PromptShelf, tmp_path: Path, qtbot: QtBot
) -> None:
    panel = PromptPanel(shelf)
    qtbot.addWidget(panel)
    for text in ("one house", "two techno", "one house"):
        panel.set_words(text)
        panel.generate()
    assert PromptShelf(tmp_path).history == ("one house", "two techno")
    panel.set_words("being written")
    words = named(panel, QPlainTextEdit, "Prompt")
    seen = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(words, key, Qt.KeyboardModifier.AltModifier)
        seen.append(words.toPlainText())
    assert seen == ["one house", "two techno", "two techno", "one house", "being written"]


def test_presets_are_kept_replaced_and_forgotten(shelf: PromptShelf, tmp_path: Path) -> None:
    built_in = len(shelf.presets)
    assert built_in >= 8
    shelf.save(Preset("  My   loop ", "house", bars=8, bpm=122.0, key="A minor"))
    shelf.save(Preset("My loop", "techno"))
    again = PromptShelf(tmp_path)
    assert again.presets[built_in:] == (Preset("My loop", "techno"),)
    assert [own.name for own in again.own] == ["My loop"]
    again.delete("My loop")
    assert len(again.presets) == built_in


def test_every_built_in_preset_is_understood() -> None:
    for preset in built_in_presets():
        assert not understand(Request(Prompt(preset.words))).ignored, preset.name


def test_a_preset_fills_words_and_fields(shelf: PromptShelf, qtbot: QtBot) -> None:
    panel = PromptPanel(shelf)
    qtbot.addWidget(panel)
    menu = named(panel, QAbstractButton, "Ideas").menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == "Slow waltz").trigger()
    request = panel.request()
    assert (request.bars, str(request.key), str(request.meter)) == (16, "G major", "3/4")
    assert "waltz" in request.prompt.caption


@pytest.mark.parametrize("typed", ["1,000", "+", "-1", "1e3", "²", "12 34", "9" * 30])
def test_what_is_no_seed_is_said_and_nothing_is_made(
    panel: PromptPanel, typed: str, qtbot: QtBot
) -> None:
    panel.set_words("slow house")
    named(panel, QLineEdit, "Seed").setText(typed)
    with qtbot.waitSignal(panel.said) as said, qtbot.assertNotEmitted(panel.generate_wanted):
        panel.generate()
    assert "A seed is a whole number" in said.args[0]


def notes(panel: PromptPanel) -> str:
    return " ".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def test_a_seed_that_is_none_is_said_while_it_is_typed(panel: PromptPanel, qtbot: QtBot) -> None:
    seed = named(panel, QLineEdit, "Seed")
    qtbot.keyClicks(seed, "1,000")
    qtbot.waitUntil(lambda: "A seed is a whole number" in notes(panel))
    seed.setText("1000")
    qtbot.waitUntil(lambda: "A seed is a whole number" not in notes(panel))


def test_what_was_not_understood_is_forgotten_with_its_words(
    panel: PromptPanel, qtbot: QtBot
) -> None:
    panel.set_words("xyzzy")
    qtbot.waitUntil(lambda: "Not understood: xyzzy" in notes(panel))
    panel.set_words("")
    qtbot.waitUntil(lambda: "Not understood" not in notes(panel))


def test_a_length_in_seconds_is_locked(panel: PromptPanel, qtbot: QtBot) -> None:
    panel.set_words("dark house, 8 seconds")
    qtbot.waitUntil(lambda: any(chip.startswith("length") for chip in chips(panel)))
    choose(panel, next(chip for chip in chips(panel) if chip.startswith("length")), "Lock")
    named(panel, QAbstractButton, "Dice").click()
    request = panel.request()
    assert (request.bars, request.seconds) == (None, 8.0)
    assert named(panel, QComboBox, "Length").currentText() == "8 s"


def save_preset(panel: PromptPanel, title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: (title, True))
    idea(panel, "Save as preset…").trigger()


def idea(panel: PromptPanel, title: str) -> QAction:
    menu = named(panel, QAbstractButton, "Ideas").menu()
    menu.aboutToShow.emit()
    menus = [menu, *(action.menu() for action in menu.actions() if action.menu())]
    return next(a for m in reversed(menus) for a in m.actions() if a.text() == title)


def test_a_preset_keeps_minutes_too(
    shelf: PromptShelf, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    panel = PromptPanel(shelf)
    qtbot.addWidget(panel)
    length = named(panel, QComboBox, "Length")
    length.setCurrentText("2 min")
    save_preset(panel, "Long", monkeypatch)
    length.setCurrentText("16")
    panel._take_preset(shelf.own[0])
    assert (panel.request().bars, panel.request().seconds) == (None, 120.0)


def test_an_own_preset_is_deleted_from_the_menu(
    shelf: PromptShelf, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    panel = PromptPanel(shelf)
    qtbot.addWidget(panel)
    save_preset(panel, "Mine", monkeypatch)
    assert [own.name for own in shelf.own] == ["Mine"]
    idea(panel, "Mine").trigger()
    assert shelf.own == ()
