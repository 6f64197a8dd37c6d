"""Locks between processes on open files; they end with the process that holds them."""

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.errors import BusyError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

WAIT_S: Final = 30.0
"""Longer than any honest holder needs the lock."""

_RETRY_S: Final = 0.002
_FAR: Final = 0x7FFF_0000
"""Windows locks bytes, not files: one far behind the end keeps the rest readable."""

_HELD: Final = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


def try_lock(descriptor: int) -> bool:
    """Lock the open file for this descriptor alone; False if another holds it.

    Where the file system knows no locks, everyone is granted one.
    """
    try:
        if sys.platform == "win32":
            with _at_the_far_byte(descriptor):
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _HELD
    return True


def unlock(descriptor: int) -> None:
    """Give the lock of `try_lock` back; closing the file does as well."""
    if sys.platform == "win32":
        with _at_the_far_byte(descriptor):
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def locked(descriptor: int, path: Path, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold the lock of the open file `path`; BusyError if it is not to be had in `wait_s`."""
    deadline = time.monotonic() + wait_s
    while not try_lock(descriptor):
        if time.monotonic() > deadline:
            raise BusyError(
                f'"{path.name}" is in use by another window of ACE-Step Desktop. '
                "Close that window, or wait until it is done, and try again."
            )
        time.sleep(_RETRY_S)
    try:
        yield
    finally:
        unlock(descriptor)


@contextmanager
def _at_the_far_byte(descriptor: int) -> Iterator[None]:
    """Stand at the byte that Windows locks; afterwards, where the next write belongs."""
    here = os.lseek(descriptor, 0, os.SEEK_CUR)
    os.lseek(descriptor, _FAR, os.SEEK_SET)
    try:
        yield
    finally:
        os.lseek(descriptor, here, os.SEEK_SET)
