"""Notes and parts: music before it is sound."""

from dataclasses import dataclass

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.time import Tick


@dataclass(frozen=True, slots=True)
class Note:
    """One note; `pitch` and `velocity` as in MIDI, swing and feel already in `start`."""

    start: Tick
    length: Tick
    pitch: int
    velocity: int

    def __post_init__(self) -> None:
        if self.start < 0 or self.length <= 0:
            raise InvalidValueError(
                f"a note needs a start and a length, got {self.start}, {self.length}"
            )
        if not 0 <= self.pitch <= 127:
            raise InvalidValueError(f"a pitch must be within 0..127, got {self.pitch}")
        if not 1 <= self.velocity <= 127:
            raise InvalidValueError(f"a velocity must be within 1..127, got {self.velocity}")


@dataclass(frozen=True, slots=True)
class Part:
    """What one player plays.

    `program` is the General MIDI program, 0..127; drums (`drums` is true) play
    General MIDI's percussion keys. Notes are in order of start, then pitch.
    """

    name: str
    instrument: str
    program: int
    drums: bool
    notes: tuple[Note, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.program <= 127:
            raise InvalidValueError(f"a MIDI program must be within 0..127, got {self.program}")


@dataclass(frozen=True, slots=True)
class Marker:
    """A named position, such as the start of a section."""

    at: Tick
    name: str
