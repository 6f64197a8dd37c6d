"""Recipes and takes: what was made, from what, and how to make it again."""

from dataclasses import dataclass
from typing import NewType

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.notes import Marker, Part
from acestep_desktop.domain.request import Request
from acestep_desktop.domain.tempo import checked_bpm, frames_of_bars
from acestep_desktop.domain.time import Frame, Meter

TakeId = NewType("TakeId", str)
"""BLAKE2b (16 bytes, hex) of a take's PCM: its name as long as it exists."""


@dataclass(frozen=True, slots=True)
class Music:
    """The musical facts of a take; None where nobody knows.

    `bars` is set only where the take is exactly that long.
    """

    bpm: float | None = None
    key: Key | None = None
    meter: Meter | None = None
    bars: int | None = None

    def __post_init__(self) -> None:
        if self.bpm is not None:
            object.__setattr__(self, "bpm", checked_bpm(self.bpm, 1.0, 999.0))
        if self.bars is not None and self.bars < 1:
            raise InvalidValueError(f"bars must be at least 1, got {self.bars}")

    def loop_frames(self) -> Frame | None:
        """Return the exact length of the bars at this tempo, or None where one is unknown."""
        if self.bpm is None or self.meter is None or self.bars is None:
            return None
        return frames_of_bars(self.bars, self.meter, self.bpm)


@dataclass(frozen=True, slots=True)
class EngineIdentity:
    """Who made a take, and under which licence."""

    name: str
    version: str
    model: str = ""
    model_hash: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that is needed to make a take again.

    `request` is the wish as it was made, with the one seed of this take and one
    variation. `understood` and `ignored` are what the words meant. `parts` and
    `markers` are the notes and sections of a sketch; empty for a model.
    """

    request: Request
    engine: EngineIdentity
    music: Music
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on a take's audio: dBFS, LUFS, and dBTP; None for silence."""

    peak_db: float | None = None
    true_peak_db: float | None = None
    loudness_lufs: float | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """One rendering, kept: its audio's identity, its recipe and its facts.

    `recipe` is None for imported audio. `created` is ISO 8601 in UTC.
    """

    take_id: TakeId
    title: str
    created: str
    frames: Frame
    channels: int
    music: Music
    measured: Measured
    recipe: Recipe | None = None

    def __post_init__(self) -> None:
        if self.frames < 1:
            raise InvalidValueError(f"a take needs at least one frame, got {self.frames}")
        if not 1 <= self.channels <= 2:
            raise InvalidValueError(f"a take is mono or stereo, got {self.channels} channels")
