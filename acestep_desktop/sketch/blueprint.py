"""The blueprint of a sketch: all that is decided before the first note."""

from dataclasses import dataclass

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.notes import Marker
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import Frame, Meter, Tick
from acestep_desktop.sketch.casting import Player, cast
from acestep_desktop.sketch.changes import ChordSpan, chord_plan
from acestep_desktop.sketch.character import (
    choose_genre,
    groove_of,
    lift_of,
    space_of,
    swing_of,
)
from acestep_desktop.sketch.form import Section, lay_out
from acestep_desktop.sketch.grid import Grid, grid_of
from acestep_desktop.sketch.measures import decide_measures
from acestep_desktop.sketch.tables import HAND_PIECES, PIECES, Space, forms
from acestep_desktop.sketch.wish import Wish

__all__ = ["Blueprint", "ChordSpan", "Player", "Section", "Space", "Wish", "plan"]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a sketch will be.

    `swing` is where the second of two notes falls, in thousandths of the pair,
    and `swing_unit` which notes swing (8 or 16). `groove` names the drum groove
    of the genre that drums and bass share. `kit` is the drum kit, empty without
    drums; `silent` are the pieces of it that are not to sound, `pieces` those that are to,
    and `bare` says that these alone do. `notes` are sentences
    about what was asked and could not be.
    """

    genre: str
    music: Music
    frames: Frame
    sections: tuple[Section, ...]
    chords: tuple[ChordSpan, ...]
    swing: int
    swing_unit: int
    groove: str
    kit: str
    players: tuple[Player, ...]
    space: Space
    notes: tuple[str, ...]
    silent: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    bare: bool = False

    @property
    def key(self) -> Key:
        """The key, which a blueprint always has."""
        assert self.music.key is not None
        return self.music.key

    @property
    def meter(self) -> Meter:
        """The meter, which a blueprint always has."""
        assert self.music.meter is not None
        return self.music.meter

    @property
    def bars(self) -> int:
        """The number of bars."""
        assert self.music.bars is not None
        return self.music.bars

    @property
    def bpm(self) -> float:
        """The tempo."""
        assert self.music.bpm is not None
        return self.music.bpm

    @property
    def grid(self) -> Grid:
        """The beats of a bar."""
        return grid_of(self.meter)

    @property
    def total(self) -> Tick:
        """The length in ticks."""
        return Tick(self.bars * self.grid.bar)

    def section_at(self, bar: int) -> Section:
        """Return the section that holds `bar`, counted from 0."""
        return next(section for section in self.sections if bar < section.end_bar)

    def markers(self) -> tuple[Marker, ...]:
        """Return a marker at the start of each section."""
        bar = self.grid.bar
        return tuple(
            Marker(Tick(section.first_bar * bar), section.name.replace("_", "-").capitalize())
            for section in self.sections
        )


def plan(wish: Wish, seed: int) -> Blueprint:
    """Return the blueprint that `seed` makes of `wish`; never fails for want of sense.

    What cannot be had is replaced by something near, said in the blueprint's notes.
    """
    notes: list[str] = []
    genre = choose_genre(wish, seed, notes)
    measures = decide_measures(wish, genre, seed, notes)
    music = Music(measures.bpm, measures.key, measures.meter, measures.bars)
    grid = grid_of(measures.meter)
    form = forms()[genre.form]
    sections = lay_out(form, measures.bars, wish.sections, lift_of(wish), wish.without)
    players, kit = cast(wish, genre, seed, notes)
    unit, swing = swing_of(wish, genre, seed)
    return Blueprint(
        genre=genre.genre,
        music=music,
        frames=frames_of_bars(measures.bars, measures.meter, measures.bpm),
        sections=sections,
        chords=chord_plan(genre, measures.key, grid, sections, seed),
        swing=swing,
        swing_unit=unit,
        groove=groove_of(wish, genre, seed),
        kit=kit,
        players=players,
        space=space_of(wish, genre),
        notes=tuple(notes),
        silent=tuple(name for name in wish.without if name in PIECES or name in HAND_PIECES),
        pieces=wish.pieces,
        bare=wish.solo and not wish.whole_kit and any(name in PIECES for name in wish.pieces),
    )
