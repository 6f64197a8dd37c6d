"""The transport bar: play, stop, loop, position, tempo, meter, output and glitches."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from acestep_desktop.domain.edits import set_tempo
from acestep_desktop.domain.project import Project
from acestep_desktop.domain.tempo import MAX_BPM, MIN_BPM, MeterChange, TempoChange
from acestep_desktop.domain.time import SAMPLE_RATE, USUAL_METERS, Frame, Meter, Tick
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.transport import Device, Status, TransportSession
from acestep_desktop.ui.level_meter import LevelMeter
from acestep_desktop.ui.tap_tempo import TapTempo
from acestep_desktop.ui.tempo_box import TempoBox
from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.timeline.verb import NO_LOOP


class TransportBar(QFrame):
    """Shows the transport and passes wishes on.

    `device_chosen` names an output device; an empty name is the system's default.
    """

    device_chosen = Signal(str)

    def __init__(
        self,
        transport: TransportSession,
        document: DocumentSession,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        device: Callable[[], str | None] | None = None,
    ) -> None:
        """`device` returns which output device was chosen; None is the system's default."""
        super().__init__(parent)
        self.setObjectName("panel")
        self._transport, self._document = transport, document
        self._device = device
        self._choosing = False
        self._home = _button("|◀", "Go to the start", "Go to the start (Home)")
        self._play = _button("▶", "Play", "Play or stop (Space)", checkable=True)
        self._loop = _button("⟲", "Loop", "Go round in the loop (L)", checkable=True)
        self._click = _button("♩", "Metronome", "Click on every beat (K)", checkable=True)
        self._make_labels()
        self._make_fields()
        self._level = LevelMeter(theme)
        self._lay_out()
        self._connect()
        self.show_project(document.project)
        self.show_status(transport.status)

    def _make_labels(self) -> None:
        self._position = QLabel("1.1.000")
        self._position.setObjectName("position")
        self._position.setMinimumWidth(110)
        self._position.setAccessibleName("Position")
        self._position.setToolTip("Bar, beat and tick of the playhead")
        self._clock = QLabel("0:00.000")
        self._clock.setObjectName("quiet")
        self._clock.setMinimumWidth(72)
        self._clock.setToolTip("Time of the playhead")
        self._xruns = QLabel()
        self._xruns.setObjectName("quiet")
        self._xruns.setToolTip("Xruns: how often the device had to wait for sound")

    def _make_fields(self) -> None:
        self._tempo = TempoBox()
        self._taps = TapTempo()
        self._tap = QPushButton("Tap")
        self._tap.setAccessibleName("Tap the tempo")
        self._tap.setToolTip("Tap along, at least three times, to set the tempo (Ctrl+Space)")
        self._tap.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._meter = QComboBox()
        self._meter.addItems([str(meter) for meter in USUAL_METERS])
        self._meter.setAccessibleName("Project meter")
        self._meter.setToolTip("Meter of the project")
        self._output = QToolButton()
        self._output.setText("Output")
        self._output.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._output.setAccessibleName("Output device")
        self._output.setToolTip("Choose where it is heard")

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(6)
        parts: tuple[QWidget, ...] = (
            self._home,
            self._play,
            self._loop,
            self._click,
            self._position,
            self._clock,
            self._tempo,
            self._tap,
            self._meter,
        )
        for part in parts:
            layout.addWidget(part)
        layout.addStretch(1)
        for part in (self._xruns, self._level, self._output):
            layout.addWidget(part)

    def add_tool(self, tool: QWidget) -> None:
        """Place one more control before the output device."""
        layout = self.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.insertWidget(layout.indexOf(self._output), tool)

    def _connect(self) -> None:
        transport = self._transport
        self._home.clicked.connect(self._go_home)
        self._play.clicked.connect(transport.toggle)
        self._loop.toggled.connect(transport.set_loop)
        self._click.toggled.connect(transport.set_metronome)
        self._tempo.dragged.connect(self._try_tempo)
        self._tempo.settled.connect(self._want_tempo)
        self._tempo.forgotten.connect(self._document.end_preview)
        self._tap.pressed.connect(self.tap)
        self._meter.activated.connect(self._want_meter)
        self._output.pressed.connect(self._look_for_devices)
        transport.devices_found.connect(self._show_devices)
        transport.status_changed.connect(self.show_status)
        transport.loop_changed.connect(self._show_loop)
        self._document.project_changed.connect(self.show_project)

    def loop_refusal(self) -> str:
        """Return why there is no going round; empty if there is a loop."""
        return "" if self._document.project.loop is not None else NO_LOOP

    @Slot()
    def toggle_loop(self) -> None:
        """Turn the loop on or off."""
        self._loop.toggle()

    @Slot()
    def toggle_metronome(self) -> None:
        """Turn the metronome on or off."""
        self._click.toggle()

    @Slot(object)
    def show_status(self, status: Status) -> None:
        """Show where the audio process is."""
        self._play.setChecked(status.rolling)
        self._play.setText("■" if status.rolling else "▶")
        self._position.setText(str(self._transport.position()))
        seconds = self._transport.playhead / SAMPLE_RATE
        self._clock.setText(f"{int(seconds // 60)}:{seconds % 60:06.3f}")
        self._level.show_levels(
            (status.peak_left, status.peak_right), (status.rms_left, status.rms_right)
        )
        xruns = f"{status.xruns} xruns" if status.xruns else ""
        self._xruns.setText("buffering" if status.buffering else xruns)

    @Slot(object)
    def show_project(self, project: Project) -> None:
        """Show the project's tempo and meter."""
        tempo = project.tempo
        self._tempo.show_tempo(tempo.tempos[0].bpm)
        meter = str(tempo.meters[0].meter)
        if self._meter.findText(meter) < 0:
            self._meter.addItem(meter)
        self._meter.setCurrentText(meter)
        self._loop.setEnabled(project.loop is not None)
        self._loop.setToolTip("Go round in the loop (L)" if project.loop is not None else NO_LOOP)

    @Slot(float)
    def _want_tempo(self, bpm: float) -> None:
        if self._document.history.present.tempo.tempos[0].bpm != bpm:
            self._document.apply("Change tempo", partial(_at_tempo, bpm=bpm))
        else:
            self._document.end_preview()

    @Slot(float)
    def _try_tempo(self, bpm: float) -> None:
        self._document.preview(partial(_at_tempo, bpm=bpm))

    @Slot()
    def tap(self) -> None:
        """Note a tap; from the third one on it sets the tempo."""
        bpm = self._taps.tap(time.monotonic())
        if bpm is not None and MIN_BPM <= bpm <= MAX_BPM:
            self._want_tempo(bpm)

    @Slot()
    def _want_meter(self) -> None:
        tempo = self._document.project.tempo
        meter = Meter.parse(self._meter.currentText())
        if tempo.meters[0].meter != meter:
            changed = replace(tempo, meters=(MeterChange(Tick(0), meter),))
            self._document.apply("Change meter", lambda project: set_tempo(project, changed))

    @Slot()
    def _go_home(self) -> None:
        self._transport.locate(Frame(0))

    def show_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._level.show_theme(theme)

    @Slot(object)
    def _show_loop(self, span: object) -> None:
        self._loop.setChecked(span is not None)

    @Slot()
    def _look_for_devices(self) -> None:
        self._choosing = True
        self._transport.find_devices()

    @Slot(list)
    def _show_devices(self, devices: list[Device]) -> None:
        # The settings look for devices, too; their list is no menu.
        if not self._choosing:
            return
        self._choosing = False
        menu = self._device_menu(devices)
        chosen = menu.exec(self._output.mapToGlobal(QPoint(0, self._output.height())))
        menu.deleteLater()
        if chosen is not None:
            self._transport.set_device(chosen.data() or None)
            self.device_chosen.emit(chosen.data())

    def _device_menu(self, devices: list[Device]) -> QMenu:
        """Return a menu of the devices, the one that was chosen marked."""
        menu = QMenu(self)
        chosen = (self._device() if self._device is not None else None) or ""
        default = next((device.name for device in devices if device.is_default), "")
        menu.addAction(f"System default: {default}" if default else "System default").setData("")
        menu.addSeparator()
        for device in devices:
            menu.addAction(device.name).setData(device.name)
        if not devices:
            menu.addAction("No output device: connect one and look again").setEnabled(False)
        for action in menu.actions():
            if action.data() is not None:
                action.setCheckable(True)
                action.setChecked(action.data() == chosen)
        return menu


def _at_tempo(project: Project, *, bpm: float) -> Project:
    tempo = project.tempo
    changed = replace(tempo, tempos=(TempoChange(Tick(0), bpm), *tempo.tempos[1:]))
    return set_tempo(project, changed)


def _button(sign: str, name: str, tip: str, *, checkable: bool = False) -> QPushButton:
    button = QPushButton(sign)
    button.setCheckable(checkable)
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setFixedWidth(40)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
