"""Play a project to a person at a terminal: blocking, until its end or until interrupted."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acestep_desktop.domain.clip import Clip
from acestep_desktop.domain.edits import add_clip, add_media, add_track
from acestep_desktop.domain.project import Media, Project, TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import DEFAULT_BUFFER, Frame, Meter, Tick
from acestep_desktop.realtime.client import Notice, OpenDevice, RealtimeClient
from acestep_desktop.realtime.clock_client import ClockClient, ClockPort
from acestep_desktop.realtime.errors import DeviceError, PortError
from acestep_desktop.realtime.status import Status

_EVERY_S: Final = 1 / 30
_OPEN_TIMEOUT_S: Final = 10.0
_FADE_S: Final = 0.1
"""A stop fades for 10 ms, and is heard a device's latency later."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told what happens. Notices come on another thread."""

    opened: Callable[[OpenDevice], None] = lambda device: None
    moved: Callable[[Status], None] = lambda status: None
    noticed: Callable[[Notice], None] = lambda notice: None


def play(
    project: Project,
    paths: Mapping[TakeId, Path],
    *,
    loop: TickRange | None = None,
    start: Tick | None = None,
    clock: Sequence[ClockPort] = (),
    device: str | None = None,
    block: int = DEFAULT_BUFFER,
    listener: Listener | None = None,
) -> Status:
    """Play `project` from `start` to its end, or its loop without end; return the last status.

    Blocks. KeyboardInterrupt fades out, closes everything and is raised again.
    Raises DeviceError or PortError where nothing can be opened.

    Args:
        paths: The WAVs of its takes.
        clock: Ports that get MIDI clock.
        device: As in `devices()`; None for the default one.
    """
    heard = listener or Listener()
    tempo = project.tempo
    with _client(heard, device, block) as client, _clock(client, project, clock, heard):
        client.set_project(project, paths)
        if loop is not None:
            client.set_loop(loop)
        client.locate(tempo.frame_at(loop.start if loop is not None else start or 0))
        if not client.wait_until_open(_OPEN_TIMEOUT_S):
            raise DeviceError("The audio device does not answer: choose another one.")
        heard.opened(client.open_device)
        client.play()
        try:
            _follow(client, heard, None if loop is not None else project.end())
        finally:
            client.stop()
            client.wait_for(lambda status: not status.rolling, _FADE_S * 5)
            time.sleep(_FADE_S)
        return client.status


def project_of_take(
    take: TakeId,
    frames: Frame,
    channels: int,
    *,
    name: str = "",
    bpm: float | None = None,
    meter: Meter | None = None,
) -> Project:
    """Return a project that holds one take from bar 1 on, at the take's tempo where known."""
    project = Project(name=name or "Take", tempo=TempoMap.steady(bpm or 120.0, meter))
    project = add_media(project, Media(take, "", frames, channels))
    project = add_track(project, name or "Take")
    clip = Clip.of_take(take, Tick(0), frames, name=name)
    return add_clip(project, project.tracks[0].track_id, clip)


@contextlib.contextmanager
def _client(heard: Listener, device: str | None, block: int) -> Iterator[RealtimeClient]:
    client = RealtimeClient(heard.noticed, device=device, block=block)
    try:
        client.start()
        yield client
    finally:
        client.close()


@contextlib.contextmanager
def _clock(
    client: RealtimeClient, project: Project, ports: Sequence[ClockPort], heard: Listener
) -> Iterator[None]:
    if not ports:
        yield
        return
    clock = ClockClient(client.status_path, ports, heard.noticed)
    try:
        clock.start()
        # The client numbers tempo maps from 1 on, and is given its first one after this.
        clock.set_tempo(project.tempo, client.tempo_revision + 1)
        if not clock.wait_until_running():
            raise PortError("MIDI clock cannot be sent: no MIDI system answers.")
        client.set_pre_roll(clock.pre_roll)
        yield
    finally:
        clock.close()


def _follow(client: RealtimeClient, heard: Listener, end: Frame | None) -> None:
    """Tell where the playhead is until it has passed `end`."""
    client.wait_for(lambda status: status.rolling)
    while end is None or client.status.frame < end:
        heard.moved(client.status)
        time.sleep(_EVERY_S)
