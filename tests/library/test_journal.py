"""The journal: what was appended is there, whatever happened around it."""

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acestep_desktop.audiofile.errors import DiskError, DiskFullError
from acestep_desktop.library.journal import Event, Journal, event_of, line_of
from tests.audiofile.mutations import mutations
from tests.disks import read_only, size_limit, small_disk
from tests.needs import needs

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=8,
)


def append(journal: Journal, *events: Event) -> None:
    with journal.held() as held:
        held.append(events)


def events(journal: Journal) -> list[Event | None]:
    return [event for _, event in journal.read()]


def star(number: int) -> Event:
    return {"event": "starred", "take": f"{number:032x}", "on": True}


def test_events_come_back_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "library.jsonl")
    append(journal, star(1), star(2))
    append(journal, star(3))
    assert events(journal) == [star(1), star(2), star(3)]


def test_a_journal_that_is_not_there_is_empty(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "no" / "library.jsonl")
    assert events(journal) == []
    assert journal.size() == 0
    append(journal)
    append(journal, star(1))
    assert events(journal) == [star(1)]


@settings(max_examples=30)
@given(st.dictionaries(st.text(), JSON, min_size=1, max_size=4))
def test_any_event_is_one_line_and_comes_back(event: Event) -> None:
    line = line_of(event)
    assert line.count(b"\n") == 1
    assert event_of(line) == event


def test_a_name_that_is_no_text_is_written_with_a_mark() -> None:
    event = event_of(line_of({"path": "a\udcff.wav", "all": ["b\udcff"], "in": {"c": "\udcff"}}))
    assert event == {"path": "a?.wav", "all": ["b?"], "in": {"c": "?"}}


def test_a_changed_byte_anywhere_is_noticed() -> None:
    good = line_of(star(1))
    for place in range(len(good) - 1):
        for bit in range(8):
            bad = bytearray(good)
            bad[place] ^= 1 << bit
            assert event_of(bytes(bad)) is None


def test_a_torn_line_is_passed_over_and_ended_by_the_next_writer(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "library.jsonl")
    append(journal, star(1), star(2))
    whole = journal.path.read_bytes()
    for cut in range(len(whole) // 2 + 1, len(whole) - 1):
        journal.path.write_bytes(whole[:cut])
        assert events(journal) == [star(1)]
        append(journal, star(3))
        found = events(journal)
        assert (found[0], found[-1]) == (star(1), star(3))


def test_a_line_without_its_end_is_not_read_yet_and_then_it_is(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "library.jsonl")
    append(journal, star(1))
    journal.path.write_bytes(journal.path.read_bytes() + line_of(star(2))[:-1])
    assert events(journal) == [star(1)]
    append(journal, star(3))
    assert events(journal) == [star(1), star(2), star(3)]


def test_reading_goes_on_where_it_ended(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "library.jsonl")
    append(journal, star(1))
    end = [end for end, _ in journal.read()][-1]
    append(journal, star(2))
    assert [event for _, event in journal.read(end)] == [star(2)]


def test_a_monstrous_line_does_not_fill_the_memory(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "library.jsonl")
    journal.path.write_bytes(b"x" * 5_000_000 + b"\n")
    append(journal, star(1))
    assert events(journal) == [None, star(1)]


def test_damaged_journals_give_the_lines_that_are_whole(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "library.jsonl")
    append(journal, *(star(number) for number in range(20)))
    written = [star(number) for number in range(20)]
    for data in mutations(journal.path.read_bytes(), 300, seed=1):
        journal.path.write_bytes(data)
        for event in events(journal):
            assert event is None or event in written


@needs("posix")
def test_a_full_disk_leaves_the_journal_as_it_was(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "library.jsonl")
    append(journal, star(1))
    before = journal.path.read_bytes()
    for extra in range(0, len(line_of(star(2))), 10):
        with size_limit(len(before) + extra), pytest.raises(DiskFullError, match="disk is full"):
            append(journal, star(2))
        assert journal.path.read_bytes() == before
    append(journal, star(2))
    assert events(journal) == [star(1), star(2)]


@needs("linux", "root")
def test_a_read_only_disk_is_said_and_can_still_be_read(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        journal = Journal(disk / "library.jsonl")
        append(journal, star(1))
        with read_only(disk):
            with pytest.raises(DiskError, match="read-only"):
                append(journal, star(2))
            assert events(journal) == [star(1)]


def _write(path: Path, writer: int, count: int) -> None:
    journal = Journal(path)
    for number in range(count):
        append(journal, star(writer * 1_000 + number))


def test_two_processes_may_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "library.jsonl"
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write, args=(path, writer, 50)) for writer in (1, 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    found = events(Journal(path))
    assert sorted(str(event) for event in found) == sorted(
        str(star(writer * 1_000 + number)) for writer in (1, 2) for number in range(50)
    )
    assert path.stat().st_size == sum(len(line_of(event)) for event in found if event)
