"""Harmony: numerals, chords, scales, and the tables' progressions."""

import pytest

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key
from acestep_desktop.sketch.harmony import QUALITIES, bars_of, chord_of, scale_for
from acestep_desktop.sketch.tables import genres

C_MAJOR, C_MINOR = Key("C"), Key("C", "minor")


@pytest.mark.parametrize(
    ("numeral", "key", "name", "tones"),
    [
        ("Imaj7", C_MAJOR, "Cmaj7", (0, 4, 7, 11)),
        ("ii7", C_MAJOR, "Dm7", (2, 5, 9, 0)),
        ("V7b9", C_MAJOR, "G7b9", (7, 11, 2, 5, 8)),
        ("V7/ii", C_MAJOR, "A7", (9, 1, 4, 7)),
        ("bVII", C_MAJOR, "A#", (10, 2, 5)),
        ("#idim7", C_MAJOR, "C#dim7", (1, 4, 7, 10)),
        ("iim7b5", C_MINOR, "Dm7b5", (2, 5, 8, 0)),
        ("bVImaj7", C_MINOR, "Abmaj7", (8, 0, 3, 7)),
        ("i9", C_MINOR, "Cm9", (0, 3, 7, 10, 2)),
        ("i5", C_MINOR, "C5", (0, 7)),
        ("IV9", Key("A", "minor"), "D9", (2, 6, 9, 0, 4)),
        ("Vsus4", Key("F"), "Csus4", (0, 5, 7)),
        ("vi", Key("Eb"), "Cm", (0, 3, 7)),
    ],
)
def test_a_numeral_is_a_chord_of_the_key(
    numeral: str, key: Key, name: str, tones: tuple[int, ...]
) -> None:
    chord = chord_of(numeral, key)

    assert chord.name == name
    assert chord.pitch_classes == tones


def test_a_slash_puts_another_tone_in_the_bass() -> None:
    chord = chord_of("V^3", C_MAJOR)

    assert (chord.root, chord.bass, chord.name) == (7, 11, "G/B")


@pytest.mark.parametrize("text", ["", "H7", "Ix", "ii7/", "8", "I^4"])
def test_what_is_no_chord_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        chord_of(text, C_MAJOR)


def test_degrees_are_found_or_replaced_by_the_nearest_tone() -> None:
    chord = chord_of("ii9", C_MAJOR)
    power = chord_of("I5", C_MAJOR)

    assert [chord.tone(degree) for degree in (1, 3, 5, 7, 9)] == [2, 5, 9, 0, 4]
    assert power.tone(3) in power.pitch_classes


def test_the_scale_over_a_chord_of_the_key_is_the_scale_of_the_key() -> None:
    assert set(scale_for(C_MAJOR, chord_of("ii7", C_MAJOR))) == set(C_MAJOR.scale)


def test_a_dominant_in_minor_raises_the_leading_tone() -> None:
    scale = scale_for(C_MINOR, chord_of("V7", C_MINOR))

    assert 11 in scale
    assert 10 not in scale


@pytest.mark.parametrize("quality", sorted(QUALITIES))
def test_every_chord_is_within_its_own_scale(quality: str) -> None:
    suffix = quality.removeprefix("m") if quality.startswith("m") and quality != "maj7" else quality
    numeral = ("i" if suffix != quality else "I") + suffix
    if quality in ("maj7", "maj9", "maj7#11", "m7b5"):
        numeral = ("i" if quality == "m7b5" else "I") + quality
    chord = chord_of(numeral, C_MAJOR)

    assert set(chord.pitch_classes) <= set(scale_for(C_MAJOR, chord))


@pytest.mark.parametrize("genre", sorted(genres()))
def test_every_progression_can_be_read_in_its_mode(genre: str) -> None:
    for mode in ("major", "minor"):
        progressions = genres()[genre].progressions[mode]
        assert len(progressions) >= 2
        for text, weight in progressions:
            assert weight > 0
            for bar in bars_of(text):
                assert 1 <= len(bar) <= 4
                for numeral in bar:
                    chord_of(numeral, Key("A", mode))  # type: ignore[arg-type]


@pytest.mark.parametrize("genre", sorted(genres()))
def test_every_progression_visits_the_tonic(genre: str) -> None:
    for mode in ("major", "minor"):
        key = Key("A", mode)  # type: ignore[arg-type]
        for text, _ in genres()[genre].progressions[mode]:
            roots = [chord_of(numeral, key).root for bar in bars_of(text) for numeral in bar]
            assert key.pitch_class in roots, text
