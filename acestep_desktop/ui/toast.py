"""A toast: a sentence about what was just done, with a button that undoes it."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

_SHOWN_MS: Final = 12_000


class Toast(QFrame):
    """Shows itself for a while."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._undo_call: Callable[[], object] | None = None
        self._said = QLabel()
        self._said.setWordWrap(True)
        self._undo = QPushButton("Undo")
        self._undo.setAccessibleName("Undo")
        self._undo.setToolTip("Take back what was just done")
        self._undo.clicked.connect(self._do_undo)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.addWidget(self._said, 1)
        layout.addWidget(self._undo)
        self._hiding = QTimer(self)
        self._hiding.setSingleShot(True)
        self._hiding.setInterval(_SHOWN_MS)
        self._hiding.timeout.connect(self.hide)
        self.hide()

    @property
    def sentence(self) -> str:
        """What is said."""
        return self._said.text()

    def offer(self, sentence: str, undo: Callable[[], object]) -> None:
        """Say what was done, and how to take it back."""
        self._said.setText(sentence)
        self._undo_call = undo
        self.show()
        self._hiding.start()

    @Slot()
    def _do_undo(self) -> None:
        undo, self._undo_call = self._undo_call, None
        self.hide()
        if undo is not None:
            undo()
