"""The ruler: bars and seconds, the loop brace, markers, and a click that locates."""

from functools import partial
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from acestep_desktop.domain.notes import Marker
from acestep_desktop.domain.song_edits import add_marker, move_marker, rename_marker, set_loop
from acestep_desktop.domain.time import SAMPLE_RATE, Frame, Tick
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.timeline.braces import BraceDrag
from acestep_desktop.ui.timeline.grid import Grid, Snap, label_every
from acestep_desktop.ui.timeline.inline_name import InlineName
from acestep_desktop.ui.timeline.viewport import Viewport

HEIGHT: Final = 50
_HALF: Final = HEIGHT // 2
_LABEL_ROOM: Final = 44
_SECONDS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_MARKER_REACH: Final = 7
_STARTS_AFTER: Final = 3


class Ruler(QWidget):
    """Bars above, seconds and markers below.

    A click, or a drag in the lower half, locates; a drag in the upper half draws
    the loop. `located` carries a tick; `play_wanted` one to play from; `menu_wanted`
    a tick, the marker that was hit or None, and where on the screen.
    """

    located = Signal(int)
    menu_wanted = Signal(int, object, QPointF)
    play_wanted = Signal(int)

    def __init__(self, viewport: Viewport, document: DocumentSession, theme: Theme) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Ruler")
        self.setToolTip(
            "Click: put the playhead here; double-click above: play from here. "
            "Drag above: draw the loop. "
            "Double-click below: add a marker. Drag a marker to move it."
        )
        self._viewport = viewport
        self._document = document
        self._theme = theme
        self._brace: BraceDrag | None = None
        self._marker: Marker | None = None
        self._pressed: QPointF | None = None
        self._name = InlineName(self)
        viewport.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(900, HEIGHT)

    def show_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.update()

    def show_playhead(self, old: Frame, new: Frame) -> None:
        """Repaint where the playhead was and is."""
        for frame in (old, new):
            x = int(self._viewport.scale.x_of_frame(frame))
            self.update(QRect(x - 7, 0, 15, HEIGHT))

    def marker_at(self, at: QPointF) -> Marker | None:
        """Return the marker under a point."""
        if at.y() < _HALF:
            return None
        scale = self._viewport.scale
        near = (
            marker
            for marker in reversed(self._document.project.markers)
            if -_MARKER_REACH
            <= at.x() - scale.x_of_tick(marker.at)
            <= _MARKER_REACH + self.fontMetrics().horizontalAdvance(marker.name)
        )
        return next(near, None)

    def rename(self, marker: Marker) -> None:
        """Let a person type another name for a marker."""
        x = round(self._viewport.scale.x_of_tick(marker.at))
        self._name.ask(QRect(x + 4, _HALF, 160, _HALF), marker.name, partial(self._rename, marker))

    def add_marker(self, at: Tick) -> None:
        """Add a marker, and let a person name it."""
        number = len(self._document.project.markers) + 1
        name = f"Marker {number}"
        self._document.apply("Add marker", partial(add_marker, at=at, name=name))
        self.rename(Marker(at, name))

    @property
    def dragging(self) -> bool:
        """Whether the loop or a marker is held."""
        return self._brace is not None or self._marker is not None

    @Slot()
    def cancel(self) -> bool:
        """Forget a drag; return whether there was one."""
        dragging = self.dragging
        self._brace = self._marker = self._pressed = None
        self._document.end_preview()
        return dragging

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._theme.surface))
        self._paint_loop(painter)
        self._paint_bars(painter)
        self._paint_seconds(painter)
        self._paint_markers(painter)
        self._paint_playhead(painter)
        painter.fillRect(0, HEIGHT - 1, self.width(), 1, QColor(self._theme.line))
        painter.end()

    def _paint_loop(self, painter: QPainter) -> None:
        loop = self._document.project.loop
        if loop is None:
            return
        scale = self._viewport.scale
        left, right = scale.x_of_tick(loop.start), scale.x_of_tick(loop.end)
        shade = QColor(self._theme.accent)
        painter.fillRect(QRectF(left, 0, right - left, 4), shade)
        shade.setAlpha(50)
        painter.fillRect(QRectF(left, 4, right - left, _HALF - 4), shade)

    def _paint_bars(self, painter: QPainter) -> None:
        scale, view = self._viewport.scale, self._viewport
        tempo = scale.tempo
        first, last = scale.tick_at(-_LABEL_ROOM), scale.tick_at(self.width())
        every = label_every(scale, first, _LABEL_ROOM)
        line = QColor(self._theme.line)
        painter.setPen(QColor(self._theme.text))
        for mark in view.lines:
            painter.fillRect(mark.x, _HALF - 4, 1, 4, line)
        bars = Grid(every, tempo.meter_at(first).ticks_per_bar)
        for tick, _ in bars.lines(tempo, first, last):
            x = round(scale.x_of_tick(tick))
            painter.fillRect(x, 0, 1, _HALF, line)
            painter.drawText(x + 4, _HALF - 8, str(tempo.bar_at(tick)))
        beat = tempo.meter_at(first).ticks_per_beat
        if scale.pixels_of(beat, first) >= _LABEL_ROOM:
            painter.setPen(QColor(self._theme.quiet))
            for tick, rank in Grid(0, beat).lines(tempo, first, last):
                if rank:
                    place = tempo.position_at(tick)
                    x = round(scale.x_of_tick(tick))
                    painter.drawText(x + 4, _HALF - 8, f"{place.bar}.{place.beat}")

    def _paint_seconds(self, painter: QPainter) -> None:
        scale = self._viewport.scale
        per_second = SAMPLE_RATE / scale.frames_per_pixel
        step = next((s for s in _SECONDS if s * per_second >= 2 * _LABEL_ROOM), 7200)
        second = int(scale.origin / SAMPLE_RATE) // step * step
        painter.setPen(QColor(self._theme.quiet))
        while (x := scale.x_of_frame(second * SAMPLE_RATE)) < self.width():
            painter.fillRect(round(x), HEIGHT - 7, 1, 6, QColor(self._theme.line))
            painter.drawText(round(x) + 4, HEIGHT - 6, clock(second))
            second += step

    def _paint_markers(self, painter: QPainter) -> None:
        scale = self._viewport.scale
        colour = QColor(self._theme.good)
        for marker in self._document.project.markers:
            x = scale.x_of_tick(marker.at)
            if not -300 < x < self.width() + 10:
                continue
            flag = [QPointF(x, _HALF + 2), QPointF(x + 8, _HALF + 7), QPointF(x, _HALF + 12)]
            width = painter.fontMetrics().horizontalAdvance(marker.name)
            painter.fillRect(
                QRectF(x, _HALF + 1, width + 14, _HALF - 4), QColor(self._theme.surface)
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPolygon(QPolygonF(flag))
            painter.fillRect(QRectF(x, _HALF + 2, 1, _HALF), colour)
            painter.setPen(QColor(self._theme.text))
            painter.drawText(QPointF(x + 10, HEIGHT - 9), marker.name)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_playhead(self, painter: QPainter) -> None:
        x = round(self._viewport.scale.x_of_frame(self._viewport.playhead))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.text))
        head = [QPointF(x - 5, HEIGHT - 9), QPointF(x + 6, HEIGHT - 9), QPointF(x + 0.5, HEIGHT)]
        painter.drawPolygon(QPolygonF(head))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        self._pressed = at
        self._marker = self.marker_at(at)
        if self._marker is None and at.y() < _HALF:
            loop = self._document.project.loop
            self._brace = BraceDrag.begin(self._viewport.scale, loop, at.x())
        elif self._marker is None:
            self._locate(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        tick, snap = self._tick(event), self._snap(event)
        moved = abs(event.position().x() - self._pressed.x()) >= _STARTS_AFTER
        if self._brace is not None and moved:
            self._document.preview(partial(set_loop, span=self._brace.loop_at(tick, snap)))
        elif self._marker is not None and moved:
            self._document.preview(partial(move_marker, marker=self._marker, at=snap.near(tick)))
        elif self._brace is None and self._marker is None:
            self._locate(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        moved = abs(event.position().x() - self._pressed.x()) >= _STARTS_AFTER
        tick, snap = self._tick(event), self._snap(event)
        brace, marker = self._brace, self._marker
        self._brace = self._marker = self._pressed = None
        if brace is not None and moved:
            self._document.apply("Set loop", partial(set_loop, span=brace.loop_at(tick, snap)))
        elif marker is not None and moved:
            move = partial(move_marker, marker=marker, at=snap.near(tick))
            self._document.apply("Move marker", move)
        elif brace is not None:
            self._locate(event)
        elif marker is not None:
            self.located.emit(marker.at)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        marker = self.marker_at(event.position())
        if marker is not None:
            self.rename(marker)
        elif event.position().y() >= _HALF:
            self.add_marker(self._snap(event).near(self._tick(event)))
        else:
            self.play_wanted.emit(self._snap(event).near(self._tick(event)))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = QPointF(event.pos())
        tick = self._viewport.snap().near(self._viewport.scale.tick_at(at.x()))
        self.menu_wanted.emit(tick, self.marker_at(at), QPointF(event.globalPos()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._viewport.scroll_by(-notches * 60)
        else:
            self._viewport.zoom(notches, event.position().x())
        event.accept()

    def _rename(self, marker: Marker, name: str) -> None:
        if name.strip() and name != marker.name:
            self._document.apply("Rename marker", partial(rename_marker, marker=marker, name=name))

    def _locate(self, event: QMouseEvent) -> None:
        self.located.emit(self._snap(event).near(self._tick(event)))

    def _tick(self, event: QMouseEvent) -> Tick:
        return self._viewport.scale.tick_at(event.position().x())

    def _snap(self, event: QMouseEvent) -> Snap:
        free = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        return self._viewport.snap(free=free)


def clock(seconds: int) -> str:
    """Return `1:05`, or `2:03:09` from an hour on."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
