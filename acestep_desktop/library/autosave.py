"""Autosaves: the work of an open project, written aside, claimed by the window that has it open.

A claim is a locked file. It ends with the process, so that an autosave whose
claim is free was left behind by a crash.
"""

import hashlib
import os
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
            self._descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o666)
        if not try_lock(self._descriptor):
            os.close(self._descriptor)
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

    def release(self) -> None:
        """Give the project free; an autosave that was not forgotten stays."""
        if self._descriptor >= 0:
            # Removed while still held: nobody can lock a file that is about to go.
            self._lock.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1


def recoveries(folder: Path) -> list[Recovery]:
    """Return the work that crashes left behind, newest first."""
    try:
        found = [path for path in folder.iterdir() if path.suffix == AUTOSAVE]
        found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return []
    return [Recovery(path, _project_of(path)) for path in found if not _is_claimed(path)]


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
