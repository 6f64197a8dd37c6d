"""The notes of a take, as a file that stays."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import mido
import numpy as np
import pytest

from acestep_desktop.domain.notes import Note, Part
from acestep_desktop.domain.recipe import EngineIdentity, Music, Recipe
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.time import Meter, Tick
from acestep_desktop.exchange.notes import notes_file, notes_path
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary

SOUND = np.full((4800, 2), 0.1, np.float32)


@pytest.fixture
def library(tmp_path: Path) -> TakeLibrary:
    return TakeLibrary(folders_below(tmp_path))


def take_of(library: TakeLibrary, *parts: Part) -> StoredTake:
    music = Music(120.0, None, Meter(), 1)
    recipe = Recipe(Request(Prompt("a tune")), EngineIdentity("sketch", "1"), music, parts=parts)
    return library.commit(SOUND, (), recipe)


def test_many_who_ask_at_once_get_one_file_that_nobody_writes_over(library: TakeLibrary) -> None:
    note = Note(start=Tick(0), length=Tick(960_000), pitch=60, velocity=90)
    take = take_of(library, Part("Lead", "piano", 0, False, (note,)))
    together = Barrier(8)

    def ask(_: int) -> int:
        together.wait()
        path = notes_file(library, take)
        assert path is not None
        return path.stat().st_ino

    with ThreadPoolExecutor(8) as pool:
        files = set(pool.map(ask, range(8)))

    path = notes_path(library, take)
    assert files == {path.stat().st_ino}
    assert [note.note for note in mido.MidiFile(path).tracks[1] if note.type == "note_on"][:1] == [
        60
    ]
    assert list(path.parent.iterdir()) == [path]


def test_a_take_without_notes_has_no_file(library: TakeLibrary) -> None:
    take = take_of(library)
    assert notes_file(library, take) is None
    assert not notes_path(library, take).exists()
