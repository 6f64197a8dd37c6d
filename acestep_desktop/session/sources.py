"""Sources: audio that new music is made from, looked into off the window's thread."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.library.errors import LibraryError
from acestep_desktop.library.source_facts import SourceFacts, source_facts
from acestep_desktop.library.takes import TakeLibrary

__all__ = ["Source", "SourceFacts", "SourceSession"]


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
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def look(self, path: Path) -> Source:
        """Return what is known of a file at once; the rest is told as `found`."""
        source = self._known(path)
        task = _Looking(partial(_looked_into, source))
        task.signals.done.connect(self._tell)
        self._pool.start(task)
        return source

    def close(self) -> None:
        """Wait for the file that is being read, and forget the others."""
        self._pool.clear()
        self._pool.waitForDone()

    def _known(self, path: Path) -> Source:
        try:
            take = self._library.get(path.name)
        except LibraryError:
            return Source(path, path.stem)
        if take.path != path.absolute():
            return Source(path, path.stem)
        return Source(path, take.title, take.music, take.duration_s)

    @Slot(object)
    def _tell(self, source: Source) -> None:
        self.found.emit(source)


def _looked_into(source: Source) -> Source:
    try:
        facts = source_facts(source.path)
    except UserError as error:
        return Source(source.path, source.title, trouble=str(error))
    seconds = facts.frames / SAMPLE_RATE
    return Source(source.path, source.title, source.music, seconds, facts)


class _Signals(QObject):
    done = Signal(object)


class _Looking(QRunnable):
    """Looks into one file."""

    def __init__(self, look: Callable[[], Source]) -> None:
        super().__init__()
        self.signals = _Signals()
        self._look = look

    def run(self) -> None:
        """Read the file. A thread of the pool."""
        self.signals.done.emit(self._look())
