"""Chips: what was understood of a prompt, to be changed, kept or struck out."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from acestep_desktop.ui.flow import FlowRow
from acestep_desktop.ui.prompt_words import alternatives

if TYPE_CHECKING:
    from acestep_desktop.domain.reading import Span

MAX_CHIPS: Final = 24
CHIP_HEIGHT: Final = 26
FACTS: Final = ("bpm", "key", "meter", "length")
"""Kinds that a field can hold."""

_TITLES: Final = {"without": "no", "family": "players", "length": "length", "solo": "only"}


class ChipRow(FlowRow):
    """A chip for each thing that was understood.

    `removed` carries a span whose words are to go; `changed` a span and other words;
    `lock_toggled` a span that is to stay, or need not any more.
    """

    removed = Signal(object)
    changed = Signal(object, str)
    lock_toggled = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, least=CHIP_HEIGHT)
        self._shown: tuple[tuple[Span, ...], frozenset[str]] = ((), frozenset())
        self.setAccessibleName("What was understood")

    def show_spans(self, spans: "Sequence[Span]", kept: frozenset[str]) -> None:
        """Show the chips of `spans`; those whose value is in `kept` are locked."""
        wanted = (tuple(spans)[:MAX_CHIPS], kept)
        if wanted == self._shown:
            return
        self._shown = wanted
        while (item := self.flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for span in wanted[0]:
            chip = self._chip(span, locked=span.value in kept)
            self.flow.addWidget(chip)
            chip.show()
        self.fit()

    def _chip(self, span: "Span", *, locked: bool) -> QToolButton:
        chip = QToolButton(self)
        title = _TITLES.get(span.kind, span.kind)
        sign = "● " if locked else ""
        chip.setText(f"{sign}{title}: {span.value}")
        chip.setObjectName("chip")
        chip.setAccessibleName(f"{title} {span.value}{', locked' if locked else ''}")
        chip.setToolTip(f"Understood as {title} {span.value}. Click to change, lock or remove it")
        chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        chip.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        chip.setMenu(self._menu(span, chip, locked=locked))
        return chip

    def _menu(self, span: "Span", parent: QWidget, *, locked: bool) -> QMenu:
        menu = QMenu(parent)
        menu.addAction("Unlock" if locked else "Lock").setData(
            partial(self.lock_toggled.emit, span)
        )
        menu.addAction("Remove").setData(partial(self.removed.emit, span))
        words = alternatives(span)
        if words:
            menu.addSeparator()
        for other in words:
            menu.addAction(other).setData(partial(self.changed.emit, span, other))
        menu.triggered.connect(self._do)
        return menu

    @Slot(QAction)
    def _do(self, action: QAction) -> None:
        wish = action.data()
        if wish is not None:
            wish()
