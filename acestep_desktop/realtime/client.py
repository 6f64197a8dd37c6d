"""The app's side of the audio process: a project goes in, a status comes out, whatever dies."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from acestep_desktop.child.errors import ChildGoneError
from acestep_desktop.child.messages import Message
from acestep_desktop.child.process import Child, start_child
from acestep_desktop.child.watch import Patience, RestartPolicy
from acestep_desktop.domain.codec import Json
from acestep_desktop.domain.project import Project, TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import DEFAULT_BUFFER, Frame
from acestep_desktop.dsp.arrangement import Arrangement, compile_project, recompile
from acestep_desktop.realtime.audition import Audition, When
from acestep_desktop.realtime.companion import Companion
from acestep_desktop.realtime.heard import Heard
from acestep_desktop.realtime.precedence import hasten
from acestep_desktop.realtime.status import Status, StatusBlock
from acestep_desktop.realtime.stream import NO_DEVICE, Device
from acestep_desktop.realtime.transport import Loop, loop_of
from acestep_desktop.realtime.wire import (
    audition_message,
    loop_message,
    score_message,
    tempo_message,
    track_messages,
)

log = logging.getLogger(__name__)

ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Threads that numpy starts would only stand in the audio thread's way."""

PATIENCE: Final = Patience(ask_every_s=0.1, warn_after_s=3.0, kill_after_s=6.0)
RESTARTS: Final = RestartPolicy(most=20, window_s=120.0, first_delay_s=0.02, longest_delay_s=0.3)
"""A lost device ends the process as well: it is back at once, and then waits as long as it takes.
One that dies at every start is given up even where a start takes seconds."""

_DEVICES_TIMEOUT_S: Final = 10.0

_LOST: Final = (
    'The audio device "{device}" went away. Connect it again, and playing goes on; or choose '
    "another one in the settings."
)

NoticeKind = Literal["device_lost", "port_lost", "no_device", "restarted", "problem"]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a person, quietly, once."""

    kind: NoticeKind
    text: str


@dataclass(frozen=True, slots=True)
class OpenDevice:
    """The device in use: its name (empty where there is none), rate and latency."""

    name: str = ""
    rate: int = 0
    latency_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Wishes:
    """All that a new process must be told to be where the old one was.

    `had_device` says that the wished device was open, not another one in its place.
    """

    device: str | None = None
    block: int = DEFAULT_BUFFER
    had_device: bool = False
    metronome: bool = False
    pre_roll: int = 0
    loop: TickRange | None = None
    paths: Mapping[TakeId, Path] = field(default_factory=dict)
    rolling: bool = False
    frame: Frame = Frame(0)
    heard: Heard | None = None


class RealtimeClient(Companion):
    """Plays projects in a process of its own, restarted when it dies or its device goes.

    Every method may be called from any thread and returns at once, but for
    `close`, `devices` and `wait_for`. `told` is called with notices on threads of
    the client.
    """

    def __init__(
        self,
        told: Callable[[Notice], None] = lambda notice: None,
        *,
        start: Callable[..., Child] = start_child,
        device: str | None = None,
        block: int = DEFAULT_BUFFER,
    ) -> None:
        super().__init__(lambda: _started(start), RESTARTS, PATIENCE)
        self._told = told
        self._start_child = start
        self._block = StatusBlock.create()
        self._wishes = _Wishes(device, block)
        self._project: Project | None = None
        self._arrangement = Arrangement()
        self._revision = 0
        self._tempo_revision = 0
        self._marked = 0
        self._open_device = OpenDevice()
        self._opened = threading.Event()
        self._mourned = False

    @property
    def status(self) -> Status:
        """Where the audio process is; cheap enough to ask sixty times a second."""
        return self._block.read()

    @property
    def status_path(self) -> Path:
        """Where the memory of the status lies, for others to follow."""
        return self._block.path

    @property
    def open_device(self) -> OpenDevice:
        """The device that was opened last."""
        return self._open_device

    @property
    def revision(self) -> int:
        """The number of the last project given; `status.revision` says which one is heard."""
        return self._revision

    @property
    def tempo_revision(self) -> int:
        """The number of the tempo map last given."""
        return self._tempo_revision

    def close(self) -> None:
        """End the process and give back its memory."""
        super().close()
        self._block.unlink()

    def set_project(self, project: Project, paths: Mapping[TakeId, Path]) -> None:
        """Play `project` from now on; only what changed is sent.

        `paths` names the WAVs of its takes, each a 32-bit float WAV at 48 kHz; a
        take without one is silent.
        """
        with self._lock:
            before, known = self._project, self._arrangement
            if before is None:
                arrangement = compile_project(project)
            else:
                arrangement = recompile(project, before, known)
            self._project, self._arrangement = project, arrangement
            new = self._keep_paths(project, paths)
            self._revision += 1
            changes_tempo = before is None or before.tempo != project.tempo
            if before is not None and changes_tempo:
                # A process that is started later begins in the same bar.
                frame = project.tempo.frame_at(before.tempo.tick_at(self._wishes.frame))
                self._wishes = replace(self._wishes, frame=frame)
            self._tempo_revision += changes_tempo
            self._send_media(new)
            self._send_score(None if before is None else known, with_tempo=changes_tempo)

    def play(self) -> None:
        """Roll from the playhead on."""
        self._wish("play", rolling=True)

    def stop(self) -> None:
        """Stop where the playhead is."""
        self._wish("stop", rolling=False)

    def locate(self, frame: Frame) -> None:
        """Put the playhead at `frame`."""
        self._wish("locate", {"frame": frame}, frame=frame)

    def set_loop(self, loop: TickRange | None) -> None:
        """Wrap at the end of `loop`, whatever the tempo is or will be, or nowhere."""
        with self._lock:
            self._wishes = replace(self._wishes, loop=loop)
            self._send(loop_message(self._loop))

    def set_metronome(self, on: bool) -> None:
        """Click on every beat while the timeline rolls."""
        self._wish("metronome", {"on": on}, metronome=on)

    def set_pre_roll(self, frames: int) -> None:
        """Begin starts and jumps that much later, for a MIDI clock to go ahead."""
        self._wish("pre_roll", {"frames": frames}, pre_roll=frames)

    def set_device(self, device: str | None, block: int | None = None) -> None:
        """Play on another device (None: the system's default), in blocks of `block` frames.

        Without `block`, its blocks are as long as those before.
        """
        with self._lock:
            block = self._wishes.block if block is None else block
            self._opened.clear()
            self._wish("open", {"device": device, "block": block}, device=device, block=block)

    def set_block(self, block: int) -> None:
        """Play in blocks of `block` frames, on the same device."""
        with self._lock:
            self.set_device(self._wishes.device, block)

    def audition(self, take: TakeId, path: Path, wish: Audition) -> None:
        """Play a kept take on the audition bus."""
        with self._lock:
            if self._wishes.paths.get(take) != path:
                self._wishes = replace(self._wishes, paths={**self._wishes.paths, take: path})
                self._send_media({take: path})
            self._hear_take(Heard(take, wish))

    def audition_part(
        self, take: TakeId, path: Path, frames: Frame, channels: int, wish: Audition
    ) -> None:
        """Play a take of which `path` (raw float32, already of full length) is being filled."""
        fields: dict[str, Json] = {
            "take": take,
            "path": str(path),
            "frames": frames,
            "channels": channels,
        }
        with self._lock:
            self._send(Message("part", fields))
            self._hear_take(Heard(take, wish, part=fields))

    def part_ready(self, take: TakeId, frames: Frame) -> None:
        """Say how much of a part can be played."""
        with self._lock:
            heard = self._wishes.heard
            if heard is not None and heard.take == take:
                self._wishes = replace(self._wishes, heard=replace(heard, ready=frames))
            self._send(Message("ready", {"take": take, "frames": frames}))

    def end_audition(self, when: When = "now") -> None:
        """Let the audition bus fall silent, at once or at a line."""
        self._wish("end_audition", {"when": when}, heard=None)

    def devices(self) -> list[Device]:
        """Return the output devices that there are now; takes a moment."""
        return find_devices_now(self._start_child)

    def wait_for(self, holds: Callable[[Status], bool], timeout_s: float = 5.0) -> bool:
        """Wait until the status is as asked, at most `timeout_s`; return whether it is."""
        until = time.monotonic() + timeout_s
        while not holds(self.status):
            if time.monotonic() > until:
                return False
            time.sleep(0.002)
        return True

    def wait_until_open(self, timeout_s: float = 5.0) -> bool:
        """Wait until a device, or time alone, pulls."""
        return self._opened.wait(timeout_s)

    def mark(self) -> int:
        """Return a number that `status.done` reaches when all that was asked is carried out."""
        with self._lock:
            self._marked += 1
            self._send(Message("mark", {"number": self._marked}))
            return self._marked

    def _greet(self) -> None:
        wishes = self._wishes
        self._send(Message("hello", {"status": str(self._block.path)}))
        self._send_media(wishes.paths)
        if self._project is not None:
            self._send_score(None, with_tempo=True)
        self._send(Message("metronome", {"on": wishes.metronome}))
        self._send(Message("pre_roll", {"frames": wishes.pre_roll}))
        self._send(Message("locate", {"frame": wishes.frame}))
        if wishes.rolling:
            self._send(Message("play"))
        if wishes.heard is not None:
            for message in wishes.heard.again(time.monotonic()):
                self._send(message)
        fields = {"device": wishes.device, "block": wishes.block, "wait": wishes.had_device}
        self._send(Message("open", fields))

    def _mourn(self) -> None:
        self._opened.clear()
        self._wishes = replace(self._wishes, frame=self.status.frame)
        self._open_device = OpenDevice()

    def _tell_of_death(self, why: str, *, restarts: bool) -> None:
        with self._lock:
            mourned, self._mourned = self._mourned, True
        if not restarts:
            self._told(Notice("problem", f"{why} Save your work and start the program again."))
        elif not mourned:
            self._told(Notice("restarted", "The sound was interrupted and goes on."))

    def _hear(self, message: Message) -> None:
        fields = message.fields
        if message.kind == "opened":
            name = str(fields["device"])
            rate, latency_s = fields["rate"], fields["latency_s"]
            assert isinstance(rate, int) and isinstance(latency_s, float)
            with self._lock:
                self._open_device = OpenDevice(name, rate, latency_s)
                had_device = bool(name) and fields.get("wished") is True
                self._wishes = replace(self._wishes, had_device=had_device)
                self._mourned = False
            self._opened.set()
            if not name:
                self._told(Notice("no_device", NO_DEVICE))
        elif message.kind == "lost":
            with self._lock:
                mourned, self._mourned = self._mourned, True
            if not mourned:
                self._told(Notice("device_lost", _LOST.format(device=fields["device"])))
        elif message.kind == "unavailable" and fields.get("waits") is not True:
            self._told(Notice("no_device", str(fields["text"])))
        elif message.kind == "notice":
            self._told(Notice("problem", str(fields["text"])))

    def _keep_paths(self, project: Project, paths: Mapping[TakeId, Path]) -> Mapping[TakeId, Path]:
        """Keep where takes are; return those that are new there. A file that went is forgotten."""
        before = self._wishes.paths
        lost = {media.take_id for media in project.media} - paths.keys()
        new = {take: path for take, path in paths.items() if before.get(take) != path}
        kept = {take: path for take, path in before.items() if take not in lost}
        self._wishes = replace(self._wishes, paths={**kept, **new})
        return new

    def _hear_take(self, heard: Heard) -> None:
        heard = heard.after(self._wishes.heard)
        self._wishes = replace(self._wishes, heard=heard)
        self._send(audition_message(heard.take, heard.wish))

    @property
    def _loop(self) -> Loop | None:
        """The loop in frames of the tempo map given last."""
        span = self._wishes.loop
        if span is None or self._project is None:
            return None
        return loop_of(span, self._project.tempo)

    def _wish(self, kind: str, fields: Mapping[str, Json] | None = None, **changes: Any) -> None:
        with self._lock:
            self._wishes = replace(self._wishes, **changes)
            self._send(Message(kind, fields or {}))

    def _send_media(self, paths: Mapping[TakeId, Path]) -> None:
        for take, path in paths.items():
            self._send(Message("media", {"take": take, "path": str(path)}))

    def _send_score(self, known: Arrangement | None, *, with_tempo: bool) -> None:
        """Send what of the arrangement differs from the one that is known there."""
        assert self._project is not None
        if with_tempo:
            self._send(tempo_message(self._project.tempo, self._tempo_revision))
        before = known.tracks if known is not None else ()
        same = {id(track) for track in before}
        for track in self._arrangement.tracks:
            if id(track) not in same:
                for message in track_messages(track):
                    self._send(message)
        order = [track.track_id for track in self._arrangement.tracks]
        changed = known is None or order != [track.track_id for track in before]
        score = score_message(
            self._arrangement, self._revision, with_order=changed, loop=self._loop
        )
        self._send(score)


def _started(start: Callable[..., Child]) -> Child:
    child = start("realtime", environment=ENVIRONMENT)
    hasten(child.pid)
    return child


def find_devices_now(start: Callable[..., Child] = start_child) -> list[Device]:
    """Return the output devices, looked for in a process of its own."""
    devices: list[Device] = []
    until = time.monotonic() + _DEVICES_TIMEOUT_S
    with start("devices") as child, contextlib.suppress(ChildGoneError):
        while (left_s := until - time.monotonic()) > 0:
            message = child.receive(left_s)
            if message is None or message.kind == "done":
                break
            fields = message.fields
            name, is_default = str(fields["name"]), fields["is_default"] is True
            channels, rate = fields["channels"], fields["sample_rate"]
            if isinstance(channels, int) and isinstance(rate, int):
                devices.append(Device(name, channels, rate, is_default))
    return devices
