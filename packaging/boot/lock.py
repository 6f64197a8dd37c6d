"""One installation at a time: a file lock that a process holds, and its pip should it die."""

import contextlib
import errno
import os
import sys
import time
from typing import Iterator

from boot.words import say

HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
"""What a system says of a lock that another process has."""

WAITING = "Another start is installing; waiting for it …"


def try_lock(descriptor: int) -> bool:
    """Take the lock on an open file; return False when another process has it.

    Where the file system knows no locks, everyone is granted one.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in HELD
    return True


@contextlib.contextmanager
def locked(path: str) -> Iterator[int]:
    """Hold the lock file at `path`; yield its descriptor, for a child to inherit and hold too."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        said = False
        while not try_lock(descriptor):
            if not said:
                say(WAITING)
                said = True
            time.sleep(0.25)
        yield descriptor
    finally:
        os.close(descriptor)
