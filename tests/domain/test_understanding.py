"""A request's fields beat its words, and what was overridden is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.request import DEFAULT_BARS, Prompt, Request
from acestep_desktop.domain.time import Meter
from acestep_desktop.domain.understanding import MAX_DEFAULT_BARS, Understanding, understand


def _understood(caption: str, **fields: object) -> Understanding:
    return understand(Request(Prompt(caption), **fields))  # type: ignore[arg-type]


def test_words_alone_are_taken_as_they_were_read() -> None:
    wish = _understood("slow jazz in a-moll, 3/4, 16 bars, no drums, zorp")
    assert wish.bpm is None
    assert wish.bpm_range == (58.0, 84.0)
    assert wish.key == Key("A", "minor")
    assert wish.mode == "minor"
    assert wish.meter == Meter(3, 4)
    assert (wish.bars, wish.seconds) == (16, None)
    assert wish.reading.genres == ("jazz",)
    assert wish.ignored == ("zorp",)
    assert wish.notes == ()


def test_fields_alone_are_taken_as_they_are() -> None:
    fields = {"bpm": 99.5, "key": Key("Eb"), "meter": Meter(5, 4), "bars": 3}
    wish = _understood("", **fields)
    assert (wish.bpm, wish.key, wish.meter, wish.bars) == tuple(fields.values())
    assert wish.mode == "major"
    assert wish.seconds is None


FIELDS = [
    (
        {"bpm": 90.0},
        "The words ask for 120 bpm, the tempo field for 90 bpm; the field counts.",
    ),
    (
        {"key": Key("C")},
        "The words ask for A minor, the key field for C major; the field counts.",
    ),
    (
        {"meter": Meter(7, 8)},
        "The words ask for 3/4, the meter field for 7/8; the field counts.",
    ),
    (
        {"bars": 4},
        "The words ask for 16 bars, the length field for 4 bars; the field counts.",
    ),
    (
        {"bars": 1},
        "The words ask for 16 bars, the length field for 1 bar; the field counts.",
    ),
    (
        {"seconds": 12.5},
        "The words ask for 16 bars, the length field for 12.5 seconds; the field counts.",
    ),
]


@pytest.mark.parametrize(("fields", "note"), FIELDS)
def test_a_field_beats_the_words_and_says_so(fields: dict[str, object], note: str) -> None:
    wish = _understood("jazz, 120 bpm, A minor, 3/4, 16 bars", **fields)
    for name, value in fields.items():
        assert getattr(wish, name) == value
    assert wish.notes == (note,)


def test_a_field_that_says_the_same_needs_no_note() -> None:
    fields = {"bpm": 120.0, "key": Key("A", "minor"), "meter": Meter(3, 4), "bars": 16}
    assert _understood("120 bpm, A minor, 3/4, 16 bars", **fields).notes == ()


def test_a_field_in_seconds_replaces_bars_in_words() -> None:
    wish = _understood("16 bars", seconds=30.0)
    assert (wish.bars, wish.seconds) == (None, 30.0)


def test_a_tempo_field_leaves_no_range() -> None:
    assert _understood("slow", bpm=150.0).bpm_range is None


def test_a_key_field_decides_the_mode() -> None:
    assert _understood("a minor key", key=Key("C")).mode == "major"


@pytest.mark.parametrize(
    ("caption", "bars"),
    [
        ("jazz", DEFAULT_BARS),
        ("", DEFAULT_BARS),
        ("an 8 bar loop", 8),
        ("a loop", DEFAULT_BARS),
        ("a drop", DEFAULT_BARS),
        ("intro and drop", 2 * DEFAULT_BARS),
        ("intro, build, drop, outro", 4 * DEFAULT_BARS),
        ("intro verse chorus verse chorus bridge chorus drop break outro", MAX_DEFAULT_BARS),
        ("4 bar intro, 8 bar drop", 12),
    ],
)
def test_without_a_length_every_section_has_the_default(caption: str, bars: int) -> None:
    assert _understood(caption).bars == bars


def test_what_was_understood_is_said_in_order() -> None:
    wish = _understood(
        "slow, dark 80s deep house, rhodes and pads, walking bass, no drums, a riser,"
        " intro and drop, in F# minor, 6/8, 30 seconds"
    )
    assert wish.understood == (
        "F# minor",
        "6/8",
        "30 seconds",
        "tempo: slow",
        "genre: Deep house",
        "mood: Dark",
        "era: 1980s",
        "instruments: Electric piano, Upright bass",
        "players: Pad",
        "style: walking bass",
        "effects: Riser",
        "sections: Intro, Drop",
        "without: Drums",
    )


@pytest.mark.parametrize(
    ("caption", "sentence"),
    [
        ("120 bpm", "120 bpm"),
        ("174.3 bpm", "174.3 bpm"),
        ("a minor key", "a minor key"),
        ("solo piano", "nothing else plays"),
        ("no 808", "without: 808 kit, 808 bass"),
        ("no vocals", "without: Vocals, Choir"),
    ],
)
def test_each_thing_understood_is_one_sentence(caption: str, sentence: str) -> None:
    assert sentence in _understood(caption).understood


def test_notes_about_the_words_come_before_those_about_fields() -> None:
    wish = _understood("400 bpm", bpm=100.0)
    assert wish.notes == (
        '"400 bpm" is beyond 30 to 300 bpm; 300 bpm is used.',
        "The words ask for 300 bpm, the tempo field for 100 bpm; the field counts.",
    )


@given(
    st.text(max_size=80),
    st.none() | st.floats(30, 300),
    st.none() | st.integers(1, 512),
)
def test_every_request_is_understood(caption: str, bpm: float | None, bars: int | None) -> None:
    wish = _understood(caption, bpm=bpm, bars=bars)
    assert (wish.bars is None) != (wish.seconds is None)
    assert bpm is None or wish.bpm == bpm
    assert bars is None or wish.bars == bars
    assert all(isinstance(sentence, str) and sentence for sentence in wish.understood)
