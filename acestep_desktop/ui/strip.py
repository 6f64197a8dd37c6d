"""Strip mode: prompt, tray and a small transport, always on top, for life next to a DAW."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QRect, Qt, Signal, Slot
from PySide6.QtWidgets import QMainWindow, QWidget

from acestep_desktop.ui.prompt_panel import PromptPanel
from acestep_desktop.ui.tray import AuditionTray

STRIP_WIDTH: Final = 900
STRIP_HEIGHT: Final = 244


class StripMode(QObject):
    """Makes the window a strip, and a whole window again where it was. `changed` says which."""

    changed = Signal(bool)

    def __init__(
        self,
        window: QMainWindow,
        prompt: PromptPanel,
        tray: AuditionTray,
        transport: QWidget,
        hidden: Sequence[QWidget],
    ) -> None:
        """`transport` is seen in a strip alone; `hidden` is all that a strip does without."""
        super().__init__(window)
        self._window, self._prompt, self._hidden = window, prompt, tuple(hidden)
        self._tray, self._transport = tray, transport
        tray.add_tool(transport)
        transport.hide()
        self._on = False
        self._whole = QRect()
        prompt.strip_ended.connect(self.toggle)

    @property
    def on(self) -> bool:
        """Whether the window is a strip now."""
        return self._on

    @Slot()
    def toggle(self) -> None:
        """Become a strip, or a whole window again."""
        self._on = not self._on
        window = self._window
        if self._on:
            self._whole = window.geometry()
        for widget in self._hidden:
            widget.setVisible(not self._on)
        self._prompt.set_compact(self._on)
        self._tray.set_compact(self._on)
        self._transport.setVisible(self._on)
        window.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint, self._on)
        # Changing flags hides a window; shown again, it knows how small it can be.
        window.show()
        if self._on:
            _let_go(window)
            window.resize(STRIP_WIDTH, STRIP_HEIGHT)
        else:
            window.setGeometry(self._whole)
        self._prompt.focus_words()
        self.changed.emit(self._on)


def _let_go(window: QMainWindow) -> None:
    """Have all layouts forget the room that hidden panels took, from the inside out."""
    centre = window.centralWidget()
    for widget in (*reversed(centre.findChildren(QWidget)), centre, window):
        layout = widget.layout()
        if layout is not None:
            layout.invalidate()
            layout.activate()
