"""Understanding: a request's fields and words brought together; fields beat words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from acestep_desktop.domain.key import Key, Mode
from acestep_desktop.domain.prompt import read_prompt
from acestep_desktop.domain.reading import PromptReading
from acestep_desktop.domain.request import DEFAULT_BARS, Request
from acestep_desktop.domain.time import Meter
from acestep_desktop.domain.vocabulary import vocabulary

MAX_DEFAULT_BARS: Final = 64
"""Of a form that was asked for without a length, each section gets the default, up to this."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a request asks for, words and fields together.

    `bpm`, `key` and `meter` are None where neither said any: the engine decides
    (within `bpm_range` and `mode`, where these are set). Exactly one of `bars`
    and `seconds` is set. Genres, instruments and so on are in `reading`.
    `understood`, `ignored` and `notes` are for the recipe and the person.
    """

    reading: PromptReading
    bpm: float | None
    bpm_range: tuple[float, float] | None
    key: Key | None
    mode: Mode | None
    meter: Meter | None
    bars: int | None
    seconds: float | None
    understood: tuple[str, ...]
    ignored: tuple[str, ...]
    notes: tuple[str, ...]


def understand(request: Request) -> Understanding:
    """Return what `request` asks for; what a field overrode in the words is said in `notes`."""
    reading = read_prompt(request.prompt.caption)
    bars, seconds = _length(request, reading)
    key = request.key or reading.key
    facts = (
        _bpm_text(request.bpm or reading.bpm),
        _key_text(key, reading.mode),
        str(request.meter or reading.meter or ""),
        _length_text(bars, seconds),
    )
    return Understanding(
        reading=reading,
        bpm=request.bpm or reading.bpm,
        bpm_range=None if request.bpm else reading.bpm_range,
        key=key,
        mode=key.mode if key else reading.mode,
        meter=request.meter or reading.meter,
        bars=bars,
        seconds=seconds,
        understood=(*filter(None, facts), *_understood_words(reading)),
        ignored=reading.ignored,
        notes=(*reading.notes, *_overridden(request, reading)),
    )


def _length(request: Request, reading: PromptReading) -> tuple[int | None, float | None]:
    """Return bars or seconds: the field's, else the words', else the default per section."""
    for asked in (request, reading):
        if asked.bars is not None or asked.seconds is not None:
            return asked.bars, asked.seconds
    sections = sum(section.form != "loop" for section in reading.sections)
    return min(DEFAULT_BARS * max(1, sections), MAX_DEFAULT_BARS), None


def _overridden(request: Request, reading: PromptReading) -> list[str]:
    """Return a sentence for each thing that the words said otherwise than a field."""
    pairs = (
        ("tempo", _bpm_text(reading.bpm), _bpm_text(request.bpm)),
        ("key", _key_text(reading.key, None), _key_text(request.key, None)),
        ("meter", str(reading.meter or ""), str(request.meter or "")),
        (
            "length",
            _length_text(reading.bars, reading.seconds),
            _length_text(request.bars, request.seconds),
        ),
    )
    return [
        f"The words ask for {words}, the {name} field for {field}; the field counts."
        for name, words, field in pairs
        if words and field and words != field
    ]


def _understood_words(reading: PromptReading) -> list[str]:
    lists = (
        ("tempo", "tempo", reading.tempo_words),
        ("genre", "genre", reading.genres),
        ("mood", "mood", reading.moods),
        ("era", "era", reading.eras),
        ("instruments", "instrument", reading.instruments),
        ("players", "family", reading.families),
        ("drums", "piece", reading.pieces),
        ("roles", "role", reading.roles),
        ("style", "style", reading.styles),
        ("effects", "effect", reading.effects),
        ("sections", "section", tuple(section.form for section in reading.sections)),
    )
    sentences = [f"{title}: {_labels(kind, ids)}" for title, kind, ids in lists if ids]
    if reading.without:
        names = vocabulary()
        sentences.append(
            "without: " + ", ".join(dict.fromkeys(map(names.label_of, reading.without)))
        )
    if reading.solo:
        sentences.append("nothing else plays")
    return sentences


def _labels(kind: str, ids: Iterable[str]) -> str:
    names = vocabulary()
    return ", ".join(dict.fromkeys(names.label(kind, id) for id in ids))


def _bpm_text(bpm: float | None) -> str:
    return "" if bpm is None else f"{bpm:g} bpm"


def _key_text(key: Key | None, mode: Mode | None) -> str:
    if key is not None:
        return str(key)
    return "" if mode is None else f"a {mode} key"


def _length_text(bars: int | None, seconds: float | None) -> str:
    if bars is not None:
        return "1 bar" if bars == 1 else f"{bars} bars"
    return "" if seconds is None else f"{seconds:g} seconds"
