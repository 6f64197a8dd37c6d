"""Arrivals: files on their way to the timeline, imported first where the library lacks them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.project import Media, TrackId
from acestep_desktop.domain.song_edits import Arrival
from acestep_desktop.domain.time import Tick
from acestep_desktop.library.media import media_of_take
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.sources import known_take
from acestep_desktop.session.work import Worker

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
        self._worker = Worker(self)

    def known(self, path: Path) -> Arrival | None:
        """Return the take whose file this is; None for any other file. Takes no time."""
        take = known_take(self._library, path)
        return None if take is None else arrival_of(take)

    def bring(self, paths: Sequence[Path], at: Tick, track_id: TrackId | None) -> None:
        """Place the takes of files; those that the library lacks are imported first."""
        known = [self.known(path) for path in paths]
        if all(known):
            self.arrived.emit(Arrived(tuple(a for a in known if a), at, track_id))
            return
        self._worker.do(
            partial(self._imported, tuple(paths)),
            partial(self._show, at, track_id),
            self.refused.emit,
        )

    def close(self) -> None:
        """Wait for what is being imported."""
        self._worker.close()

    def _imported(self, paths: tuple[Path, ...]) -> tuple[list[Arrival], list[str]]:
        """Import files, in their order; what cannot be imported is told. A thread of the pool."""
        arrivals, refusals = [], []
        for path in paths:
            try:
                arrivals.append(arrival_of(self._library.import_file(path)))
            except UserError as error:
                refusals.append(str(error))
        return arrivals, refusals

    def _show(
        self, at: Tick, track_id: TrackId | None, imported: tuple[list[Arrival], list[str]]
    ) -> None:
        arrivals, refusals = imported
        for sentence in refusals:
            self.refused.emit(sentence)
        self.takes_changed.emit()
        if arrivals:
            self.arrived.emit(Arrived(tuple(arrivals), at, track_id))


def arrival_of(take: StoredTake) -> Arrival:
    """Return a kept take as something that can be placed."""
    return Arrival(media_of_take(take), take.title, take.music)
