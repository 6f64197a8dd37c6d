"""A wish: what a sketch should be, in the words of the tables."""

from dataclasses import dataclass

from acestep_desktop.domain.key import Key, Mode
from acestep_desktop.domain.reading import SectionWish
from acestep_desktop.domain.time import Meter
from acestep_desktop.domain.understanding import Understanding


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for; empty or None where nothing was said.

    Ids are those of the tables; unknown ones are passed over. `pieces` are drums of a kit
    that were named, `whole_kit` says that drums were named as such, too; `roles` are those of
    "melody" and "chords" that were. `solo` means that nothing but what was named may play.
    With neither `bars` nor `seconds` a sketch has 8 bars. `energy` is 0..1.
    """

    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    eras: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    whole_kit: bool = False
    roles: tuple[str, ...] = ()
    sections: tuple[SectionWish, ...] = ()
    effects: tuple[str, ...] = ()
    bpm: float | None = None
    bpm_range: tuple[float, float] | None = None
    key: Key | None = None
    mode: Mode | None = None
    meter: Meter | None = None
    bars: int | None = None
    seconds: float | None = None
    energy: float | None = None
    solo: bool = False


def wish_from(understanding: Understanding) -> Wish:
    """Return the wish in what was understood of a request."""
    reading = understanding.reading
    return Wish(
        genres=reading.genres,
        moods=reading.moods,
        eras=reading.eras,
        instruments=reading.instruments,
        families=reading.families,
        styles=reading.styles,
        without=reading.without,
        pieces=reading.pieces,
        whole_kit=reading.whole_kit,
        roles=reading.roles,
        sections=reading.sections,
        effects=reading.effects,
        bpm=understanding.bpm,
        bpm_range=understanding.bpm_range,
        key=understanding.key,
        mode=understanding.mode,
        meter=understanding.meter,
        bars=understanding.bars,
        seconds=understanding.seconds,
        energy=reading.energy,
        solo=reading.solo,
    )
