"""The menu of steps: everything that can be undone or redone, by name."""

from functools import partial
from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMenu, QWidget

from acestep_desktop.session.document import DocumentSession

_MOST: Final = 20
"""Steps to either side that are shown."""


class HistoryMenu(QMenu):
    """The newest step above; a click on one goes to how things were right after it."""

    def __init__(self, document: DocumentSession, parent: QWidget) -> None:
        super().__init__("History", parent)
        self._document = document
        self.aboutToShow.connect(self._fill)

    @Slot()
    def _fill(self) -> None:
        self.clear()
        history = self._document.history
        ahead = history.future[:_MOST]
        behind = history.past[-_MOST:]
        for steps, step in reversed(list(enumerate(ahead, start=1))):
            self._add(f"Redo up to: {step.label}", steps)
        for back, step in enumerate(reversed(behind)):
            self._add(step.label, -back)
        first = "As it was opened" if len(behind) == len(history.past) else "Before these steps"
        self._add(first, -len(behind))

    def _add(self, text: str, steps: int) -> None:
        action = self.addAction(text)
        action.setCheckable(True)
        action.setChecked(steps == 0)
        action.triggered.connect(partial(self._walk, steps))

    def _walk(self, steps: int, _: bool = False) -> None:
        self._document.walk(steps)
