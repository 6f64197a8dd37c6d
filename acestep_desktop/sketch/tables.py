"""The musical tables: genres, styles, drums, forms and instruments, read once from resources."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from acestep_desktop.domain.resources import read_resource

GENRE_FILES: Final = ("club", "beats", "band", "quiet")

PIECES: Final[Mapping[str, frozenset[int]]] = {
    "kick": frozenset((35, 36)),
    "snare": frozenset((38, 40)),
    "clap": frozenset((39,)),
    "hat": frozenset((42, 44, 46)),
    "cymbal": frozenset((49, 51, 52, 53, 55, 57, 59)),
    "tom": frozenset((41, 43, 45, 47, 48, 50)),
    "percussion": frozenset((54, 56, *range(60, 83))),
}
"""The pieces of a drum kit by the names that ask for them or rule them out, as percussion keys."""

HAND_PIECES: Final[Mapping[str, frozenset[int]]] = {
    "shaker": frozenset((69, 70, 82)),
    "tambourine": frozenset((54,)),
    "cowbell": frozenset((56,)),
    "conga": frozenset((62, 63, 64)),
    "bongo": frozenset((60, 61)),
    "woodblock": frozenset((76, 77)),
    "clave": frozenset((75,)),
}
"""The same of what a percussion player holds."""

Weighted = tuple[tuple[str, int], ...]
"""Options with their weights, in the order of the file."""

Lanes = tuple[tuple[str, str], ...]
"""The name and the pattern of each voice of a drum kit."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument: its name for people, its family and range, the roles that suit it."""

    instrument: str
    name: str
    family: str
    program: int
    low: int
    high: int
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleTable:
    """How a genre fills a role: how likely (0..100), with which instruments and styles."""

    chance: int
    instruments: Weighted
    styles: Weighted
    rootless: bool


@dataclass(frozen=True, slots=True)
class Space:
    """Hints for the sound, 0..1: sends to reverb and delay, side-chain depth, stereo width."""

    reverb: float
    delay: float
    sidechain: float
    width: float


@dataclass(frozen=True, slots=True)
class Genre:
    """What makes a genre: its tempo, harmony, grooves, roles, form and space."""

    genre: str
    bpm: tuple[int, int]
    modes: Weighted
    tonics: tuple[str, ...]
    swing: tuple[int, int, int]
    meter: str
    form: str
    fills: str
    progressions: Mapping[str, Weighted]
    kits: Weighted
    grooves: Mapping[str, Lanes]
    percussion: Mapping[str, Lanes]
    roles: Mapping[str, RoleTable]
    space: Space


@dataclass(frozen=True, slots=True)
class Style:
    """A way to play a role: patterns or rhythms, and how they are played.

    `gate` is how much of its time a note sounds, in hundredths. For melodies
    `span` is the range in semitones, `step` how often the line moves by step
    and `chromatic` how often it approaches a tone from outside, in hundredths;
    who improvises states a new motif in each phrase. `vary` is how often a bar
    has another pattern. `families` are those whose instruments can play it, all
    where empty.
    """

    patterns: tuple[str, ...]
    gate: int = 90
    follow: str = ""
    slide: int = 0
    walk: bool = False
    span: int = 12
    step: int = 65
    chromatic: int = 0
    pentatonic: bool = False
    improvise: bool = False
    vary: int = 0
    families: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fill:
    """A drum fill: what replaces the groove from a sixteenth of the last bar on."""

    start: int
    lanes: Lanes


@dataclass(frozen=True, slots=True)
class Form:
    """How pieces of a kind are built: layouts by length, and when roles enter and leave."""

    layouts: tuple[tuple[int, tuple[str, ...]], ...]
    enter: Mapping[str, int]
    leave: Mapping[str, tuple[str, ...]]
    join: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SectionKind:
    """A kind of section: its energy, 0..100, and its share of the length."""

    energy: int
    weight: int


def _read(name: str) -> Any:
    return json.loads(read_resource(f"sketch/{name}.json"))


def _weighted(options: Mapping[str, int]) -> Weighted:
    return tuple(options.items())


def _lanes(patterns: Mapping[str, str]) -> Lanes:
    return tuple(patterns.items())


@cache
def instruments() -> Mapping[str, Instrument]:
    """Return every instrument by its id."""
    found = {}
    for key, row in _read("instruments").items():
        name, family, program, low, high, roles = row
        found[key] = Instrument(key, name, family, program, low, high, tuple(roles))
    return found


@cache
def genres() -> Mapping[str, Genre]:
    """Return every genre by its id."""
    found: dict[str, Genre] = {}
    for name in GENRE_FILES:
        found |= {key: _genre(key, row) for key, row in _read(f"genres_{name}").items()}
    return found


def _genre(key: str, row: Any) -> Genre:
    drums = row["drums"]
    return Genre(
        genre=key,
        bpm=(row["bpm"][0], row["bpm"][1]),
        modes=_weighted(row["modes"]),
        tonics=tuple(row["tonics"].split()),
        swing=(row["swing"][0], row["swing"][1], row["swing"][2]),
        meter=row.get("meter", "4/4"),
        form=row["form"],
        fills=row["fills"],
        progressions={mode: _weighted(table) for mode, table in row["progressions"].items()},
        kits=_weighted(drums["kits"]),
        grooves={name: _lanes(lanes) for name, lanes in drums["grooves"].items()},
        percussion={name: _lanes(lanes) for name, lanes in drums["percussion"].items()},
        roles={role: _role(table) for role, table in row["roles"].items()},
        space=Space(**{name: value / 100 for name, value in row["space"].items()}),
    )


def _role(row: Any) -> RoleTable:
    return RoleTable(
        chance=row["chance"],
        instruments=_weighted(row.get("instruments", {})),
        styles=_weighted(row.get("styles", {})),
        rootless=row.get("manner") == "rootless",
    )


@cache
def styles(kind: str) -> Mapping[str, Style]:
    """Return the styles of `bass`, `chords`, `arp` or `melody` by name."""
    found = {}
    for name, row in _read("styles")[kind].items():
        row["patterns"] = tuple(row.pop("rhythms", None) or row["patterns"])
        row["families"] = tuple(row.get("families", ()))
        found[name] = Style(**row)
    return found


@cache
def fills(name: str) -> tuple[Fill, ...]:
    """Return the drum fills of a manner, such as `rock`."""
    rows = _read("drums")["fills"][name]
    return tuple(Fill(row.pop("from"), _lanes(row)) for row in rows)


@cache
def piece_lanes(name: str) -> Lanes:
    """Return what a piece plays where the genre has nothing for it."""
    return _lanes(_read("drums")["pieces"][name]["lanes"])


@cache
def piece_name(name: str) -> str:
    """Return what people call a piece."""
    return str(_read("drums")["pieces"][name]["name"])


@cache
def lanes() -> Mapping[str, tuple[int, int]]:
    """Return each drum voice's percussion key and the energy, 0..100, from which it plays."""
    return {name: (row[0], row[1]) for name, row in _read("drums")["lanes"].items()}


@cache
def defaults(kind: str) -> Mapping[str, tuple[str, ...]]:
    """Return the genres that suit each of the `moods`, `eras`, `instruments` or `families`."""
    return {key: tuple(names) for key, names in _read("defaults")[kind].items()}


@cache
def default_genres() -> tuple[str, ...]:
    """Return the genres to choose from where nothing was said."""
    return tuple(_read("defaults")["otherwise"])


@cache
def forms() -> Mapping[str, Form]:
    """Return the forms by name."""
    found = {}
    for name, row in _read("forms")["forms"].items():
        layouts = tuple((int(most), tuple(names)) for most, names in row["layouts"].items())
        leave = {section: tuple(roles) for section, roles in row["leave"].items()}
        join = {section: tuple(roles) for section, roles in row["join"].items()}
        found[name] = Form(layouts, row["enter"], leave, join)
    return found


@cache
def section_kinds() -> Mapping[str, SectionKind]:
    """Return the kinds of sections by name."""
    return {name: SectionKind(**row) for name, row in _read("forms")["sections"].items()}
