"""What a prompt's words mean, as a value."""

from dataclasses import dataclass
from typing import Literal

from acestep_desktop.domain.key import Key, Mode
from acestep_desktop.domain.time import Meter

SpanKind = Literal[
    "bpm",
    "tempo",
    "key",
    "meter",
    "length",
    "genre",
    "mood",
    "energy",
    "era",
    "instrument",
    "family",
    "style",
    "section",
    "effect",
    "solo",
    "without",
]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of the prompt, and what they were understood as."""

    start: int
    end: int
    kind: SpanKind
    value: str


@dataclass(frozen=True, slots=True)
class SectionWish:
    """A section asked for by name (`intro`, `drop`), and its bars where they were said."""

    form: str
    bars: int | None = None


@dataclass(frozen=True, slots=True)
class PromptReading:
    """All that was understood in a prompt; empty where nothing was said.

    Every number is one that a request may hold. Of `bars` and `seconds` at most
    one is set. `bpm_range` is where the tempo should lie when `bpm` is None:
    what a word such as "slow", or "120-125 bpm", asks for. `mode` is set also
    where only "a minor key" was said. `genres` are in order of weight: "dub
    techno" is techno first. `instruments` and `families` are in the order said;
    a family stands where no exact instrument was named. What is in `without`
    (ids of instruments, families, genres, moods, effects, styles and sections,
    the roles "melody" and "chords", and pieces of a kit such as "hat") is in no
    other field; an exact instrument may yet be of a family that is ruled out
    ("no strings but a cello"), except for drums. `pieces` are the drums of a kit that
    were named ("hi-hats"), and `whole_kit` says that drums were named as such, too; `roles` are
    "melody" and "chords". `solo` means that nothing but the instruments, families,
    pieces and roles named may play. `energy` is 0 (still) to 1
    (wild). `notes` are sentences about what was contradictory or impossible and
    what became of it; `ignored` are the words that meant nothing here.
    """

    text: str
    bpm: float | None = None
    bpm_range: tuple[float, float] | None = None
    tempo_words: tuple[str, ...] = ()
    key: Key | None = None
    mode: Mode | None = None
    meter: Meter | None = None
    bars: int | None = None
    seconds: float | None = None
    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    energy: float | None = None
    eras: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    whole_kit: bool = False
    roles: tuple[str, ...] = ()
    solo: bool = False
    sections: tuple[SectionWish, ...] = ()
    effects: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
