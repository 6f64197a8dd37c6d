"""Help: all keys and what the pointer does, on one page."""

from itertools import groupby
from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.ui.verbs import Verb, VerbBook, matching

POINTER: Final = (
    ("Drag a take, its WAV, Stems or MIDI handle", "Copies the files into your DAW or a folder"),
    ("Click a take in the tray", "Plays it; again, stops it"),
    ("Double-click a take in the library", "Plays it"),
    ("Right-click a take", "Everything that can be done with it"),
    ("Drop audio files onto the window", "Adds them to the library"),
    ("Drop takes onto the timeline", "Puts them on a track; the first sets tempo and key"),
    ("Drag a clip, its edges, its top corners", "Moves it, trims it, fades it"),
    ("Drag a clip with Ctrl, Alt, Shift", "Copies it, slips what it shows, ignores the grid"),
    ("Drag a clip with the slip tool (Y)", "Slips what it shows, where Alt moves windows"),
    ("Drag clips or a range out of the lanes", "Copies them as files into your DAW"),
    ("Drag in the lanes with the range tool (T), or Ctrl+Alt", "Selects a range of time"),
    ("Double-click a clip's name, its waveform", "Renames it, shows its take in the list"),
    ("Double-click the bars of the ruler", "Plays from there"),
    ("Drop audio or a take onto a task's Source", "Makes new music from it"),
    ("Drag across the outline of a Source", "Chooses the span that Repaint makes anew"),
)


class HelpSheet(QDialog):
    """Verbs with their keys, group by group."""

    def __init__(self, book: VerbBook, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and gestures")
        self.resize(680, 620)
        self._book = book
        self._words = QLineEdit()
        self._words.setPlaceholderText("Search keys")
        self._words.setAccessibleName("Search keys")
        self._words.setToolTip("Letters of a command or of its keys")
        self._words.setClearButtonEnabled(True)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setAccessibleName("Keys and gestures")
        self._scroll.setToolTip("All keys, group by group")
        close = QPushButton("Close")
        close.setAccessibleName("Close")
        close.setToolTip("Close (Esc)")
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.addWidget(self._words)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(close, alignment=Qt.AlignmentFlag.AlignRight)
        self._words.textChanged.connect(self._show)

    @Slot()
    def open_whole(self) -> None:
        """Show every key."""
        self._words.clear()
        self._show("")
        self.show()
        self._words.setFocus()

    @Slot(str)
    def _show(self, text: str) -> None:
        page = QWidget()
        grid = QGridLayout(page)
        grid.setColumnStretch(0, 1)
        grid.setVerticalSpacing(6)
        with_keys = [verb for verb in matching(self._book.verbs, text) if verb.keys]
        for group, verbs in groupby(sorted(with_keys, key=_group), key=_group):
            _add_heading(grid, group)
            for verb in verbs:
                _add_row(grid, verb.name, verb.keys_text)
        gestures = [pair for pair in POINTER if text.casefold() in " ".join(pair).casefold()]
        if gestures:
            _add_heading(grid, "Pointer")
        for gesture, meaning in gestures:
            _add_row(grid, meaning, gesture)
        if not with_keys and not gestures:
            grid.addWidget(QLabel("Nothing is called that."), 0, 0)
        grid.setRowStretch(grid.rowCount(), 1)
        self._scroll.setWidget(page)


def _group(verb: Verb) -> str:
    return verb.group


def _add_heading(grid: QGridLayout, text: str) -> None:
    heading = QLabel(text)
    heading.setObjectName("heading")
    grid.addWidget(heading, grid.rowCount(), 0, 1, 2)


def _add_row(grid: QGridLayout, meaning: str, keys: str) -> None:
    row = grid.rowCount()
    what = QLabel(meaning)
    what.setWordWrap(True)
    pressed = QLabel(keys)
    pressed.setObjectName("quiet")
    pressed.setWordWrap(True)
    grid.addWidget(what, row, 0)
    grid.addWidget(pressed, row, 1)
