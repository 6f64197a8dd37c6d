"""Folders in which models grow: one hand at a time in each, and swept once nobody's is."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.atomic import make_folder
from acestep_desktop.audiofile.errors import DiskError, disk_errors
from acestep_desktop.audiofile.locking import try_lock
from acestep_desktop.models.errors import ModelInUseError

ARRIVING: Final = "arriving"
"""What has come of a download: kept, so that it can go on."""

MADE: Final = "made"
"""The model itself, before it gets its place in the store."""

_LOCK: Final = ".lock"


@contextmanager
def alone_in(draft: Path) -> Iterator[None]:
    """Hold the folder `draft` alone, made if need be; ModelInUseError where another does."""
    descriptor = _locked(draft)
    try:
        yield
    finally:
        os.close(descriptor)


def discard(*folders: Path) -> None:
    """Delete folders that nobody else works on, as far as that is possible."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def sweep_drafts(folder: Path) -> None:
    """Delete what imports and conversions that were cut short left in the drafts of `folder`."""
    with contextlib.suppress(OSError):
        for draft in [path for path in folder.iterdir() if path.is_dir()]:
            with contextlib.suppress(ModelInUseError, DiskError), alone_in(draft):
                discard(draft / MADE if (draft / ARRIVING).is_dir() else draft)


def own_bytes(folder: Path) -> int:
    """Return how much room deleting `folder` gives back; files that lie elsewhere too give none."""
    found = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return sum(status.st_size for status in found if status.st_nlink <= 1)


def _locked(draft: Path) -> int:
    path = draft / _LOCK
    while True:
        make_folder(draft)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:
            continue  # it was deleted by whoever held it until now
        except OSError as error:
            with disk_errors(path):
                raise error
        if not try_lock(descriptor):
            os.close(descriptor)
            raise ModelInUseError(
                "Another window is fetching or importing this model: wait until it is done."
            )
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        os.close(descriptor)
