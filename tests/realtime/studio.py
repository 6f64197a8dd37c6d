"""The audio process without a process: real messages through a real pipe, a real callback."""

import threading
from collections.abc import Mapping
from multiprocessing.connection import Pipe
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from acestep_desktop.audiofile.wav import write_wav
from acestep_desktop.child.channel import Channel
from acestep_desktop.child.errors import ChildGoneError
from acestep_desktop.child.messages import Message, Payload
from acestep_desktop.domain.codec import Json
from acestep_desktop.domain.project import Project, TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime.client import RealtimeClient
from acestep_desktop.realtime.desk import Desk
from acestep_desktop.realtime.player import Player
from acestep_desktop.realtime.status import StatusBlock
from acestep_desktop.realtime.stream import Callback

NO_FLAGS = SimpleNamespace(output_underflow=False)
SECOND_NS = 1_000_000_000


class FakeClock:
    """The time at which a perfect device would call."""

    def __init__(self) -> None:
        self.frames = 0

    def passes(self, frames: int) -> int:
        """Let `frames` pass and return the nanoseconds at their beginning."""
        now_ns = SECOND_NS + self.frames * SECOND_NS // 48_000
        self.frames += frames
        return now_ns


class Studio:
    """A client whose messages go through a pipe to a desk on the same thread.

    `taps` holds what was heard before the fades, with the frame it begins at;
    `said` what the desk answered.
    """

    def __init__(self, sources: Mapping[TakeId, Samples], folder: Path) -> None:
        self.paths = {take: written(folder / f"{take}.wav", a) for take, a in sources.items()}
        self.taps: list[tuple[Frame, Samples]] = []
        self.said: list[tuple[str, Mapping[str, Json]]] = []
        self.client = RealtimeClient()
        self._begin()

    def pull(self, frames: int, block: int | None = None) -> Samples:
        """Let the device play `frames`, in blocks of `block`; return what it got."""
        out = np.empty((frames, 2), np.float32)
        for at in range(0, frames, block or frames):
            part = out[at : at + (block or frames)]
            self.callback(part, len(part), None, NO_FLAGS)
        if self.callback.failure is not None:
            raise self.callback.failure
        return out

    def revive(self) -> None:
        """Let another process take the place of one that has died."""
        self._end()
        self._begin()

    def close(self) -> None:
        """Take everything down."""
        self._end()
        self.client.close()

    def _begin(self) -> None:
        self.block = StatusBlock(self.client.status_path)
        self.player = Player(self.block, tap=self._tap, epoch=self.block.read().epoch + 1)
        self.desk = Desk(self.player, lambda kind, fields: self.said.append((kind, fields)))
        self.callback = Callback(self.player)
        self.child = _ChildAtHand(self.desk)
        self.client.started(self.child)  # type: ignore[arg-type]

    def _end(self) -> None:
        self.child.gone.set()
        self.desk.close()

    def _tap(self, frame: Frame, samples: Samples) -> None:
        self.taps.append((frame, samples.copy()))


class _ChildAtHand:
    """Stands for the child: what it is sent is encoded, piped, decoded and obeyed at once."""

    def __init__(self, desk: Desk) -> None:
        here, there = Pipe()
        self._out, self._in = Channel(here), Channel(there)
        self._desk = desk
        self.kinds: list[str] = []
        self.largest = 0
        self.gone = threading.Event()

    def send(
        self, kind: str, fields: Mapping[str, Json] | None = None, payload: Payload = b""
    ) -> None:
        """Carry one message all the way."""
        self._out.send(kind, fields, payload)
        message = self._in.receive()
        self.kinds.append(message.kind)
        self.largest = max(self.largest, len(message.payload))
        self._desk.obey(message)

    def receive(self) -> Message | None:
        """Say nothing until it is over."""
        self.gone.wait()
        raise ChildGoneError("The test is over.")


def brace(project: Project, start: int, end: int) -> TickRange:
    """Return the range of a project that these frames are."""
    tempo = project.tempo
    return TickRange(tempo.tick_at(Frame(start)), tempo.tick_at(Frame(end)))


def written(path: Path, audio: Samples) -> Path:
    """Write a take as the library does, and return its path."""
    write_wav(path, audio, depth="32f")
    return path
