"""The headers of the tracks: name, colour, mute, solo, gain, pan and level."""

from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QPushButton,
    QSlider,
    QWidget,
)

from acestep_desktop.domain.edits import Edit, change_track
from acestep_desktop.domain.level import db_from_amplitude
from acestep_desktop.domain.project import Track, TrackId
from acestep_desktop.domain.song_edits import rename_track
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.ui.escapable_line import EscapableLine
from acestep_desktop.ui.escape import claims, is_escape
from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT
from acestep_desktop.ui.timeline.viewport import Viewport

WIDTH: Final = 208
_QUIETEST_DB: Final = -60.0
_LOUDEST_DB: Final = 12.0
_STEPS_PER_DB: Final = 2


class Slider(QSlider):
    """A slider that a double click puts back, and that leaves the wheel alone.

    Esc while it is held gives it up: `given_up`, and the pointer moves it no further.
    """

    put_back = Signal()
    given_up = Signal()

    def __init__(self, orientation: Qt.Orientation) -> None:
        super().__init__(orientation)
        self._gave_up = False

    def event(self, event: QEvent) -> bool:
        """Keep Esc from what else it means while the slider is held."""
        return claims(event, self._leaves(event)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._leaves(event):
            super().keyPressEvent(event)
            return
        self._gave_up = True
        # Let go without `sliderReleased`: that would keep the value.
        with QSignalBlocker(self):
            self.setSliderDown(False)
        self.given_up.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._gave_up = False
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._gave_up:
            super().mouseMoveEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.put_back.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def _leaves(self, event: QEvent) -> bool:
        return self.isSliderDown() and is_escape(event)


class TrackHeader(QWidget):
    """One track's controls. It shows a track and tells the document what is wished.

    `menu_wanted` carries the track's id and a point on the screen.
    """

    menu_wanted = Signal(str, QPointF)

    def __init__(self, document: DocumentSession, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(WIDTH, ROW_HEIGHT - 1)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._document = document
        self._theme = theme
        self._level = 0.0
        self.track = Track(TrackId(""), "")
        self._name = EscapableLine()
        self._mute = _toggle("M", "Mute the track; the key M mutes that of the selected clip")
        self._solo = _toggle("S", "Hear only this track; the key Shift+S that of the selected clip")
        self._gain = _slider(
            round(_QUIETEST_DB * _STEPS_PER_DB), round(_LOUDEST_DB * _STEPS_PER_DB)
        )
        self._pan = _slider(-100, 100)
        self._pan.setFixedWidth(56)
        self._value = QLabel()
        self._value.setObjectName("quiet")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._name.setToolTip("The track's name; Esc forgets what was typed")
        self._name.setFrame(False)
        self._value.setFixedWidth(52)
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QGridLayout(self)
        layout.setContentsMargins(12, 4, 14, 4)
        layout.setHorizontalSpacing(4)
        layout.setVerticalSpacing(2)
        layout.addWidget(self._name, 0, 0, 1, 2)
        layout.addWidget(self._mute, 0, 2)
        layout.addWidget(self._solo, 0, 3)
        layout.addWidget(self._gain, 1, 0)
        layout.addWidget(self._value, 1, 1)
        layout.addWidget(self._pan, 1, 2, 1, 2)

    def _connect(self) -> None:
        self._name.editingFinished.connect(self._rename)
        self._name.escaped.connect(self._forget_name)
        self._mute.clicked.connect(self._change_mute)
        self._solo.clicked.connect(self._change_solo)
        self._gain.valueChanged.connect(self._change_gain)
        self._gain.sliderReleased.connect(self._keep_gain)
        self._gain.put_back.connect(self._reset_gain)
        self._gain.given_up.connect(self._document.end_preview)
        self._pan.valueChanged.connect(self._change_pan)
        self._pan.sliderReleased.connect(self._keep_pan)
        self._pan.put_back.connect(self._reset_pan)
        self._pan.given_up.connect(self._document.end_preview)

    def show_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.update()

    def show_track(self, track: Track) -> None:
        """Show a track's values."""
        if track is self.track:
            return
        other = track.track_id != self.track.track_id
        self.track = track
        if other or not self._name.hasFocus():
            self._name.setText(track.name)
            self._name.setCursorPosition(0)
        self._mute.setChecked(track.muted)
        self._solo.setChecked(track.soloed)
        self._gain.setValue(_steps(track.gain_db))
        self._pan.setValue(round(track.pan * 100))
        self._value.setText(decibels(track.gain_db))
        self._name_controls(track.name or "Track")
        self.update()

    def show_level(self, level: float) -> None:
        """Show how loud the track is: an amplitude, 1 is full scale."""
        if abs(level - self._level) > 1e-4:
            self._level = level
            self.update(WIDTH - 10, 0, 10, ROW_HEIGHT)

    def edit_name(self) -> None:
        """Let a person type another name."""
        self._name.setFocus()
        self._name.selectAll()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.surface))
        painter.fillRect(0, 0, 6, self.height(), QColor(self.track.colour))
        height = self.height() - 12
        painter.fillRect(WIDTH - 9, 6, 5, height, QColor(self._theme.background))
        shown = meter_fraction(self._level)
        colour = self._theme.good if self._level < 0.7 else self._theme.warning
        if self._level >= 1.0:
            colour = self._theme.bad
        painter.fillRect(
            QRectF(WIDTH - 9, 6 + height * (1 - shown), 5, height * shown), QColor(colour)
        )
        painter.end()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(self.track.track_id, QPointF(event.globalPos()))

    def _name_controls(self, name: str) -> None:
        self.setAccessibleName(f"Track {name}")
        self._name.setAccessibleName(f"Name of track {name}")
        self._mute.setAccessibleName(f"Mute {name}")
        self._solo.setAccessibleName(f"Solo {name}")
        self._gain.setAccessibleName(f"Gain of {name}")
        self._gain.setToolTip(f"Gain {decibels(self.track.gain_db)}; double-click: 0 dB")
        self._pan.setAccessibleName(f"Pan of {name}")
        self._pan.setToolTip(f"Pan {panned(self.track.pan)}; double-click: centre")

    @Slot()
    def _rename(self) -> None:
        name = self._name.text().strip()
        if name and name != self.track.name:
            rename = partial(rename_track, track_id=self.track.track_id, name=name)
            self._document.apply("Rename track", rename)

    @Slot()
    def _forget_name(self) -> None:
        self._name.setText(self.track.name)
        self._name.clearFocus()

    @Slot(bool)
    def _change_mute(self, on: bool) -> None:
        self._apply("Mute track" if on else "Unmute track", replace(self.track, muted=on))

    @Slot(bool)
    def _change_solo(self, on: bool) -> None:
        self._apply("Solo track" if on else "Unsolo track", replace(self.track, soloed=on))

    @Slot(int)
    def _change_gain(self, steps: int) -> None:
        if steps == _steps(self.track.gain_db):
            return
        gain_db = -120.0 if steps == self._gain.minimum() else steps / _STEPS_PER_DB
        self._change("Change gain of track", replace(self.track, gain_db=gain_db), self._gain)

    @Slot(int)
    def _change_pan(self, hundredths: int) -> None:
        if hundredths != round(self.track.pan * 100):
            panned_track = replace(self.track, pan=hundredths / 100)
            self._change("Pan track", panned_track, self._pan)

    @Slot()
    def _keep_gain(self) -> None:
        self._apply("Change gain of track", self.track)

    @Slot()
    def _keep_pan(self) -> None:
        self._apply("Pan track", self.track)

    @Slot()
    def _reset_gain(self) -> None:
        self._apply("Reset gain of track", replace(self.track, gain_db=0.0))

    @Slot()
    def _reset_pan(self) -> None:
        self._apply("Reset pan of track", replace(self.track, pan=0.0))

    def _change(self, label: str, track: Track, slider: QSlider) -> None:
        if slider.isSliderDown():
            self._document.preview(_putting(track))
        else:
            self._apply(label, track)

    def _apply(self, label: str, track: Track) -> None:
        self._document.apply(label, _putting(track))


class HeaderColumn(QWidget):
    """The headers of the tracks that are seen; a few widgets serve any number of tracks.

    `menu_wanted` carries a track's id and a point on the screen.
    """

    menu_wanted = Signal(str, QPointF)

    def __init__(self, viewport: Viewport, document: DocumentSession, theme: Theme) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        # What is seen already is then moved on the screen, not painted anew.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._viewport = viewport
        self._document = document
        self._theme = theme
        self._headers: list[TrackHeader] = []
        self._top = viewport.top
        viewport.changed.connect(self.show_rows)
        viewport.top_changed.connect(self.show_rows)

    @property
    def headers(self) -> tuple[TrackHeader, ...]:
        """The headers that are seen, from the top."""
        return tuple(header for header in self._headers if not header.isHidden())

    def show_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        for header in self._headers:
            header.show_theme(theme)

    @Slot()
    def show_rows(self) -> None:
        """Show the headers of the tracks that are seen."""
        tracks, top = self._viewport.project.tracks, self._viewport.top
        if top != self._top:
            self.scroll(0, self._top - top)
            self._top = top
        first = top // ROW_HEIGHT
        count = self._viewport.height // ROW_HEIGHT + 2
        while len(self._headers) < min(count, len(tracks)):
            header = TrackHeader(self._document, self._theme, self)
            header.menu_wanted.connect(self.menu_wanted)
            self._headers.append(header)
        for index, header in enumerate(self._headers):
            row = first + (index - first) % len(self._headers)
            if row < len(tracks) and row < first + count:
                header.show_track(tracks[row])
                header.move(QPoint(0, row * ROW_HEIGHT - top))
                header.show()
            else:
                header.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._theme.background))
        painter.end()

    def rows(self) -> tuple[tuple[int, TrackHeader], ...]:
        """Return the headers that are seen, each with its row."""
        rows = {track.track_id: row for row, track in enumerate(self._viewport.project.tracks)}
        return tuple((rows[h.track.track_id], h) for h in self.headers if h.track.track_id in rows)

    def header_of(self, track_id: str) -> TrackHeader | None:
        """Return the header of a track, if it is seen."""
        return next((h for h in self.headers if h.track.track_id == track_id), None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() / 2
        self._viewport.scroll_to_top(self._viewport.top - round(turned))
        event.accept()


def decibels(gain_db: float) -> str:
    """Return `-6.0 dB`; a fader that is off is `off`."""
    return "off" if gain_db <= -120.0 else f"{gain_db:+.1f} dB" if gain_db else "0.0 dB"


def panned(pan: float) -> str:
    """Return `centre`, `30 left` or `30 right`."""
    amount = round(abs(pan) * 100)
    return "centre" if not amount else f"{amount} {'left' if pan < 0 else 'right'}"


def meter_fraction(level: float) -> float:
    """Return how full a meter of 60 dB is at an amplitude."""
    return 0.0 if level <= 1e-3 else min(1.0, 1.0 + db_from_amplitude(level) / 60.0)


def _steps(gain_db: float) -> int:
    return round(min(max(gain_db, _QUIETEST_DB), _LOUDEST_DB) * _STEPS_PER_DB)


def _putting(track: Track) -> Edit:
    """Return the edit that puts a track's values over whatever clips it has."""

    def put(old: Track) -> Track:
        return replace(track, clips=old.clips)

    return partial(change_track, track_id=track.track_id, change=put)


def _toggle(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setCheckable(True)
    button.setFixedSize(26, 26)
    button.setObjectName("small")
    button.setToolTip(tip)
    return button


def _slider(low: int, high: int) -> Slider:
    slider = Slider(Qt.Orientation.Horizontal)
    slider.setRange(low, high)
    slider.setMinimumWidth(40)
    return slider
