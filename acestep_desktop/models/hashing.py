"""Reading every byte of large files: their hashes, how far it is, and a way to stop."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.errors import disk_errors
from acestep_desktop.models.errors import ModelCancelledError

Told = Callable[[float, str], bool]
"""Hears how far a long job is (0 to 1) and at which file; its False stops the job."""

BLOCK_BYTES: Final = 4 * 2**20


class Meter:
    """Counts the bytes of a long job for whoever is told."""

    def __init__(self, total: int, told: Told | None) -> None:
        self._total, self._told = max(total, 1), told
        self._done = 0

    def add(self, count: int, label: str) -> None:
        """Say that `count` more bytes are done; ModelCancelledError if that is enough."""
        self._done += count
        if self._told is not None and not self._told(min(1.0, self._done / self._total), label):
            raise ModelCancelledError("Cancelled.")


def hash_file(path: Path, meter: Meter | None = None, label: str = "") -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with disk_errors(path), path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            if meter is not None:
                meter.add(len(block), label)
    return digest.hexdigest()
