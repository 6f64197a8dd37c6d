"""Project files: `NAME.acestep`, JSON with a version, written whole and read with care."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.atomic import write_atomically
from acestep_desktop.audiofile.errors import disk_errors, shown
from acestep_desktop.domain.codec import Json, dumps, from_json, loads, to_json
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.project import Project
from acestep_desktop.library.errors import ProjectFileError

SUFFIX: Final = ".acestep"
FORMAT: Final = "acestep-desktop project"
VERSION: Final = 1

UPGRADES: Final[tuple[Callable[[Json], Json], ...]] = ()
"""The n-th turns the `project` of version n+1 into that of version n+2; pure functions."""

MAX_BYTES: Final = 64 * 2**20
MAX_VALUES: Final = 4_000_000
"""Commas and brackets: 20,000 clips have some 600,000; more would only fill the memory."""

MAX_NUMBER: Final = 2**53
"""In ticks five million hours at 30 bpm."""


def save_project(project: Project, path: Path) -> None:
    """Write `project` to `path`, whole; on any error the file is as it was before."""
    body: dict[str, Json] = {"format": FORMAT, "version": VERSION, "project": to_json(project)}
    data = _bytes_of(body)
    if len(data) > MAX_BYTES:
        raise ProjectFileError(
            f"The project has {len(data):,} bytes, more than a project file can hold. "
            "Remove some of its clips and save again."
        )
    with write_atomically(path) as file:
        file.write(data)


def load_project(path: Path) -> Project:
    """Return the project in `path`; ProjectFileError or DiskError says why there is none."""
    name = shown(path.name)
    try:
        body = loads(_read(path))
    except InvalidValueError as error:
        raise ProjectFileError(
            f'"{name}" is not a project, or it is damaged. Open another copy of it.'
        ) from error
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise ProjectFileError(f'"{name}" is not a project of ACE-Step Desktop. Open another file.')
    try:
        data = _upgraded(body, name)
        project = from_json(Project, data)
        _check_numbers(data)
        return project
    except InvalidValueError as error:
        reason = shown(str(error))
        raise ProjectFileError(
            f'"{name}" is damaged ({reason}). Open another copy of it.'
        ) from error


def _check_numbers(data: Json) -> None:
    """Raise InvalidValueError for a position that no arithmetic of ours can hold."""
    rest = [data]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            rest.extend(value.values())
        elif isinstance(value, list):
            rest.extend(value)
        elif isinstance(value, int) and abs(value) > MAX_NUMBER:
            raise InvalidValueError("a position lies beyond all music")


def _upgraded(body: dict[str, Json], name: str) -> Json:
    version = body.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ProjectFileError(f'"{name}" has no version: it is damaged. Open another copy of it.')
    if version > VERSION:
        raise ProjectFileError(
            f'"{name}" was saved by a newer ACE-Step Desktop (format {str(version)[:9]}; this '
            f"one knows {VERSION}). Update the program to open it."
        )
    project = body.get("project")
    for upgrade in UPGRADES[version - 1 :]:
        project = upgrade(project)
    return project


def _read(path: Path) -> bytes:
    name = shown(path.name)
    with disk_errors(path):
        if not stat.S_ISREG(path.stat().st_mode):
            raise ProjectFileError(f'"{name}" is not a file. Open a project file.')
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(MAX_BYTES + 1) if size <= MAX_BYTES else b""
    if size > MAX_BYTES or len(data) > MAX_BYTES:
        raise ProjectFileError(
            f'"{name}" has {size:,} bytes, more than a project can. Open another file.'
        )
    if sum(data.count(mark) for mark in (b",", b"{", b"[")) > MAX_VALUES:
        raise ProjectFileError(f'"{name}" holds more than a project can. Open another file.')
    return data


def _bytes_of(body: Json) -> bytes:
    try:
        return dumps(body).encode() + b"\n"
    except UnicodeEncodeError as error:
        raise ProjectFileError(
            "A name in the project holds a character that cannot be written "
            f"({shown(str(error.object)[error.start : error.end])}). Rename it and save again."
        ) from error
