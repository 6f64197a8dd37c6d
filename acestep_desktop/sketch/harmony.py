"""Harmony: chords from Roman numerals, and the scale that fits each chord.

A numeral counts from the major scale in every mode (`bVI` is A flat in C minor).
Capitals are major, small letters minor; a suffix adds colour (`ii7`, `V7b9`,
`Imaj9`). `V7/ii` is the dominant of the second degree; `I^3` has its third in
the bass. A progression is bars between `|`, with one or more chords each.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key

_DEGREES: Final = {"I": 0, "II": 2, "III": 4, "IV": 5, "V": 7, "VI": 9, "VII": 11}
_NUMERAL: Final = re.compile(
    r"(?P<sign>[b#]?)(?P<degree>VII|VI|V|IV|III|II|I|vii|vi|v|iv|iii|ii|i)"
    r"(?P<colour>[^/^]*)(?:/(?P<target>[b#]?[IViv]+))?(?:\^(?P<bass>[357]))?"
)

QUALITIES: Final[dict[str, tuple[int, ...]]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "5": (0, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "69": (0, 4, 7, 9, 14),
    "m69": (0, 3, 7, 9, 14),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "mmaj7": (0, 3, 7, 11),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "7sus4": (0, 5, 7, 10),
    "9sus4": (0, 5, 7, 10, 14),
    "9": (0, 4, 7, 10, 14),
    "m9": (0, 3, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "m11": (0, 3, 7, 10, 14, 17),
    "13": (0, 4, 7, 10, 14, 21),
    "7b9": (0, 4, 7, 10, 13),
    "7#9": (0, 4, 7, 10, 15),
    "7b13": (0, 4, 7, 10, 20),
    "7#5": (0, 4, 8, 10),
    "7#11": (0, 4, 7, 10, 18),
    "maj7#11": (0, 4, 7, 11, 18),
}
_SHARP_NAMES: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLAT_NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_FLAT_TONICS: Final = {"major": {5, 10, 3, 8, 1}, "minor": {2, 7, 0, 5, 10, 3}}


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord: root and bass as pitch classes, tones as semitones above the root."""

    root: int
    intervals: tuple[int, ...]
    bass: int
    name: str
    numeral: str

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """The pitch classes of all tones, root first."""
        return tuple((self.root + step) % 12 for step in self.intervals)

    @property
    def whole(self) -> "Chord":
        """The chord with its third, which a bare fifth leaves out and other players sound."""
        if self.intervals != QUALITIES["5"]:
            return self
        minor = self.numeral.lstrip("b#")[0].islower()
        return replace(self, intervals=QUALITIES["m" if minor else ""])

    def tone(self, degree: int) -> int:
        """Return the pitch class of the third (3), fifth, seventh or ninth, or the nearest tone."""
        near = {1: (0,), 3: (3, 4, 5, 2), 5: (7, 6, 8), 7: (10, 11, 9), 9: (14, 13, 15)}[degree]
        fallback = {1: 0, 3: 7, 5: 0, 7: 0, 9: 7}[degree]
        step = next((interval for interval in near if interval in self.intervals), fallback)
        return (self.root + step) % 12


def chord_of(numeral: str, key: Key) -> Chord:
    """Return the chord that a Roman numeral means in `key`."""
    return _chord(numeral, key.pitch_class, _is_flat(key))


@lru_cache(maxsize=4096)
def _chord(numeral: str, tonic: int, flat: bool) -> Chord:
    match = _NUMERAL.fullmatch(numeral)
    if match is None:
        raise InvalidValueError(f'a chord is written like ii7 or V7/ii, got "{numeral[:40]}"')
    root = tonic + _semitones(match["sign"], match["degree"])
    if match["target"]:
        target = match["target"]
        sign, degree = (target[0], target[1:]) if target[0] in "b#" else ("", target)
        root += _semitones(sign, degree)
    colour = match["colour"]
    quality = colour
    if match["degree"].islower() and not colour.startswith(("m7b5", "dim", "5")):
        quality = "m" + colour
    if quality not in QUALITIES:
        raise InvalidValueError(f'there is no chord of the kind "{colour[:20]}"')
    root %= 12
    intervals = QUALITIES[quality]
    names = _FLAT_NAMES if flat else _SHARP_NAMES
    chord = Chord(root, intervals, root, names[root] + quality, numeral)
    if not match["bass"]:
        return chord
    bass = chord.tone(int(match["bass"]))
    return Chord(root, intervals, bass, f"{chord.name}/{names[bass]}", numeral)


def _semitones(sign: str, degree: str) -> int:
    return _DEGREES[degree.upper()] + {"b": -1, "#": 1, "": 0}[sign]


def _is_flat(key: Key) -> bool:
    if len(key.tonic) == 2:
        return key.tonic[1] == "b"
    return key.pitch_class in _FLAT_TONICS[key.mode]


def bars_of(progression: str) -> tuple[tuple[str, ...], ...]:
    """Return the numerals of each bar of a progression."""
    return tuple(tuple(bar.split()) for bar in progression.split("|"))


@lru_cache(maxsize=4096)
def scale_for(key: Key, chord: Chord) -> tuple[int, ...]:
    """Return the pitch classes that sound at home over `chord`, in rising order from 0.

    The scale of the key, with each foreign chord tone in place of its neighbours.
    """
    tones = set(chord.pitch_classes)
    foreign = tones - set(key.scale)
    kept = {
        step
        for step in key.scale
        if step in tones or not any((step - tone) % 12 in (1, 11) for tone in foreign)
    }
    return tuple(sorted(kept | tones))
