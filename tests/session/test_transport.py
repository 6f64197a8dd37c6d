"""The transport session: what the audio process is told, and what is told of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.edits import add_media
from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.project import Media, Project
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.realtime.status import Status
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.transport import ROLLING_MS, TransportSession
from tests.session.fake_transport import BAR, FakeTransport, looped, started

TAKE = TakeId("one")


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


def test_stopping_twice_goes_to_the_start(
    transport: TransportSession, client: FakeTransport
) -> None:
    transport.toggle()
    transport.stop()
    assert client.status.frame == 96_000
    transport.stop()
    assert client.status.frame == 0


def test_the_output_is_changed(transport: TransportSession, client: FakeTransport) -> None:
    transport.set_device("Headphones")
    assert client.device == "Headphones"
    transport.set_buffer(256)
    assert client.block == 256


def test_a_loop_that_is_not_switched_on_is_not_played(
    transport: TransportSession, document: DocumentSession, client: FakeTransport
) -> None:
    document.apply("Set loop", looped(0, 1))
    document.apply("Set loop", looped(2, 1))
    assert client.loops == []


def test_files_that_cannot_be_looked_up_do_not_silence_the_rest(
    client: FakeTransport, document: DocumentSession, qtbot: QtBot
) -> None:
    def refuse(project: Project) -> Mapping[TakeId, Path]:
        raise UserError("The library cannot be read.")

    session = TransportSession(client, document, refuse)
    count = len(client.projects)
    document.apply("Add media", lambda p: add_media(p, Media(TAKE, "a.wav", Frame(9), 2)))
    qtbot.waitUntil(lambda: len(client.projects) > count)
    assert client.projects[-1] == (document.project, {})
    session.close()


def test_nothing_lies_before_the_first_bar(
    transport: TransportSession, client: FakeTransport
) -> None:
    transport.locate(Frame(-48_000))
    assert client.status.frame == 0
    transport.locate_tick(Tick(2 * BAR))
    assert client.status.frame == 192_000


def test_the_process_is_asked_often_only_while_it_rolls(
    transport: TransportSession, client: FakeTransport, qtbot: QtBot
) -> None:
    told: list[Status] = []
    transport.status_changed.connect(told.append)
    client.play()
    qtbot.waitUntil(lambda: bool(told) and told[-1].rolling)
    for frame in (1, 2, 3):
        client.status = Status(rolling=True, frame=Frame(frame))
        with qtbot.waitSignal(transport.status_changed, timeout=ROLLING_MS * 60):
            pass
    assert told[-1].frame == 3


def test_a_status_that_did_not_change_is_not_told_again(
    transport: TransportSession, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(transport.status_changed, wait=3 * ROLLING_MS):
        transport.locate(Frame(0))
