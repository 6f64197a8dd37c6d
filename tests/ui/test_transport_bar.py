"""The transport: what is played, and what the bar shows of it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QMenu,
)
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.project import Project
from acestep_desktop.domain.tempo import MeterChange, TempoMap
from acestep_desktop.domain.time import Frame, Meter, Tick
from acestep_desktop.realtime.status import Status
from acestep_desktop.realtime.stream import Device
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.transport import TransportSession
from acestep_desktop.ui.level_meter import HOLD_FRAMES, LevelMeter
from acestep_desktop.ui.tempo_box import TempoBox
from acestep_desktop.ui.theme import load_theme
from acestep_desktop.ui.transport_bar import TransportBar
from tests.session.fake_transport import FakeTransport, bars_of, looped, started


@pytest.fixture
def client() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
def document(qapp: QCoreApplication) -> DocumentSession:
    return DocumentSession()


@pytest.fixture
def transport(client: FakeTransport, document: DocumentSession) -> Iterator[TransportSession]:
    with started(client, document) as session:
        yield session


@pytest.fixture
def bar(transport: TransportSession, document: DocumentSession, qtbot: QtBot) -> TransportBar:
    bar = TransportBar(transport, document, load_theme("dark"), device=lambda: "Headphones")
    qtbot.addWidget(bar)
    bar.show()
    return bar


def named(bar: TransportBar, kind: type, name: str):
    return next(w for w in bar.findChildren(kind) if w.accessibleName() == name)


def test_the_playhead_is_followed(
    bar: TransportBar, transport: TransportSession, qtbot: QtBot
) -> None:
    transport.locate(Frame(48_000))
    assert named(bar, QLabel, "Position").text() == "1.3.000"
    named(bar, QAbstractButton, "Go to the start").click()
    assert named(bar, QLabel, "Position").text() == "1.1.000"


def test_play_toggles_and_shows_that_it_rolls(bar: TransportBar, client: FakeTransport) -> None:
    play = named(bar, QAbstractButton, "Play")
    play.click()
    assert client.status.rolling and play.isChecked() and play.text() == "■"
    assert any(label.text() == "3 xruns" for label in bar.findChildren(QLabel))
    play.click()
    assert not client.status.rolling and not play.isChecked()


def test_tempo_and_meter_are_edits_that_can_be_undone(
    bar: TransportBar, document: DocumentSession
) -> None:
    named(bar, QDoubleSpinBox, "Project tempo").setValue(87.5)
    assert document.project.tempo.bpm_at(0) == 87.5
    meter = named(bar, QComboBox, "Project meter")
    meter.setCurrentText("6/8")
    meter.activated.emit(meter.currentIndex())
    assert document.project.tempo.meter_at(0) == Meter(6, 8)
    assert [step.label for step in document.history.past] == ["Change tempo", "Change meter"]
    document.undo()
    document.undo()
    assert named(bar, QDoubleSpinBox, "Project tempo").value() == 120.0
    assert meter.currentText() == "4/4"


def test_the_metronome_is_switched(bar: TransportBar, client: FakeTransport) -> None:
    bar.toggle_metronome()
    assert client.metronome
    bar.toggle_metronome()
    assert not client.metronome


def test_a_loop_needs_a_range_and_says_so(bar: TransportBar) -> None:
    loop = named(bar, QAbstractButton, "Loop")
    assert not loop.isEnabled()
    assert "ruler" in loop.toolTip()
    assert bar.loop_refusal() == loop.toolTip()


def test_a_loop_is_played_and_followed_when_it_moves(
    bar: TransportBar, document: DocumentSession, client: FakeTransport
) -> None:
    document.apply("Set loop", looped(0, 1))
    loop = named(bar, QAbstractButton, "Loop")
    assert loop.isEnabled() and client.loop is None
    bar.toggle_loop()
    assert client.loop == bars_of(0, 1)
    document.apply("Set loop", looped(1, 2))
    assert client.loop == bars_of(1, 2)
    document.undo()
    assert client.loop == bars_of(0, 1)
    bar.toggle_loop()
    assert client.loop is None


def test_a_loop_stays_on_its_bars_when_the_tempo_changes(
    bar: TransportBar, document: DocumentSession, client: FakeTransport
) -> None:
    document.apply("Set loop", looped(0, 1))
    bar.toggle_loop()
    named(bar, QDoubleSpinBox, "Project tempo").setValue(60.0)
    assert client.loops == [bars_of(0, 1)]


def test_a_loop_that_is_removed_is_left(
    bar: TransportBar, document: DocumentSession, client: FakeTransport
) -> None:
    document.apply("Set loop", looped(0, 1))
    bar.toggle_loop()
    document.undo()
    loop = named(bar, QAbstractButton, "Loop")
    assert client.loop is None
    assert not loop.isChecked() and not loop.isEnabled()


@pytest.mark.parametrize(
    ("frame", "position", "clock"),
    [
        (0, "1.1.000", "0:00.000"),
        (24_000, "1.2.000", "0:00.500"),
        (96_000, "2.1.000", "0:02.000"),
        (48_000 * 60, "31.1.000", "1:00.000"),
        (48_000 * 3_600, "1801.1.000", "60:00.000"),
    ],
)
def test_the_playhead_is_told_in_bars_and_in_time(
    bar: TransportBar, transport: TransportSession, frame: int, position: str, clock: str
) -> None:
    transport.locate(Frame(frame))
    shown = [label.text() for label in bar.findChildren(QLabel)]
    assert position in shown
    assert (clock in shown) or clock == "0:00.000"


def test_buffering_is_said_instead_of_glitches(
    bar: TransportBar, transport: TransportSession, client: FakeTransport
) -> None:
    client.status = Status(buffering=True, xruns=7)
    transport.status_changed.emit(client.status)
    assert "buffering" in [label.text() for label in bar.findChildren(QLabel)]
    transport.status_changed.emit(Status(xruns=7))
    assert "7 xruns" in [label.text() for label in bar.findChildren(QLabel)]


def test_a_meter_that_is_not_in_the_list_is_shown_too(
    bar: TransportBar, document: DocumentSession
) -> None:
    odd = (MeterChange(Tick(0), Meter(11, 8)),)
    document.apply("Change meter", lambda p: replace(p, tempo=replace(p.tempo, meters=odd)))
    assert named(bar, QComboBox, "Project meter").currentText() == "11/8"


def test_the_same_tempo_again_is_no_step(bar: TransportBar, document: DocumentSession) -> None:
    tempo = named(bar, QDoubleSpinBox, "Project tempo")
    tempo.setValue(120.0)
    document.apply("Rename", lambda p: replace(p, name="x"))
    assert [step.label for step in document.history.past] == ["Rename"]


@pytest.mark.parametrize(
    ("wanted", "name"), [("Speakers", "Speakers"), ("System default: Speakers", "")]
)
def test_the_outputs_are_offered_and_the_chosen_one_is_marked(
    bar: TransportBar, client: FakeTransport, wanted: str, name: str, qtbot: QtBot
) -> None:
    client.found = [Device("Speakers", 2, 48_000, True), Device("Headphones", 2, 44_100, False)]
    offered: list[str] = []
    marked: list[str] = []

    def choose_one() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        offered.extend(action.text() for action in menu.actions())
        marked.extend(action.text() for action in menu.actions() if action.isChecked())
        menu.setActiveAction(next(a for a in menu.actions() if a.text() == wanted))
        qtbot.keyClick(menu, Qt.Key.Key_Return)

    wait = QTimer(bar)
    wait.timeout.connect(lambda: QApplication.activePopupWidget() and choose_one())
    wait.start(5)
    with qtbot.waitSignal(bar.device_chosen) as chosen:
        named(bar, QAbstractButton, "Output device").pressed.emit()
    wait.stop()
    assert offered == ["System default: Speakers", "", "Speakers", "Headphones"]
    assert marked == ["Headphones"]
    assert chosen.args == [name]
    assert client.device == (name or None)


def test_levels_fall_slowly_and_never_leave_the_scale(qtbot: QtBot) -> None:
    meter = LevelMeter(load_theme("dark"))
    qtbot.addWidget(meter)
    meter.show_levels((1.0, 0.5), (0.3, 0.2))
    assert meter.toolTip() == "Peak 0.0 dBFS"
    for _ in range(HOLD_FRAMES):
        meter.show_levels((0.001, 0.001), (0.0, 0.0))
    assert meter.toolTip() == "Peak 0.0 dBFS"
    meter.show_levels((0.001, 0.001), (0.0, 0.0))
    meter.show_levels((0.001, 0.001), (0.0, 0.0))
    assert meter.toolTip() == "Peak -60.0 dBFS"
    meter.show_levels((17.0, 0.0), (2.0, 0.0))
    assert meter.toolTip() == "Peak 0.0 dBFS"


@pytest.mark.parametrize(
    ("amplitude", "colour"), [(0.1, "good"), (0.5, "warning"), (0.99, "bad"), (0.0, "background")]
)
def test_the_colour_of_a_level_says_how_hot_it_is(
    qtbot: QtBot, amplitude: float, colour: str
) -> None:
    theme = load_theme("dark")
    meter = LevelMeter(theme)
    qtbot.addWidget(meter)
    meter.show_levels((amplitude, amplitude), (amplitude, amplitude))
    assert meter.grab().toImage().pixelColor(20, 5).name() == getattr(theme, colour)


def test_a_tempo_finer_than_the_box_is_only_shown(
    bar: TransportBar, document: DocumentSession
) -> None:
    document.open(Project(tempo=TempoMap.steady(123.456)))
    assert named(bar, QDoubleSpinBox, "Project tempo").text() == "123.46 bpm"
    assert document.project.tempo.tempos[0].bpm == 123.456
    assert document.history.past == () and not document.modified


def test_a_tempo_that_is_dragged_and_brought_back_is_no_step(
    bar: TransportBar, document: DocumentSession
) -> None:
    document.open(Project(tempo=TempoMap.steady(123.456)))
    box = bar.findChild(TempoBox)
    kinds = (QEvent.Type.MouseButtonPress, *2 * (QEvent.Type.MouseMove,))
    left = Qt.MouseButton.LeftButton
    for kind, y in zip((*kinds, QEvent.Type.MouseButtonRelease), (200, 160, 200, 200), strict=True):
        at, keys = QPointF(10, y), Qt.KeyboardModifier.NoModifier
        box.eventFilter(box.lineEdit(), QMouseEvent(kind, at, at, left, left, keys))
    assert document.project.tempo.tempos[0].bpm == 123.456
    assert document.history.past == ()
