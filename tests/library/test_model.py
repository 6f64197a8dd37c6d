"""Any sequence of verbs, in any number of windows, does what a list of dictionaries would."""

import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from acestep_desktop.library.stored import StoredTake, TakeQuery
from acestep_desktop.library.takes import TakeLibrary
from tests.library.makers import quick_library, recipe, sound

WORDS = ("rain", "Sun", "雨", "night drive", "CON")


@dataclass
class Entry:
    """What a take should be."""

    take_id: str
    file: str
    title: str
    starred: bool = False
    trashed: bool = False
    handed: bool = False
    present: bool = True
    tags: tuple[str, ...] = ()


@dataclass
class World:
    """A library on the disk with its windows, and what should be in it."""

    home: Path
    dice: random.Random
    entries: list[Entry] = field(default_factory=list)
    windows: list[TakeLibrary] = field(default_factory=list)

    def window(self) -> TakeLibrary:
        if not self.windows or self.dice.random() < 0.1:
            self.windows.append(quick_library(self.home))
        return self.dice.choice(self.windows)

    def entry(self) -> tuple[int, Entry] | None:
        if not self.entries:
            return None
        number = self.dice.randrange(len(self.entries))
        return number + 1, self.entries[number]

    def keep(self) -> None:
        seed, title = self.dice.randrange(12), self.dice.choice(WORDS)
        take = self.window().commit(sound(seed, 50), recipe=recipe(), title=title)
        known = next((e for e in self.entries if e.take_id == take.take_id), None)
        if known is None:
            assert take.path.name not in {entry.file for entry in self.entries}
            self.entries.append(Entry(take.take_id, take.path.name, title))
            return
        known.trashed = False
        if known.present:
            assert take.path.name == known.file
        else:
            known.present, known.file = True, take.path.name

    def change(self) -> None:
        chosen = self.entry()
        if chosen is None:
            return
        number, entry = chosen
        verb = self.dice.choice(("star", "unstar", "trash", "restore", "title", "tags", "hand out"))
        window = self.window()
        if verb in ("star", "unstar"):
            entry.starred = verb == "star"
            getattr(window, verb)(number)
        elif verb in ("trash", "restore"):
            entry.trashed = verb == "trash"
            getattr(window, verb)(entry.take_id)
        elif verb == "title":
            entry.title = f"{self.dice.choice(WORDS)} {self.dice.randrange(99)}"
            window.set_title(number, entry.title)
        elif verb == "tags":
            entry.tags = tuple(self.dice.sample(WORDS, self.dice.randrange(3)))
            window.set_tags(number, entry.tags)
        else:
            entry.handed = True
            window.hand_out([self.home / "Takes" / entry.file])

    def meddle(self) -> None:
        chosen = self.entry()
        if chosen is None:
            return
        _, entry = chosen
        path = self.home / "Takes" / entry.file
        kind = self.dice.choice(("delete", "rename", "index", "tear", "rebuild", "restart"))
        if kind == "delete" and entry.present:
            path.unlink()
            entry.present = False
        elif kind == "rename" and entry.present:
            entry.file = f"Renamed {self.dice.randrange(10**9)}.wav"
            path.rename(path.with_name(entry.file))
            self.window().search()
        elif kind == "index":
            shutil.rmtree(self.home / "Data")
        elif kind == "tear":
            with (self.home / "library.jsonl").open("ab") as file:
                file.write(b'{"crc":"01234567","event":"sta')
        elif kind == "rebuild":
            self.window().rebuild()
        else:
            for window in self.windows:
                window.close()
            self.windows.clear()

    def check(self) -> None:
        takes = self.window().search(TakeQuery(trashed=None, present=None))
        found = [_entry_of(take) for take in reversed(takes)]
        assert found == self.entries
        starred = [e.title for e in self.entries if e.starred and e.present and not e.trashed]
        query = TakeQuery(starred=True)
        assert [take.title for take in reversed(self.window().search(query))] == starred


def _entry_of(take: StoredTake) -> Entry:
    return Entry(
        take.take_id, take.path.name, take.title, take.starred, take.trashed, take.handed_out,
        take.present, take.tags,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_any_sequence_of_verbs_and_mishaps(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path, random.Random(seed))
    for _ in range(40):
        world.dice.choice((world.keep, world.change, world.change, world.meddle))()
        world.check()
    assert world.window().verify() == () or any(not e.present for e in world.entries)
    for window in world.windows:
        window.close()
