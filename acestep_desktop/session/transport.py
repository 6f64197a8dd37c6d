"""The transport: the open project, played and followed."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from acestep_desktop.domain.project import Media, Project, TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import BarPosition, TempoMap
from acestep_desktop.domain.time import SAMPLE_RATE, TICKS_PER_QUARTER, Frame, Tick
from acestep_desktop.realtime.client import OpenDevice, RealtimeClient
from acestep_desktop.realtime.status import Status
from acestep_desktop.realtime.stream import Device
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.work import Worker

__all__ = ["BarPosition", "Device", "OpenDevice", "Status", "TransportSession"]

ROLLING_MS: Final = 16
IDLE_MS: Final = 100
CALM_MS: Final = 500
"""How often the audio process is asked where it is: rolling, standing, and with less motion."""

_SHOWN_TICKS: Final = TICKS_PER_QUARTER // 960
"""A position is shown in 960 ticks of a quarter note."""

FindPaths = Callable[[Project], Mapping[TakeId, Path]]
"""Returns where the takes of a project are; called on another thread than the window's."""


class TransportSession(QObject):
    """Plays the document. The window's thread only.

    `status_changed` carries the `Status` of the audio process, sixty times a
    second while it rolls. `loop_changed` and `metronome_changed` carry what is
    set. `devices_found` carries the output devices that were asked for;
    `tempo_given` says that the audio process was given a project, perhaps with
    another tempo; `missing_changed` carries the `Media` whose files were not found.
    """

    status_changed = Signal(object)
    loop_changed = Signal(object)
    metronome_changed = Signal(bool)
    devices_found = Signal(list)
    tempo_given = Signal()
    missing_changed = Signal(tuple)

    def __init__(
        self,
        client: RealtimeClient,
        document: DocumentSession,
        find_paths: FindPaths,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._client = client
        self._document = document
        self._find_paths = find_paths
        self._paths: Mapping[TakeId, Path] = {}
        self._asked: set[TakeId] = set()
        self._answered: set[TakeId] = set()
        self._missing: tuple[Media, ...] = ()
        self._heard: Project | None = None
        self._worker = Worker(self)
        self._metronome = False
        self._loop: TickRange | None = None
        self._status = Status()
        self._poll = QTimer(self)
        self._poll.setTimerType(Qt.TimerType.PreciseTimer)
        self._poll.setInterval(IDLE_MS)
        self._rolling_ms = ROLLING_MS
        self._poll.timeout.connect(self._ask)
        document.project_changed.connect(self.play_project)

    @property
    def status(self) -> Status:
        """Where the audio process was when it was asked last."""
        return self._status

    @property
    def playhead(self) -> Frame:
        """Where the audio process is now."""
        return self._client.status.frame_at(time.monotonic_ns())

    @property
    def paths(self) -> Mapping[TakeId, Path]:
        """Where the takes of the document are, as far as they were found."""
        return self._paths

    @property
    def missing(self) -> tuple[Media, ...]:
        """The takes of the document whose files were looked for and not found."""
        return self._missing

    @property
    def tempo(self) -> tuple[TempoMap, int] | None:
        """The tempo map that the audio process was given last, and its number; None before."""
        heard = self._heard
        return None if heard is None else (heard.tempo, self._client.tempo_revision)

    @property
    def metronome(self) -> bool:
        """Whether every beat clicks."""
        return self._metronome

    def start(self) -> None:
        """Begin to follow; the audio process is started by the audition session."""
        self.play_project(self._document.project)
        self._poll.start()

    @Slot(object)
    def play_project(self, project: Project) -> None:
        """Hear this project from now on; the files of takes that are new are looked up first."""
        if self._loop not in (None, project.loop):
            self._set_loop(project.loop)
        wanted = {media.take_id for media in project.media}
        if wanted <= self._asked:
            self._give(project)
            self._note_missing(project)
            return
        self._asked |= wanted
        self._look_up(project)

    @Slot()
    def look_again(self) -> None:
        """Look once more for all files; those that were missing are heard, what went is told."""
        self._look_up(self._document.project)

    @Slot()
    def toggle(self) -> None:
        """Stop if it rolls, else play from the playhead on."""
        if self._client.status.rolling:
            self._client.stop()
        else:
            self._client.play()
            self.look_again()
        self._ask()

    @property
    def rolling_ms(self) -> int:
        """How often it is told, while it rolls, where the playhead is."""
        return self._rolling_ms

    @Slot(bool)
    def set_reduced_motion(self, on: bool) -> None:
        """Tell of the playhead and the levels a few times a second only, or smoothly."""
        self._rolling_ms = CALM_MS if on else ROLLING_MS

    @Slot()
    def stop(self) -> None:
        """Stop; a second time, go to the start."""
        if self._client.status.rolling:
            self._client.stop()
        else:
            self.locate(Frame(0))

    def locate(self, frame: Frame) -> None:
        """Put the playhead at `frame`."""
        self._client.locate(Frame(max(0, frame)))
        self._ask()

    def locate_tick(self, tick: Tick) -> None:
        """Put the playhead at `tick`."""
        self.locate(self._document.project.tempo.frame_at(tick))

    def set_loop(self, on: bool) -> None:
        """Go round in the project's loop, and follow it when it is moved; or stop doing so."""
        self._set_loop(self._document.project.loop if on else None)

    def _set_loop(self, loop: TickRange | None) -> None:
        self._loop = loop
        self._client.set_loop(loop)
        self.loop_changed.emit(loop)

    @Slot(bool)
    def set_metronome(self, on: bool) -> None:
        """Click on every beat, or not."""
        self._metronome = on
        self._client.set_metronome(on)
        self.metronome_changed.emit(on)

    def set_device(self, name: str | None) -> None:
        """Play on another device; None is the system's default."""
        self._client.set_device(name)

    def set_buffer(self, frames: int) -> None:
        """Play in blocks of `frames`."""
        self._client.set_block(frames)

    def find_devices(self) -> None:
        """Look for output devices in the background; `devices_found` carries them."""
        found = self.devices_found.emit
        self._worker.do(self._client.devices, found, lambda _: found([]))

    def position(self) -> BarPosition:
        """Return the playhead as bar, beat and tick."""
        tempo, frame = self._document.project.tempo, self.playhead
        tick = tempo.tick_at(frame)
        # A line of the grid lies between two frames: on the one that shows it, it is shown.
        shown = Tick(round(tick / _SHOWN_TICKS) * _SHOWN_TICKS)
        return tempo.position_at(shown if tempo.frame_at(shown) == frame else tick)

    def seconds_to_bar(self) -> float:
        """Return how long it takes to the next bar line while it rolls."""
        tempo, frame = self._document.project.tempo, self.playhead
        bar = tempo.bar_at(tempo.tick_at(frame)) + 1
        return (tempo.frame_at(tempo.tick_of_bar(bar)) - frame) / SAMPLE_RATE

    def close(self) -> None:
        """Stop asking; the audio process is ended by the audition session."""
        self._poll.stop()
        self._worker.close()

    @Slot()
    def _ask(self) -> None:
        status = self._client.status
        interval = self._rolling_ms if status.rolling else IDLE_MS
        if self._poll.interval() != interval:
            self._poll.setInterval(interval)
        if status != self._status:
            self._status = status
            self.status_changed.emit(status)

    def _look_up(self, project: Project) -> None:
        self._worker.do(
            partial(self._find_paths, project),
            partial(self._take_paths, project),
            # Without its files the rest of the project still plays.
            lambda _: self._take_paths(project, self._paths),
        )

    def _take_paths(self, project: Project, paths: Mapping[TakeId, Path]) -> None:
        wanted = {media.take_id for media in project.media}
        others = {take: path for take, path in self._paths.items() if take not in wanted}
        before, self._paths = self._paths, {**others, **paths}
        self._answered |= wanted
        if self._paths != before or self._document.project is not self._heard:
            self._give(self._document.project)
        self._note_missing(self._document.project)

    def _note_missing(self, project: Project) -> None:
        lost = self._answered - self._paths.keys()
        missing = tuple(media for media in project.media if media.take_id in lost)
        if missing != self._missing:
            self._missing = missing
            self.missing_changed.emit(missing)

    def _give(self, project: Project) -> None:
        self._client.set_project(project, self._paths)
        self._heard = project
        self.tempo_given.emit()
