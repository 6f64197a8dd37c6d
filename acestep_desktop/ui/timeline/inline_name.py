"""A name that is typed where it stands: Enter takes it, Esc forgets it."""

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class InlineName(QLineEdit):
    """A line of text that appears over a name while it is changed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Name")
        self.setToolTip("Enter takes the name, Esc forgets it")
        self.hide()
        self._then: Callable[[str], None] | None = None
        self.editingFinished.connect(self._take)

    def ask(self, area: QRect, name: str, then: Callable[[str], None]) -> None:
        """Show `name` in `area`; call `then` with what was typed."""
        self._then = then
        self.setText(name)
        self.setGeometry(area)
        self.selectAll()
        self.show()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._then = None
            self._leave()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _take(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then(self.text())
        self._leave()

    def _leave(self) -> None:
        self.hide()
        parent = self.parentWidget()
        if parent is not None:
            parent.setFocus()
