"""The index: a copy of the journal and the folder that can be searched, and made again.

It holds nothing of its own. An index that is missing, damaged or of another
version is replaced by an empty one; where none can be written, memory serves.
"""

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from acestep_desktop.domain.codec import Json, dumps, from_json
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.library.folders import Folders
from acestep_desktop.library.journal import Event
from acestep_desktop.library.names import same_name
from acestep_desktop.library.schema import (
    FACTS,
    SCHEMA_VERSION,
    TABLES,
    facts_row,
    searchable,
    takes_of,
    words_of,
)
from acestep_desktop.library.stored import HandedOut, StoredTake, TakeQuery

log = logging.getLogger(__name__)

DAMAGE: Final = (sqlite3.Error, UnicodeDecodeError)
"""What reading a damaged index raises, texts that are no UTF-8 included; no question does."""

_BUSY_S: Final = 10.0
_KEPT: Final = (
    f"INSERT INTO takes ({', '.join(FACTS)}) VALUES ({', '.join('?' * len(FACTS))}) "
    f"ON CONFLICT (take_id) DO UPDATE SET present = 1, "
    + ", ".join(f"{name} = excluded.{name}" for name in FACTS if name not in ("take_id", "title"))
)

_ORDERS: Final = {
    "newest": "number DESC",
    "oldest": "number",
    "title": "title COLLATE NOCASE, number DESC",
    "bpm": "bpm IS NULL, bpm, number DESC",
    "key": "key IS NULL, key, number DESC",
    "longest": "frames DESC, number DESC",
}


class Index:
    """The tables of one library; safe to use from any thread, one after the other."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._guard = threading.RLock()
        self._database = self._opened(folders.index)

    def close(self) -> None:
        """Let go of the file."""
        with self._guard:
            self._database.close()

    def reset(self) -> None:
        """Throw everything away: the next look at the journal fills it again."""
        with self._guard:
            self._database.close()
            _remove(self._folders.index)
            self._database = self._opened(self._folders.index)

    def move_to_memory(self) -> None:
        """Do without a file: none can be written, or the disk damages it."""
        with self._guard:
            self._database.close()
            self._database = _open(None)

    def clear(self) -> None:
        """Empty all tables."""
        for table in ("meta", "takes", "names", "handed", "strangers"):
            self._rows(f"DELETE FROM {table}")

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Make all changes of the block, or none of them, to be seen by others at once."""
        with self._guard:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def meta(self, name: str, default: int = 0) -> int:
        """Return a number that was kept under `name`."""
        rows = self._rows("SELECT value FROM meta WHERE name = ?", (name,))
        try:
            return int(rows[0][0]) if rows else default
        except (TypeError, ValueError) as error:
            raise sqlite3.DatabaseError(f"a damaged number: {error}") from error

    def set_meta(self, name: str, value: int) -> None:
        """Keep a number under `name`."""
        self._rows("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def apply(self, event: Event) -> None:
        """Do what an event of the journal says; one that makes no sense is passed over."""
        try:
            self._apply(event)
        except (InvalidValueError, OverflowError, UnicodeEncodeError) as error:
            log.info("an event of the journal was passed over: %s", error)

    def select(self, query: TakeQuery) -> tuple[StoredTake, ...]:
        """Return the takes that `query` asks for, in its order."""
        where: list[str] = ["1"]
        values: list[str | float] = []
        for word in words_of(query.text).split():
            where.append("instr(words, ?)")
            values.append(word)
        flags = {"starred": query.starred, "trashed": query.trashed, "present": query.present}
        for name, wanted in flags.items():
            if wanted is not None:
                where.append(f"{name} = {int(wanted)}")
        for name, text in (("engine", query.engine), ("key", query.key)):
            if text is not None:
                where.append(f"{name} = ?")
                values.append(searchable(text))
        for name, span in (("bpm", query.bpm), ("bars", query.bars)):
            if span is not None:
                where.append(f"{name} BETWEEN ? AND ?")
                values.extend(span)
        if query.tag is not None:
            where.append("EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)")
            values.append(searchable(query.tag))
        limit = -1 if query.limit is None else int(query.limit)
        order = f"ORDER BY {_ORDERS[query.order]}"
        page = f"{order} LIMIT {limit} OFFSET {int(query.offset)}"
        # Only numbers are sorted, whole rows are not carried along.
        chosen = f"SELECT number FROM takes WHERE {' AND '.join(where)} {page}"
        return self._takes(f"number IN ({chosen}) {order}", values)

    def find(self, column: str, value: Json) -> tuple[StoredTake, ...]:
        """Return the takes with this `number`, `take_id`, `file` or `title`."""
        return self._takes(f"{column} = ?", [value])

    def find_prefix(self, prefix: str) -> tuple[StoredTake, ...]:
        """Return the takes whose id begins with `prefix`."""
        return self._takes("substr(take_id, 1, ?) = ? ORDER BY number", [len(prefix), prefix])

    def files(self) -> dict[str, bool]:
        """Return every take's file name, and whether it was there at the last look."""
        return {row[0]: bool(row[1]) for row in self._rows("SELECT file, present FROM takes")}

    def identities(self) -> dict[str, bool]:
        """Return every take's id, and whether its file was there at the last look."""
        return {row[0]: bool(row[1]) for row in self._rows("SELECT take_id, present FROM takes")}

    def strangers(self) -> dict[str, int]:
        """Return the files that are no takes of ours, and when they were changed."""
        return {row[0]: row[1] for row in self._rows("SELECT file, modified FROM strangers")}

    def set_stranger(self, file: str, modified: int) -> None:
        """Remember that a file is no take of ours."""
        self._rows("INSERT OR REPLACE INTO strangers VALUES (?, ?)", (file, modified))

    def set_present(self, files: Iterable[tuple[str, bool]]) -> None:
        """Note whether files are there."""
        self._database.executemany(
            "UPDATE takes SET present = ? WHERE file = ?", [(there, file) for file, there in files]
        )

    def names(self) -> set[str]:
        """Return every name that a take or a handed-out file ever had, for comparison."""
        return {row[0] for row in self._rows("SELECT name FROM names")}

    def handed(self) -> tuple[HandedOut, ...]:
        """Return all that was handed out, oldest first."""
        rows = self._rows("SELECT path, at, take_id FROM handed ORDER BY rowid")
        root = self._folders.root
        return tuple(HandedOut(root / r[0], r[1], TakeId(r[2]) if r[2] else None) for r in rows)

    def _apply(self, event: Event) -> None:
        kind, take = event.get("event"), event.get("take")
        if kind == "kept":
            self._keep(event)
        elif kind == "handed":
            self._hand_out(event)
        elif kind in ("starred", "trashed"):
            on = from_json(bool, event.get("on"), where="on")
            self._rows(f"UPDATE takes SET {kind} = ? WHERE take_id = ?", (on, take))
        elif kind == "titled":
            title = from_json(str, event.get("title"), where="title")
            self._rows("UPDATE takes SET title = ? WHERE take_id = ?", (title, take))
            self._reword(take)
        elif kind == "tagged":
            tags = from_json(tuple[str, ...], event.get("tags"), where="tags")
            self._rows("UPDATE takes SET tags = ? WHERE take_id = ?", (dumps(tags), take))
            self._reword(take)

    def _keep(self, event: Event) -> None:
        row = facts_row(event)
        self._rows(_KEPT, row)
        self._rows("INSERT OR IGNORE INTO names VALUES (?)", (same_name(Path(str(row[1])).stem),))
        self._reword(row[0])

    def _hand_out(self, event: Event) -> None:
        path = from_json(str, event.get("path"), where="path")
        at = from_json(str, event.get("at"), where="at")
        take = from_json(str | None, event.get("take"), where="take")  # type: ignore[arg-type]
        self._rows("INSERT INTO handed VALUES (?, ?, ?)", (path, at, take))
        self._rows("INSERT OR IGNORE INTO names VALUES (?)", (same_name(Path(path).stem),))
        self._rows("UPDATE takes SET handed_out = 1 WHERE take_id = ?", (take,))

    def _reword(self, take_id: Json) -> None:
        for row in self._rows("SELECT * FROM takes WHERE take_id = ?", (take_id,)):
            bpm = "" if row["bpm"] is None else f"{row['bpm']:g}bpm {row['bpm']:g} bpm"
            key = row["key"] or ""
            words = words_of(
                row["title"], row["file"], row["caption"], row["engine"], row["tags"], bpm, key
            )
            self._rows("UPDATE takes SET words = ? WHERE take_id = ?", (words, take_id))

    def _takes(self, condition: str, values: Sequence[Any]) -> tuple[StoredTake, ...]:
        rows = self._rows(f"SELECT * FROM takes WHERE {condition}", values)
        return takes_of(rows, self._folders)

    def _rows(self, sql: str, values: Iterable[Any] = ()) -> list[sqlite3.Row]:
        with self._guard:
            return self._database.execute(sql, tuple(values)).fetchall()

    def _opened(self, path: Path) -> sqlite3.Connection:
        try:
            return _open(path)
        except (*DAMAGE, OSError) as error:
            log.info("the index was made again: %s", error)
        _remove(path)
        try:
            return _open(path)
        except (*DAMAGE, OSError) as error:
            log.warning("the index is kept in memory: %s", error)
            return _open(None)


def _open(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(
        ":memory:" if path is None else path,
        timeout=_BUSY_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("BEGIN IMMEDIATE")
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            for statement in TABLES.split(";"):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        database.execute("COMMIT")
        if version not in (0, SCHEMA_VERSION):
            raise sqlite3.DatabaseError(f"version {version}")
        database.execute("SELECT COUNT(*) FROM takes").fetchone()
    except BaseException:
        database.close()
        raise
    return database


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + suffix).unlink()
