"""Searching ten thousand takes costs about what their number says, and no more."""

import time
from pathlib import Path

import pytest

from acestep_desktop.domain.recipe import Measured, TakeId
from acestep_desktop.domain.time import Frame
from acestep_desktop.library.journal import Event, Journal
from acestep_desktop.library.schema import kept_event
from acestep_desktop.library.stored import StoredTake, TakeQuery
from acestep_desktop.library.takes import TakeLibrary
from tests.library.makers import HOUSE, quick_library

WORDS = (
    "rainy",
    "warm",
    "dark",
    "bright",
    "slow",
    "house",
    "techno",
    "piano",
    "drums",
    "雨",
    "a",
    "b",
)


def kept(home: Path, number: int) -> Event:
    words = [WORDS[(number * step) % len(WORDS)] for step in (1, 5, 7)]
    path = home / "Takes" / f"{' '.join(words)}_v{number}.wav"
    title, caption = f"{words[0]} {number}", " ".join(words)
    take = StoredTake(
        number, TakeId(f"{number:032x}"), title, "2026-11-22T10:00:00Z", Frame(48_000), 2,
        HOUSE, Measured(), path, caption=caption, engine="sketch",
    )  # fmt: skip
    return kept_event(take)


def stocked(home: Path, count: int) -> TakeLibrary:
    """Return a library with `count` takes in its journal, whose files are elsewhere."""
    with Journal(home / "library.jsonl").held() as held:
        held.append([kept(home, number) for number in range(1, count + 1)])
    return quick_library(home)


def best_of(times: int, shelf: TakeLibrary, query: TakeQuery) -> float:
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        shelf.search(query)
        spent.append(time.perf_counter() - started)
    return min(spent)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> TakeLibrary:
    """A library of ten thousand takes."""
    return stocked(tmp_path_factory.mktemp("large"), 10_000)


def test_all_of_ten_thousand_takes_are_searched(large: TakeLibrary) -> None:
    expected = [n for n in range(1, 10_001) if "999" in str(n) and n % 12 == 0]
    found = large.search(TakeQuery("rainy 999", present=None))
    assert [take.number for take in found] == expected[::-1]
    assert len(large.search(TakeQuery(present=None))) == 10_000


def test_a_search_among_ten_thousand_takes_no_more_than_its_share(
    large: TakeLibrary, tmp_path: Path
) -> None:
    small = stocked(tmp_path, 1_000)
    query = TakeQuery("rainy 999", present=None)
    assert best_of(9, large, query) < 40 * best_of(9, small, query)


def test_ten_thousand_takes_are_all_found_again_after_the_index_is_deleted(
    large: TakeLibrary,
) -> None:
    assert large.rebuild() == 10_000
    assert large.get(9_999).title == f"{WORDS[9_999 % 12]} 9999"
    assert large.get(f"{1234:032x}").number == 1_234


def test_what_did_not_change_is_not_read_again(large: TakeLibrary) -> None:
    query = TakeQuery(present=None, limit=120)
    before = large.search(query)
    large.star(before[7].number)
    after = large.search(query)
    assert after[7].starred
    same = [old is new for old, new in zip(before, after, strict=True)]
    assert [number for number, is_same in enumerate(same) if not is_same] == [7]
