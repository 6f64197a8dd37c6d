"""The tables of the index, and how a take becomes a row and a row becomes a take."""

import sqlite3
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from acestep_desktop.domain.codec import Json, dumps, from_json, loads
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.recipe import Measured, Music, TakeId
from acestep_desktop.domain.time import Frame, Meter
from acestep_desktop.library.folders import STEMS, Folders
from acestep_desktop.library.journal import Event
from acestep_desktop.library.stored import StoredStem, StoredTake

SCHEMA_VERSION: Final = 1
"""An index of another version is thrown away and made again."""

TABLES: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE takes (
    number INTEGER PRIMARY KEY, take_id TEXT NOT NULL UNIQUE, file TEXT NOT NULL,
    stem_files TEXT NOT NULL, title TEXT NOT NULL, created TEXT NOT NULL,
    frames INTEGER NOT NULL, channels INTEGER NOT NULL,
    bpm REAL, key TEXT, meter TEXT, bars INTEGER,
    peak_db REAL, true_peak_db REAL, loudness_lufs REAL,
    caption TEXT NOT NULL, engine TEXT NOT NULL, tags TEXT NOT NULL DEFAULT '[]',
    starred INTEGER NOT NULL DEFAULT 0, trashed INTEGER NOT NULL DEFAULT 0,
    handed_out INTEGER NOT NULL DEFAULT 0, present INTEGER NOT NULL DEFAULT 1,
    words TEXT NOT NULL DEFAULT ''
);
CREATE INDEX takes_by_file ON takes (file);
CREATE TABLE names (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE handed (path TEXT NOT NULL, at TEXT NOT NULL, take_id TEXT);
CREATE TABLE strangers (file TEXT PRIMARY KEY, modified INTEGER NOT NULL) WITHOUT ROWID;
"""
"""`names` has every name that a take ever had; `strangers` files that are no takes of ours."""

_REMEMBERED: Final = 1_024
"""Rows whose takes need not be read again: what a window shows, and more."""

FACTS: Final = (
    "take_id",
    "file",
    "stem_files",
    "title",
    "created",
    "frames",
    "channels",
    "bpm",
    "key",
    "meter",
    "bars",
    "peak_db",
    "true_peak_db",
    "loudness_lufs",
    "caption",
    "engine",
)
"""The columns that the event `kept` fills."""

MAX_FRAMES: Final = 2**53

_NONE: Final = type(None)
_NUMBER: Final = (float, int, _NONE)
_TEXT: Final = (str, _NONE)
_MUSIC: Final = (_NUMBER, _TEXT, _TEXT, (int, _NONE))
_MEASURED: Final = (_NUMBER, _NUMBER, _NUMBER)


def kept_event(take: StoredTake) -> Event:
    """Return the event that says that a take's files are in place."""
    return {
        "event": "kept",
        "take": take.take_id,
        "file": take.path.name,
        "stems": [[stem.name, stem.path.name] for stem in take.stems],
        "title": take.title,
        "created": take.created,
        "frames": take.frames,
        "channels": take.channels,
        "music": music_json(take.music),
        "measured": [
            take.measured.peak_db,
            take.measured.true_peak_db,
            take.measured.loudness_lufs,
        ],
        "caption": take.caption[:2000],
        "engine": take.engine,
    }


def music_json(music: Music) -> Json:
    """Return the facts as short JSON: tempo, key, meter, bars."""
    key = None if music.key is None else str(music.key)
    return [music.bpm, key, None if music.meter is None else str(music.meter), music.bars]


def facts_row(event: Event) -> tuple[Json, ...]:
    """Return the values of `FACTS` from the event `kept`; InvalidValueError if one is wrong."""
    take, file, title, created, caption, engine = (
        _typed(event.get(name), name, str)
        for name in ("take", "file", "title", "created", "caption", "engine")
    )
    frames, channels = (_typed(event.get(name), name, int) for name in ("frames", "channels"))
    bpm, key, meter, bars = _several(event, "music", _MUSIC)
    Music(bpm, _key(key), _meter(meter), bars)
    sizes = (min(max(frames, 1), MAX_FRAMES), min(max(channels, 1), 2))
    stems = _typed(event.get("stems"), "stems", list)
    pairs = [[_typed(text, "stems", str) for text in _typed(pair, "stems", list)] for pair in stems]
    if any(len(pair) != 2 for pair in pairs):
        raise InvalidValueError("the stems of a take are pairs")
    own = (take, Path(file).name, dumps(pairs), title, created, *sizes)
    return (*own, bpm, key, meter, bars, *_several(event, "measured", _MEASURED), caption, engine)


def _several(event: Event, name: str, kinds: tuple[tuple[type, ...], ...]) -> list[Any]:
    values: list[Any] = _typed(event.get(name), name, list)
    if len(values) != len(kinds):
        raise InvalidValueError(f"{name} must have {len(kinds)} values, got {len(values)}")
    return [_typed(value, name, *kind) for value, kind in zip(values, kinds, strict=True)]


def _typed(value: Json, name: str, *kinds: type) -> Any:
    """Return `value` if it is of exactly one of these types: True is no integer here."""
    if type(value) not in kinds:
        raise InvalidValueError(f"{name} must not be a {type(value).__name__}")
    return value


def words_of(*texts: str) -> str:
    """Return texts as they are searched: one form of every letter, small, in one line."""
    return searchable(unicodedata.normalize("NFKC", " ".join(texts)).casefold())


def searchable(text: str) -> str:
    """Return `text` with a mark for each half character, as names in other encodings have them."""
    return text.encode("utf-8", "replace").decode()


def takes_of(rows: Iterable[sqlite3.Row], folders: Folders) -> tuple[StoredTake, ...]:
    """Return the takes of rows of the table `takes`; DatabaseError where one is damaged."""
    place = folders.takes
    try:
        return tuple(_take_of(row, place) for row in rows)
    except (TypeError, AttributeError, ValueError) as error:
        raise sqlite3.DatabaseError(f"a damaged row: {error}") from error


@lru_cache(maxsize=_REMEMBERED)
def _take_of(row: sqlite3.Row, takes: Path) -> StoredTake:
    path = takes / row["file"]
    stems = () if row["stem_files"] == "[]" else _stems(row["stem_files"], path)
    return StoredTake(
        number=row["number"],
        take_id=TakeId(row["take_id"]),
        title=row["title"],
        created=row["created"],
        frames=Frame(row["frames"]),
        channels=row["channels"],
        music=Music(row["bpm"], _key(row["key"]), _meter(row["meter"]), row["bars"]),
        measured=Measured(row["peak_db"], row["true_peak_db"], row["loudness_lufs"]),
        path=path,
        stems=stems,
        caption=row["caption"],
        engine=row["engine"],
        starred=bool(row["starred"]),
        tags=() if row["tags"] == "[]" else tags_of(row["tags"]),
        trashed=bool(row["trashed"]),
        handed_out=bool(row["handed_out"]),
        present=bool(row["present"]),
    )


def tags_of(text: str) -> tuple[str, ...]:
    """Return the tags in a row."""
    return from_json(tuple[str, ...], loads(text), where="tags")


def _stems(text: str, mix: Path) -> tuple[StoredStem, ...]:
    pairs = from_json(tuple[tuple[str, str], ...], loads(text), where="stems")
    folder = mix.parent / STEMS / mix.stem
    return tuple(StoredStem(name, folder / Path(file).name) for name, file in pairs)


@lru_cache(maxsize=256)
def _key(text: str | None) -> Key | None:
    return None if text is None else Key.parse(text)


@lru_cache(maxsize=256)
def _meter(text: str | None) -> Meter | None:
    return None if text is None else Meter.parse(text)
