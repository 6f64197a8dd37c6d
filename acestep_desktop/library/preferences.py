"""A person's settings: a small JSON file, remembered at once, that never stops the program."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from acestep_desktop.audiofile.atomic import make_folder, write_atomically
from acestep_desktop.audiofile.errors import disk_errors
from acestep_desktop.audiofile.locking import locked
from acestep_desktop.domain.codec import Json, dumps, from_json, loads
from acestep_desktop.domain.errors import InvalidValueError

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_BYTES: Final = 2**20


class Preferences:
    """The file of settings; names that this version does not know stay in it.

    A file that is damaged is kept under another name, and the settings begin anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values = self._read()

    def get(self, name: str, default: T) -> T:
        """Return the setting of this name; `default` if there is none of its type.

        Where the default is None, whatever is there is returned.
        """
        value = self._values.get(name)
        if value is None:
            return default
        if default is None:
            return value  # type: ignore[return-value]
        try:
            return from_json(type(default), value, where=name)
        except (InvalidValueError, TypeError):
            return default

    def set(self, values: Mapping[str, Json]) -> None:
        """Remember settings, at once; those that other windows remembered meanwhile stay.

        A setting that is None is forgotten. DiskError says why a disk refused;
        the settings hold for this window all the same.
        """
        self._values |= values
        with self._alone():
            merged = {**self._read(), **values}
            self._values = {name: value for name, value in merged.items() if value is not None}
            with write_atomically(self._path) as file:
                file.write(dumps(self._values).encode("utf-8", "replace") + b"\n")

    def _read(self) -> dict[str, Json]:
        try:
            with self._path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError:
            return {}
        try:
            values = loads(data) if len(data) <= MAX_BYTES else None
        except InvalidValueError:
            values = None
        if isinstance(values, dict):
            return values
        self._set_aside()
        return {}

    def _set_aside(self) -> None:
        aside = self._path.with_name(f"{self._path.stem}.damaged{self._path.suffix}")
        try:
            self._path.replace(aside)
        except OSError as error:
            log.info("damaged settings cannot be set aside: %s", error)
            return
        log.info("damaged settings are kept as %s", aside)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        make_folder(self._path.parent)
        lock = self._path.with_name(f".{self._path.name}.lock")
        with disk_errors(lock):
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            with locked(descriptor, self._path):
                yield
        finally:
            os.close(descriptor)
