"""The catalogue: journal, folder and index kept in step, whoever else writes to them.

The journal and the files are the truth. Before every question the index reads
what the journal gained, and looks at the folder if that changed: files that are
gone are marked, and takes that the journal does not know (a crash after the
file, a journal that was lost, a file that was renamed) are entered in it.
"""

import logging
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, TypeVar

from acestep_desktop.audiofile.errors import AudioFileError, DiskError
from acestep_desktop.audiofile.wav import read_layout, read_wav_metadata
from acestep_desktop.domain.recipe import Take
from acestep_desktop.library.errors import RecordError
from acestep_desktop.library.folders import Folders
from acestep_desktop.library.index import DAMAGE, Index
from acestep_desktop.library.journal import Event, HeldJournal, Journal
from acestep_desktop.library.record import read_record
from acestep_desktop.library.schema import kept_event
from acestep_desktop.library.stored import StoredStem, StoredTake

log = logging.getLogger(__name__)

T = TypeVar("T")

_SETTLED_NS: Final = 2_000_000_000
"""A folder that changed less than two seconds ago may change again within its clock's tick."""


class Change:
    """A change of the library by this process alone: look, then record what was done."""

    def __init__(self, index: Index, record: Callable[[Sequence[Event]], None]) -> None:
        self.index = index
        self._record = record

    def record(self, *events: Event) -> None:
        """Enter events in the journal; when this returns they are kept for good."""
        self._record(events)


class Catalogue:
    """One library's journal, folder and index; safe to use from any thread."""

    def __init__(self, folders: Folders) -> None:
        self.folders = folders
        self._journal = Journal(folders.journal)
        self._guard = threading.RLock()
        self._index: Index | None = None

    def ask(self, question: Callable[[Index], T]) -> T:
        """Return the answer of an index that knows all that happened until now."""
        with self._guard:
            for _ in range(2):
                try:
                    return question(self._refreshed(None))
                except DAMAGE as error:
                    log.info("the index is made again: %s", error)
                    self._opened().reset()
            self._opened().move_to_memory()
            return question(self._refreshed(None))

    @contextmanager
    def changing(self) -> Iterator[Change]:
        """Give the right to change the library, to one thread of one process at a time."""
        with self._guard, self._journal.held() as held:
            try:
                index = self._refreshed(held)
            except DAMAGE:
                self._opened().reset()
                index = self._refreshed(held)
            yield Change(index, held.append)

    def rebuild(self) -> None:
        """Throw the index away, and make it from the journal and the files."""
        with self._guard:
            self._opened().reset()
            self.ask(lambda index: None)

    def close(self) -> None:
        """Let go of the index."""
        with self._guard:
            if self._index is not None:
                self._index.close()
                self._index = None

    def _opened(self) -> Index:
        if self._index is None:
            self._index = Index(self.folders)
        return self._index

    def _refreshed(self, held: HeldJournal | None) -> Index:
        index = self._opened()
        self._catch_up(index)
        unknown = self._look(index)
        if unknown:
            self._adopt(index, unknown, held)
        return index

    def _catch_up(self, index: Index) -> None:
        """Read what the journal gained; all of it where it is another journal than before."""
        size, origin = self._journal.size(), self._origin()
        if (size, origin) == (index.meta("offset"), index.meta("origin")):
            return
        with index.changing():
            offset = index.meta("offset")
            if offset > size or (offset and origin != index.meta("origin")):
                index.clear()
                offset = 0
            damaged = 0
            for end, event in self._journal.read(offset):
                offset = end
                if event is None:
                    damaged += 1
                else:
                    index.apply(event)
            if damaged:
                log.info("%d damaged lines of the journal were passed over", damaged)
            index.set_meta("offset", offset)
            index.set_meta("origin", origin if offset else 0)

    def _origin(self) -> int:
        """Return a mark of the journal's first line: another journal begins otherwise."""
        try:
            with self.folders.journal.open("rb") as file:
                return zlib.crc32(file.readline(4096))
        except OSError:
            return 0

    def _look(self, index: Index) -> list[str]:
        """Mark files that came or went; return those that nobody knows."""
        try:
            modified = self.folders.takes.stat().st_mtime_ns
        except OSError:
            modified = 0
        if modified == index.meta("looked", -1):
            return []
        found = self._takes_found() if modified else {}
        known = index.files()
        strangers = index.strangers()
        settled = time.time_ns() - modified > _SETTLED_NS
        with index.changing():
            index.set_present(
                [(file, file in found) for file, there in known.items() if there != (file in found)]
            )
            index.set_meta("looked", modified if settled else -1)
        return sorted(
            file
            for file, changed in found.items()
            if file not in known and strangers.get(file) != changed
        )

    def _takes_found(self) -> dict[str, int]:
        found = {}
        with suppress(OSError):
            for entry in os.scandir(self.folders.takes):
                if entry.name[:1] != "." and entry.name[-4:].lower() == ".wav" and _is_text(entry):
                    with suppress(OSError):
                        found[entry.name] = entry.stat().st_mtime_ns
        return found

    def _adopt(self, index: Index, unknown: list[str], held: HeldJournal | None) -> None:
        """Enter takes that the journal does not know; where it is read-only, in the index alone."""
        try:
            if held is None:
                with self._journal.held() as own:
                    self._catch_up(index)
                    self._enter(index, unknown, own)
            else:
                self._enter(index, unknown, held)
            self._catch_up(index)
        except DiskError as error:
            log.info("the journal cannot be written: %s", error)
            with index.changing():
                for event in self._events(index, unknown):
                    index.apply(event)

    def _enter(self, index: Index, unknown: list[str], held: HeldJournal) -> None:
        held.append(self._events(index, unknown))

    def _events(self, index: Index, unknown: list[str]) -> list[Event]:
        known = index.files()
        there = index.identities()
        events = []
        for file in unknown:
            stored = None if file in known else self._read(file)
            if stored is not None and not there.get(stored.take_id, False):
                there[stored.take_id] = True
                events.append(kept_event(stored))
            elif file not in known:
                with suppress(OSError):
                    index.set_stranger(file, (self.folders.takes / file).stat().st_mtime_ns)
        return events

    def _read(self, file: str) -> StoredTake | None:
        """Return the take in a file of the folder; None if it is none of ours, or damaged."""
        path = self.folders.takes / file
        try:
            layout = read_layout(path)
            take = read_record(read_wav_metadata(path)[0].record)
        except (AudioFileError, RecordError):
            return None
        if not layout.whole or (layout.frames, layout.channels) != (take.frames, take.channels):
            return None
        return stored_take(take, self.folders, file, number=0)


def stored_take(take: Take, folders: Folders, file: str, *, number: int) -> StoredTake:
    """Return `take` as it lies in the folder under the name `file`, with the stems beside it."""
    path = folders.takes / file
    recipe = take.recipe
    return StoredTake(
        number=number,
        take_id=take.take_id,
        title=take.title,
        created=take.created,
        frames=take.frames,
        channels=take.channels,
        music=take.music,
        measured=take.measured,
        path=path,
        stems=stems_beside(folders, path.stem),
        caption="" if recipe is None else recipe.request.prompt.caption,
        engine="" if recipe is None else recipe.engine.name,
    )


def stems_beside(folders: Folders, stem: str) -> tuple[StoredStem, ...]:
    """Return the stems of the take of this name, in order, from the names of their files."""
    try:
        files = sorted((folders.stems / stem).iterdir())
    except OSError:
        return ()
    return tuple(
        StoredStem(file.stem[3:] if file.stem[:2].isdigit() else file.stem, file)
        for file in files
        if file.name[:1] != "." and file.suffix.lower() == ".wav"
    )


def _is_text(entry: "os.DirEntry[str]") -> bool:
    """Say whether a file's name can be written down: some disks have names that are no text."""
    try:
        entry.name.encode()
    except UnicodeEncodeError:
        return False
    return entry.is_file()
