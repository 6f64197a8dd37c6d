"""Filters: which takes are listed, and in what order."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QPushButton, QSpinBox, QWidget

from acestep_desktop.domain.key import USUAL_TONICS
from acestep_desktop.session.engines import ENGINES
from acestep_desktop.session.library import TakeQuery

ANY: Final = "Any"
_BARS: Final = (("1–2", (1, 2)), ("4", (4, 4)), ("8", (8, 8)), ("16", (16, 16)), ("17+", (17, 999)))
_ORDERS: Final = (
    ("Newest first", "newest"),
    ("Oldest first", "oldest"),
    ("By title", "title"),
    ("By tempo", "bpm"),
    ("By key", "key"),
    ("Longest first", "longest"),
)
_SLOWEST: Final = 20
_FASTEST: Final = 300


class TakeFilters(QWidget):
    """Narrows a search down. `changed` says that another query counts from now on."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._starred = QPushButton("★ Starred")
        self._trashed = QPushButton("Trash")
        for button in (self._starred, self._trashed):
            button.setCheckable(True)
        self._engine = _choice(((entry.label, name) for name, entry in ENGINES.items()), "engine")
        self._engine.addItem("Imported", "")
        keys = [f"{tonic} {mode}" for mode in ("minor", "major") for tonic in USUAL_TONICS]
        self._key = _choice(((key, key) for key in keys), "key")
        self._bars = _choice(_BARS, "length")
        self._from, self._to = _tempo("From", _SLOWEST), _tempo("To", _FASTEST)
        self._order = QComboBox()
        for label, order in _ORDERS:
            self._order.addItem(label, order)
        self._clear = QPushButton("Clear")
        self._name()
        self._lay_out()
        self._connect()

    def query(self, text: str) -> TakeQuery:
        """Return the question for takes with the words `text` that pass all filters."""
        span = (self._from.value(), self._to.value())
        return TakeQuery(
            text=text,
            starred=True if self._starred.isChecked() else None,
            trashed=self._trashed.isChecked(),
            engine=self._engine.currentData(),
            key=self._key.currentData(),
            bpm=None if span == (_SLOWEST, _FASTEST) else span,
            bars=self._bars.currentData(),
            order=self._order.currentData(),
        )

    @property
    def active(self) -> bool:
        """Whether any take is left out."""
        return replace(self.query(""), order="newest") != TakeQuery()

    @property
    def shows_trash(self) -> bool:
        """Whether the trash is listed."""
        return self._trashed.isChecked()

    @Slot()
    def clear(self) -> None:
        """Let every take pass."""
        for button in (self._starred, self._trashed):
            button.setChecked(False)
        for box in (self._engine, self._key, self._bars):
            box.setCurrentIndex(0)
        self._from.setValue(_SLOWEST)
        self._to.setValue(_FASTEST)

    def _name(self) -> None:
        for widget, name, tip in (
            (self._starred, "Starred only", "List starred takes only"),
            (self._trashed, "Trash", "List the trash; takes there can be brought back"),
            (self._engine, "Engine", "List takes of one engine, or imported ones"),
            (self._key, "Key filter", "List takes in one key"),
            (self._bars, "Bars filter", "List takes of this many bars"),
            (self._from, "Slowest tempo", "List takes at this tempo or faster"),
            (self._to, "Fastest tempo", "List takes at this tempo or slower"),
            (self._order, "Order", "In what order takes are listed"),
            (self._clear, "Clear filters", "List all takes again"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        rows = (
            (self._starred, self._trashed, self._order, self._clear),
            (self._engine, self._key, self._bars, None),
            (self._from, self._to, None, None),
        )
        for row, widgets in enumerate(rows):
            for column, widget in enumerate(widgets):
                if widget is not None:
                    grid.addWidget(widget, row, column)

    def _connect(self) -> None:
        for button in (self._starred, self._trashed):
            button.toggled.connect(self.changed)
        for box in (self._engine, self._key, self._bars, self._order):
            box.currentIndexChanged.connect(self.changed)
        for field in (self._from, self._to):
            field.valueChanged.connect(self.changed)
        self._clear.clicked.connect(self.clear)


def _choice(values: Iterable[tuple[str, object]], what: str) -> QComboBox:
    box = QComboBox()
    box.addItem(f"{ANY} {what}", None)
    for label, value in values:
        box.addItem(f"{label} bars" if what == "length" else label, value)
    return box


def _tempo(prefix: str, value: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(_SLOWEST, _FASTEST)
    field.setPrefix(f"{prefix} ")
    field.setSuffix(" bpm")
    field.setValue(value)
    field.setKeyboardTracking(False)
    return field
