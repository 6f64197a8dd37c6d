"""Arrivals: files on their way to the timeline, imported first where the library lacks them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.project import Media, TrackId
from acestep_desktop.domain.song_edits import Arrival
from acestep_desktop.domain.time import Tick
from acestep_desktop.library.errors import LibraryError
from acestep_desktop.library.media import media_of_take
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary

__all__ = ["Arrival", "ArrivalSession", "Arrived", "Media"]


@dataclass(frozen=True, slots=True)
class Arrived:
    """Takes that can be placed now, and where they were dropped; no track means a new one."""

    arrivals: tuple[Arrival, ...]
    at: Tick
    track_id: TrackId | None


class ArrivalSession(QObject):
    """Turns files into takes that the timeline can place. The window's thread only.

    `arrived` carries an `Arrived`; `takes_changed` says that the library has new
    takes; `refused` carries the sentence of a file that is none.
    """

    arrived = Signal(object)
    takes_changed = Signal()
    refused = Signal(str)

    def __init__(self, library: TakeLibrary, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def known(self, path: Path) -> Arrival | None:
        """Return the take whose file this is; None for any other file. Takes no time."""
        try:
            take = self._library.get(path.name)
        except LibraryError:
            return None
        return arrival_of(take) if take.path == path.absolute() else None

    def bring(self, paths: Sequence[Path], at: Tick, track_id: TrackId | None) -> None:
        """Place the takes of files; those that the library lacks are imported first."""
        known = [self.known(path) for path in paths]
        if all(known):
            self.arrived.emit(Arrived(tuple(a for a in known if a), at, track_id))
            return
        task = _Bringing(self._library, tuple(paths), at, track_id)
        task.signals.arrived.connect(self._show)
        task.signals.refused.connect(self.refused)
        self._pool.start(task)

    def close(self) -> None:
        """Wait for what is being imported."""
        self._pool.clear()
        self._pool.waitForDone()

    @Slot(object)
    def _show(self, arrived: Arrived) -> None:
        self.takes_changed.emit()
        if arrived.arrivals:
            self.arrived.emit(arrived)


class _Signals(QObject):
    arrived = Signal(object)
    refused = Signal(str)


class _Bringing(QRunnable):
    """Imports files for one drop, in their order; what cannot be imported is told and left out."""

    def __init__(
        self, library: TakeLibrary, paths: tuple[Path, ...], at: Tick, track_id: TrackId | None
    ) -> None:
        super().__init__()
        self.signals = _Signals()
        self._library = library
        self._paths, self._at, self._track_id = paths, at, track_id

    def run(self) -> None:
        """Import the files. A thread of the pool."""
        arrivals = []
        for path in self._paths:
            try:
                arrivals.append(arrival_of(self._library.import_file(path)))
            except UserError as error:
                self.signals.refused.emit(str(error))
        self.signals.arrived.emit(Arrived(tuple(arrivals), self._at, self._track_id))


def arrival_of(take: StoredTake) -> Arrival:
    """Return a kept take as something that can be placed."""
    return Arrival(media_of_take(take), take.title, take.music)
