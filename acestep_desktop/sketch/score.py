"""The score: what every player of a sketch reads."""

from collections.abc import Iterator
from dataclasses import dataclass

from acestep_desktop.sketch.blueprint import Blueprint
from acestep_desktop.sketch.casting import Player
from acestep_desktop.sketch.changes import ChordSpan
from acestep_desktop.sketch.dice import Dice
from acestep_desktop.sketch.form import Section
from acestep_desktop.sketch.tables import Form, Genre, forms, genres


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar as a player sees it: where it is, its section, and how far in the section."""

    number: int
    start: int
    section: Section

    @property
    def in_section(self) -> int:
        """The bar's number within its section, from 0."""
        return self.number - self.section.first_bar

    @property
    def is_last(self) -> bool:
        """Whether the section ends with this bar."""
        return self.number == self.section.end_bar - 1


@dataclass(frozen=True, slots=True)
class Score:
    """A blueprint, one of its players, and the seed for that player's own choices."""

    blueprint: Blueprint
    player: Player
    seed: int

    @property
    def genre(self) -> Genre:
        """The genre's tables."""
        return genres()[self.blueprint.genre]

    @property
    def form(self) -> Form:
        """The form's tables."""
        return forms()[self.genre.form]

    def dice(self, *purpose: str | int) -> Dice:
        """Return a stream of chance for this player and a purpose."""
        return Dice(self.seed, self.player.name, *purpose)

    def bars(self, role: str) -> Iterator[Bar]:
        """Yield the bars in which `role` plays."""
        playing = self._sections(role)
        for section in self.blueprint.sections:
            if section in playing:
                for number in range(section.first_bar, section.end_bar):
                    yield Bar(number, number * self.blueprint.grid.bar, section)

    def _sections(self, role: str) -> tuple[Section, ...]:
        form, sections = self.form, self.blueprint.sections
        playing = tuple(
            section
            for section in sections
            if role not in form.leave.get(section.name, ())
            and (
                section.energy * 100 >= form.enter[role] or role in form.join.get(section.name, ())
            )
        )
        return playing or (max(sections, key=lambda section: section.energy),)

    def chords_in(self, start: int, end: int) -> tuple[ChordSpan, ...]:
        """Return the chords that sound in [start, end)."""
        chords = self.blueprint.chords
        first = chord_index(chords, start)
        found = []
        for span in chords[first:]:
            if span.start >= end:
                break
            found.append(span)
        return tuple(found)

    def chord_at(self, at: int) -> ChordSpan:
        """Return the chord that sounds at tick `at`; after the end, the piece begins again."""
        at %= self.blueprint.total
        return self.blueprint.chords[chord_index(self.blueprint.chords, at)]


def chord_index(chords: tuple[ChordSpan, ...], at: int) -> int:
    """Return the index of the chord that sounds at tick `at`."""
    low, high = 0, len(chords)
    while low < high - 1:
        middle = (low + high) // 2
        low, high = (middle, high) if chords[middle].start <= at else (low, middle)
    return low
