"""Files put into a model's folder without moving or changing those of the person."""

import contextlib
import hashlib
import os
import shutil
import sys
from collections.abc import Iterable
from io import BufferedReader
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.atomic import Draft, draft_in, make_folder, temporary_name
from acestep_desktop.audiofile.errors import disk_errors
from acestep_desktop.models.errors import NoRoomError
from acestep_desktop.models.hashing import BLOCK_BYTES, Meter, hash_file
from acestep_desktop.models.manifest import ModelFile

_FICLONE: Final = 0x40049409
"""Linux: share the blocks of a file with another until one of them changes (btrfs, XFS)."""

_SPARE_BYTES: Final = 2**28
"""A disk is never filled to its last byte."""


class Placer:
    """Puts files into the folder `root`, and remembers their sizes and hashes."""

    def __init__(self, root: Path, meter: Meter) -> None:
        self.root = root
        self.files: list[ModelFile] = []
        self._meter = meter

    def place(self, source: Path, path: str) -> None:
        """Have the file `source` at `path` too: by shared blocks, by a link, or by a copy."""
        real, target = Path(os.path.realpath(source)), self.root / path
        make_folder(target.parent)
        with disk_errors(target):
            target.unlink(missing_ok=True)
        if _clone(real, target) or _link(real, target):
            self._note(path, target.stat().st_size, hash_file(target, self._meter, path))
            return
        digest = hashlib.sha256()
        with draft_in(target.parent, target.name) as draft, disk_errors(real):
            with real.open("rb") as file:
                self._pump(file, draft, digest, path, None)
            self._finish(draft, target, digest, path)

    def write(self, path: str, data: bytes) -> None:
        """Have a file with these bytes at `path`."""
        self.assemble(path, (data,))

    def assemble(self, path: str, pieces: Iterable["bytes | tuple[Path, int, int]"]) -> None:
        """Have a file at `path` made of pieces: bytes, or a span (file, start, length)."""
        target, digest = self.root / path, hashlib.sha256()
        make_folder(target.parent)
        with draft_in(target.parent, target.name) as draft, contextlib.ExitStack() as stack:
            sources: dict[Path, BufferedReader] = {}
            for piece in pieces:
                if isinstance(piece, bytes):
                    draft.write(piece)
                    digest.update(piece)
                    self._meter.add(len(piece), path)
                    continue
                file, start, length = piece
                if file not in sources:
                    with disk_errors(file):
                        sources[file] = stack.enter_context(file.open("rb"))
                with disk_errors(file):
                    sources[file].seek(start)
                    self._pump(sources[file], draft, digest, path, length)
            self._finish(draft, target, digest, path)

    def _pump(
        self,
        file: BufferedReader,
        draft: Draft,
        digest: "hashlib._Hash",
        label: str,
        length: int | None,
    ) -> None:
        left = length
        while left is None or left > 0:
            block = file.read(BLOCK_BYTES if left is None else min(BLOCK_BYTES, left))
            if not block:
                if left is None:
                    return
                raise EOFError(label)
            draft.write(block)
            digest.update(block)
            self._meter.add(len(block), label)
            left = None if left is None else left - len(block)

    def _finish(self, draft: Draft, target: Path, digest: "hashlib._Hash", path: str) -> None:
        size = draft.tell()
        draft.seal()
        draft.replace(target)
        self._note(path, size, digest.hexdigest())

    def _note(self, path: str, size: int, sha256: str) -> None:
        self.files.append(ModelFile(path, size, sha256))


def shares_files(source: Path, folder: Path) -> bool:
    """Return whether files beside `source` can be in `folder` too without taking more room."""
    make_folder(folder)
    probe = folder / temporary_name(source.name)
    try:
        real = Path(os.path.realpath(source))
        return _clone(real, probe) or _link(real, probe)
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()


def can_share(folder: Path) -> bool:
    """Return whether one file can have two names in `folder`; not so on disks such as exFAT."""
    make_folder(folder)
    probe = folder / temporary_name("probe")
    with disk_errors(probe):
        probe.write_bytes(b"")
    try:
        return shares_files(probe, folder)
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()


def require_room(place: Path, wanted: int) -> None:
    """Raise NoRoomError, which says how much is missing, if `wanted` bytes do not fit there."""
    there = place
    while not there.exists() and there != there.parent:
        there = there.parent
    with disk_errors(there):
        free = shutil.disk_usage(there).free
    if wanted + _SPARE_BYTES > free:
        raise NoRoomError(
            f"{in_words(wanted)} are needed in {place}, and {in_words(free)} are free: free "
            f"{in_words(wanted + _SPARE_BYTES - free)}, or set ACESTEP_MODELS to another disk."
        )


def in_words(count: int) -> str:
    """Return a number of bytes as people say it: "6.3 GB"."""
    if count >= 10**9:
        return f"{count / 10**9:.1f} GB"
    if count >= 10**6:
        return f"{count / 10**6:.0f} MB"
    return f"{max(1, round(count / 1000))} kB" if count else "0 kB"


def _link(source: Path, target: Path) -> bool:
    try:
        target.hardlink_to(source)
    except OSError:
        return False
    return True


def _clone(source: Path, target: Path) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    import fcntl

    try:
        with source.open("rb") as old, target.open("xb") as new:
            fcntl.ioctl(new, _FICLONE, old.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            target.unlink()
        return False
    return True
