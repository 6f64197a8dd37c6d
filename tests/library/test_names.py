"""Names of takes: short titles, names that every disk takes, and facts that come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.time import Meter
from acestep_desktop.library.names import (
    MAX_TITLE_BYTES,
    checked_bars,
    file_stem,
    free_stem,
    read_name,
    safe_name,
    same_name,
    title_of,
)


@pytest.mark.parametrize(
    ("caption", "title"),
    [
        ("upbeat jazz piano with walking bass, 120 bpm", "Upbeat jazz piano"),
        ("rainy house", "Rainy house"),
        ("124 bpm techno in A minor", "Techno"),
        ("in F# major, dreamy pads, 8 bars", "Dreamy pads"),
        ("Slow, sad song", "Slow"),
        ("6/8 folk ballad for two guitars and a flute", "Folk ballad for two"),
        ("雨の夜のハウス、120 bpm", "雨の夜のハウス"),
        ("🎹 lofi 👨‍👩‍👧 beats", "🎹 lofi 👨‍👩‍👧 beats"),
        ("", "Untitled"),
        ("120 bpm", "Untitled"),
        ("../../etc/passwd", "Etc"),
        ("CON", "CON_"),
        ("...", "Untitled"),
        ("\n\nsecond line", "Second line"),
        ("a" * 10_000, "A" + "a" * 79),
    ],
)
def test_a_title_is_the_first_words_that_say_something(caption: str, title: str) -> None:
    assert title_of(caption) == title


@pytest.mark.parametrize(
    "bad",
    ["CON", "nul", "Com1", "LPT9.txt", "aux.", " .hidden. ", 'a/b\\c:d*e?f"g<h>i|j', "\u202etxt"],
)
def test_a_safe_name_is_taken_by_every_disk(bad: str) -> None:
    name = safe_name(bad)
    assert name
    assert not set(name) & set('<>:"/\\|?*\u202e')
    assert name == name.strip(". ")
    assert name.upper().split(".")[0] not in ("CON", "NUL", "COM1", "LPT9", "AUX")


@given(st.text(max_size=300))
def test_any_text_makes_a_safe_name_within_its_bytes(text: str) -> None:
    name = safe_name(text)
    assert len(name.encode()) <= MAX_TITLE_BYTES + 1
    assert not set(name) & set('<>:"/\\|?*\0\n')
    assert name == name.strip(". ")
    assert safe_name(name) in (name, f"{name}_")


@given(st.text(max_size=300))
def test_any_caption_makes_a_title(caption: str) -> None:
    assert title_of(caption).encode()


def test_no_visible_character_is_split() -> None:
    family = "👨‍👩‍👧"
    assert safe_name(family * 20, 40) == family * 2
    assert safe_name("é" * 100, 3) == "é"
    assert safe_name("a" + "\u0301\u0302" * 50, 10).startswith("á")
    flags = "🇩🇪" * 20
    assert len(safe_name(flags, 12)) % 2 == 0
    assert safe_name("👍🏽" * 10, 12) == "👍🏽"


@pytest.mark.parametrize(
    ("music", "stem"),
    [
        (Music(124.0, Key("A", "minor"), Meter(), 8), "Rainy house_124bpm_Amin_8bars"),
        (Music(174.3, Key("F#"), Meter(), 1), "Rainy house_174.3bpm_F#maj_1bar"),
        (Music(), "Rainy house"),
        (Music(90.0), "Rainy house_90bpm"),
        (Music(key=Key("Bb", "minor")), "Rainy house_Bbmin"),
        (Music(100.0, None, Meter(), 16), "Rainy house_100bpm_16bars"),
    ],
)
def test_a_file_name_says_what_is_known_and_nothing_else(music: Music, stem: str) -> None:
    assert file_stem("Rainy house", music) == stem


@pytest.mark.parametrize("taken", [set(), {1}, {1, 2}, {2}, {1, 3}])
def test_the_version_is_the_first_free_number(taken: set[int]) -> None:
    names = {same_name(f"Rain_v{number}") for number in taken}
    expected = next(n for n in range(1, 9) if n not in taken)
    assert free_stem("Rain", Music(), names) == f"Rain_v{expected}"


def test_names_that_differ_in_case_alone_are_the_same() -> None:
    assert free_stem("RAIN", Music(), {same_name("rain_v1")}) == "RAIN_v2"
    assert same_name("e\u0301") == same_name("É")


@pytest.mark.parametrize(
    ("name", "title", "music"),
    [
        (
            "Rainy house_124bpm_Amin_8bars_v3",
            "Rainy house",
            Music(124.0, Key("A", "minor"), None, 8),
        ),
        ("Loop_174.3bpm_F#maj_1bar_v12", "Loop", Music(174.3, Key("F#"), None, 1)),
        ("Splice_Drums_120_bpm", "Splice Drums", Music(120.0)),
        ("Vocal 98 BPM Gm", "Vocal", Music(98.0, Key("G", "minor"))),
        ("bass_Eb_minor", "bass", Music(None, Key("Eb", "minor"))),
        ("My Song", "My Song", Music()),
        ("A", "A", Music()),
        ("Am I here", "I here", Music(None, Key("A", "minor"))),
        ("5000bpm", "5000bpm", Music()),
        ("_124bpm_", "_124bpm_", Music(124.0)),
    ],
)
def test_facts_come_back_from_a_name(name: str, title: str, music: Music) -> None:
    assert read_name(name) == (title, music)


@given(st.text(max_size=200))
def test_any_name_can_be_read(name: str) -> None:
    title, _ = read_name(name)
    assert title


def test_bars_stay_only_where_they_fill_the_take() -> None:
    claimed = Music(240.0, None, None, 1)
    assert checked_bars(claimed, 48_000) == Music(240.0, None, Meter(), 1)
    assert checked_bars(claimed, 48_001) == Music(240.0, None, None, None)
    assert checked_bars(claimed, 48_001, slack=1).bars == 1
    assert checked_bars(Music(bars=4), 48_000).bars is None
