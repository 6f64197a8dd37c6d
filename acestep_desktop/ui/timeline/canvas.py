"""The canvas: lanes with their clips, the grid, the selection and the playhead."""

import time
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from acestep_desktop.domain.time import Frame
from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.timeline.drafts import DraftRow
from acestep_desktop.ui.timeline.drops import LaneDrops
from acestep_desktop.ui.timeline.edges import EdgeScroll
from acestep_desktop.ui.timeline.editor import TimelineEditor
from acestep_desktop.ui.timeline.hits import Part
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT
from acestep_desktop.ui.timeline.pointer import Doing, LanePointer
from acestep_desktop.ui.timeline.tiles import TILE_WIDTH, LaneTiles, Look, paint_grid
from acestep_desktop.ui.timeline.viewport import Viewport

_BUDGET_S: Final = 0.001
"""How long tiles are drawn in one go; until then they are seen as drafts."""

_FEW: Final = 2
"""What is new in so many rows, as after an edit, is begun while painting; more, after it."""

_PAUSE_MS: Final = 2

HINT: Final = (
    "Drag takes here from the list, or audio files from anywhere.\n"
    "The first one sets tempo and key. Let clips overlap to crossfade them."
)

_WHEEL_PIXELS: Final = 60
_CURSORS: Final = {
    Part.BODY: Qt.CursorShape.OpenHandCursor,
    Part.LEFT: Qt.CursorShape.SizeHorCursor,
    Part.RIGHT: Qt.CursorShape.SizeHorCursor,
    Part.FADE_IN: Qt.CursorShape.PointingHandCursor,
    Part.FADE_OUT: Qt.CursorShape.PointingHandCursor,
}


class Canvas(QWidget):
    """Paints the lanes and forwards what the pointer does.

    `menu_wanted` carries a point of this widget, and where it is on the screen;
    `double_clicked` a point.
    """

    menu_wanted = Signal(QPointF, QPointF)
    double_clicked = Signal(QPointF)

    def __init__(
        self,
        viewport: Viewport,
        editor: TimelineEditor,
        pointer: LanePointer,
        drops: LaneDrops,
        tiles: LaneTiles,
        theme: Theme,
    ) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._viewport = viewport
        self._editor = editor
        self._pointer = pointer
        self._drops = drops
        self._tiles = tiles
        self._theme = theme
        self._band = QRectF()
        self._ghosts: tuple[QRectF, ...] = ()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._complete)
        self._missing: set[tuple[int, int]] = set()
        self._edges = EdgeScroll(viewport, self)
        self._edges.scrolled.connect(self._drag_on)
        self._last = (QPointF(), Qt.KeyboardModifier.NoModifier)
        viewport.changed.connect(self._look_anew)
        viewport.top_changed.connect(self._look_anew)
        editor.selection_changed.connect(self.repaint_selection)
        editor.span_changed.connect(self.repaint_selection)
        pointer.banded.connect(self.show_band)
        drops.ghosted.connect(self.show_ghosts)
        # Both begin a drag that has its own loop of events.
        pointer.left_with.connect(self._edges.stop)
        pointer.range_taken.connect(self._edges.stop)

    @property
    def scrolls(self) -> bool:
        """Whether the lanes scroll under something that is dragged at their border."""
        return self._edges.active

    def sizeHint(self) -> QSize:
        return QSize(900, 4 * ROW_HEIGHT)

    def show_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self._tiles.set_theme(theme)
        self.update()

    @Slot(object)
    def repaint_selection(self, _: object) -> None:
        """Paint anew."""
        self._look_anew()

    @Slot(object)
    def show_band(self, band: QRectF) -> None:
        """Show the frame that is being drawn around clips."""
        self._band = band
        self.update()

    @Slot(object)
    def show_ghosts(self, ghosts: tuple[QRectF, ...]) -> None:
        """Show where what is dragged in would lie."""
        if ghosts != self._ghosts:
            self._ghosts = ghosts
            self.update()

    def show_playhead(self, old: Frame, new: Frame) -> None:
        """Repaint the strips where the playhead was and is."""
        scale = self._viewport.scale
        for frame in (old, new):
            x = int(scale.x_of_frame(frame))
            if -3 <= x <= self.width() + 3:
                self.update(QRect(x - 2, 0, 5, self.height()))

    @Slot()
    def _look_anew(self) -> None:
        """Forget what was to be drawn for another zoom or another project."""
        self._missing.clear()
        self.update()

    @Slot()
    def _complete(self) -> None:
        """Draw tiles in place of drafts for a moment, and go on after other events."""
        view, scale = self._viewport, self._viewport.scale
        look = Look(scale.tempo, scale.frames_per_pixel, view.grid)
        left = scale.origin / scale.frames_per_pixel
        deadline = time.monotonic() + _BUDGET_S
        while self._missing and time.monotonic() < deadline:
            row, number = self._missing.pop()
            if row < len(view.lanes.lanes):
                self._tiles.drawn(view.lanes.lanes[row], number, look, self._editor.selected)
                x = round(number * TILE_WIDTH - left)
                self.update(QRect(x, row * ROW_HEIGHT - view.top, TILE_WIDTH, ROW_HEIGHT))
        if self._missing:
            self._later.start(_PAUSE_MS)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = event.rect()
        self._tiles.set_look(self.devicePixelRatioF(), self._viewport.scale.tempo)
        self._paint_lanes(painter, area)
        if self._missing and not self._later.isActive():
            self._later.start(0)
        self._paint_spans(painter)
        self._paint_hint(painter)
        self._paint_ghosts(painter)
        self._paint_playhead(painter)
        if self.hasFocus():
            painter.setPen(QColor(self._theme.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_lanes(self, painter: QPainter, area: QRect) -> None:
        """Paint the lanes, and note what could be no more than a draft in the time."""
        view, scale = self._viewport, self._viewport.scale
        look = Look(scale.tempo, scale.frames_per_pixel, view.grid)
        rows = self._rows(area)
        bottom = max(area.top(), rows.stop * ROW_HEIGHT - view.top)
        if bottom <= area.bottom():
            below = QRect(area.left(), bottom, area.width(), area.bottom() - bottom + 1)
            paint_grid(painter, below, look, scale.origin, self._theme)
        left = scale.origin / scale.frames_per_pixel
        numbers = range(
            int((left + area.left()) // TILE_WIDTH),
            int((left + area.right()) // TILE_WIDTH) + 1,
        )
        places = {number: round(number * TILE_WIDTH - left) for number in numbers}
        drafts: DraftRow | None = None
        for row, tiles in self._tiles_of(rows, numbers, look).items():
            y = row * ROW_HEIGHT - view.top
            missing = [number for number, tile in tiles.items() if tile is None]
            self._missing.update((row, number) for number in missing)
            if missing:
                # All of it at once, and what is drawn already over it.
                drafts = drafts or DraftRow(view, self.width(), self._theme)
                start = max(0, places[missing[0]])
                end = min(self.width(), places[missing[-1]] + TILE_WIDTH)
                drafts.paint(painter, view.lanes.lanes[row], y, start, end)
            for number, tile in tiles.items():
                if tile is not None:
                    painter.drawPixmap(places[number], y, tile)

    def _tiles_of(
        self, rows: range, numbers: range, look: Look
    ) -> dict[int, dict[int, QPixmap | None]]:
        """Return the tiles of some rows by row and number; None for what is to be drawn."""
        lanes, selected = self._viewport.lanes.lanes, self._editor.selected
        known = self._tiles.known
        tiles = {
            row: {number: known(lanes[row], number, look, selected) for number in numbers}
            for row in rows
        }
        missing = [(r, n) for r, found in tiles.items() for n, tile in found.items() if not tile]
        if len({row for row, _ in missing}) <= _FEW:
            deadline = time.monotonic() + _BUDGET_S
            for row, number in missing:
                tiles[row][number] = self._tiles.drawn(lanes[row], number, look, selected)
                if time.monotonic() > deadline:
                    break
        return tiles

    def _paint_spans(self, painter: QPainter) -> None:
        view, scale = self._viewport, self._viewport.scale
        loop = view.project.loop
        if loop is not None:
            shade = QColor(self._theme.accent)
            shade.setAlpha(14)
            left, right = scale.x_of_tick(loop.start), scale.x_of_tick(loop.end)
            painter.fillRect(QRectF(left, 0, right - left, self.height()), shade)
        shade = QColor(self._theme.text)
        shade.setAlpha(40)
        span = self._editor.span
        if span is not None:
            left, right = scale.x_of_tick(span.start), scale.x_of_tick(span.end)
            for row, track in enumerate(view.project.tracks):
                if track.track_id in self._editor.span_tracks:
                    y = row * ROW_HEIGHT - view.top
                    painter.fillRect(QRectF(left, y, right - left, ROW_HEIGHT - 1), shade)
        if not self._band.isEmpty():
            painter.fillRect(self._band, shade)
            painter.setPen(QColor(self._theme.text))
            painter.drawRect(self._band)

    def _paint_hint(self, painter: QPainter) -> None:
        if not self._viewport.project.tracks and not self._ghosts:
            painter.setPen(QColor(self._theme.quiet))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, HINT)

    def _paint_ghosts(self, painter: QPainter) -> None:
        for ghost in self._ghosts:
            shade = QColor(self._theme.accent)
            shade.setAlpha(60)
            painter.fillRect(ghost, shade)
            painter.setPen(QPen(QColor(self._theme.accent), 1, Qt.PenStyle.DashLine))
            painter.drawRect(ghost)

    def _paint_playhead(self, painter: QPainter) -> None:
        x = round(self._viewport.scale.x_of_frame(self._viewport.playhead))
        painter.fillRect(x, 0, 1, self.height(), QColor(self._theme.text))

    def _rows(self, area: QRect) -> range:
        top = self._viewport.top
        last = (area.bottom() + top) // ROW_HEIGHT
        return range(
            (area.top() + top) // ROW_HEIGHT, min(len(self._viewport.lanes.lanes), last + 1)
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._viewport.resize(self.width(), self.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._edges.begin(event.position())
            self._pointer.press(event.position(), event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._last = (event.position(), event.modifiers())
            self._pointer.move(*self._last)
            self._follow_edge()
        else:
            self._show_cursor(event.position())

    def _follow_edge(self) -> None:
        """Scroll if a drag is at an edge; one that carries files away has left already."""
        if self._pointer.doing in (Doing.DRAGGING, Doing.FRAMING, Doing.RANGING):
            self._edges.follow(self._last[0])
        else:
            self._edges.stop()

    @Slot()
    def _drag_on(self) -> None:
        """Let what is dragged keep under the pointer, which the lanes have moved beneath."""
        if self._pointer.doing in (Doing.DRAGGING, Doing.FRAMING, Doing.RANGING):
            self._pointer.move(*self._last)
        elif self._drops.active:
            self._drops.move(*self._last)
        else:
            self._edges.stop()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._edges.stop()
        if event.button() == Qt.MouseButton.LeftButton:
            self._pointer.release(event.position(), event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit(event.position())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._pointer.doing is Doing.NOTHING:
            self.menu_wanted.emit(QPointF(event.pos()), QPointF(event.globalPos()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        keys, turned = event.modifiers(), event.angleDelta()
        notches = (turned.y() or turned.x()) / 120
        if keys & Qt.KeyboardModifier.ControlModifier:
            self._viewport.zoom(notches, event.position().x())
        elif keys & Qt.KeyboardModifier.ShiftModifier or turned.x():
            self._viewport.scroll_by(-notches * _WHEEL_PIXELS)
        else:
            self._viewport.scroll_to_top(self._viewport.top - round(notches * _WHEEL_PIXELS))
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        # Clips that left as files, and are back, are still being moved.
        if self._is_back(event) or self._drops.enter(event.mimeData()):
            middle = QPointF(self.rect().center())
            self._edges.begin(middle)
            self._take(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._last = (event.position(), event.modifiers())
        if self._is_back(event):
            self._pointer.return_to(*self._last)
        else:
            self._drops.move(*self._last)
            self._edges.follow(event.position())
        self._take(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._edges.stop()
        self._drops.leave()
        self._editor.document.end_preview()

    def dropEvent(self, event: QDropEvent) -> None:
        self._edges.stop()
        if self._is_back(event):
            self._pointer.release(event.position(), event.modifiers())
        else:
            self._drops.drop(event.position(), event.modifiers())
        self._take(event)

    def _is_back(self, event: QDropEvent) -> bool:
        """Return whether these are clips that left; a range that left is files like any other."""
        return event.source() is self and self._pointer.doing is Doing.DRAGGING

    def _take(self, event: QDropEvent) -> None:
        # Anything but a copy would let a file manager move the file away.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self.unsetCursor()

    def _show_cursor(self, at: QPointF) -> None:
        hit = self._pointer.hit(at)
        if self._pointer.is_in_range(at):
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif self._viewport.ranges:
            self.setCursor(Qt.CursorShape.IBeamCursor)
        elif hit is None:
            self.unsetCursor()
        elif self._viewport.slips and hit.part is Part.BODY:
            self.setCursor(Qt.CursorShape.SplitHCursor)
        else:
            self.setCursor(_CURSORS[hit.part])
