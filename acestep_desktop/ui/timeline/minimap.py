"""The minimap: the whole song in a strip, and the part of it that is seen."""

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from acestep_desktop.domain.time import SAMPLE_RATE, Frame
from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.timeline.lanes import Lane
from acestep_desktop.ui.timeline.viewport import Viewport

HEIGHT: Final = 26
_SHORTEST: Final = 30 * SAMPLE_RATE

Covered = npt.NDArray[np.bool_]
"""Which columns of the strip show a clip."""


class Minimap(QWidget):
    """Every clip as a dash; press or drag to go there, double-click to see everything."""

    def __init__(self, viewport: Viewport, theme: Theme) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Overview of the song")
        self.setToolTip("Drag to scroll; double-click shows everything (Shift+Z)")
        self._viewport = viewport
        self._theme = theme
        self._drawn: tuple[tuple[Lane, ...], QPixmap] | None = None
        self._rows: dict[int, tuple[Lane, float, Covered]] = {}
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

    @property
    def _end(self) -> float:
        """The frame at the right edge; it does not depend on the zoom."""
        return max(self._viewport.lanes.end * 1.02, float(_SHORTEST))

    def _go_to(self, x: float) -> None:
        middle = x * self._end / max(1, self.width())
        self._viewport.scroll_to(max(0.0, middle - self._viewport.visible_frames / 2))

    def _x(self, frame: float) -> float:
        return min(1.0, frame / self._end) * self.width()

    @Slot()
    def _forget(self) -> None:
        self._drawn = None
        self.update()

    def _song(self) -> QPixmap:
        """Return the picture of all clips, drawn anew only after an edit."""
        lanes = self._viewport.lanes.lanes
        if self._drawn is not None and self._drawn[0] is lanes:
            return self._drawn[1]
        ratio = self.devicePixelRatioF()
        width, height = max(1, round(self.width() * ratio)), round(HEIGHT * ratio)
        pixels = np.full((height, width), QColor(self._theme.surface).rgb(), np.uint32)
        row_height = (HEIGHT - 4) * ratio / max(6, len(lanes))
        per_frame = width / self._end
        rows = {}
        for row, lane in enumerate(lanes):
            known = self._rows.get(id(lane))
            if known is None or known[1] != per_frame:
                known = (lane, per_frame, covered_by(lane, per_frame, width))
            rows[id(lane)] = known
            top = round(2 * ratio + row * row_height)
            bottom = top + max(1, round(row_height - ratio))
            pixels[top:bottom, known[2]] = QColor(lane.track.colour).rgb()
        image = QImage(pixels.tobytes(), width, height, width * 4, QImage.Format.Format_RGB32)
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(ratio)
        self._rows = rows
        self._drawn = (lanes, pixmap)
        return pixmap


def covered_by(lane: Lane, per_frame: float, width: int) -> Covered:
    """Return which of `width` columns show a clip of a lane; a gap below a column is none."""
    steps = np.zeros(width + 1, np.int32)
    starts = np.array(lane.starts, np.float64) * per_frame
    ends = np.array([span.end for span in lane.spans], np.float64) * per_frame
    first = np.minimum(starts.astype(np.int64), width - 1)
    last = np.minimum(np.maximum(np.rint(ends).astype(np.int64), first + 1), width)
    np.add.at(steps, first, 1)
    np.add.at(steps, last, -1)
    covered: Covered = np.cumsum(steps[:-1]) > 0
    return covered
