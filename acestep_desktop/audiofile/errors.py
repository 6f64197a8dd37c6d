"""What can go wrong with audio, and with disks.

AudioFileError               audio, or a disk, that did not do what was wanted
├── UnreadableAudioError     no audio that this program reads, or damaged audio
├── RefusedAudioError        audio beyond our bounds: channels, length, rate
└── DiskError                the disk refused: missing folder, no permission, read-only
    ├── DiskFullError        no space, or a quota or size limit was met
    ├── NameTakenError       a file of this name is there and must not be replaced
    └── BusyError            another process holds what is needed
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from acestep_desktop.domain.errors import UserError


class AudioFileError(UserError):
    """Audio, or a disk, that did not do what was wanted."""


class UnreadableAudioError(AudioFileError):
    """A file that holds no audio that can be read, or damaged audio."""


class RefusedAudioError(AudioFileError):
    """Audio beyond our bounds: too many channels, too long, an odd rate."""


class DiskError(AudioFileError):
    """A disk that refused: a missing folder, no permission, read-only."""


class DiskFullError(DiskError):
    """A disk without space, or a quota or size limit that was met."""


class NameTakenError(DiskError):
    """A file of this name is there, and must not be replaced."""


class BusyError(DiskError):
    """Another process holds what is needed."""


_FULL: Final = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
_DENIED: Final = (errno.EACCES, errno.EPERM)


def disk_error(error: OSError, path: Path) -> DiskError:
    """Return the error that says in words why `path` could not be read or written."""
    name, folder = shown(path.name or str(path)), shown(str(path.parent))
    if error.errno in _FULL:
        return DiskFullError(
            f'The disk is full: "{name}" could not be written to {folder}. '
            "Free some space there and try again."
        )
    if error.errno == errno.EROFS:
        return DiskError(
            f'"{name}" could not be written: {folder} is read-only. Choose another folder.'
        )
    if error.errno in _DENIED:
        return DiskError(
            f'"{name}" in {folder} may not be opened. '
            "Change its permissions or choose another place."
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return DiskError(f'"{name}" is not in {folder}, or that folder is missing. Check the path.')
    if error.errno in (errno.EISDIR, errno.ENOTEMPTY):
        return DiskError(f'"{name}" is a folder, not a file. Choose another name.')
    if error.errno == errno.EEXIST:
        return NameTakenError(f'"{name}" is already in {folder}. Choose another name.')
    if error.errno == errno.ENAMETOOLONG:
        return DiskError(f'The name "{name}" is too long for {folder}. Choose a shorter one.')
    reason = os.strerror(error.errno) if error.errno else str(error)
    return DiskError(f'"{name}" in {folder} could not be used ({reason}). Check the disk.')


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn every OSError of the block into a DiskError about `path`."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, path) from error
    except ValueError as error:
        if "null" not in str(error):
            raise
        raise DiskError("A file name cannot hold a zero character. Choose another.") from error


def shown(text: str) -> str:
    """Return `text` fit for a message: printable, and at most 120 characters."""
    clean = "".join(c if c.isprintable() else "�" for c in text)
    return clean if len(clean) <= 120 else f"{clean[:57]}…{clean[-62:]}"
