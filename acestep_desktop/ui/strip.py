"""Strip mode: prompt, tray and a small transport, always on top, for life next to a DAW."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QByteArray, QObject, QRect, Qt, Slot
from PySide6.QtWidgets import QMainWindow, QWidget

from acestep_desktop.ui.prompt_panel import PromptPanel
from acestep_desktop.ui.tray import AuditionTray

STRIP_WIDTH: Final = 900
STRIP_HEIGHT: Final = 244


class StripMode(QObject):
    """Makes the window a strip, and a whole window again where it was."""

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
        self._whole, self._place = QByteArray(), QRect()
        self._maximized = False
        prompt.strip_ended.connect(self.toggle)
        prompt.options.page_opened.connect(self.leave)

    @property
    def on(self) -> bool:
        """Whether the window is a strip now."""
        return self._on

    @property
    def geometry(self) -> bytes:
        """Where the whole window is, or was before it became a strip."""
        return bytes((self._whole if self._on else self._window.saveGeometry()).data())

    @Slot()
    def leave(self) -> None:
        """Become a whole window, unless it is one: there is no room in a strip."""
        if self._on:
            self.toggle()

    @Slot()
    def toggle(self) -> None:
        """Become a strip, or a whole window again."""
        self._on = not self._on
        window = self._window
        if self._on:
            self._whole = window.saveGeometry()
            self._maximized = window.isMaximized()
            self._place = window.normalGeometry() if self._maximized else window.geometry()
        for widget in self._hidden:
            widget.setVisible(not self._on)
        self._prompt.set_compact(self._on)
        self._tray.set_compact(self._on)
        self._transport.setVisible(self._on)
        window.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint, self._on)
        # Changing flags hides a window; shown again, it knows how small it can be.
        if self._on:
            window.showNormal()
            _let_go(window)
            window.resize(STRIP_WIDTH, STRIP_HEIGHT)
        else:
            window.show()
            window.setGeometry(self._place)
            if self._maximized:
                window.showMaximized()
        self._prompt.focus_words()


def _let_go(window: QMainWindow) -> None:
    """Have all layouts forget the room that hidden panels took, from the inside out."""
    centre = window.centralWidget()
    for widget in (*reversed(centre.findChildren(QWidget)), centre, window):
        layout = widget.layout()
        if layout is not None:
            layout.invalidate()
            layout.activate()
