"""The card that is shown while there are no takes: three ideas to begin with, and a model."""

import textwrap
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.ui.engine_card import ModelCard

EXAMPLES: Final = (
    "deep house, warm bass, rhodes chords, 122 bpm, A minor, 8 bars",
    "upbeat jazz piano with walking bass and brushes, 120 bpm",
    "lo-fi hip hop, dusty drums, mellow electric piano, 84 bpm",
)

_LINE: Final = 36
"""Letters in a line of a button: the list of takes need not be wider for its empty state."""


class StartCard(QFrame):
    """Three example prompts, a click each; `example_chosen` carries the words.

    Below them a model may be offered: `models_wanted` opens the list of models,
    `offer_dismissed` says that it is not wanted.
    """

    example_chosen = Signal(str)
    models_wanted = Signal()
    offer_dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        layout = QVBoxLayout(self)
        layout.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.setSpacing(10)
        title = QLabel("No takes yet. Type an idea, or begin with one of these:")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title.setWordWrap(True)
        layout.addWidget(title)
        examples = QButtonGroup(self)
        examples.idClicked.connect(self._choose)
        for number, example in enumerate(EXAMPLES):
            button = QPushButton(textwrap.fill(example, _LINE))
            button.setToolTip("Put these words into the prompt")
            button.setAccessibleName(f"Example: {example}")
            examples.addButton(button, number)
            layout.addWidget(button, alignment=Qt.AlignmentFlag.AlignCenter)
        hint = QLabel("Ctrl+Enter generates. Drag a take from the list into your DAW.")
        hint.setObjectName("quiet")
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint.setWordWrap(True)
        layout.addWidget(hint)
        self._model = ModelCard()
        self._model.wanted.connect(self.models_wanted)
        self._model.dismissed.connect(self.offer_dismissed)
        layout.addSpacing(14)
        layout.addWidget(self._model)

    def offer_model(self, words: str) -> None:
        """Offer a model in a quiet card, or with nothing offer none."""
        self._model.offer(words)

    @Slot(int)
    def _choose(self, number: int) -> None:
        self.example_chosen.emit(EXAMPLES[number])
