"""Understanding: a request's fields and words brought together; fields beat words."""

from dataclasses import dataclass

from acestep_desktop.domain.key import Key, Mode
from acestep_desktop.domain.prompt import read_prompt
from acestep_desktop.domain.reading import PromptReading
from acestep_desktop.domain.request import DEFAULT_BARS, Request
from acestep_desktop.domain.time import Meter


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
    bars, seconds = request.bars, request.seconds
    if bars is None and seconds is None:
        bars, seconds = reading.bars, reading.seconds
    if bars is None and seconds is None:
        bars = DEFAULT_BARS
    return Understanding(
        reading=reading,
        bpm=request.bpm or reading.bpm,
        bpm_range=reading.bpm_range,
        key=request.key or reading.key,
        mode=reading.mode,
        meter=request.meter or reading.meter,
        bars=bars,
        seconds=seconds,
        understood=(),
        ignored=reading.ignored,
        notes=reading.notes,
    )
