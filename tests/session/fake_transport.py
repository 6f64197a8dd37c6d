"""An audio process that nobody hears, and loops of bars for it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from acestep_desktop.domain.edits import Edit
from acestep_desktop.domain.project import Project, TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.realtime.status import Status
from acestep_desktop.realtime.stream import Device
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.transport import TransportSession

BAR = 4 * 960_000


class FakeTransport:
    """An audio process that does at once what it is told."""

    def __init__(self) -> None:
        self.status = Status()
        self.projects: list[tuple[Project, Mapping[TakeId, Path]]] = []
        self.metronome = False
        self.device: str | None = ""
        self.block = 0
        self.loops: list[TickRange | None] = []
        self.found: list[Device] = []

    @property
    def loop(self) -> TickRange | None:
        return self.loops[-1] if self.loops else None

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

    def set_loop(self, loop: TickRange | None) -> None:
        self.loops.append(loop)

    def devices(self) -> list[Device]:
        return self.found

    def set_device(self, name: str | None) -> None:
        self.device = name

    def set_block(self, block: int) -> None:
        self.block = block


def bars_of(start: int, bars: int) -> TickRange:
    return TickRange(Tick(start * BAR), Tick((start + bars) * BAR))


def looped(start: int, bars: int) -> Edit:
    return lambda project: replace(project, loop=bars_of(start, bars))


@contextmanager
def started(client: FakeTransport, document: DocumentSession) -> Iterator[TransportSession]:
    """Give a session that plays `document`, whose takes all lie in one file."""

    def found(project: Project) -> Mapping[TakeId, Path]:
        return {media.take_id: Path("a.wav") for media in project.media}

    session = TransportSession(client, document, found)
    session.start()
    try:
        yield session
    finally:
        session.close()
