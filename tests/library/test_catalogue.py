"""The catalogue: journal, folder and index agree, whatever is deleted, copied or damaged."""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from acestep_desktop.library.journal import line_of
from acestep_desktop.library.stored import StoredTake, TakeQuery
from tests.library.makers import library, quick_library, recipe, sound

EVERYTHING = TakeQuery(trashed=None, present=None)


def stocked(home: Path) -> tuple[StoredTake, ...]:
    """Make a library of three takes, one starred, one trashed; return all of it."""
    shelf = quick_library(home)
    shelf.commit(sound(1), [("Drums", sound(2)), ("Bass", sound(3))], recipe())
    shelf.commit(sound(4), recipe=recipe("second song"))
    shelf.commit(sound(5), recipe=recipe("third song"))
    shelf.star(2)
    shelf.trash(3)
    shelf.set_title(1, "Renamed")
    shelf.hand_out([home / "Takes" / "Second song_240bpm_Amin_1bar_v1.wav"])
    takes = shelf.search(EVERYTHING)
    shelf.close()
    assert len(takes) == 3
    return takes


def everything(home: Path) -> tuple[StoredTake, ...]:
    shelf = quick_library(home)
    takes = shelf.search(EVERYTHING)
    shelf.close()
    return takes


def index_of(home: Path) -> Path:
    return next((home / "Data" / "index").glob("*.sqlite"))


def test_an_index_that_is_deleted_comes_back_the_same(tmp_path: Path) -> None:
    takes = stocked(tmp_path)
    shutil.rmtree(tmp_path / "Data")
    assert everything(tmp_path) == takes


def test_an_index_that_is_deleted_while_in_use_does_no_harm(tmp_path: Path) -> None:
    takes = stocked(tmp_path)
    shelf = quick_library(tmp_path)
    assert shelf.search(EVERYTHING) == takes
    shutil.rmtree(tmp_path / "Data")
    assert shelf.search(EVERYTHING) == takes
    assert shelf.star(1).starred
    assert shelf.rebuild() == 3
    shelf.close()


def test_a_damaged_index_is_made_again(tmp_path: Path) -> None:
    takes = stocked(tmp_path)
    good = index_of(tmp_path).read_bytes()
    dice = random.Random(1)
    for _ in range(40):
        bad = bytearray(good)
        for _ in range(dice.choice((1, 20, 400))):
            bad[dice.randrange(len(bad))] = dice.randrange(256)
        index_of(tmp_path).write_bytes(bytes(bad[: dice.choice((len(bad), len(bad) // 2, 50))]))
        shelf = quick_library(tmp_path)
        shelf.search(EVERYTHING)
        assert shelf.rebuild() == 3
        assert shelf.search(EVERYTHING) == takes
        shelf.close()


def test_an_index_of_another_version_is_made_again(tmp_path: Path) -> None:
    takes = stocked(tmp_path)
    database = sqlite3.connect(index_of(tmp_path))
    database.execute("PRAGMA user_version = 99")
    database.close()
    assert everything(tmp_path) == takes


def test_where_no_index_can_be_written_memory_serves(tmp_path: Path) -> None:
    takes = stocked(tmp_path)
    shutil.rmtree(tmp_path / "Data")
    (tmp_path / "Data").write_bytes(b"in the way")
    assert everything(tmp_path) == takes


def test_without_its_journal_a_library_is_made_from_the_files(tmp_path: Path) -> None:
    takes = stocked(tmp_path)
    (tmp_path / "library.jsonl").unlink()
    found = everything(tmp_path)
    assert {take.take_id for take in found} == {take.take_id for take in takes}
    drums = next(take for take in found if take.stems)
    assert [stem.name for stem in drums.stems] == ["Drums", "Bass"]
    assert all(take.caption for take in found)
    assert (tmp_path / "library.jsonl").is_file()
    assert everything(tmp_path) == found


def test_a_damaged_line_of_the_journal_costs_only_what_it_said(tmp_path: Path) -> None:
    stocked(tmp_path)
    journal = tmp_path / "library.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    for number in range(len(lines)):
        bad = lines.copy()
        bad[number] = bad[number].replace(b'"', b"'", 6)
        journal.write_bytes(b"".join(bad))
        found = quick_library(tmp_path)
        assert found.rebuild() == 3
        found.close()
        journal.write_bytes(b"".join(lines))


def test_a_journal_that_was_put_back_from_a_backup_is_read_anew(tmp_path: Path) -> None:
    stocked(tmp_path)
    journal = tmp_path / "library.jsonl"
    backup = journal.read_bytes()
    shelf = quick_library(tmp_path)
    shelf.set_title(1, "Newest")
    journal.write_bytes(backup)
    assert shelf.get(1).title == "Renamed"


def test_a_file_that_is_gone_is_not_listed_and_comes_back(tmp_path: Path) -> None:
    stocked(tmp_path)
    shelf = quick_library(tmp_path)
    take = shelf.get(1)
    away = tmp_path / "away.wav"
    take.path.rename(away)
    assert [t.number for t in shelf.search()] == [2]
    assert not shelf.get(1).present
    away.rename(take.path)
    assert [t.number for t in shelf.search()] == [2, 1]


def test_a_file_that_was_renamed_is_still_the_same_take(tmp_path: Path) -> None:
    stocked(tmp_path)
    shelf = quick_library(tmp_path)
    shelf.get(2).path.rename(tmp_path / "Takes" / "My name.wav")
    found = shelf.get(2)
    assert (found.path.name, found.starred, found.present) == ("My name.wav", True, True)
    assert len(shelf.search(EVERYTHING)) == 3


def test_a_copy_of_a_take_is_not_another_take(tmp_path: Path) -> None:
    takes = stocked(tmp_path)
    shutil.copy(takes[1].path, tmp_path / "Takes" / "Copy.wav")
    assert everything(tmp_path) == takes


@pytest.mark.parametrize(
    "data", [b"", b"not audio", b"RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff"]
)
def test_files_that_are_no_takes_are_passed_over(tmp_path: Path, data: bytes) -> None:
    takes = stocked(tmp_path)
    (tmp_path / "Takes" / "Other.wav").write_bytes(data)
    (tmp_path / "Takes" / ".hidden.wav").write_bytes(data)
    (tmp_path / "Takes" / "Notes.txt").write_bytes(data)
    (tmp_path / "Takes" / "folder.wav").mkdir()
    assert everything(tmp_path) == takes
    assert everything(tmp_path) == takes


def test_a_take_that_lost_its_end_is_not_taken_in(tmp_path: Path) -> None:
    takes = stocked(tmp_path)
    (tmp_path / "library.jsonl").unlink()
    data = takes[0].path.read_bytes()
    takes[0].path.write_bytes(data[: len(data) // 2])
    assert len(everything(tmp_path)) == 2


def test_a_take_from_another_computer_is_found_when_put_in_the_folder(tmp_path: Path) -> None:
    theirs = library(tmp_path / "theirs").commit(sound(9), recipe=recipe("their song"))
    stocked(tmp_path / "mine")
    shutil.copy(theirs.path, tmp_path / "mine" / "Takes")
    shelf = library(tmp_path / "mine")
    found = shelf.get(theirs.take_id)
    assert (found.title, found.number, found.caption) == ("Their song", 4, "their song")
    assert shelf.full_take(found).recipe == recipe("their song")


def test_what_another_window_does_is_seen_at_once(tmp_path: Path) -> None:
    one, two = quick_library(tmp_path), quick_library(tmp_path)
    assert two.search() == ()
    one.commit(sound(), recipe=recipe())
    assert [take.title for take in two.search()] == ["Rainy house"]
    two.star(1)
    assert one.get(1).starred
    one.set_title(1, "New")
    assert two.get(1).title == "New"


def test_a_library_whose_disk_was_pulled_out_is_empty_and_comes_back(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shelf = quick_library(home)
    shelf.commit(sound(), recipe=recipe())
    (home / "Takes").rename(tmp_path / "takes")
    (home / "library.jsonl").rename(tmp_path / "journal")
    assert shelf.search() == ()
    (tmp_path / "takes").rename(home / "Takes")
    (tmp_path / "journal").rename(home / "library.jsonl")
    assert [take.title for take in shelf.search()] == ["Rainy house"]


EVENTS = [
    {"event": "kept"},
    {"event": "kept", "take": "x", "file": "../../etc/passwd", "stems": [["a", "/etc/passwd"]]},
    {"event": "starred", "take": None, "on": "yes"},
    {"event": "titled", "take": 1, "title": None},
    {"event": "tagged", "take": [], "tags": {"a": 1}},
    {"event": "handed", "path": 5},
    {"event": 5},
    {"event": "from the future", "take": "x"},
    {"event": "starred", "take": 10**30, "on": True},
]


def test_events_that_make_no_sense_are_passed_over(tmp_path: Path) -> None:
    takes = stocked(tmp_path)
    with (tmp_path / "library.jsonl").open("ab") as file:
        file.write(b"".join(line_of(event) for event in EVENTS))
    assert everything(tmp_path) == takes


def test_a_hostile_journal_cannot_point_out_of_the_folder(tmp_path: Path) -> None:
    stocked(tmp_path)
    evil = {
        "event": "kept", "take": "e" * 32, "file": "../../secret.wav",
        "stems": [["a", "../../secret.wav"]], "title": "t", "created": "c", "frames": 10**40,
        "channels": 99, "music": [120.0, None, None, None], "measured": [None, None, None],
        "caption": "", "engine": "",
    }  # fmt: skip
    with (tmp_path / "library.jsonl").open("ab") as file:
        file.write(line_of(evil))
    take = quick_library(tmp_path).get("e" * 32)
    assert take.path == tmp_path / "Takes" / "secret.wav"
    assert take.stems[0].path == tmp_path / "Takes" / "Stems" / "secret" / "secret.wav"
    assert not take.present
