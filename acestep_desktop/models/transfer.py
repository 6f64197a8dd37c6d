"""One file from the hub: resumed where it was cut, and refused unless its bytes are right."""

import contextlib
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from acestep_desktop.audiofile.atomic import make_folder, sync, write_atomically
from acestep_desktop.audiofile.errors import disk_errors, shown
from acestep_desktop.models.errors import DownloadError, ModelCancelledError
from acestep_desktop.models.hashing import BLOCK_BYTES
from acestep_desktop.models.hub import RemoteFile, http_errors, refusal, refused_status

STALL_S: Final = 6.0
"""A connection that gives nothing for so long is given up, and another one made."""

TRIES: Final = 6
"""So many tries in a row may bring nothing."""

_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 60.0
_WINK_S: Final = 0.1
_RETRIED: Final = (408, 425, 429, 500, 502, 503, 504)
_RANGE: Final = re.compile(r"bytes (\d+)-\d+/(\d+)")
_DIGEST: Final = re.compile(r"(?:W/)?\"?([0-9a-f]{64}|[0-9a-f]{40})\"?")

Heard = Callable[[int], bool]
"""Hears how many bytes of the file are there (fewer than before where it begins anew);
its False stops the transfer."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a hub that gives nothing, and how often to ask again."""

    stall_s: float = STALL_S
    tries: int = TRIES
    first_wait_s: float = _FIRST_WAIT_S


class _CutError(Exception):
    """A try that ended early; the next one goes on. `reason` is for the person, if it is last."""

    def __init__(self, reason: DownloadError, wait_s: float | None = None) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.wait_s = wait_s


def is_there(file: RemoteFile, folder: Path) -> bool:
    """Return whether the file arrived whole before."""
    target = folder / file.path
    with contextlib.suppress(OSError):
        return target.stat().st_size == file.size and (
            _mark_of(target).read_text("ascii", "replace") == file.digest
        )
    return False


def received_bytes(file: RemoteFile, folder: Path) -> int:
    """Return how much of the file need not be asked for again."""
    if is_there(file, folder):
        return file.size
    with contextlib.suppress(OSError):
        return min(file.size, _part_of(file, folder).stat().st_size)
    return 0


def fetch(file: RemoteFile, folder: Path, heard: Heard, patience: Patience | None = None) -> Path:
    """Have the file in `folder`, from where the last try ended; return its path.

    It gets its name only once every byte is there and the hash is the hub's.
    DownloadError says what went wrong; what arrived is kept for the next time.
    """
    target, patience = folder / file.path, patience or Patience()
    if is_there(file, folder):
        return target
    make_folder(target.parent)
    part = _Part(file, _part_of(file, folder), heard)
    _fill(part, patience)
    if not part.is_right():
        part.forget()
        _fill(part, patience)
        if not part.is_right():
            part.forget()
            raise DownloadError(
                f'"{shown(file.path)}" arrived with other bytes than the hub lists for it, twice. '
                "Check HF_ENDPOINT and the network, and try again."
            )
    return keep(file, part.path, target)


def keep(file: RemoteFile, part: Path, target: Path) -> Path:
    """Give a file whose bytes are right its name, and mark it as checked."""
    with disk_errors(target):
        part.replace(target)
    with write_atomically(_mark_of(target)) as mark:
        mark.write(file.digest.encode())
    return target


class _Part:
    """The bytes of a file that have arrived, and their hash as far as they go."""

    def __init__(self, file: RemoteFile, path: Path, heard: Heard) -> None:
        self.file, self.path = file, path
        self._heard = heard
        self.size = 0
        self._hash = self._begin()
        self._read_again()

    def is_right(self) -> bool:
        """Return whether the bytes are those that the hub lists."""
        return self._hash.hexdigest() == self.file.digest

    def forget(self) -> None:
        """Begin anew."""
        self.size, self._hash = 0, self._begin()
        with disk_errors(self.path):
            self.path.unlink(missing_ok=True)
        self.tell()

    def tell(self) -> None:
        """Say how far it is; ModelCancelledError if that is enough."""
        self._tell(self.size)

    def _tell(self, size: int) -> None:
        if not self._heard(size):
            raise ModelCancelledError("Cancelled; what has arrived is kept.")

    def append(self, chunks: Iterator[bytes]) -> None:
        """Add what arrives, and have the disk keep it, however it ends."""
        with disk_errors(self.path), self.path.open("ab") as out:
            try:
                for chunk in chunks:
                    if self.size + len(chunk) > self.file.size:
                        raise self._too_much()
                    out.write(chunk)
                    out.flush()  # a process that is killed loses nothing that came
                    self._hash.update(chunk)
                    self.size += len(chunk)
                    self.tell()
            finally:
                sync(out.fileno())

    def _read_again(self) -> None:
        if not self.path.exists():
            return
        with disk_errors(self.path), self.path.open("rb") as file:
            had = min(self.path.stat().st_size, self.file.size)
            while block := file.read(BLOCK_BYTES):
                self._hash.update(block)
                self.size += len(block)
                # Read bytes are no received ones: the speed is not theirs.
                self._tell(had)
        if self.size > self.file.size:
            self.forget()

    def _begin(self) -> "hashlib._Hash":
        if not self.file.is_blob:
            return hashlib.sha256()
        # As git names a file: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
        return hashlib.sha1(f"blob {self.file.size}\0".encode(), usedforsecurity=False)

    def _too_much(self) -> DownloadError:
        return DownloadError(
            f'The hub gives more of "{shown(self.file.path)}" than it lists. Check HF_ENDPOINT.'
        )


def _fill(part: _Part, patience: Patience) -> None:
    """Ask until every byte is there, or nothing has come for too many tries in a row."""
    in_vain, wait_s = 0, patience.first_wait_s
    part.tell()
    while part.size < part.file.size or not part.path.exists():
        before = part.size
        try:
            _try(part, patience)
        except _CutError as cut:
            progress = part.size > before
            in_vain = 0 if progress else in_vain + 1
            if in_vain >= patience.tries:
                raise cut.reason from cut
            wait_s = patience.first_wait_s if progress else min(2 * wait_s, _LONGEST_WAIT_S)
            _wait(part, cut.wait_s if cut.wait_s is not None else wait_s)


def _try(part: _Part, patience: Patience) -> None:
    """Ask once for what is missing."""
    from huggingface_hub import get_session

    headers = {"Accept-Encoding": "identity"}
    if part.size:
        headers["Range"] = f"bytes={part.size}-"
    try:
        with get_session().stream(
            "GET",
            part.file.url,
            headers=headers,
            timeout=patience.stall_s,
            follow_redirects=True,
        ) as response:
            _check(response, part)
            part.append(response.iter_bytes())
    except http_errors() as error:
        raise _CutError(refusal(error, f'"{part.file.path}"')) from error
    if part.size < part.file.size:
        raise _CutError(
            DownloadError(
                f"The hub gave only {part.size} of the {part.file.size} bytes of "
                f'"{shown(part.file.path)}", again and again. Try later; what has arrived is kept.'
            )
        )


def _check(response: Any, part: _Part) -> None:
    """Make sure that what follows are the bytes that are missing."""
    status, what = response.status_code, f'"{shown(part.file.path)}"'
    if status in _RETRIED:
        raise _CutError(refused_status(status, what), _pause(response))
    if status == 416:
        part.forget()
        raise _CutError(refused_status(status, what), 0.0)
    if status not in (200, 206):
        raise refused_status(status, what)
    for name in ("X-Linked-ETag", "ETag"):
        named = _DIGEST.fullmatch(response.headers.get(name, ""))
        if named and len(named[1]) == len(part.file.digest) and named[1] != part.file.digest:
            part.forget()
            raise DownloadError(
                f"{what} was changed on the hub while it was downloaded. Try again: the files "
                "that are right are kept."
            )
    if status == 206:
        span = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if span is None or int(span[1]) != part.size or int(span[2]) != part.file.size:
            part.forget()
            raise _CutError(refused_status(status, what), 0.0)
    elif part.size:
        part.forget()  # the whole file follows: this hub knows no ranges


def _pause(response: Any) -> float | None:
    """Return how long the hub asks to wait, where it says so."""
    said = response.headers.get("Retry-After", "")
    return min(float(said), _LONGEST_WAIT_S) if said.isdigit() else None


def _wait(part: _Part, seconds: float) -> None:
    """Wait, but not for longer than the person has patience."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        part.tell()
        time.sleep(_WINK_S)


def _part_of(file: RemoteFile, folder: Path) -> Path:
    return folder / f"{file.path}.{file.digest[:16]}.part"


def _mark_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.checked")
