"""The journal: one line for each thing that happened to takes, never changed afterwards.

A line is a JSON object that begins with the CRC-32 of the rest of it. A line
that was torn by a crash fails that check and is passed over; the next writer
ends it. Writers of several processes take turns by a lock on the file.
"""

import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.atomic import make_folder, sync, sync_folder
from acestep_desktop.audiofile.errors import DiskFullError, disk_errors
from acestep_desktop.audiofile.locking import locked
from acestep_desktop.domain.codec import Json, dumps, loads
from acestep_desktop.domain.errors import InvalidValueError

Event = dict[str, Json]

MAX_LINE: Final = 1 << 20
"""Longer lines are not ours."""

_HEAD: Final = 18
"""`{"crc":"01234567",` - what comes before the checked part."""


class HeldJournal:
    """The journal while this process alone may write to it."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor, self._path = descriptor, path

    def append(self, events: Sequence[Event]) -> None:
        """Write events behind the last one; when this returns, the disk keeps them.

        A disk that is full leaves the journal as it was and raises DiskFullError.
        """
        if not events:
            return
        with disk_errors(self._path):
            size = os.fstat(self._descriptor).st_size
            torn = size > 0 and self._last_byte(size) != b"\n"
            data = b"\n" * torn + b"".join(map(line_of, events))
            self._write(data, size)
            sync(self._descriptor)
        if size == 0:
            sync_folder(self._path.parent)

    def _last_byte(self, size: int) -> bytes:
        os.lseek(self._descriptor, size - 1, os.SEEK_SET)
        return os.read(self._descriptor, 1)

    def _write(self, data: bytes, size: int) -> None:
        try:
            whole = os.write(self._descriptor, data) == len(data)
        except OSError:
            os.ftruncate(self._descriptor, size)
            raise
        if not whole:
            os.ftruncate(self._descriptor, size)
            raise DiskFullError(
                f"The disk is full: the library in {self._path.parent} could not be changed. "
                "Free some space there and try again."
            )


class Journal:
    """The file `library.jsonl`; it is made by its first event."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def held(self) -> Iterator[HeldJournal]:
        """Keep other writers, of this process and others, out for the time of the block."""
        make_folder(self.path.parent)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        with disk_errors(self.path):
            descriptor = os.open(self.path, flags, 0o666)
        try:
            with locked(descriptor, self.path):
                yield HeldJournal(descriptor, self.path)
        finally:
            os.close(descriptor)

    def size(self) -> int:
        """Return how many bytes the journal has; 0 where there is none."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def read(self, offset: int = 0) -> Iterator[tuple[int, Event | None]]:
        """Yield each ended line from `offset` on: the offset behind it, and its event.

        The event is None for a line that is damaged or not ours.
        """
        if not self.path.is_file():
            return
        with disk_errors(self.path), self.path.open("rb") as file:
            file.seek(offset)
            whole = True
            while line := file.readline(MAX_LINE):
                ended = line.endswith(b"\n")
                if ended:
                    yield file.tell(), event_of(line) if whole else None
                elif len(line) < MAX_LINE:
                    return
                whole = ended


def line_of(event: Event) -> bytes:
    """Return the line of an event, which must not be empty, with its checksum."""
    try:
        body = dumps(event).encode()
    except UnicodeEncodeError:
        body = dumps(_encodable(event)).encode()
    return b'{"crc":"%08x",' % zlib.crc32(body[1:]) + body[1:] + b"\n"


def event_of(line: bytes) -> Event | None:
    """Return the event of a line, or None if it is not exactly as it was written."""
    body = line.rstrip(b"\r\n")
    if line[:_HEAD] != b'{"crc":"%08x",' % zlib.crc32(body[_HEAD:]):
        return None
    try:
        event = loads(b"{" + body[_HEAD:])
    except InvalidValueError:
        return None
    return event if isinstance(event, dict) else None


def _encodable(value: Json) -> Json:
    """Return `value` with a mark in place of what is no character (undecodable file names)."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {name: _encodable(item) for name, item in value.items()}
    return value
