"""The outline of a source, in which a range can be chosen: drawn, dragged, or moved by keys."""

from typing import Final

from PySide6.QtCore import Property, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from acestep_desktop.session.sources import Source
from acestep_desktop.ui.waveform import waveform_image

RANGE_HEIGHT: Final = 36
LEAST_S: Final = 0.1
"""Shorter ranges are a slip of the hand."""

_GRIP: Final = 7.0
_STEP_S: Final = 0.25


class SourceOutline(QWidget):
    """Draws a source; with `choosable`, a range of it can be chosen: `chosen` carries seconds.

    Dragging draws a new range, dragging an edge moves it. Left and right move the range,
    with Shift its end, with Ctrl its start.
    """

    chosen = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source: Source | None = None
        self._range: tuple[float, float] | None = None
        self._anchor: float | None = None
        self._wave = QColor("steelblue")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_choosable(False)

    def _get_wave(self) -> QColor:
        return self._wave

    def _set_wave(self, colour: QColor) -> None:
        self._wave = colour
        self.update()

    waveColour = Property(QColor, _get_wave, _set_wave)
    """The colour of the sound; the style sheet sets it."""

    def sizeHint(self) -> QSize:
        return QSize(160, RANGE_HEIGHT)

    def show_source(self, source: Source | None) -> None:
        """Draw this source."""
        self._source = source
        self.update()

    def set_choosable(self, on: bool) -> None:
        """Let a range be chosen, or not."""
        self._choosable = on
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if on else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)
        self._name()

    def show_range(self, from_s: float, to_s: float) -> None:
        """Show which range is chosen."""
        self._range = (from_s, to_s)
        self._name()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette, area = self.palette(), self.rect()
        painter.fillRect(area, palette.base())
        seconds = self._seconds()
        if self._source is not None and self._source.facts is not None:
            ratio = self.devicePixelRatioF()
            image = waveform_image(
                self._source.facts.outline,
                round(area.width() * ratio),
                round(area.height() * ratio),
                self._wave.name(),
            )
            image.setDevicePixelRatio(ratio)
            painter.drawImage(area.topLeft(), image)
        if self._choosable and self._range is not None and seconds:
            shade = QColor(palette.highlight().color())
            shade.setAlpha(150)
            left, right = (self._x_of(value) for value in self._range)
            span = QRectF(left, 0, max(2.0, right - left), area.height())
            painter.fillRect(span, shade)
            painter.setPen(palette.text().color())
            for x in (span.left(), span.right() - 1):
                painter.drawLine(QPointF(x, 0), QPointF(x, area.height()))
        if self.hasFocus():
            painter.setPen(palette.text().color())
            painter.drawRect(area.adjusted(0, 0, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not (self._choosable and self._seconds() and event.button() == _LEFT):
            return
        x = event.position().x()
        self._anchor = self._second_at(x)
        if self._range is not None:
            start, end = self._range
            if abs(x - self._x_of(start)) <= _GRIP:
                self._anchor = end
            elif abs(x - self._x_of(end)) <= _GRIP:
                self._anchor = start

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._anchor is not None:
            at = self._second_at(event.position().x())
            start, end = min(at, self._anchor), max(at, self._anchor)
            if end - start >= LEAST_S:
                self._choose(start, end)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._anchor = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -_STEP_S, Qt.Key.Key_Right: _STEP_S}
        by = steps.get(Qt.Key(event.key()))
        if by is None or self._range is None or not self._choosable:
            super().keyPressEvent(event)
            return
        start, end = self._range
        modifiers = event.modifiers()
        if not modifiers & Qt.KeyboardModifier.ShiftModifier:
            start += by
        if not modifiers & Qt.KeyboardModifier.ControlModifier:
            end += by
        if start >= 0 and end <= self._seconds() and end - start >= LEAST_S:
            self._choose(start, end)

    def _choose(self, start: float, end: float) -> None:
        self.show_range(round(start, 2), round(end, 2))
        self.chosen.emit(round(start, 2), round(end, 2))

    def _seconds(self) -> float:
        return 0.0 if self._source is None else self._source.seconds or 0.0

    def _x_of(self, second: float) -> float:
        return second / (self._seconds() or 1.0) * self.width()

    def _second_at(self, x: float) -> float:
        return min(1.0, max(0.0, x / max(1, self.width()))) * self._seconds()

    def _name(self) -> None:
        where = ""
        if self._range is not None:
            where = f": {self._range[0]:.2f} to {self._range[1]:.2f} seconds"
        self.setAccessibleName(f"Range{where}" if self._choosable else "Outline of the source")
        self.setToolTip(
            "Drag to choose the range that is made anew; arrow keys move it, Shift moves its end "
            "and Ctrl its start"
            if self._choosable
            else "The sound of the source"
        )


_LEFT: Final = Qt.MouseButton.LeftButton
