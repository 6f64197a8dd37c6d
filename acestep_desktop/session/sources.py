"""Sources: audio that new music is made from, looked into off the window's thread."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.library.errors import LibraryError
from acestep_desktop.library.source_facts import SourceFacts, source_facts
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.work import Worker

__all__ = ["Source", "SourceFacts", "SourceSession", "known_take"]


@dataclass(frozen=True, slots=True)
class Source:
    """An audio file: its name for a person, and what is known of its music and sound.

    `facts` is None until the file was looked into; `trouble` is the sentence of why it
    cannot be used, or empty.
    """

    path: Path
    title: str
    music: Music = Music()
    seconds: float | None = None
    facts: SourceFacts | None = None
    trouble: str = ""


class SourceSession(QObject):
    """Looks into audio files. The window's thread only. `found` carries a `Source`, whole."""

    found = Signal(object)

    def __init__(self, library: TakeLibrary, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._worker = Worker(self)

    def look(self, path: Path) -> Source:
        """Return what is known of a file at once; the rest is told as `found`."""
        source = self._known(path)
        failed = partial(self._tell_of_trouble, source)
        self._worker.do(partial(_looked_into, source), self.found.emit, failed)
        return source

    def close(self) -> None:
        """Wait for the file that is being read, and forget the others."""
        self._worker.close()

    def _known(self, path: Path) -> Source:
        take = known_take(self._library, path)
        if take is None:
            return Source(path, path.stem)
        return Source(path, take.title, take.music, take.duration_s)

    def _tell_of_trouble(self, source: Source, trouble: str) -> None:
        self.found.emit(Source(source.path, source.title, trouble=trouble))


def known_take(library: TakeLibrary, path: Path) -> StoredTake | None:
    """Return the take whose file this is; None for any other file. Takes no time."""
    try:
        take = library.get(path.name)
    except LibraryError:
        return None
    return take if take.path == path.absolute() else None


def _looked_into(source: Source) -> Source:
    facts = source_facts(source.path)
    seconds = facts.frames / SAMPLE_RATE
    return Source(source.path, source.title, source.music, seconds, facts)
