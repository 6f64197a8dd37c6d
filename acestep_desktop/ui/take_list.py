"""The list of takes: waveform, facts and star in each row; a row is dragged as its file."""

from collections.abc import Collection
from typing import Final

from PySide6.QtCore import (
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from acestep_desktop.session.library import LibrarySession, StoredTake
from acestep_desktop.ui.files_out import drag_files
from acestep_desktop.ui.take_model import TakeModel, TakeRole, facts
from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.waveform import waveform_image

ROW_HEIGHT: Final = 64
MAX_WAVES: Final = 240
"""Drawn waveforms that are kept: twice what is read at a time, some megabytes."""

_MARGIN: Final = 8
_WAVE_WIDTH: Final = 62
_LEAST_WIDTH: Final = 240
_STAR_WIDTH: Final = 28


class TakeDelegate(QStyledItemDelegate):
    """Paints one take."""

    def __init__(self, library: LibrarySession, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._library = library
        self._theme = theme
        self._waves: dict[tuple[str, int], QPixmap] = {}
        self.playing = ""

    def show_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self._waves.clear()

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(_LEAST_WIDTH, ROW_HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        take: StoredTake = index.data(TakeRole)
        theme = self._theme
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(theme.selection))
        wave = QRect(
            area.left() + _MARGIN, area.top() + _MARGIN, _WAVE_WIDTH, area.height() - 2 * _MARGIN
        )
        self._paint_wave(painter, take, wave)
        left = wave.right() + 2 * _MARGIN
        text = QRect(left, area.top() + _MARGIN, area.right() - left - _STAR_WIDTH - _MARGIN, 24)
        painter.setPen(QColor(theme.accent if take.take_id == self.playing else theme.text))
        font = painter.font()
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        title = metrics.elidedText(take.title, Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, title)
        font.setWeight(font.Weight.Normal)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        painter.setPen(QColor(theme.quiet))
        known = facts(take, *(f"#{tag}" for tag in take.tags))
        known = metrics.elidedText(known, Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text.translated(0, 24), Qt.AlignmentFlag.AlignVCenter, known)
        star = QRect(area.right() - _STAR_WIDTH - _MARGIN, area.top(), _STAR_WIDTH, area.height())
        painter.setPen(QPen(QColor(theme.accent if take.starred else theme.quiet)))
        painter.drawText(star, Qt.AlignmentFlag.AlignCenter, "★" if take.starred else "☆")
        painter.restore()

    def _paint_wave(self, painter: QPainter, take: StoredTake, area: QRect) -> None:
        ratio = painter.device().devicePixelRatioF()
        key = (take.take_id, round(ratio * 100))
        pixmap = self._waves.get(key)
        if pixmap is None:
            peaks = self._library.thumbnail(take)
            if peaks is None:
                painter.setPen(QColor(self._theme.line))
                painter.drawLine(area.left(), area.center().y(), area.right(), area.center().y())
                return
            width, height = round(area.width() * ratio), round(area.height() * ratio)
            pixmap = QPixmap.fromImage(waveform_image(peaks, width, height, self._theme.wave))
            pixmap.setDevicePixelRatio(ratio)
            while len(self._waves) >= MAX_WAVES:
                del self._waves[next(iter(self._waves))]
            self._waves[key] = pixmap
        painter.drawPixmap(area.topLeft(), pixmap)


class TakeList(QListView):
    """Takes to hear, star, trash, and drag into a DAW.

    Enter or a double click plays; S or a click on the star stars; F2 renames;
    Ctrl+C copies the files; Delete trashes; a drag copies the selected files. The
    wishes are signals: this widget changes nothing itself.
    """

    play_wanted = Signal(object)
    star_wanted = Signal(list)
    rename_wanted = Signal(object)
    copy_wanted = Signal(list)
    trash_wanted = Signal(list)
    menu_wanted = Signal(list, object)
    files_left = Signal(list)

    def __init__(
        self, library: LibrarySession, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.takes = TakeModel(library, self)
        self.setModel(self.takes)
        self._delegate = TakeDelegate(library, theme, self)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setAccessibleName("Takes")
        self.setToolTip("Takes: double-click to hear one, drag it into your DAW")
        self.setAccessibleDescription(
            "Enter plays, S stars, F2 renames, Ctrl+C copies the file, Delete trashes"
        )
        self.activated.connect(self._want_play)

    def selected(self) -> list[StoredTake]:
        """Return the selected takes, from top to bottom."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        return [self.takes.takes[row] for row in rows]

    def show_playing(self, take_id: str) -> None:
        """Mark the take that plays; an empty id marks none."""
        if take_id != self._delegate.playing:
            self._delegate.playing = take_id
            self.viewport().update()

    def show_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._delegate.show_theme(theme)
        self.viewport().update()

    def select_take(self, take_id: str) -> None:
        """Select a take and scroll to it, if it is in the list."""
        row = self.takes.row_of(take_id)
        if row >= 0:
            self.setCurrentIndex(self.takes.index(row))

    def select_takes(self, take_ids: Collection[str]) -> None:
        """Select the takes with these ids that are in the list; the view stays where it is."""
        if not take_ids:
            return
        rows = [row for row, take in enumerate(self.takes.takes) if take.take_id in take_ids]
        selection = QItemSelection()
        for row in rows:
            selection.select(self.takes.index(row), self.takes.index(row))
        model = self.selectionModel()
        if rows:
            model.setCurrentIndex(self.takes.index(rows[0]), model.SelectionFlag.NoUpdate)
        model.select(selection, model.SelectionFlag.ClearAndSelect)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        chosen = self.selected()
        if chosen and event.key() == Qt.Key.Key_S and not event.modifiers():
            self.star_wanted.emit(chosen)
        elif chosen and event.key() == Qt.Key.Key_F2:
            self.rename_wanted.emit(chosen[0])
        elif chosen and event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit(chosen)
        elif chosen and event.key() == Qt.Key.Key_Delete:
            self.trash_wanted.emit(chosen)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index = self.indexAt(at)
        star = self.visualRect(index).right() - _STAR_WIDTH - _MARGIN
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and at.x() >= star:
            self.star_wanted.emit([index.data(TakeRole)])
        else:
            super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if chosen := self.selected():
            by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
            middle = self.visualRect(self.currentIndex()).center()
            at = self.viewport().mapToGlobal(middle) if by_key else event.globalPos()
            self.menu_wanted.emit(chosen, at)

    def startDrag(self, actions: Qt.DropAction) -> None:
        chosen = [take for take in self.selected() if take.present]
        if not chosen:
            return
        paths = [take.path for take in chosen]
        # Before the drop, not after: the DAW may hold the file before `exec` returns.
        self.files_left.emit(paths)
        drag_files(self, paths)

    @Slot(QModelIndex)
    def _want_play(self, index: QModelIndex) -> None:
        self.play_wanted.emit(index.data(TakeRole))
