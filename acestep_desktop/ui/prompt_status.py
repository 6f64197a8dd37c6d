"""The last line of the prompt: the engine and its memory, and the job or what it would cost."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from acestep_desktop.ui.engine_line import EngineLine, cost_words
from acestep_desktop.ui.prompt_fields import name

if TYPE_CHECKING:
    from acestep_desktop.session.engine_state import Estimate


class PromptStatus(QWidget):
    """Shows how far the job is; while none is under way, what one would cost."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = EngineLine()
        self._busy, self._cost = False, ""
        self._progress = QProgressBar()
        self._progress.setRange(0, 1000)
        self._progress.setTextVisible(False)
        self._progress.setVisible(False)
        name(self._progress, "Progress", "How far the job is")
        self._stage = QLabel()
        self._stage.setObjectName("quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.line)
        row.addWidget(self._progress, 1)
        row.addStretch(0)
        row.addWidget(self._stage)

    def show_progress(self, fraction: float | None, label: str) -> None:
        """Show how far the jobs are, or with None that none is under way."""
        self._busy = fraction is not None
        self._progress.setVisible(self._busy)
        self._progress.setValue(round((fraction or 0.0) * 1000))
        self._stage.setText(label if self._busy else self._cost)

    def show_cost(self, estimate: "Estimate | None") -> None:
        """Show what a job would cost; None: nobody knows."""
        self._cost = "" if estimate is None else cost_words(estimate)
        if not self._busy:
            self._stage.setText(self._cost)
