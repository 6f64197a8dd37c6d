"""The changes: which chord sounds when."""

from collections.abc import Sequence
from dataclasses import dataclass

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.time import Tick
from acestep_desktop.sketch.dice import Dice
from acestep_desktop.sketch.form import Section
from acestep_desktop.sketch.grid import Grid
from acestep_desktop.sketch.harmony import Chord, bars_of, chord_of
from acestep_desktop.sketch.tables import Genre

_THEMES = {"chorus": "B", "drop": "B", "bridge": "C", "breakdown": "C"}
"""Sections with the same theme share a progression; all others have theme A."""

_CLOSING = ("outro",)


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord and the stretch of ticks it holds."""

    start: Tick
    length: Tick
    chord: Chord

    @property
    def end(self) -> Tick:
        """The tick after the last."""
        return Tick(self.start + self.length)


def chord_plan(
    genre: Genre, key: Key, grid: Grid, sections: Sequence[Section], seed: int
) -> tuple[ChordSpan, ...]:
    """Return the chord of every moment; a piece begins on the tonic, and an outro ends on it."""
    spans: list[ChordSpan] = []
    for section in sections:
        progression = _progression(genre, key, section, sections, seed)
        for bar in range(section.bars):
            numerals = progression[bar % len(progression)]
            closing = section.name in _CLOSING and bar == section.bars - 1
            if closing or (section.first_bar == 0 and bar == 0):
                numerals = _home(numerals, progression, key)
            spans += _bar_spans(numerals, key, grid, section.first_bar + bar)
    return _joined(spans)


def _progression(
    genre: Genre, key: Key, section: Section, sections: Sequence[Section], seed: int
) -> tuple[tuple[str, ...], ...]:
    theme = _THEMES.get(section.name, "A")
    options = genre.progressions[key.mode]
    first = Dice(seed, genre.genre, "changes", "A").weighted(options)
    others = tuple(option for option in options if option[0] != first) or options
    chosen = first if theme == "A" else Dice(seed, genre.genre, "changes", theme).weighted(others)
    bars = bars_of(chosen)
    longest = max(each.bars for each in sections)
    if len(bars) > longest:
        bars = bars_of(_shortest(options, longest))
    return bars


def _shortest(options: Sequence[tuple[str, int]], bars: int) -> str:
    fitting = [text for text, _ in options if len(bars_of(text)) <= max(bars, 2)]
    return fitting[0] if fitting else min((text for text, _ in options), key=len)


def _home(
    numerals: tuple[str, ...], progression: tuple[tuple[str, ...], ...], key: Key
) -> tuple[str, ...]:
    """Return the tonic chord, in the colour the progression gives it, and what follows it."""
    tonic = key.pitch_class
    if chord_of(numerals[0], key).root == tonic:
        return numerals
    at_home = [
        numeral for bar in progression for numeral in bar if chord_of(numeral, key).root == tonic
    ]
    plain = "i" if key.mode == "minor" else "I"
    return ((at_home[0] if at_home else plain), *numerals[1:])


def _bar_spans(numerals: tuple[str, ...], key: Key, grid: Grid, bar: int) -> list[ChordSpan]:
    start = bar * grid.bar
    places = _places(min(len(numerals), len(grid.beats)), grid)
    ends = [*places[1:], grid.bar]
    return [
        ChordSpan(Tick(start + at), Tick(end - at), chord_of(numeral, key))
        for at, end, numeral in zip(places, ends, numerals, strict=False)
    ]


def _places(count: int, grid: Grid) -> list[int]:
    if count == 1:
        return [0]
    if count == 2:
        return [0, grid.middle or grid.beats[-1].start]
    starts = [beat.start for beat in grid.beats]
    return [starts[k * len(starts) // count] for k in range(count)]


def _joined(spans: list[ChordSpan]) -> tuple[ChordSpan, ...]:
    """Return the spans in order of start."""
    return tuple(sorted(spans, key=lambda span: span.start))
