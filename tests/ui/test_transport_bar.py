"""The transport: what is played, and what the bar shows of it."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDoubleSpinBox, QLabel
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.edits import add_media
from acestep_desktop.domain.project import Media, Project
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame, Meter
from acestep_desktop.realtime.status import Status
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.transport import TransportSession
from acestep_desktop.ui.theme import load_theme
from acestep_desktop.ui.transport_bar import TransportBar

TAKE = TakeId("one")


class FakeTransport:
    """An audio process that does at once what it is told."""

    def __init__(self) -> None:
        self.status = Status()
        self.projects: list[tuple[Project, Mapping[TakeId, Path]]] = []
        self.metronome = False
        self.device: str | None = ""

    def set_project(self, project: Project, paths: Mapping[TakeId, Path]) -> None:
        self.projects.append((project, dict(paths)))

    def play(self) -> None:
        self.status = Status(rolling=True, time_ns=time.monotonic_ns(), peak_left=0.5, xruns=3)

    def stop(self) -> None:
        self.status = Status(frame=Frame(96_000))

    def locate(self, frame: Frame) -> None:
        self.status = Status(frame=frame)

    def set_metronome(self, on: bool) -> None:
        self.metronome = on

    def set_device(self, name: str | None) -> None:
        self.device = name


@pytest.fixture
def client() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
def document(qapp: QCoreApplication) -> DocumentSession:
    return DocumentSession()


@pytest.fixture
def transport(client: FakeTransport, document: DocumentSession) -> Iterator[TransportSession]:
    session = TransportSession(
        client, document, lambda project: {media.take_id: Path("a.wav") for media in project.media}
    )
    session.start()
    yield session
    session.close()


@pytest.fixture
def bar(transport: TransportSession, document: DocumentSession, qtbot: QtBot) -> TransportBar:
    bar = TransportBar(transport, document, load_theme("dark"))
    qtbot.addWidget(bar)
    bar.show()
    return bar


def named(bar: TransportBar, kind: type, name: str):
    return next(w for w in bar.findChildren(kind) if w.accessibleName() == name)


def test_an_edit_is_heard_at_once(
    transport: TransportSession, document: DocumentSession, client: FakeTransport
) -> None:
    count = len(client.projects)
    document.apply("Rename", lambda p: Project(name="song"))
    assert len(client.projects) == count + 1
    assert client.projects[-1][0].name == "song"


def test_new_takes_are_looked_up_once_in_the_background(
    transport: TransportSession, document: DocumentSession, client: FakeTransport, qtbot: QtBot
) -> None:
    media = Media(TAKE, "a.wav", Frame(10), 2)
    document.apply("Add", lambda project: add_media(project, media))
    qtbot.waitUntil(lambda: client.projects[-1][1] == {TAKE: Path("a.wav")})
    document.apply("Rename", lambda p: Project(name="song", media=p.media))
    assert client.projects[-1] == (document.project, {TAKE: Path("a.wav")})


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


def test_stopping_twice_goes_to_the_start(
    transport: TransportSession, client: FakeTransport
) -> None:
    transport.toggle()
    transport.stop()
    assert client.status.frame == 96_000
    transport.stop()
    assert client.status.frame == 0


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


def test_the_output_is_changed(transport: TransportSession, client: FakeTransport) -> None:
    transport.set_device("Headphones")
    assert client.device == "Headphones"
