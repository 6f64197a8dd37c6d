"""How a take is found by what a person calls it."""

import re
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.errors import shown
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.library.errors import TakeNotFoundError
from acestep_desktop.library.folders import Folders
from acestep_desktop.library.index import Index
from acestep_desktop.library.schema import searchable
from acestep_desktop.library.stored import StoredTake

Reference = str | int
"""A take's number, id, the beginning of that (4 letters or more), file or title."""

_NUMBER: Final = re.compile(r"#?(\d{1,15})")
_PREFIX: Final = re.compile(r"[0-9a-f]{4,32}")


def find_take(index: Index, reference: Reference) -> StoredTake:
    """Return the one take that `reference` names; TakeNotFoundError says why there is none."""
    text = searchable(str(reference).strip())
    for found in _candidates(index, text):
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(f"{take.number} ({shown(take.title)})" for take in found[:5])
            raise TakeNotFoundError(
                f'"{shown(text)}" names {len(found)} takes: {names}. Use the number of one.'
            )
    raise TakeNotFoundError(
        f'No take goes by "{shown(text)}". List the takes, and use the number of one.'
    )


def take_of_path(index: Index, folders: Folders, path: Path) -> TakeId | None:
    """Return the take whose mix or stem `path` is; None for any other file."""
    whole = path.absolute()
    if whole.parent == folders.takes:
        file = whole.name
    elif whole.parent.parent == folders.stems:
        file = f"{whole.parent.name}.wav"
    else:
        return None
    return next((take.take_id for take in index.find("file", file)), None)


def _candidates(index: Index, text: str) -> "list[tuple[StoredTake, ...]]":
    name = Path(text).name
    number = _NUMBER.fullmatch(text)
    prefix = text.lower()
    return [
        index.find("number", int(number[1])) if number else (),
        index.find_prefix(prefix) if _PREFIX.fullmatch(prefix) else (),
        index.find("file", name),
        index.find("file", f"{name}.wav"),
        index.find("title", text),
    ]
