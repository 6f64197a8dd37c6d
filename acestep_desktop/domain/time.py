"""Time as types: frames of audio, ticks of music, and meters."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NewType

from acestep_desktop.domain.errors import InvalidValueError

Frame = NewType("Frame", int)
"""A frame, or a number of frames, of audio at `SAMPLE_RATE`."""

Tick = NewType("Tick", int)
"""A position, or a distance, in music: 1/960,000 of a quarter note."""

SAMPLE_RATE: Final = 48_000
"""Frames in a second; every project, take and engine has this rate."""

BUFFERS: Final = (64, 128, 256, 512, 1024, 2048)
"""Frames that an output device may be given at once."""

DEFAULT_BUFFER: Final = 512

TICKS_PER_QUARTER: Final = 960_000
"""So fine that frame -> tick -> frame is exact down to 20 bpm."""

PPQN: Final = 960
"""Ticks of a quarter note as people and MIDI files see them."""

MAX_NUMERATOR: Final = 32
DENOMINATORS: Final = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class Meter:
    """A time signature, such as 6/8."""

    numerator: int = 4
    denominator: int = 4

    def __post_init__(self) -> None:
        if not 1 <= self.numerator <= MAX_NUMERATOR:
            raise InvalidValueError(
                f"the meter's upper number must be within 1..{MAX_NUMERATOR}, got {self.numerator}"
            )
        if self.denominator not in DENOMINATORS:
            raise InvalidValueError(
                f"the meter's lower number must be 1, 2, 4, 8, 16 or 32, got {self.denominator}"
            )

    @classmethod
    def parse(cls, text: str) -> "Meter":
        """Return the meter written as `6/8`; InvalidValueError for anything else."""
        match = re.fullmatch(r"\s*(\d{1,4})\s*/\s*(\d{1,4})\s*", text)
        if match is None:
            raise InvalidValueError(f'a meter is written like 4/4 or 6/8, got "{text[:40]}"')
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"

    @property
    def quarters_per_bar(self) -> Fraction:
        """Quarter notes in a bar: numerator * 4 / denominator."""
        return Fraction(self.numerator * 4, self.denominator)

    @property
    def ticks_per_bar(self) -> Tick:
        """Ticks in a bar; a whole number for every denominator allowed."""
        return Tick(self.numerator * 4 * TICKS_PER_QUARTER // self.denominator)

    @property
    def ticks_per_beat(self) -> Tick:
        """Ticks in one beat, which is one denominator note."""
        return Tick(TICKS_PER_QUARTER * 4 // self.denominator)


USUAL_METERS: Final = tuple(
    Meter(n, d) for n, d in ((4, 4), (3, 4), (2, 4), (6, 8), (5, 4), (7, 8))
)
"""The meters that are offered to choose from."""


def frames_from_seconds(seconds: float) -> Frame:
    """Return the nearest whole number of frames."""
    return Frame(round(seconds * SAMPLE_RATE))


def seconds_from_frames(frames: int) -> float:
    """Return the duration of `frames` in seconds."""
    return frames / SAMPLE_RATE


def ticks_from_quarters(quarters: Fraction | float) -> Tick:
    """Return the nearest whole number of ticks."""
    return Tick(round(quarters * TICKS_PER_QUARTER))
