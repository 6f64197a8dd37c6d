"""A take as the library keeps it: its facts, its files, and what a person said of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from acestep_desktop.domain.recipe import Measured, Music, TakeId
from acestep_desktop.domain.time import SAMPLE_RATE, Frame

Order = Literal["newest", "oldest", "title", "bpm", "key", "longest"]
"""By what takes are listed; among equals the newest comes first."""


@dataclass(frozen=True, slots=True)
class StoredStem:
    """One part of a take's mix: its name ("Drums") and its file."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class StoredTake:
    """A take in the library.

    `number` counts from 1 in the order in which takes were kept. `present` is
    false where the file is gone. `caption` and `engine` are empty for imports.
    `notes` are sentences about what was just done; empty when looked up.
    """

    number: int
    take_id: TakeId
    title: str
    created: str
    frames: Frame
    channels: int
    music: Music
    measured: Measured
    path: Path
    stems: tuple[StoredStem, ...] = ()
    caption: str = ""
    engine: str = ""
    starred: bool = False
    tags: tuple[str, ...] = ()
    trashed: bool = False
    handed_out: bool = False
    present: bool = True
    notes: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return self.frames / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class TakeQuery:
    """Which takes to list: all words of `text`, and every field that is not None.

    Trashed takes, and takes whose file is gone, are listed only when asked for.
    `key` is as it is written ("A minor"); `bpm` and `bars` are ranges, ends included.
    `limit` is the most that are wanted, from number `offset` of the `order` on.
    """

    text: str = ""
    starred: bool | None = None
    tag: str | None = None
    trashed: bool | None = False
    present: bool | None = True
    engine: str | None = None
    key: str | None = None
    bpm: tuple[float, float] | None = None
    bars: tuple[int, int] | None = None
    order: Order = "newest"
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A file that left for a DAW, when, and the take that it shows, if it is one."""

    path: Path
    at: str
    take_id: TakeId | None = None
