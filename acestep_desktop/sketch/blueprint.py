"""The blueprint of a sketch: all that is decided before the first note."""

from dataclasses import dataclass

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.notes import Marker
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import Frame, Meter, Tick
from acestep_desktop.sketch.casting import Player, cast
from acestep_desktop.sketch.changes import ChordSpan, chord_plan
from acestep_desktop.sketch.dice import Dice
from acestep_desktop.sketch.form import Section, lay_out
from acestep_desktop.sketch.grid import Grid, grid_of
from acestep_desktop.sketch.measures import decide_measures
from acestep_desktop.sketch.tables import Genre, Space, forms, genres
from acestep_desktop.sketch.wish import Wish

__all__ = ["Blueprint", "ChordSpan", "Player", "Section", "Space", "Wish", "plan"]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a sketch will be.

    `swing` is where the second of two notes falls, in thousandths of the pair,
    and `swing_unit` which notes swing (8 or 16). `groove` names the drum groove
    of the genre that drums and bass share. `kit` is the drum kit, empty without
    drums. `notes` are sentences about what was asked and could not be.
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
    genre = _genre(wish, seed, notes)
    measures = decide_measures(wish, genre, seed, notes)
    music = Music(measures.bpm, measures.key, measures.meter, measures.bars)
    grid = grid_of(measures.meter)
    sections = lay_out(forms()[genre.form], measures.bars, wish.sections, _lift(wish))
    players, kit = cast(wish, genre, seed, notes)
    unit, low, high = genre.swing
    return Blueprint(
        genre=genre.genre,
        music=music,
        frames=frames_of_bars(measures.bars, measures.meter, measures.bpm),
        sections=sections,
        chords=chord_plan(genre, measures.key, grid, sections, seed),
        swing=Dice(seed, genre.genre, "swing").within(low, high),
        swing_unit=unit,
        groove=Dice(seed, genre.genre, "groove").pick(tuple(genre.grooves)),
        kit=kit,
        players=players,
        space=genre.space,
        notes=tuple(notes),
    )


_DEFAULT_GENRES = ("pop", "lo_fi", "house", "synthwave")
_MOOD_LIFT = {"energetic": 8, "aggressive": 10, "epic": 6, "happy": 3, "calm": -12, "chill": -10}
_MOOD_LIFT |= {"dreamy": -6, "sad": -5, "melancholic": -5, "romantic": -4}


def _genre(wish: Wish, seed: int, notes: list[str]) -> Genre:
    known = [name for name in wish.genres if name in genres()]
    allowed = [name for name in known if name not in wish.without]
    if allowed:
        return genres()[allowed[0]]
    choices = [name for name in _DEFAULT_GENRES if name in genres() and name not in wish.without]
    chosen = Dice(seed, "genre").pick(choices or sorted(genres()))
    if not wish.effects:
        notes.append(f"no genre was named; this is {chosen.replace('_', ' ')}")
    return genres()[chosen]


def _lift(wish: Wish) -> float:
    lift = sum(_MOOD_LIFT.get(mood, 0) for mood in wish.moods) / 100
    if wish.energy is not None:
        lift += (wish.energy - 0.5) * 0.3
    return max(-0.2, min(0.2, lift))
