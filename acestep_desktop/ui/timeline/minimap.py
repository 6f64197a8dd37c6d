"""The minimap: the whole song in a strip, and the part of it that is seen."""

from typing import Final, NamedTuple

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


class _Look(NamedTuple):
    """What all lanes are drawn by: the picture's size in device pixels, and their scale."""

    width: int
    height: int
    ratio: float
    per_frame: float
    lanes: int


class Minimap(QWidget):
    """Every clip as a dash; press or drag to go there, double-click to see everything."""

    def __init__(self, viewport: Viewport, theme: Theme) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Overview of the song")
        self.setToolTip("Drag to scroll; double-click shows everything (Shift+Z)")
        self._viewport = viewport
        self._theme = theme
        self._look: _Look | None = None
        self._pixels = np.zeros((0, 0), np.uint32)
        self._rows: tuple[Lane | None, ...] = ()
        self._picture = QPixmap()
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
        self._look = None
        self.update()

    def _song(self) -> QPixmap:
        """Return the picture of all clips; after an edit only what it touched is drawn anew."""
        lanes = self._viewport.lanes.lanes
        if self._look is not None and self._rows is lanes:
            return self._picture
        ratio = self.devicePixelRatioF()
        width, height = max(1, round(self.width() * ratio)), round(HEIGHT * ratio)
        look = _Look(width, height, ratio, width / self._end, len(lanes))
        if self._look != look:
            ground = QColor(self._theme.surface).rgb()
            self._look, self._pixels = look, np.full((height, width), ground, np.uint32)
            self._rows = (None,) * len(lanes)
        self._draw(lanes, look)
        pixels = self._pixels.tobytes()
        image = QImage(pixels, width, height, width * 4, QImage.Format.Format_RGB32)
        self._picture = QPixmap.fromImage(image)
        self._picture.setDevicePixelRatio(ratio)
        return self._picture

    def _draw(self, lanes: tuple[Lane, ...], look: _Look) -> None:
        """Draw the lines of pixels in which a lane differs from what was drawn."""
        pixels, ratio = self._pixels, look.ratio
        row_height = (HEIGHT - 4) * ratio / max(6, len(lanes))
        thickness = max(1, round(row_height - ratio))
        tops = [round(2 * ratio + row * row_height) for row in range(len(lanes))]
        # Thin lanes share a line of pixels, in which the lower ones are drawn over the others.
        stale = {
            top
            for top, lane, known in zip(tops, lanes, self._rows, strict=True)
            if lane is not known
        }
        for top in stale:
            pixels[top : top + thickness] = QColor(self._theme.surface).rgb()
        for top, lane in zip(tops, lanes, strict=True):
            if top in stale:
                covered = covered_by(lane, look.per_frame, look.width)
                pixels[top : top + thickness, covered] = QColor(lane.track.colour).rgb()
        self._rows = lanes


def covered_by(lane: Lane, per_frame: float, width: int) -> Covered:
    """Return which of `width` columns show a clip of a lane; a gap below a column is none."""
    steps = np.zeros(width + 1, np.int32)
    starts, ends = lane.bounds * per_frame
    first = np.minimum(starts.astype(np.int64), width - 1)
    last = np.minimum(np.maximum(np.rint(ends).astype(np.int64), first + 1), width)
    np.add.at(steps, first, 1)
    np.add.at(steps, last, -1)
    covered: Covered = np.cumsum(steps[:-1]) > 0
    return covered
