"""Autosaves: the work of an open project, written aside, claimed by the window that has it open.

A claim is a locked file. It ends with the process, so that an autosave whose
claim is free was left behind by a crash.
"""

import contextlib
import hashlib
import os
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.atomic import make_folder, write_atomically
from acestep_desktop.audiofile.errors import disk_errors, shown
from acestep_desktop.audiofile.locking import try_lock
from acestep_desktop.domain.codec import dumps, loads
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.project import Project
from acestep_desktop.library.errors import LibraryError
from acestep_desktop.library.projects import save_project

AUTOSAVE: Final = ".autosave"
LOCK: Final = ".lock"
FACTS: Final = ".json"

_NOT_HELD: Final = -1


class ProjectInUseError(LibraryError):
    """A project that another window has open."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """Work that a crash left behind: the autosave, and the project file it belongs to, if any."""

    autosave: Path
    project_path: Path | None

    def discard(self) -> None:
        """Forget this work."""
        _remove(self.autosave)


class Claim:
    """The right of one window to a project, and the place of its autosave.

    Raises ProjectInUseError where another window has the project open.
    """

    def __init__(self, folder: Path, project_path: Path | None) -> None:
        make_folder(folder)
        self._lock = folder / f"{_name_of(project_path)}{LOCK}"
        self._project_path = project_path
        with disk_errors(self._lock):
            self._descriptor = _held(self._lock)
        if self._descriptor < 0:
            name = "This project" if project_path is None else f'"{shown(project_path.name)}"'
            raise ProjectInUseError(f"{name} is open in another window: close it there first.")

    @property
    def autosave(self) -> Path:
        """Where the work is written aside."""
        return self._lock.with_suffix(AUTOSAVE)

    def write(self, project: Project) -> None:
        """Write `project` aside, whole; DiskError says why not."""
        facts = {"path": None if self._project_path is None else str(self._project_path)}
        with write_atomically(self.autosave.with_suffix(FACTS)) as file:
            file.write(dumps(facts).encode("utf-8", "surrogatepass"))
        save_project(project, self.autosave)

    def forget(self) -> None:
        """Remove what was written aside: it is saved, or not wanted."""
        _remove(self.autosave)

    def set_leftover_aside(self) -> None:
        """Keep the work that a crash left behind here, elsewhere: this place will be written."""
        if not self.autosave.exists():
            return
        place = self._lock.with_name(f"kept-{uuid.uuid4().hex}{AUTOSAVE}")
        with disk_errors(self.autosave):
            # The facts first: facts without work are nothing, work without facts is still work.
            if self.autosave.with_suffix(FACTS).exists():
                self.autosave.with_suffix(FACTS).replace(place.with_suffix(FACTS))
            self.autosave.replace(place)

    def release(self) -> None:
        """Give the project free; an autosave that was not forgotten stays."""
        if self._descriptor < 0:
            return
        descriptor, self._descriptor = self._descriptor, _NOT_HELD
        if sys.platform == "win32":
            os.close(descriptor)
            self._remove_lock()
        else:
            # Removed while still held, so that it cannot be the lock of the next window.
            self._remove_lock()
            os.close(descriptor)

    def _remove_lock(self) -> None:
        # A file that stays is as free as none.
        with contextlib.suppress(OSError):
            self._lock.unlink()


def recoveries(folder: Path) -> list[Recovery]:
    """Return the work that crashes left behind, newest first."""
    try:
        found = [path for path in folder.iterdir() if path.suffix == AUTOSAVE]
        found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return []
    return [Recovery(path, _project_of(path)) for path in found if not _is_claimed(path)]


def _held(lock: Path) -> int:
    """Return the file `lock`, open and locked; `_NOT_HELD` where another process has it."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        if not try_lock(descriptor):
            os.close(descriptor)
            return _NOT_HELD
        if _is_still(descriptor, lock):
            return descriptor
        os.close(descriptor)


def _is_still(descriptor: int, path: Path) -> bool:
    """Say whether `path` is still the open file: whoever held it removes it when done."""
    if sys.platform == "win32":
        return True  # no open file can be removed there
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _name_of(project_path: Path | None) -> str:
    if project_path is None:
        return f"untitled-{uuid.uuid4().hex}"
    return hashlib.blake2b(os.fsencode(project_path), digest_size=12).hexdigest()


def _is_claimed(autosave: Path) -> bool:
    try:
        descriptor = os.open(autosave.with_suffix(LOCK), os.O_RDWR)
    except OSError:
        return False
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


def _project_of(autosave: Path) -> Path | None:
    try:
        facts = loads(autosave.with_suffix(FACTS).read_bytes())
    except (OSError, InvalidValueError):
        return None
    path = facts.get("path") if isinstance(facts, dict) else None
    return Path(path) if isinstance(path, str) else None


def _remove(autosave: Path) -> None:
    # The work first: facts without work are nothing, work without facts is still work.
    for suffix in (AUTOSAVE, FACTS):
        with disk_errors(autosave):
            autosave.with_suffix(suffix).unlink(missing_ok=True)
