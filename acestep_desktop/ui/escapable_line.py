"""A line of text that Esc leaves, before the key does anything else in the window."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from acestep_desktop.ui.escape import claims, is_escape


class EscapableLine(QLineEdit):
    """`escaped` says that Esc was pressed; whoever owns the line says what leaving it means.

    With `while_written` an empty line has nothing to leave: the key goes on to the window.
    """

    escaped = Signal()

    def __init__(self, parent: QWidget | None = None, *, while_written: bool = False) -> None:
        super().__init__(parent)
        self._while_written = while_written

    def event(self, event: QEvent) -> bool:
        return claims(event, self._leaves(event)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._leaves(event):
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def _leaves(self, event: QEvent) -> bool:
        return is_escape(event) and (bool(self.text()) or not self._while_written)
