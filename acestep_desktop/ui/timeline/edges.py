"""Edges: the lanes scroll while something is dragged at their borders."""

from typing import Final

from PySide6.QtCore import QObject, QPointF, QTimer, Signal, Slot

from acestep_desktop.ui.timeline.viewport import Viewport

_WIDTH: Final = 18
"""Pixels within a border that scroll."""

_MOST: Final = 40.0
_STEP_MS: Final = 30


class EdgeScroll(QObject):
    """Scrolls the lanes towards where the pointer is. `scrolled` says that they have moved."""

    scrolled = Signal()

    def __init__(self, viewport: Viewport, parent: QObject) -> None:
        super().__init__(parent)
        self._viewport = viewport
        self._from = QPointF()
        self._across = self._down = 0.0
        self._steps = QTimer(self)
        self._steps.setInterval(_STEP_MS)
        self._steps.timeout.connect(self._step)

    @property
    def active(self) -> bool:
        """Whether the lanes are being scrolled."""
        return self._steps.isActive()

    def begin(self, at: QPointF) -> None:
        """Note where a drag begins: it scrolls only where it is going to."""
        self._from = at

    def follow(self, at: QPointF) -> None:
        """Scroll on, faster the farther out the pointer is, or stop where it is not outside."""
        view = self._viewport
        self._across = _speed(at.x(), view.width, self._from.x())
        self._down = _speed(at.y(), view.height, self._from.y())
        if (self._across or self._down) and not self._steps.isActive():
            self._steps.start()
        elif not (self._across or self._down):
            self._steps.stop()

    @Slot()
    def stop(self) -> None:
        """Let the lanes rest."""
        self._steps.stop()

    @Slot()
    def _step(self) -> None:
        view = self._viewport
        before = (view.scale, view.top)
        if self._across:
            view.scroll_by(self._across)
        if self._down:
            view.scroll_to_top(view.top + round(self._down))
        if (view.scale, view.top) != before:
            self.scrolled.emit()


def _speed(at: float, size: int, begun: float) -> float:
    """Return pixels a step: negative near the beginning, positive near the end, else 0."""
    if at < min(_WIDTH, begun):
        return max(-_MOST, at - _WIDTH)
    if at > max(size - _WIDTH, begun):
        return min(_MOST, at - (size - _WIDTH))
    return 0.0
