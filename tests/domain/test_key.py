"""Keys: every spelling, their pitch classes, scales and relatives."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key

PITCH_CLASSES = {
    "C": 0,
    "C#": 1,
    "Db": 1,
    "D": 2,
    "D#": 3,
    "Eb": 3,
    "E": 4,
    "Fb": 4,
    "E#": 5,
    "F": 5,
    "F#": 6,
    "Gb": 6,
    "G": 7,
    "G#": 8,
    "Ab": 8,
    "A": 9,
    "A#": 10,
    "Bb": 10,
    "B": 11,
    "Cb": 11,
    "B#": 0,
}


@pytest.mark.parametrize(("tonic", "pitch_class"), PITCH_CLASSES.items())
def test_every_tonic_has_its_pitch_class(tonic: str, pitch_class: int) -> None:
    assert Key(tonic).pitch_class == pitch_class
    assert Key(tonic, "minor").pitch_class == pitch_class


MINOR_WORDS = ("m", "min", "minor", "Minor", "MINOR", "Min")
MAJOR_WORDS = ("", "maj", "major", "Major", "MAJOR")


@pytest.mark.parametrize("tonic", PITCH_CLASSES)
def test_a_key_is_read_in_every_spelling(tonic: str) -> None:
    letter, sign = tonic[0], tonic[1:]
    signs = {"": [""], "#": ["#", "♯", "sharp", " sharp"], "b": ["b", "♭", "flat", " flat"]}[sign]
    for spelled, gap in itertools.product(signs, ("", " ", "-")):
        for word in MINOR_WORDS:
            assert Key.parse(f"{letter}{spelled}{gap}{word}") == Key(tonic, "minor")
            assert Key.parse(f" {letter.lower()}{spelled}{gap}{word} ") == Key(tonic, "minor")
        for word in MAJOR_WORDS:
            assert Key.parse(f"{letter}{spelled}{gap}{word}") == Key(tonic, "major")


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "H minor", "H", "h-moll", "A moll", "AM", "Am7", "C dorian", "C major 7"),
        *("Abb", "A##", "A#b", "minor", "A minor B", "1", "♯", "イ短調", "A" * 1000, "A\nB", "é"),
    ],
)
def test_what_is_no_key_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(InvalidValueError) as refusal:
        Key.parse(text)
    sentence = str(refusal.value)
    assert sentence.startswith('a key is written like "A minor" or "F# major", got "')
    assert len(sentence) < 100


@pytest.mark.parametrize("tonic", ["", "H", "c", "C##", "Cbb", "C♯", "#", "Cx", "CC", " C"])
def test_a_tonic_that_cannot_be_is_refused(tonic: str) -> None:
    with pytest.raises(InvalidValueError, match=r"a tonic is one of A\.\.G with # or b"):
        Key(tonic)


@pytest.mark.parametrize("mode", ["", "Minor", "moll", "dorian"])
def test_a_mode_that_cannot_be_is_refused(mode: str) -> None:
    with pytest.raises(InvalidValueError, match="a mode is major or minor"):
        Key("C", mode)  # type: ignore[arg-type]


keys = st.builds(Key, st.sampled_from(sorted(PITCH_CLASSES)), st.sampled_from(("major", "minor")))


@given(keys)
def test_a_key_is_written_as_it_is_read(key: Key) -> None:
    assert Key.parse(str(key)) == key
    assert Key.parse(key.short) == key


@given(keys)
def test_a_relative_has_the_same_notes_and_the_other_mode(key: Key) -> None:
    relative = key.relative
    assert relative.mode != key.mode
    assert set(relative.scale) == set(key.scale)


@given(keys)
def test_a_scale_has_seven_notes_from_the_tonic_on(key: Key) -> None:
    assert key.scale[0] == key.pitch_class
    assert len(set(key.scale)) == 7
    third = (key.scale[2] - key.pitch_class) % 12
    assert third == (4 if key.mode == "major" else 3)


@pytest.mark.parametrize(
    ("key", "relative"),
    [
        ("C major", "A minor"),
        ("A minor", "C major"),
        ("Eb major", "C minor"),
        ("F# minor", "A major"),
        ("Bb minor", "Db major"),
        ("Gb major", "Eb minor"),
        ("G# minor", "B major"),
        ("D# minor", "F# major"),
        ("E minor", "G major"),
    ],
)
def test_a_relative_is_spelled_as_musicians_do(key: str, relative: str) -> None:
    assert str(Key.parse(key).relative) == relative


@pytest.mark.parametrize(
    ("key", "scale"),
    [
        ("C major", (0, 2, 4, 5, 7, 9, 11)),
        ("A minor", (9, 11, 0, 2, 4, 5, 7)),
        ("F# minor", (6, 8, 9, 11, 1, 2, 4)),
    ],
)
def test_scales_are_major_and_natural_minor(key: str, scale: tuple[int, ...]) -> None:
    assert Key.parse(key).scale == scale


def test_a_key_in_a_file_name_is_short() -> None:
    assert (Key("A", "minor").short, Key("F#").short) == ("Amin", "F#maj")
