"""The prompt panel: words and fields become a request."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
)
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.request import Request
from acestep_desktop.domain.time import Meter
from acestep_desktop.ui.prompt_panel import PromptPanel


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
    named(panel, QComboBox, "Bars").setCurrentText("16")
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
        text = " ".join(label.text() for label in panel.findChildren(QLabel))
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
