"""Files that leave: dragged, copied to the clipboard, or shown in the file manager."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QDesktopServices,
    QDrag,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

FindFiles = Callable[[], Sequence[Path]]
"""Returns files that are whole and will stay."""


def files_data(paths: Sequence[Path]) -> QMimeData:
    """Return files as every DAW takes them: a list of URLs and nothing else."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def copy_files(paths: Sequence[Path]) -> str:
    """Put files on the clipboard, to be pasted in a file manager or a DAW; say so."""
    QGuiApplication.clipboard().setMimeData(files_data(paths))
    what = f'"{paths[0].name}"' if len(paths) == 1 else f"{len(paths)} files"
    return f"{what} copied: paste in your DAW or file manager."


def reveal(path: Path) -> bool:
    """Show the folder of a file; return whether a file manager could be found."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def drag_files(source: QWidget, paths: Sequence[Path]) -> None:
    """Let the pointer carry files, to be copied wherever they are dropped."""
    drag = QDrag(source)
    drag.setMimeData(files_data(paths))
    drag.exec(Qt.DropAction.CopyAction)


class DragStart:
    """Tells when a pressed pointer has gone far enough to be dragging."""

    def __init__(self) -> None:
        self._pressed: QPoint | None = None

    def press(self, event: QMouseEvent) -> None:
        """Note where the left button went down."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()

    def moves_away(self, event: QMouseEvent) -> bool:
        """Return once that the pointer has left the place where it was pressed."""
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return False
        far = (event.position().toPoint() - self._pressed).manhattanLength()
        if far < QApplication.startDragDistance():
            return False
        self._pressed = None
        return True

    def release(self) -> bool:
        """Note that the button went up; return whether it was a click."""
        clicked, self._pressed = self._pressed is not None, None
        return clicked


class DragHandle(QToolButton):
    """A handle to drag files by. Clicked, or with Enter or Ctrl+C, it copies them instead.

    `files_left` carries the files, before they leave; `said` a sentence.
    """

    files_left = Signal(list)
    said = Signal(str)

    def __init__(
        self, sign: str, name: str, find_files: FindFiles, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setText(sign)
        self.setAccessibleName(name)
        self.setToolTip(f"{name}; a click copies to the clipboard (Ctrl+C)")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._find_files = find_files
        self._start = DragStart()
        self.clicked.connect(self.copy)

    @Slot()
    def copy(self) -> None:
        """Put the files on the clipboard."""
        if paths := self._found():
            self.said.emit(copy_files(paths))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._start.press(event)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start.moves_away(event):
            self.setDown(False)
            if paths := self._found():
                drag_files(self, paths)
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._start.release()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) or event.key() == Qt.Key.Key_Return:
            self.copy()
        else:
            super().keyPressEvent(event)

    def _found(self) -> list[Path]:
        paths = [path for path in self._find_files() if path.is_file()]
        if paths:
            # Before the drop, not after: the DAW may hold the file before `exec` returns.
            self.files_left.emit(paths)
        else:
            self.said.emit("There is no file to take: it is gone, or this take has none.")
        return paths
