"""Files of version 1: takes, journals and their records are read for ever."""

import shutil
from pathlib import Path

import pytest

from acestep_desktop.domain.codec import dumps, to_json
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.recipe import Music, Recipe
from acestep_desktop.domain.time import Meter
from acestep_desktop.library.journal import Journal
from acestep_desktop.library.record import FORMAT, VERSION, record_of
from acestep_desktop.library.verify import fingerprint, read_take
from tests.library.makers import quick_library, recipe, sound

GOLDEN = Path(__file__).parent / "golden"


def test_the_golden_take_says_all_that_it_said() -> None:
    take = read_take(GOLDEN / "take_v1.wav")
    assert take.take_id == fingerprint(GOLDEN / "take_v1.wav")
    assert (take.title, take.frames, take.channels) == ("Gölden", 480, 1)
    assert take.music == Music(240.0, Key("A", "minor"), Meter(), None)
    assert take.recipe == recipe("golden take")


def test_the_golden_take_can_be_put_into_a_library(tmp_path: Path) -> None:
    (tmp_path / "Takes").mkdir()
    shutil.copy(GOLDEN / "take_v1.wav", tmp_path / "Takes" / "Any name.wav")
    shelf = quick_library(tmp_path)
    assert [take.title for take in shelf.search()] == ["Gölden"]
    assert shelf.verify() == ()


def test_every_line_of_the_golden_journal_is_understood(tmp_path: Path) -> None:
    events = [event for _, event in Journal(GOLDEN / "library_v1.jsonl").read()]
    assert [event and event["event"] for event in events] == [
        "kept", "kept", "starred", "titled", "tagged", "trashed", "handed", "kept",
    ]  # fmt: skip
    shutil.copy(GOLDEN / "library_v1.jsonl", tmp_path / "library.jsonl")
    first, second, third = (quick_library(tmp_path).get(number) for number in (1, 2, 3))
    assert (first.title, first.starred, first.handed_out) == ("Renamed", True, True)
    assert (second.trashed, third.title) == (True, "Gölden")
    assert first.tags == ("good", "雨")


@pytest.mark.parametrize("made", [recipe("golden take"), None])
def test_a_record_is_the_plain_json_of_its_take(tmp_path: Path, made: Recipe | None) -> None:
    shelf = quick_library(tmp_path)
    take = shelf.full_take(shelf.commit(sound(), recipe=made))
    plain = dumps({"format": FORMAT, "version": VERSION, "take": to_json(take)}).encode()
    assert record_of(take) == plain
