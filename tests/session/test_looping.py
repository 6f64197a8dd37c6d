"""The loop as the session wishes it and the audio process plays it: on its bars at any tempo."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

from acestep_desktop.domain.edits import set_tempo
from acestep_desktop.domain.project import Project, TickRange
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.realtime.status import Status
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.transport import TransportSession
from tests.realtime.studio import Studio

BAR = 4 * 960_000
FOUR_BARS = TickRange(Tick(0), Tick(4 * BAR))


class Room:
    """A document that is looped, its transport, and the audio process at hand."""

    def __init__(self, folder: Path) -> None:
        self.studio = Studio({}, folder)
        project = replace(Project(tempo=TempoMap.steady(120.0)), loop=FOUR_BARS)
        self.document = DocumentSession(project)
        self.transport = TransportSession(self.studio.client, self.document, lambda _: {})
        self.transport.play_project(project)
        self.transport.set_loop(True)
        self.studio.pull(480)

    def set_bpm(self, bpm: float) -> None:
        self.document.apply("Tempo", lambda project: set_tempo(project, TempoMap.steady(bpm)))

    def status_after(self, frames: int, block: int = 480) -> Status:
        self.studio.pull(frames, block)
        return self.studio.client.status

    def close(self) -> None:
        self.transport.close()
        self.studio.close()


@pytest.fixture
def room(qapp: QCoreApplication, tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    yield made
    made.close()


def ends(status: Status) -> tuple[int, int]:
    return status.loop_start, status.loop_end


@pytest.mark.parametrize("rolls", [False, True])
def test_a_loop_stays_on_its_bars_at_every_tempo(room: Room, rolls: bool) -> None:
    if rolls:
        room.studio.client.play()
    for bpm in (60.0, 133.3, 300.0, 30.0, 120.0):
        room.set_bpm(bpm)
        status = room.status_after(4_800)
        end = room.document.project.tempo.frame_at(FOUR_BARS.end)
        assert ends(status) == (0, end)
        assert status.frame < end


def test_a_loop_that_is_moved_while_the_tempo_changes_is_on_its_new_bars(room: Room) -> None:
    room.studio.client.play()
    room.status_after(4_800)
    room.set_bpm(60.0)
    later = TickRange(Tick(BAR), Tick(2 * BAR))
    room.document.apply("Loop", lambda project: replace(project, loop=later))

    assert ends(room.status_after(9_600)) == (192_000, 384_000)


def test_the_last_frame_of_a_loop_stays_in_it_when_the_tempo_changes(room: Room) -> None:
    room.studio.client.locate(Frame(4 * 96_000 - 1))
    room.status_after(480)
    room.set_bpm(240.0)

    status = room.status_after(480)
    assert status.frame < status.loop_end == 192_000


def test_a_process_that_comes_back_loops_and_stands_on_the_same_bars(room: Room) -> None:
    room.studio.client.locate(Frame(96_000))
    room.status_after(480)
    room.studio.client.died("It was killed.", 0.0)
    room.set_bpm(60.0)
    room.studio.revive()

    status = room.status_after(480)
    assert (ends(status), status.frame) == ((0, 4 * 192_000), 192_000)
