"""Safe writes: a file is whole under its name, or it is not there.

A draft is written beside its final place, checked, synced to the disk, and only
then given its name. A process that dies leaves a draft, which the next one sweeps.
"""

import contextlib
import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from acestep_desktop.audiofile.errors import DiskError, NameTakenError, disk_errors
from acestep_desktop.audiofile.locking import try_lock

if TYPE_CHECKING:
    import numpy.typing as npt

    Data = bytes | bytearray | memoryview | npt.NDArray[Any]
    """What can be written: bytes, or a contiguous array."""

_LEFTOVER: Final = re.compile(r"\..*\.tmp-(\d{1,10})-[0-9a-f]{8}", re.DOTALL)
_OLD_S: Final = 600.0
"""After so long without a write, an unlocked draft is dead even if its number lives again."""

_NAME_BYTES: Final = 100

_HELD: Final = "held"
"""The file in a work folder that its process keeps locked."""


class Draft:
    """A file in the making: bytes that arrive in full, or raise DiskError.

    It can be sought, so that headers can be written last. Seal it, then give it
    its name with `replace` or `publish`; otherwise `discard` removes it.
    """

    def __init__(self, folder: Path, name: str, *, written: Path | None = None) -> None:
        """`written` is a file on the disk of `folder` that becomes the draft as it is."""
        self.path = written or folder / temporary_name(name)
        new = 0 if written else os.O_CREAT | os.O_EXCL
        flags = os.O_RDWR | new | getattr(os, "O_BINARY", 0)
        with disk_errors(folder / name):
            self._descriptor = os.open(self.path, flags, 0o666)
        self._name = folder / name
        self._end = os.fstat(self._descriptor).st_size
        self._open = True
        try_lock(self._descriptor)

    def write(self, data: "Data") -> int:
        """Write all of `data` (bytes or a contiguous array) here; return its length in bytes."""
        view = memoryview(cast(bytes, data))
        if not view.nbytes:
            return 0
        rest = view.cast("B")
        while rest:
            with disk_errors(self._name):
                count = os.write(self._descriptor, rest)
            if count <= 0:
                raise DiskError(f'The disk took no more of "{self._name.name}". Check the disk.')
            rest = rest[count:]
        self._end = max(self._end, self.tell())
        return view.nbytes

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place in the file, as in `io`; return it."""
        with disk_errors(self._name):
            return os.lseek(self._descriptor, offset, whence)

    def tell(self) -> int:
        """Return where the next byte will be written."""
        return self.seek(0, os.SEEK_CUR)

    def seal(self) -> None:
        """Check that every byte is there, and have the disk keep it; nothing is written after."""
        with disk_errors(self._name):
            size = os.fstat(self._descriptor).st_size
            if size != self._end:
                raise DiskError(f'"{self._name.name}" was cut short by the disk. Check the disk.')
            sync(self._descriptor)
        if sys.platform == "win32":
            self._close()

    def replace(self, path: Path) -> None:
        """Become `path`, in the same folder, in place of what is there."""
        self.move(path)
        sync_folder(path.parent)

    def move(self, path: Path) -> None:
        """Become `path`, on the same disk, in a folder that whoever asks syncs after all moves."""
        with disk_errors(path):
            self.path.replace(path)
        self._close()

    def publish(self, path: Path) -> None:
        """Become `path`, in the same folder; NameTakenError, and no change, if it is there."""
        with disk_errors(path):
            _rename_new(self.path, path)
        self._close()
        sync_folder(path.parent)

    def discard(self) -> None:
        """Remove the draft, if it did not become a file."""
        self._close()
        with contextlib.suppress(OSError):
            self.path.unlink()

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._descriptor)


@contextmanager
def draft_in(folder: Path, name: str) -> Iterator[Draft]:
    """Give a draft in `folder`; it is discarded at the end unless it became a file."""
    draft = Draft(folder, name)
    try:
        yield draft
    finally:
        draft.discard()


@contextmanager
def work_folder(folder: Path, name: str) -> Iterator[Path]:
    """Give a hidden folder in `folder` for files in the making; it is removed at the end.

    However long it lives, it is not swept while this process does.
    """
    path = folder / temporary_name(name)
    make_folder(path)
    with disk_errors(path):
        held = os.open(path / _HELD, os.O_RDWR | os.O_CREAT, 0o666)
    try_lock(held)
    try:
        yield path
    finally:
        os.close(held)
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def write_atomically(path: Path) -> Iterator[Draft]:
    """Write the file `path` anew: when the block ends well it is whole, else it is as it was.

    A link is followed, and the permissions of a file that is replaced stay.
    """
    target = Path(os.path.realpath(path))
    with draft_in(target.parent, target.name) as draft:
        yield draft
        _keep_mode(draft, target)
        draft.seal()
        draft.replace(target)


@contextmanager
def write_new(path: Path) -> Iterator[Draft]:
    """Write a file that must not be there yet; NameTakenError, and no change, if it is."""
    if os.path.lexists(path):
        raise NameTakenError(f'"{path.name}" is already in {path.parent}. Choose another name.')
    with draft_in(path.parent, path.name) as draft:
        yield draft
        draft.seal()
        draft.publish(path)


def make_folder(path: Path) -> None:
    """Make the folder `path` and those above it, where missing; DiskError if that fails."""
    with disk_errors(path):
        path.mkdir(parents=True, exist_ok=True)


def temporary_name(name: str) -> str:
    """Return a hidden, unique name for a draft of `name` by this process."""
    short = os.fsencode(name)[:_NAME_BYTES].decode("utf-8", "ignore")
    return f".{short}.tmp-{os.getpid()}-{os.urandom(4).hex()}"


def sweep_leftovers(folder: Path) -> int:
    """Remove drafts (files and folders) that dead processes left in `folder`; return how many."""
    try:
        names = [entry.name for entry in os.scandir(folder)]
    except OSError:
        return 0
    swept = 0
    for name in names:
        match = _LEFTOVER.fullmatch(name)
        if match and _is_dead(folder / name, int(match[1])):
            swept += _remove(folder / name)
    return swept


def sync(descriptor: int) -> None:
    """Have the disk keep what was written to an open file."""
    if sys.platform == "darwin":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Have the disk keep the names in `folder`, where the system can."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _rename_new(draft: Path, path: Path) -> None:
    if sys.platform == "win32":
        draft.rename(path)  # on Windows this refuses to replace
        return
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError:
        # No hard links on this disk (FAT, some networks): claim the name first.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        draft.replace(path)
        return
    draft.unlink()


def _keep_mode(draft: Draft, target: Path) -> None:
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            draft.path.chmod(stat.S_IMODE(target.stat().st_mode))


def _is_dead(path: Path, process: int) -> bool:
    if (path / _HELD).exists() and not _is_unlocked(path / _HELD):
        return False
    if sys.platform == "win32":
        return True  # a file that a living process writes cannot be removed there
    try:
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and not _is_unlocked(path):
            return False
    except OSError:
        return False
    return not _is_running(process) or time.time() - status.st_mtime > _OLD_S


def _is_unlocked(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    try:
        return try_lock(descriptor)
    finally:
        os.close(descriptor)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _remove(path: Path) -> bool:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError:
        return False
    return True
