"""Disks in trouble: full, limited, and read-only ones, for tests that write files."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def size_limit(limit: int) -> Iterator[None]:
    """Let no file of this process grow beyond `limit` bytes (RLIMIT_FSIZE)."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def small_disk(place: Path, size: str = "1m") -> Iterator[Path]:
    """Give a disk (tmpfs) of this size at `place`; needs root on Linux."""
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Make a disk of `small_disk` read-only for the time of the block."""
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)


def fill(disk: Path, *, leave: int = 0) -> Path:
    """Fill a disk up to its last byte but `leave`; return the file that does it."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        try:
            while True:
                os.write(file.fileno(), bytes(4_096))
        except OSError:
            pass
        file.truncate(max(0, os.fstat(file.fileno()).st_size - leave))
    return ballast
