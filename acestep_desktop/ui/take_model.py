"""Takes as a Qt model."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Slot,
)

from acestep_desktop.session.library import LibrarySession, StoredTake, TakeQuery

TakeRole: Final = Qt.ItemDataRole.UserRole
"""The role under which an index gives its `StoredTake`."""

Index = QModelIndex | QPersistentModelIndex


PAGE: Final = 120
"""Takes that are read at a time: more than a screen shows, few enough to be there at once."""


class TakeModel(QAbstractListModel):
    """The takes that a search found; those further down are read when they are scrolled to."""

    def __init__(self, library: LibrarySession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._takes: tuple[StoredTake, ...] = ()
        self._query: TakeQuery | None = None
        library.thumbnail_ready.connect(self._repaint_take)

    @property
    def takes(self) -> tuple[StoredTake, ...]:
        """All rows that have been read."""
        return self._takes

    def show_query(self, query: TakeQuery) -> None:
        """Show what `query` finds, at least as many rows as are shown now."""
        self._query = replace(query, limit=None, offset=0)
        count = max(PAGE, len(self._takes))
        self._reset(self._library.find(replace(query, limit=count)))

    def canFetchMore(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008
        return self._query is not None and len(self._takes) >= PAGE

    def fetchMore(self, parent: Index = QModelIndex()) -> None:  # noqa: B008
        if self._query is None:
            return
        first = len(self._takes)
        more = self._library.find(replace(self._query, limit=PAGE, offset=first))
        if len(more) < PAGE:
            self._query = None
        if more:
            self.beginInsertRows(QModelIndex(), first, first + len(more) - 1)
            self._takes = (*self._takes, *more)
            self.endInsertRows()

    def _reset(self, takes: Sequence[StoredTake]) -> None:
        self.beginResetModel()
        self._takes = tuple(takes)
        self.endResetModel()

    def row_of(self, take_id: str) -> int:
        """Return the row of a take, or -1."""
        return next((row for row, take in enumerate(self._takes) if take.take_id == take_id), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._takes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        take = self._takes[index.row()]
        if role == TakeRole:
            return take
        if role == Qt.ItemDataRole.DisplayRole:
            return take.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(take)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{take.path.name}\nDrag it into your DAW. Double-click or Enter plays it."
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        base = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return base | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else Qt.ItemFlag.NoItemFlags

    @Slot(str)
    def _repaint_take(self, take_id: str) -> None:
        row = self.row_of(take_id)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row))


def facts(take: StoredTake, *more: str) -> str:
    """Return `124 bpm  A minor  8 bars  0:15`, without what nobody knows, and then `more`."""
    return "  ".join((*_facts(take), *more))


def spoken(take: StoredTake) -> str:
    """Return what a screen reader says of a take."""
    star = "starred, " if take.starred else ""
    return f"{star}{', '.join((take.title, *_facts(take)))}"


def _facts(take: StoredTake) -> tuple[str, ...]:
    music = take.music
    bars = None if music.bars is None else f"{music.bars} bar{'s' if music.bars != 1 else ''}"
    seconds = round(take.duration_s)
    words = (
        None if music.bpm is None else f"{music.bpm:g} bpm",
        None if music.key is None else str(music.key),
        bars,
        f"{seconds // 60}:{seconds % 60:02d}",
    )
    return tuple(word for word in words if word is not None)
