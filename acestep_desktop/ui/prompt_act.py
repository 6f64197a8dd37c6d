"""The act of the prompt: what begins and stops a job, and how far it is or what it would cost."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.ui.engine_line import cost_words
from acestep_desktop.ui.prompt_fields import name

if TYPE_CHECKING:
    from acestep_desktop.session.engine_state import Estimate


class PromptAct(QWidget):
    """Generate, Cancel and Queue, and below them the job; while none is under way, its cost."""

    generate_wanted = Signal()
    cancel_wanted = Signal()
    queue_wanted = Signal()
    strip_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("row")
        self._busy, self._cost = False, ""
        self._queue, self._cancel = QPushButton("Queue"), QPushButton("Cancel")
        self._whole, self._generate = QPushButton("⤢"), QPushButton("Generate")
        self._progress, self._stage = QProgressBar(), QLabel()
        self._make()
        self._lay_out()
        self._queue.clicked.connect(self.queue_wanted)
        self._whole.clicked.connect(self.strip_ended)
        self._cancel.clicked.connect(self.cancel_wanted)
        self._generate.clicked.connect(self.generate_wanted)

    def set_compact(self, on: bool) -> None:
        """Show what the strip needs, or everything."""
        self._queue.setVisible(not on)
        self._cancel.setVisible(not on)
        self._whole.setVisible(on)

    def show_progress(self, fraction: float | None, label: str) -> None:
        """Show how far the jobs are, or with None that none is under way."""
        self._busy = fraction is not None
        self._enable_cancel()
        self._progress.setVisible(self._busy)
        self._progress.setValue(round((fraction or 0.0) * 1000))
        self._say(label if self._busy else self._cost)

    def show_cost(self, estimate: "Estimate | None") -> None:
        """Show what a job would cost; None: nobody knows."""
        self._cost = "" if estimate is None else cost_words(estimate)
        if not self._busy:
            self._say(self._cost)

    def _enable_cancel(self) -> None:
        self._cancel.setEnabled(self._busy)
        why_not = "" if self._busy else "; nothing is being made now"
        self._cancel.setToolTip(f"Stop what is being made (Esc){why_not}")

    def _make(self) -> None:
        name(self._queue, "Queue", "What is being made and what waits (Ctrl+J)")
        name(self._whole, "Whole window", "Leave the strip (F11)")
        self._whole.hide()
        self._generate.setObjectName("primary")
        name(self._generate, "Generate", "Make takes of this idea (Ctrl+Enter)")
        self._cancel.setAccessibleName("Cancel")
        self._enable_cancel()
        self._progress.setRange(0, 1000)
        self._progress.setTextVisible(False)
        self._progress.setVisible(False)
        name(self._progress, "Progress", "How far the job is")
        self._stage.setObjectName("quiet")
        self._stage.setAlignment(Qt.AlignmentFlag.AlignRight)
        # The words come and go: they must not push the prompt to and fro.
        self._stage.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def _lay_out(self) -> None:
        verbs = QHBoxLayout()
        verbs.setSpacing(6)
        for part in (self._queue, self._whole, self._cancel, self._generate):
            verbs.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(verbs)
        column.addWidget(self._progress)
        column.addWidget(self._stage)
        column.addStretch(1)

    def _say(self, words: str) -> None:
        self._stage.setText(words)
        self._stage.setToolTip(words)
