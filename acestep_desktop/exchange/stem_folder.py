"""A folder of a project's stems: which files an export wrote, so that the next can take them away.

What anybody else put there, or changed since, is left alone.
"""

import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.atomic import write_atomically
from acestep_desktop.audiofile.errors import disk_errors
from acestep_desktop.domain.codec import dumps, from_json, loads
from acestep_desktop.domain.errors import InvalidValueError

log = logging.getLogger(__name__)

WRITTEN: Final = ".acestep-stems.json"
"""The file in the folder that names what the last export wrote."""

_MOST_BYTES: Final = 2**20


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file as it was when it was written; `modified` in nanoseconds, as its disk says it."""

    name: str
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """All files that one export of a song wrote into a folder."""

    song: str
    files: tuple[WrittenFile, ...]


def replace_earlier(folder: Path, song: str, stems: Sequence[Path]) -> None:
    """Remove the stems of an earlier export of `song` into `folder` that are none of `stems`.

    `stems` were written there just now, and are remembered for the next time. DiskError if
    that fails.
    """
    with disk_errors(folder):
        written = [path.stat() for path in stems]
    same = {(status.st_dev, status.st_ino) for status in written}
    before = _read(folder / WRITTEN)
    for earlier in before.files if before.song == song else ():
        _remove(folder / earlier.name, earlier, same)
    files = (
        WrittenFile(path.name, status.st_size, status.st_mtime_ns)
        for path, status in zip(stems, written, strict=True)
    )
    with write_atomically(folder / WRITTEN) as draft:
        draft.write(dumps(WrittenFiles(song, tuple(files))).encode("utf-8", "replace") + b"\n")


def _remove(path: Path, earlier: WrittenFile, kept: set[tuple[int, int]]) -> None:
    if Path(earlier.name).name != earlier.name:
        return
    with suppress(OSError):
        now = os.lstat(path)
        unchanged = (now.st_size, now.st_mtime_ns) == (earlier.size, earlier.modified)
        if unchanged and (now.st_dev, now.st_ino) not in kept:
            path.unlink()
            log.info("the stem %s of an earlier export was removed", path)


def _read(path: Path) -> WrittenFiles:
    try:
        with path.open("rb") as file:
            return from_json(WrittenFiles, loads(file.read(_MOST_BYTES)))
    except (OSError, InvalidValueError) as error:
        log.debug("no earlier export is known: %s", error)
        return WrittenFiles("", ())
