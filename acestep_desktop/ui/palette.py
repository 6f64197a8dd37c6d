"""The command palette: every verb, found by typing a few letters of it."""

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.ui.verbs import Verb, VerbBook, matching

_WIDTH: Final = 560
_HEIGHT: Final = 420
_EDGE: Final = 10
"""Pixels between a row's end and the keys of its command."""

_KEYS: Final = int(Qt.ItemDataRole.UserRole)

_MOVES: Final = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class KeysDelegate(QStyledItemDelegate):
    """Paints a command's keys at the end of its row."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        keys = index.data(_KEYS)
        if keys:
            painter.save()
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            painter.setPen(QGuiApplication.palette().text().color() if chosen else _quiet())
            # As the style places the name, whose line they share.
            size = option.fontMetrics.size(Qt.TextFlag.TextSingleLine, keys)
            end = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            row = option.rect.adjusted(0, 0, -_EDGE, 0)
            area = QStyle.alignedRect(Qt.LayoutDirection.LeftToRight, end, size, row)
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, keys)
            painter.restore()


class CommandPalette(QDialog):
    """Type, choose with the arrows, and Enter does it."""

    def __init__(self, book: VerbBook, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self.setWindowTitle("Commands")
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setModal(True)
        self.resize(_WIDTH, _HEIGHT)
        self._book = book
        self._shown: list[Verb] = []
        self._words = QLineEdit()
        self._words.setPlaceholderText("What do you want to do?")
        self._words.setAccessibleName("Search commands")
        self._words.setToolTip("Letters of a command's name or its keys; Enter does it")
        self._words.installEventFilter(self)
        self._list = QListWidget()
        self._list.setAccessibleName("Commands")
        self._list.setToolTip("Enter or a click does it")
        self._list.setUniformItemSizes(True)
        self._list.setItemDelegate(KeysDelegate(self._list))
        self._list.setMinimumHeight(200)
        self._reason = QLabel()
        self._reason.setObjectName("warning")
        self._reason.setWordWrap(True)
        self._reason.setMinimumHeight(22)
        layout = QVBoxLayout(self)
        for part in (self._words, self._list, self._reason):
            layout.addWidget(part)
        self._words.textChanged.connect(self._search)
        self._words.returnPressed.connect(self._run)
        self._list.itemClicked.connect(self._run)
        self._list.currentRowChanged.connect(self._explain)

    @Slot()
    def open_empty(self) -> None:
        """Show all commands, over the upper middle of the window."""
        self._words.clear()
        self._search("")
        window = self.parentWidget()
        if window is not None:
            left = (window.width() - self.width()) // 2
            self.move(window.mapToGlobal(window.rect().topLeft()).x() + left, self._top(window))
        self.show()
        self._words.setFocus()

    def shown(self) -> list[Verb]:
        """Return the verbs that are listed."""
        return list(self._shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in _MOVES
        ):
            self._list.event(event)
            return True
        return super().eventFilter(watched, event)

    def _top(self, window: QWidget) -> int:
        return window.mapToGlobal(window.rect().topLeft()).y() + window.height() // 8

    @Slot(str)
    def _search(self, text: str) -> None:
        self._shown = matching(self._book.verbs, text)
        self._list.clear()
        for verb in self._shown:
            reason = verb.refusal()
            item = QListWidgetItem(f"{verb.group}: {verb.name}")
            if verb.keys:
                item.setData(_KEYS, verb.keys_text)
                spoken = f"{item.text()}, {verb.keys_text}"
                item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
            if reason:
                item.setText(f"{item.text()}    (not now)")
                item.setForeground(_quiet())
                item.setToolTip(reason)
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._explain(0)

    @Slot(int)
    def _explain(self, row: int) -> None:
        if not self._shown:
            self._reason.setText("No command is called that.")
        elif 0 <= row < len(self._shown):
            self._reason.setText(self._shown[row].refusal())

    @Slot()
    def _run(self) -> None:
        row = self._list.currentRow()
        if not 0 <= row < len(self._shown):
            return
        verb = self._shown[row]
        if reason := verb.refusal():
            self._reason.setText(reason)
            return
        # Closed first: the verb may open a window of its own.
        self.accept()
        self._book.run(verb.name)


def _quiet() -> QColor:
    """Return the theme's colour for what is said in passing: a style sheet makes it fainter."""
    return QGuiApplication.palette().placeholderText().color()
