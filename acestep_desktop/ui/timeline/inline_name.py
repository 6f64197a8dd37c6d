"""A name that is typed where it stands: Enter takes it, Esc forgets it."""

from collections.abc import Callable

from PySide6.QtCore import QRect, Slot
from PySide6.QtWidgets import QWidget

from acestep_desktop.ui.escapable_line import EscapableLine


class InlineName(EscapableLine):
    """A line of text that appears over a name while it is changed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Name")
        self.setToolTip("Enter takes the name, Esc forgets it")
        self.hide()
        self._then: Callable[[str], None] | None = None
        self.editingFinished.connect(self._take)
        self.escaped.connect(self._forget)

    def ask(self, area: QRect, name: str, then: Callable[[str], None]) -> None:
        """Show `name` in `area`; call `then` with what was typed."""
        self._then = then
        self.setText(name)
        self.setGeometry(area)
        self.selectAll()
        self.show()
        self.setFocus()

    @Slot()
    def _forget(self) -> None:
        self._then = None
        self._leave()

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
