"""A quiet offer: the model that suits this machine, its size and how long it takes."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from acestep_desktop.ui.prompt_fields import name


class ModelCard(QFrame):
    """Hidden until there is something to offer. `wanted` opens the models, `dismissed` is no."""

    wanted = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("zone")
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setObjectName("quiet")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        get, later = QPushButton("Get the model…"), QPushButton("Not now")
        name(get, "Get the model", "See models, licences and sizes; nothing is fetched yet")
        name(later, "Not now", "Hide this for good; File, Models… is always there")
        get.clicked.connect(self.wanted)
        later.clicked.connect(self.hide)
        later.clicked.connect(self.dismissed)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(get)
        buttons.addWidget(later)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.addWidget(self._words)
        layout.addLayout(buttons)
        self.hide()

    def offer(self, words: str) -> None:
        """Offer something, or with nothing offer no more."""
        self._words.setText(words)
        self.setVisible(bool(words))
