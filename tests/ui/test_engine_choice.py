"""Engine and model: what the lists show is what is asked for."""

import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from acestep_desktop.ui.engine_choice import EngineChoice

MODELS = (("turbo", "turbo"), ("base", "base"))


@pytest.fixture
def choice(qtbot: QtBot) -> EngineChoice:
    choice = EngineChoice()
    qtbot.addWidget(choice)
    choice.choose("acestep")
    choice.show_models(MODELS)
    choice.choose("acestep", "turbo")
    return choice


def shown(choice: EngineChoice) -> str:
    boxes = choice.findChildren(QComboBox)
    return next(box for box in boxes if box.accessibleName() == "Model").currentText()


def test_a_model_that_is_left_to_the_task_is_shown_as_automatic(
    choice: EngineChoice, qtbot: QtBot
) -> None:
    assert (shown(choice), choice.model) == ("turbo", "turbo")
    with qtbot.waitSignal(choice.changed):
        choice.choose("acestep")
    assert (shown(choice), choice.model) == ("Automatic", None)


def test_a_model_outlives_an_engine_without_models(choice: EngineChoice) -> None:
    choice.choose("sketch", choice.kept_model)
    choice.show_models(None)
    assert (choice.model, choice.kept_model) == (None, "turbo")
    choice.choose("acestep", choice.kept_model)
    choice.show_models(MODELS)
    assert (shown(choice), choice.model) == ("turbo", "turbo")


def test_a_model_that_is_gone_is_forgotten(choice: EngineChoice) -> None:
    choice.show_models((("base", "base"),))
    assert (shown(choice), choice.model) == ("Automatic", None)
