"""The minimap: the whole song in a strip, and the part of it that is seen."""

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from acestep_desktop.domain.time import Frame
from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.timeline.lanes import Lane
from acestep_desktop.ui.timeline.viewport import Viewport

HEIGHT: Final = 26


class Minimap(QWidget):
    """Every clip as a dash; press or drag to go there, double-click to see everything."""

    def __init__(self, viewport: Viewport, theme: Theme) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Overview of the song")
        self.setToolTip("Drag to scroll; double-click shows everything (Shift+Z)")
        self._viewport = viewport
        self._theme = theme
        self._drawn: tuple[tuple[Lane, ...], float, QPixmap] | None = None
        viewport.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(900, HEIGHT)

    def show_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self._forget()

    def show_playhead(self, old: Frame, new: Frame) -> None:
        """Repaint where the playhead was and is, if that differs here."""
        before, after = int(self._x(old)), int(self._x(new))
        if before != after:
            self.update(QRect(before - 1, 0, 3, HEIGHT))
            self.update(QRect(after - 1, 0, 3, HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._song())
        scale = self._viewport.scale
        left = self._x(scale.origin)
        right = self._x(scale.origin + self._viewport.visible_frames)
        frame = QRectF(left, 0.5, max(6.0, right - left), HEIGHT - 2)
        shade = QColor(self._theme.text)
        shade.setAlpha(28)
        painter.fillRect(frame, shade)
        painter.setPen(QColor(self._theme.quiet))
        painter.drawRect(frame)
        painter.fillRect(
            QRectF(self._x(self._viewport.playhead), 0, 1, HEIGHT), QColor(self._theme.text)
        )
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._forget()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_to(event.position().x())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._viewport.fit()

    def _go_to(self, x: float) -> None:
        middle = x * self._viewport.end / max(1, self.width())
        self._viewport.scroll_to(max(0.0, middle - self._viewport.visible_frames / 2))

    def _x(self, frame: float) -> float:
        return frame / self._viewport.end * self.width()

    @Slot()
    def _forget(self) -> None:
        self._drawn = None
        self.update()

    def _song(self) -> QPixmap:
        """Return the picture of all clips, drawn anew only where a clip moved."""
        lanes, end = self._viewport.lanes.lanes, round(self._viewport.end)
        if self._drawn is not None and self._drawn[0] is lanes and self._drawn[1] == end:
            return self._drawn[2]
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(round(self.width() * ratio), round(HEIGHT * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(self._theme.surface))
        painter = QPainter(pixmap)
        height = (HEIGHT - 4) / max(6, len(lanes))
        per_frame = self.width() / max(1, end)
        for row, lane in enumerate(lanes):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(lane.track.colour))
            top = 2 + row * height
            tall = max(1.0, height - 1)
            painter.drawRects(
                [
                    QRectF(s.start * per_frame, top, max(1.0, (s.end - s.start) * per_frame), tall)
                    for s in lane.spans
                ]
            )
        painter.end()
        self._drawn = (lanes, end, pixmap)
        return pixmap
