"""Musical keys: their spelling, their pitch classes and their scales."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from acestep_desktop.domain.errors import InvalidValueError

Mode = Literal["major", "minor"]

_NATURALS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS: Final = {"": 0, "#": 1, "b": -1}
_MODES: Final[dict[str, Mode]] = {
    "": "major",
    "maj": "major",
    "major": "major",
    "m": "minor",
    "min": "minor",
    "minor": "minor",
}
_SCALES: Final = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}

USUAL_TONICS: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
"""The twelve tonics as they are offered to choose from."""

_KEY: Final = re.compile(r"\s*([A-Ga-g])\s*([#b♯♭]|sharp|flat)?[\s-]*([A-Za-z]*)\s*")


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic as it is spelled (`F#`, `Bb`) and a mode."""

    tonic: str
    mode: Mode = "major"

    def __post_init__(self) -> None:
        if (
            not 1 <= len(self.tonic) <= 2
            or self.tonic[0] not in _NATURALS
            or self.tonic[1:] not in _ACCIDENTALS
        ):
            raise InvalidValueError(f'a tonic is one of A..G with # or b, got "{self.tonic[:20]}"')
        if self.mode not in _SCALES:
            raise InvalidValueError(f'a mode is major or minor, got "{self.mode[:20]}"')

    @classmethod
    def parse(cls, text: str) -> "Key":
        """Return the key written as `A minor`, `F#m`, `Bb` or `c sharp min`."""
        match = _KEY.fullmatch(text)
        word = match[3] if match else ""
        mode = _MODES.get("m" if word == "m" else word.lower())
        if match is None or mode is None or word == "M":
            raise InvalidValueError(
                f'a key is written like "A minor" or "F# major", got "{text[:40]}"'
            )
        sign = {"♯": "#", "sharp": "#", "♭": "b", "flat": "b"}.get(match[2] or "", match[2] or "")
        return cls(match[1].upper() + sign, mode)

    def __str__(self) -> str:
        return f"{self.tonic} {self.mode}"

    @property
    def short(self) -> str:
        """The key as it stands in file names: `Amin`, `F#maj`."""
        return f"{self.tonic}{self.mode[:3]}"

    @property
    def pitch_class(self) -> int:
        """The tonic as semitones above C, 0..11."""
        return (_NATURALS[self.tonic[0]] + _ACCIDENTALS[self.tonic[1:]]) % 12

    @property
    def scale(self) -> tuple[int, ...]:
        """The seven pitch classes of the major or natural minor scale, tonic first."""
        return tuple((self.pitch_class + step) % 12 for step in _SCALES[self.mode])

    @property
    def relative(self) -> "Key":
        """The key with the same notes in the other mode."""
        minor = self.mode == "major"
        letters = "CDEFGAB"
        letter = letters[(letters.index(self.tonic[0]) + (5 if minor else 2)) % 7]
        target = (self.pitch_class + (9 if minor else 3)) % 12
        offset = (target - _NATURALS[letter] + 6) % 12 - 6
        if offset not in (-1, 0, 1):
            letter, offset = next(
                (name, difference)
                for name, value in _NATURALS.items()
                if (difference := (target - value + 6) % 12 - 6) in (-1, 0, 1)
            )
        return Key(letter + {0: "", 1: "#", -1: "b"}[offset], "minor" if minor else "major")
