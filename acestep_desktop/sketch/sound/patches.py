"""The instruments by name: which model plays each, with which parameters, and how it is used."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.resources import read_resource
from acestep_desktop.sketch.sound.bars import BarVoice
from acestep_desktop.sketch.sound.effects import (
    CrackleBed,
    DropEffect,
    ImpactEffect,
    RainBed,
    RiserEffect,
    RoomBed,
    SweepEffect,
)
from acestep_desktop.sketch.sound.ensemble import EnsembleVoice
from acestep_desktop.sketch.sound.fm import FmVoice
from acestep_desktop.sketch.sound.metals import (
    BlockPiece,
    ClapPiece,
    CymbalPiece,
    HatPiece,
    ShakePiece,
)
from acestep_desktop.sketch.sound.oscillator import OscillatorVoice
from acestep_desktop.sketch.sound.skins import KickPiece, SkinPiece, SnarePiece
from acestep_desktop.sketch.sound.strings import StringVoice
from acestep_desktop.sketch.sound.voice import Voice

MODELS: Final[Mapping[str, type[Any]]] = {
    "string": StringVoice,
    "bar": BarVoice,
    "fm": FmVoice,
    "oscillator": OscillatorVoice,
    "ensemble": EnsembleVoice,
    "kick": KickPiece,
    "snare": SnarePiece,
    "skin": SkinPiece,
    "hat": HatPiece,
    "cymbal": CymbalPiece,
    "clap": ClapPiece,
    "shake": ShakePiece,
    "block": BlockPiece,
    "riser": RiserEffect,
    "impact": ImpactEffect,
    "sweep": SweepEffect,
    "drop": DropEffect,
    "crackle": CrackleBed,
    "rain": RainBed,
    "room": RoomBed,
}
"""The families of synthesis, by the name they have in the patch files."""


@dataclass(frozen=True, slots=True)
class Insert:
    """A device in a part's own channel: `drive`, `cabinet`, `chorus`, `rotary`, `tremolo`."""

    device: str
    amount: float = 1.0


@dataclass(frozen=True, slots=True)
class Patch:
    """An instrument as it is played.

    `low`..`high` is its range of MIDI pitches. A note ends `release_s` after its gate; a
    `rings` one sounds to `ring_s` whatever its gate. `mono` plays one note at a time and
    slides where notes overlap. `double` plays everything twice, left and right. `whole` makes
    the sound as long as the note (effects); `bed` also joins its end to its start. `spread`
    0..1 places low notes left and high ones right. `curve` is the exponent from velocity to
    amplitude, `layers` how many colours there are between soft and hard.
    """

    name: str
    family: str
    voice: Voice
    low: int = 0
    high: int = 127
    release_s: float = 0.08
    ring_s: float = 0.0
    rings: bool = False
    mono: bool = False
    double: bool = False
    whole: bool = False
    bed: bool = False
    spread: float = 0.0
    pan: float = 0.0
    curve: float = 1.3
    layers: int = 4
    variants: int = 1
    level_db: float = 0.0
    reverb: float = 0.12
    delay: float = 0.0
    inserts: tuple[Insert, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """One drum of a kit: its voice, level, place, and the group in which one cuts another off."""

    voice: Voice
    level_db: float = 0.0
    pan: float = 0.0
    seconds: float = 0.6
    choke: str = ""
    reverb: float = 1.0


@dataclass(frozen=True, slots=True)
class Kit:
    """A drum kit: pieces by General MIDI percussion key."""

    name: str
    pieces: Mapping[int, Piece]
    reverb: float = 0.08
    level_db: float = 0.0
    curve: float = 1.5
    inserts: tuple[Insert, ...] = field(default=())

    def piece(self, key: int) -> Piece:
        """Return the piece for a key; a key without one is played by the nearest of its kind."""
        if key in self.pieces:
            return self.pieces[key]
        return self.pieces[min(self.pieces, key=lambda known: (abs(known - key), known))]


@cache
def patch_table() -> Mapping[str, Patch]:
    """Return every pitched instrument and every effect, by id."""
    table = _document("sketch/patches.json") | _document("sketch/patches_effects.json")
    return {name: _patch(name, table) for name in table if not name.startswith("_")}


@cache
def kit_table() -> Mapping[str, Kit]:
    """Return every drum kit, by id."""
    table = _document("sketch/patches_kits.json")
    return {name: _kit(name, table) for name in table if not name.startswith("_")}


def patch_named(name: str) -> Patch:
    """Return the instrument `name`; InvalidValueError where there is none."""
    table = patch_table()
    if name not in table:
        raise InvalidValueError(f'there is no instrument "{name[:40]}"')
    return table[name]


def kit_named(name: str) -> Kit:
    """Return the drum kit `name`; InvalidValueError where there is none."""
    table = kit_table()
    if name not in table:
        raise InvalidValueError(f'there is no drum kit "{name[:40]}"')
    return table[name]


def _document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(read_resource(name))
    return document


def _frozen(value: Any) -> Any:
    """Return JSON's lists as tuples."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _voice(values: Mapping[str, Any]) -> Voice:
    """Return the voice of a model; a wrong name of a parameter is an error of the patch file."""
    given = {key: _frozen(value) for key, value in values.items() if key != "model"}
    voice: Voice = MODELS[values["model"]](**given)
    return voice


def _merged(values: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with what it takes over from the one it is `like`."""
    if "like" not in values:
        return dict(values)
    base = _merged(table[values["like"]], table)
    own = {key: value for key, value in values.items() if key not in ("like", "voice", "pieces")}
    merged = base | own
    for part in ("voice", "pieces"):
        if part in base or part in values:
            merged[part] = {**base.get(part, {}), **values.get(part, {})}
    return merged


def _patch(name: str, table: Mapping[str, Any]) -> Patch:
    values = _merged(table[name], table)
    voice = _voice(values.pop("voice"))
    inserts = tuple(Insert(*item) for item in values.pop("inserts", ()))
    return Patch(name=name, voice=voice, inserts=inserts, **values)


def _kit(name: str, table: Mapping[str, Any]) -> Kit:
    values = _merged(table[name], table)
    pieces = {
        int(key): _piece(piece, table["_pieces"]) for key, piece in values.pop("pieces").items()
    }
    inserts = tuple(Insert(*item) for item in values.pop("inserts", ()))
    return Kit(name=name, pieces=pieces, inserts=inserts, **values)


def _piece(values: Any, pieces: Mapping[str, Any]) -> Piece:
    """Return a drum: the name of a shared one, or changes to one it is `like`."""
    given = {"like": values} if isinstance(values, str) else values
    merged = _merged(given, pieces)
    return Piece(voice=_voice(merged.pop("voice")), **merged)
