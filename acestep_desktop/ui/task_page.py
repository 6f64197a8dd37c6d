"""The fields of a task: its audio, and just what else it needs."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.request import (
    TRACK_NAMES,
    AddLayer,
    Complete,
    Cover,
    Extend,
    Extract,
    Repaint,
    Task,
    TextToMusic,
    Variation,
)
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import SAMPLE_RATE, Meter
from acestep_desktop.session.sources import Source, SourceSession
from acestep_desktop.ui.prompt_fields import name
from acestep_desktop.ui.task_choice import NEW, REFERENCE, TASKS
from acestep_desktop.ui.task_zone import SourceZone

_MOST_S: Final = 600.0
_STEP_S: Final = 0.5
_STRENGTHS: Final = {
    "cover": ("Keep", 70, "How much of the source is kept; 100 % keeps most"),
    "variation": ("Change", 50, "How far it may go from the source; 100 % goes far"),
}
_FIELDS: Final = {
    REFERENCE: (),
    "cover": ("strength",),
    "variation": ("strength",),
    "repaint": ("from", "to"),
    "extend": ("before", "after", "unit"),
    "add_layer": ("track",),
    "extract": ("track",),
    "complete": ("tracks",),
}
"""What each task needs besides its audio."""


class TaskPage(QWidget):
    """The audio and the fields of the task that is shown. `changed` says that one is another."""

    changed = Signal()
    said = Signal(str)

    def __init__(self, sources: SourceSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = NEW
        self._wished_range: tuple[float, float] | None = None
        self._sources = sources
        self._strengths = {key: usual for key, (_, usual, _) in _STRENGTHS.items()}
        self.zone = SourceZone("Source")
        self._strength = QSlider(Qt.Orientation.Horizontal)
        self._percent = QLabel()
        self._from, self._to = _seconds("From"), _seconds("To")
        self._before, self._after = _seconds("Before"), _seconds("After")
        self._unit = QComboBox()
        self._track = QComboBox()
        self._tracks = QToolButton()
        self._rows: dict[str, list[QWidget]] = {}
        self._make()
        self._lay_out()
        self._connect()
        self.show_task(NEW)

    def show_task(self, key: str) -> None:
        """Show the fields of a task."""
        self._key = key
        self.zone.set_role("Reference" if key == REFERENCE else "Source")
        self.zone.outline.set_choosable(key == "repaint")
        wanted = _FIELDS.get(key, ())
        for field, widgets in self._rows.items():
            for widget in widgets:
                widget.setVisible(field in wanted)
        if key in _STRENGTHS:
            title, _, tip = _STRENGTHS[key]
            self._strength_title.setText(title)
            name(self._strength, title, tip)
            self._strength.setValue(self._strengths[key])
        self._show_percent()

    def put(self, source: Source, span: tuple[float, float] | None = None) -> None:
        """Take audio, of which the range `span` (seconds) is to be made anew."""
        self._wished_range = span
        self.zone.show_source(source)
        self._fit_range()
        self._show_unit()
        self.changed.emit()

    def task(self) -> Task:
        """Return the task as it is asked for; InvalidValueError says what is missing."""
        if self._key in (NEW, REFERENCE):
            return TextToMusic()
        source = self._path()
        match self._key:
            case "cover":
                return Cover(source, self._strength.value() / 100)
            case "variation":
                return Variation(source, self._strength.value() / 100)
            case "repaint":
                return Repaint(source, self._from.value(), self._to.value())
            case "extend":
                return Extend(source, self._length(self._before), self._length(self._after))
            case "add_layer":
                return AddLayer(source, str(self._track.currentData()))
            case "extract":
                return Extract(source, str(self._track.currentData()))
            case _:
                return Complete(source, self._chosen_tracks())

    def reference(self) -> str | None:
        """Return the path of the audio that new music is to sound like, if that is the task."""
        return self._path() if self._key == REFERENCE else None

    def _path(self) -> str:
        source = self.zone.source
        if source is None:
            what = "reference" if self._key == REFERENCE else "source"
            raise InvalidValueError(
                f"{TASKS[self._key].label} needs a {what}: drop audio or a take on its place."
            )
        if source.trouble:
            raise InvalidValueError(source.trouble)
        return str(source.path)

    def _length(self, field: QDoubleSpinBox) -> float:
        if self._unit.currentData() == "s" or not field.value():
            return field.value()
        music = self.zone.source.music if self.zone.source is not None else None
        if music is None or music.bpm is None:
            raise InvalidValueError("The tempo of the source is not known: extend it in seconds.")
        bars = max(1, round(field.value()))
        return frames_of_bars(bars, music.meter or Meter(), music.bpm) / SAMPLE_RATE

    def _chosen_tracks(self) -> tuple[str, ...]:
        return tuple(action.data() for action in self._tracks.menu().actions() if _is_on(action))

    def _make(self) -> None:
        self._strength.setRange(0, 100)
        self._strength_title = QLabel()
        for label, key in (("s", "s"), ("bars", "bars")):
            self._unit.addItem(label, key)
        name(self._unit, "Unit", "Whether before and after are seconds or bars")
        name(self._track, "Track", "Which track")
        menu = QMenu(self._tracks)
        for track in TRACK_NAMES:
            self._track.addItem(track_label(track), track)
            action = menu.addAction(track_label(track))
            action.setData(track)
            action.setCheckable(True)
            action.setChecked(track in ("drums", "bass"))
        self._track.setCurrentIndex(TRACK_NAMES.index("drums"))
        self._tracks.setMenu(menu)
        self._tracks.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._tracks.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._after.setValue(10.0)
        self._show_tracks()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        for field, title, widget in (
            ("strength", self._strength_title, self._strength),
            ("strength", None, self._percent),
            ("from", QLabel("From"), self._from),
            ("to", QLabel("to"), self._to),
            ("before", QLabel("Before"), self._before),
            ("after", QLabel("after"), self._after),
            ("unit", None, self._unit),
            ("track", QLabel("Track"), self._track),
            ("tracks", QLabel("With"), self._tracks),
        ):
            parts = self._rows.setdefault(field, [])
            if title is not None:
                title.setObjectName("quiet")
                parts.append(title)
                row.addWidget(title)
            row.addWidget(widget, 1 if widget is self._strength else 0)
            parts.append(widget)
        row.addStretch(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.zone)
        layout.addLayout(row)
        layout.addStretch(1)

    def _connect(self) -> None:
        self._sources.found.connect(self._show_found)
        self.zone.wanted.connect(self.look)
        self.zone.cleared.connect(self.changed)
        self.zone.said.connect(self.said)
        self.zone.outline.chosen.connect(self._take_range)
        self._strength.valueChanged.connect(self._show_percent)
        for spin in (self._from, self._to):
            spin.valueChanged.connect(self._show_range)
        for box in (self._unit, self._track):
            box.currentIndexChanged.connect(self.changed)
        for length in (self._before, self._after):
            length.valueChanged.connect(self.changed)
        self._unit.currentIndexChanged.connect(self._show_unit)
        self._tracks.menu().triggered.connect(self._show_tracks)

    @Slot(object)
    def look(self, path: Path, span: tuple[float, float] | None = None) -> None:
        """Take the audio of a file, of which a range is to be made anew."""
        self.put(self._sources.look(path), span)

    @Slot(object)
    def _show_found(self, source: Source) -> None:
        shown = self.zone.source
        if shown is not None and shown.path == source.path:
            fresh = shown.seconds is None
            self.zone.show_source(source)
            if fresh:
                self._fit_range()
            if source.trouble:
                self.said.emit(source.trouble)
            self.changed.emit()

    def _fit_range(self) -> None:
        """Let the range lie within the source: the one that is wished, else its middle half."""
        source, span = self.zone.source, self._wished_range
        seconds = source.seconds if source is not None else None
        most = seconds or _MOST_S
        start, end = span or (round(most / 4, 2), round(most * 3 / 4, 2))
        for spin in (self._from, self._to):
            spin.setMaximum(round(most, 2))
        if seconds is not None or span is not None:
            self._take_range(start, end)

    @Slot(float, float)
    def _take_range(self, start: float, end: float) -> None:
        self._from.setValue(start)
        self._to.setValue(end)

    @Slot()
    def _show_range(self) -> None:
        source = self.zone.source
        if source is not None and source.seconds is None:
            # How long it is comes later, and must not take the place of what was typed.
            self._wished_range = (self._from.value(), self._to.value())
        self.zone.outline.show_range(self._from.value(), self._to.value())
        self.changed.emit()

    @Slot()
    def _show_percent(self) -> None:
        if self._key in self._strengths:
            self._strengths[self._key] = self._strength.value()
        self._percent.setText(f"{self._strength.value()} %")
        self._percent.setMinimumWidth(self.fontMetrics().horizontalAdvance("100 %") + 4)
        self.changed.emit()

    @Slot()
    def _show_unit(self) -> None:
        in_bars = self._unit.currentData() == "bars"
        for spin in (self._before, self._after):
            spin.setDecimals(0 if in_bars else 1)
            spin.setSingleStep(1.0 if in_bars else _STEP_S)

    @Slot()
    def _show_tracks(self) -> None:
        chosen = [track_label(track) for track in self._chosen_tracks()]
        words = ", ".join(chosen[:3]) + (f" and {len(chosen) - 3} more" if len(chosen) > 3 else "")
        self._tracks.setText(words or "Choose tracks")
        name(self._tracks, "Tracks", f"Which tracks accompany the source: {', '.join(chosen)}")
        self.changed.emit()


def track_label(track: str) -> str:
    """Return the name of a track for a person."""
    return "FX" if track == "fx" else track.replace("_", " ").capitalize()


def _is_on(action: QAction) -> bool:
    return action.isChecked()


def _seconds(title: str) -> QDoubleSpinBox:
    spin = QDoubleSpinBox()
    spin.setRange(0.0, _MOST_S)
    spin.setDecimals(1 if title in ("Before", "After") else 2)
    spin.setSingleStep(_STEP_S)
    name(spin, title, _SPIN_TIPS[title])
    return spin


_SPIN_TIPS: Final = {
    "From": "Where the span begins that is made anew, in seconds",
    "To": "Where the span ends that is made anew, in seconds",
    "Before": "How much is made before the source",
    "After": "How much is made after the source",
}
