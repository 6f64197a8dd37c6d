"""Drop zones: where audio or a take is put, for music to be made from it."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.session.sources import Source
from acestep_desktop.ui.drops import SUFFIXES, dropped_files
from acestep_desktop.ui.task_range import SourceOutline

_FILTER: Final = f"Audio ({' '.join(f'*{suffix}' for suffix in SUFFIXES)})"


class SourceZone(QFrame):
    """Takes one audio file: dropped, or browsed for by Enter or a click. Delete clears it.

    `wanted` carries the path of a file that is to be looked into; `cleared` says that
    there is none any more; `said` a sentence.
    """

    wanted = Signal(object)
    cleared = Signal()
    said = Signal(str)

    def __init__(self, role: str, parent: QWidget | None = None) -> None:
        """`role` is what the audio is to the task, such as "Source"."""
        super().__init__(parent)
        self.setObjectName("zone")
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._role = role
        self._source: Source | None = None
        self._title = QLabel()
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._browse = _button("…", "Browse", "Choose an audio file")
        self._clear = _button("✕", "Clear", "Take this audio out again (Delete)")
        self.outline = SourceOutline()
        self._lay_out()
        self._browse.clicked.connect(self.browse)
        self._clear.clicked.connect(self.clear)
        self.show_source(None)

    @property
    def source(self) -> Source | None:
        """The audio that is in it."""
        return self._source

    def set_role(self, role: str) -> None:
        """Say what the audio is to the task now."""
        self._role = role
        self.show_source(self._source)

    def show_source(self, source: Source | None) -> None:
        """Show a source, or that there is none."""
        self._source = source
        self._clear.setVisible(source is not None)
        self.outline.show_source(source)
        self.outline.setVisible(source is not None and not source.trouble)
        self._show_words()

    @Slot()
    def browse(self) -> None:
        """Ask for a file."""
        place = str(self._source.path.parent) if self._source is not None else ""
        name, _ = QFileDialog.getOpenFileName(self, f"{self._role} audio", place, _FILTER)
        if name:
            self.wanted.emit(Path(name))

    @Slot()
    def clear(self) -> None:
        """Have no audio."""
        if self._source is not None:
            self.show_source(None)
            self.cleared.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._light(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._light(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._light(False)
        files, refused = dropped_files(event.mimeData())
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if files:
            self.wanted.emit(files[0])
        if refused and not files:
            self.said.emit(refused)
        elif len(files) > 1:
            self.said.emit(f'One file is enough: "{files[0].name}" was taken.')

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.browse()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._source is None and event.button() == Qt.MouseButton.LeftButton:
            self.browse()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_words()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._title, 1)
        top.addWidget(self._browse)
        top.addWidget(self._clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 3, 4, 3)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addWidget(self.outline)

    def _show_words(self) -> None:
        source = self._source
        if source is None:
            words = f"{self._role}: drop audio or a take here"
            tip = f"{words}, or press Enter to browse"
        elif source.trouble:
            words, tip = source.trouble, source.trouble
        else:
            length = "" if source.seconds is None else f"   {length_words(source.seconds)}"
            words = f"{self._role}: {source.title}{length}"
            tip = f"{source.path}\nDrop another file to replace it; Delete clears it"
        self._title.setObjectName("bad" if source is not None and source.trouble else "quiet")
        self._title.style().polish(self._title)
        room = max(40, self._title.width())
        shown = self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, room)
        self._title.setText(shown)
        self.setAccessibleName(words)
        self.setToolTip(tip)
        self._title.setToolTip(tip)

    def _light(self, on: bool) -> None:
        self.setProperty("lit", on)
        self.style().polish(self)


def length_words(seconds: float) -> str:
    """Return a length as a person reads it: "7.5 s", "3:04"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"


def _button(sign: str, name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(sign)
    button.setObjectName("small")
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
