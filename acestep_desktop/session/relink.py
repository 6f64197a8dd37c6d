"""Relink: the takes that a project misses, looked for where the person points."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.project import Media
from acestep_desktop.library.media import media_name
from acestep_desktop.library.relink import MAX_FILES, find_takes
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.transport import TransportSession
from acestep_desktop.session.waveforms import WaveformSession
from acestep_desktop.session.work import Worker

__all__ = ["Located", "Media", "RelinkSession", "media_name"]

_SHOWN: Final = 3
"""So many names are said; the others are counted."""


@dataclass(frozen=True, slots=True)
class Located:
    """How many takes were found and imported, those that still miss, and what went wrong.

    Not `complete` where there were more files than were looked at.
    """

    found: int
    missing: tuple[Media, ...]
    refused: tuple[str, ...] = ()
    complete: bool = True

    @property
    def sentence(self) -> str:
        """What became of the search."""
        said = list(self.refused[:1])
        if self.found:
            found = "The take was" if self.found == 1 else f"{self.found} takes were"
            rest = f" {len(self.missing)} still missing." if self.missing else ""
            said.insert(0, f"{found} found and imported into the library.{rest}")
        elif not said:
            said.append(
                "None of the missing takes is there: their sound was compared, not their names."
            )
        if not self.complete:
            said.append(f"Only {MAX_FILES:,} files were looked at: choose a folder further in.")
        return " ".join(said)


class RelinkSession(QObject):
    """Finds missing takes, and imports them into the library. The window's thread only.

    `missing_changed` carries the takes that miss (`Media`); `said` a sentence
    about them when a project is opened; `located` a `Located`; `takes_changed`
    says that the library has taken some in.
    """

    missing_changed = Signal(tuple)
    said = Signal(str)
    located = Signal(object)
    takes_changed = Signal()

    def __init__(
        self,
        document: DocumentSession,
        transport: TransportSession,
        waveforms: WaveformSession,
        library: TakeLibrary,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._transport = document, transport
        self._waveforms, self._library = waveforms, library
        self._stop = threading.Event()
        self._looking = False
        self._told: frozenset[Media] = frozenset()
        self._worker = Worker(self)
        transport.missing_changed.connect(self._tell)

    @property
    def missing(self) -> tuple[Media, ...]:
        """The takes whose files were not found."""
        return self._transport.missing

    @property
    def looking(self) -> bool:
        """Whether a search goes on."""
        return self._looking

    def locate(self, places: Sequence[Path]) -> None:
        """Look for the missing takes in files, and below folders; `located` follows."""
        if self._looking:
            return
        self._looking = True
        missing = self.missing
        self._worker.do(
            partial(self._search, missing, tuple(places)),
            self._end,
            lambda trouble: self._end(Located(0, missing, (trouble,))),
        )

    def close(self) -> None:
        """Stop looking, and wait for what is being imported."""
        self._stop.set()
        self._worker.close()

    def _search(self, missing: tuple[Media, ...], places: tuple[Path, ...]) -> Located:
        """Look for takes and import those that are there. A thread of the pool."""
        there, refused = set(), []
        search = find_takes(missing, places, self._stop.is_set)
        for take_id, path in search.paths.items():
            try:
                there.add(self._library.import_file(path).take_id)
            except UserError as error:
                refused.append(str(error))
                continue
            if take_id not in there:
                refused.append(f'"{path.name}" changed while it was imported. Try again.')
        still = tuple(media for media in missing if media.take_id not in there)
        return Located(len(missing) - len(still), still, tuple(refused), search.complete)

    def _end(self, located: Located) -> None:
        self._looking = False
        if located.found:
            self._transport.look_again()
            self._waveforms.look_again()
            self._waveforms.show_project(self._document.project)
            self.takes_changed.emit()
        self.located.emit(located)

    @Slot(tuple)
    def _tell(self, missing: tuple[Media, ...]) -> None:
        news = frozenset(missing) - self._told
        self._told = frozenset(missing)
        self.missing_changed.emit(missing)
        if news:
            self.said.emit(_sentence_of(missing))


def _sentence_of(missing: tuple[Media, ...]) -> str:
    names = ", ".join(f'"{media_name(media)}"' for media in missing[:_SHOWN])
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    what = "A take is missing, and silent" if len(missing) == 1 else "Takes are missing, and silent"
    return f"{what}: {names}{more}. File > Locate missing files… finds them again."
