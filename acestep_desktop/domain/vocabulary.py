"""Vocabulary: the words that the program understands, read from its data files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final, Protocol, TypeVar

from acestep_desktop.domain.codec import Json, from_json, loads
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key, Mode
from acestep_desktop.domain.phrases import PhraseIndex
from acestep_desktop.domain.resources import read_resource
from acestep_desktop.domain.time import Meter

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Genre:
    """A genre: its usual tempi, its meter, and its words.

    `adjectives` ("funky") weigh less than `words`; `near` are styles that have no
    entry of their own and come closest to this one.
    """

    id: str
    label: str
    bpm: tuple[float, float]
    meter: str
    words: Words
    adjectives: Words = ()
    near: Words = ()

    def __post_init__(self) -> None:
        _check_range(self.bpm, self.label)
        Meter.parse(self.meter)


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument: its family, its General MIDI program (0..127), and its words."""

    id: str
    label: str
    family: str
    program: int
    words: Words


@dataclass(frozen=True, slots=True)
class TempoTerm:
    """A word for a tempo, the bpm it asks for, and the term that "not too ..." makes of it."""

    id: str
    label: str
    bpm: tuple[float, float]
    negated: str
    words: Words

    def __post_init__(self) -> None:
        _check_range(self.bpm, self.label)


@dataclass(frozen=True, slots=True)
class Term:
    """Anything else that has words: a mood, an era, a family; `energy` is 0..1 or unknown."""

    id: str
    label: str
    words: Words
    energy: float | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Words that rule something out: "drumless"."""

    without: Words
    words: Words


@dataclass(frozen=True, slots=True)
class _MeterWords:
    meter: str
    words: Words


@dataclass(frozen=True, slots=True)
class _Meters:
    meters: tuple[_MeterWords, ...]
    counts: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class _ModeWords:
    mode: Mode
    words: Words


@dataclass(frozen=True, slots=True)
class _Keys:
    prefixes: Words
    modes: tuple[_ModeWords, ...]
    other_modes: Words
    german_modes: Words
    sharps: Words
    flats: Words
    tonics: tuple[tuple[str, Words], ...]
    after_article: Words


@dataclass(frozen=True, slots=True)
class _Numbers:
    units: tuple[tuple[int, Words], ...]
    teens: tuple[tuple[int, Words], ...]
    tens: tuple[tuple[int, Words], ...]
    hundred: Words
    kanji_ten: Words
    half: Words


class _Entry(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def words(self) -> Words: ...


E = TypeVar("E", bound=_Entry)
T = TypeVar("T")

TERM_FILES: Final = {
    "families": "family",
    "moods": "mood",
    "energy": "energy",
    "eras": "era",
    "styles": "style",
    "effects": "effect",
    "forms": "section",
    "pieces": "piece",
    "roles": "role",
}
"""Data files of plain terms, and the kind that their words mean."""

_NOUNS: Final = ("instrument", "family", "effect", "section", "piece", "role")
_ADJECTIVES: Final = ("mood", "energy", "tempo", "style")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything that has a name, by its id, and the index of all its words.

    `terms` are moods, eras and so on, by kind. `meter_counts` says what "in
    seven" means.
    """

    genres: Mapping[str, Genre]
    instruments: Mapping[str, Instrument]
    tempo: Mapping[str, TempoTerm]
    terms: Mapping[str, Mapping[str, Term]]
    meter_counts: Mapping[int, Meter]
    index: PhraseIndex

    labels: Mapping[str, Mapping[str, str]]

    def label(self, kind: str, id: str) -> str:
        """Return what people call this thing; its id where it has no entry."""
        return self.labels.get(kind, {}).get(id, id)

    def label_of(self, id: str) -> str:
        """Return what people call the thing with this id, of whatever kind."""
        return next((labels[id] for labels in self.labels.values() if id in labels), id)


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary, read once; InvalidValueError if a data file is not as it should be."""
    index = PhraseIndex()
    genres = _entries("genres", Genre)
    for genre in genres.values():
        index.add(genre.words, "genre", genre.id, noun=True)
        index.add(genre.adjectives, "genre_adjective", genre.id)
        index.add(genre.near, "genre_near", genre.id)
    instruments = _entries("instruments", Instrument)
    _add_entries(index, "instrument", instruments.values())
    tempo = _entries("tempo", TempoTerm)
    _add_entries(index, "tempo", tempo.values())
    terms = {kind: _entries(name, Term) for name, kind in TERM_FILES.items()}
    for kind, table in terms.items():
        _add_entries(index, kind, table.values())
    _add_negations(index)
    _add_stopwords(index)
    _add_numbers(index)
    _add_keys(index)
    tables: dict[str, Mapping[str, _Entry]] = {
        "instrument": instruments,
        "genre": genres,
        "tempo": tempo,
        **terms,
    }
    return Vocabulary(
        genres=genres,
        instruments=instruments,
        tempo=tempo,
        terms=MappingProxyType(terms),
        meter_counts=_add_meters(index),
        index=index,
        labels={
            kind: {entry.id: entry.label for entry in table.values()}
            for kind, table in tables.items()
        },
    )


def _check_range(bpm: tuple[float, float], label: str) -> None:
    if not 20 <= bpm[0] <= bpm[1] <= 300:
        raise InvalidValueError(f"the tempi of {label} must be within 20..300, got {bpm}")


def _read(name: str) -> dict[str, Json]:
    data = loads(read_resource(f"vocabulary/{name}.json"))
    if not isinstance(data, dict):
        raise InvalidValueError(f"the vocabulary {name} must be an object")
    return data


def _entries(name: str, kind: type[E]) -> Mapping[str, E]:
    rows = _read(name).get(name)
    if not isinstance(rows, list):
        raise InvalidValueError(f"the vocabulary {name} must hold a list of {name}")
    entries = [from_json(kind, row, where=f"{name}[{i}]") for i, row in enumerate(rows)]
    table = {entry.id: entry for entry in entries}
    if len(table) != len(entries):
        raise InvalidValueError(f"the vocabulary {name} has an id twice")
    return MappingProxyType(table)


def _words(name: str) -> dict[str, Words]:
    """Return the lists of words in a data file, by their names; other fields are left out."""
    return {
        field: tuple(str(word) for word in words)
        for field, words in _read(name).items()
        if isinstance(words, list) and all(isinstance(word, str) for word in words)
    }


def _add_entries(index: PhraseIndex, kind: str, entries: Iterable[_Entry]) -> None:
    noun, adjective = kind in _NOUNS, kind in _ADJECTIVES
    for entry in entries:
        index.add(entry.words, kind, entry.id, noun=noun, adjective=adjective)


def _add_negations(index: PhraseIndex) -> None:
    data = _read("negations")
    for field, words in _words("negations").items():
        index.add(words, field)
    for field in ("negated_noun", "exclusion"):
        for row in _list(data, field):
            exclusion = from_json(Exclusion, row, where=field)
            for id in exclusion.without:
                index.add(exclusion.words, field, id)


def _list(data: dict[str, Json], field: str) -> list[Json]:
    rows = data.get(field)
    if not isinstance(rows, list):
        raise InvalidValueError(f"the vocabulary lacks the list {field}")
    return rows


def _add_stopwords(index: PhraseIndex) -> None:
    for language, words in _read("stopwords").items():
        phrases = words if isinstance(words, list) else str(words).split()
        index.add((str(phrase) for phrase in phrases), "stop", language)


def _add_numbers(index: PhraseIndex) -> None:
    for field, units in _words("units").items():
        index.add(units, f"unit_{field}")
    numbers = from_json(_Numbers, dict(_read("numbers")), where="numbers")
    for kind, rows in (("unit", numbers.units), ("teen", numbers.teens), ("ten", numbers.tens)):
        for value, words in rows:
            index.add(words, f"number_{kind}", str(value))
    index.add(numbers.hundred, "number_hundred", "100")
    index.add(numbers.kanji_ten, "number_kanji_ten", "10")
    index.add(numbers.half, "number_half", "0.5")


def _add_keys(index: PhraseIndex) -> None:
    keys = from_json(_Keys, dict(_read("keys")), where="keys")
    index.add(keys.prefixes, "key_prefix")
    for modes in keys.modes:
        index.add(modes.words, "mode", modes.mode)
    index.add(keys.other_modes, "mode_other")
    index.add(keys.german_modes, "mode_german")
    index.add(keys.sharps, "accidental", "#")
    index.add(keys.flats, "accidental", "b")
    index.add(keys.after_article, "after_article")
    for tonic, words in keys.tonics:
        index.add(words, "tonic", Key(tonic).tonic)


def _add_meters(index: PhraseIndex) -> Mapping[int, Meter]:
    meters = from_json(_Meters, dict(_read("meters")), where="meters")
    for row in meters.meters:
        index.add(row.words, "meter", str(Meter.parse(row.meter)))
    return MappingProxyType({count: Meter.parse(meter) for count, meter in meters.counts})
