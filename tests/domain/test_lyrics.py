"""Lyrics: syllables in many scripts, section tags, and what is hard to sing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.lyrics import (
    LANGUAGES,
    MOST_CHARACTERS,
    count_syllables,
    read_lyrics,
    with_tag,
)


@pytest.mark.parametrize(
    ("words", "language", "expected"),
    [
        ("Rain is falling on the window", "en", 8),
        ("made of stone", "en", 3),
        ("she wanted more", "en", 4),
        ("I loved you", "en", 3),
        ("little table", "en", 4),
        ("Über allen Gipfeln ist Ruh", "de", 8),
        ("canción de amor", "es", 5),
        ("我爱你", "zh", 3),
        ("きょうはあめ", "ja", 5),
        ("사랑해요", "ko", 4),
        ("Подмосковные вечера", "ru", 9),
        ("Καλημέρα", "el", 4),
        ("नमस्ते", "hi", 3),
        ("", "en", 0),
        ("123 ... !", "en", 0),
    ],
)
def test_syllables_are_counted_in_many_scripts(words: str, language: str, expected: int) -> None:
    assert abs(count_syllables(words, language) - expected) <= 1
    if language in ("zh", "ko", "en"):
        assert count_syllables(words, language) == expected


def test_a_line_that_is_too_long_is_named() -> None:
    text = "[verse]\nshort and sweet\n" + "one two three four five six seven eight nine ten " * 2
    reading = read_lyrics(text, language="en")
    assert [line.kind for line in reading.lines] == ["tag", "words", "words"]
    assert len(reading.warnings) == 1
    assert reading.warnings[0].startswith("Line 3: about 2")


def test_too_many_lines_for_the_length_are_told() -> None:
    text = "[verse]\n" + "the river runs along the road\n" * 20
    assert read_lyrics(text, seconds=120.0).warnings == ()
    (warning,) = read_lyrics(text, seconds=10.0).warnings
    assert "20 lines" in warning and "10 s" in warning


def test_a_tag_wants_a_line_of_its_own() -> None:
    assert "line of its own" in read_lyrics("[verse] hello there").warnings[0]


def test_lines_without_any_tag_get_a_hint_about_tags() -> None:
    assert "[verse]" in read_lyrics("la la la\n" * 6).warnings[0]
    assert read_lyrics("la la la\n" * 3).warnings == ()


def test_more_than_the_model_reads_is_told() -> None:
    long = "[verse]\n" + "la la\n" * MOST_CHARACTERS
    assert any("characters" in warning for warning in read_lyrics(long).warnings)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("", 0, "[chorus]\n"),
        ("one\ntwo", 7, "one\ntwo\n\n[chorus]\n"),
        ("one\ntwo", 4, "one\n\n[chorus]\ntwo"),
        ("one\n\n\ntwo", 4, "one\n\n[chorus]\ntwo"),
        ("one\ntwo\nthree", 6, "one\ntwo\n\n[chorus]\nthree"),
    ],
)
def test_a_tag_goes_on_a_line_of_its_own(text: str, at: int, expected: str) -> None:
    written, cursor = with_tag(text, at, "chorus")
    assert written == expected
    assert written[:cursor].endswith("[chorus]\n")


@given(st.text(max_size=200), st.integers(0, 200))
def test_no_text_breaks_the_reading_and_no_word_is_lost(text: str, at: int) -> None:
    reading = read_lyrics(text, seconds=5.0)
    assert reading.syllables >= 0
    written, cursor = with_tag(text, min(at, len(text)), "verse")
    assert 0 <= cursor <= len(written)
    assert "".join(written.split()) != "" and len("".join(written.split())) == len(
        "".join(text.split())
    ) + len("[verse]")


def test_there_are_fifty_languages_and_the_unknown_one() -> None:
    assert len(LANGUAGES) == 51
