"""A take's record: the JSON that rides in its WAV, read from any version of it."""

from collections.abc import Callable
from typing import Final

from acestep_desktop.domain.codec import Json, dumps, from_json, loads
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.recipe import Take
from acestep_desktop.library.errors import RecordError

FORMAT: Final = "acestep-desktop take"
VERSION: Final = 1

UPGRADES: Final[tuple[Callable[[Json], Json], ...]] = ()
"""The n-th turns the `take` of version n+1 into that of version n+2."""


def record_of(take: Take) -> bytes:
    """Return the record that says everything about `take`."""
    text = dumps({"format": FORMAT, "version": VERSION, "take": take})
    return text.encode("utf-8", "replace")


def read_record(data: bytes) -> Take:
    """Return the take of a record; RecordError if it is not ours, damaged or too new."""
    try:
        body = loads(data)
        if not isinstance(body, dict) or body.get("format") != FORMAT:
            raise RecordError("This file holds no record of a take.")
        version = body.get("version")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise RecordError("The record of this take has no version: it is damaged.")
        if version > VERSION:
            raise RecordError(
                "This take was made by a newer ACE-Step Desktop. Update the program to see "
                "how it was made."
            )
        take = body.get("take")
        for upgrade in UPGRADES[version - 1 :]:
            take = upgrade(take)
        return from_json(Take, take)
    except InvalidValueError as error:
        raise RecordError(f"The record of this take is damaged ({error}).") from error
