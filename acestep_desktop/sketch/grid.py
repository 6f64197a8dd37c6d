"""The grid of a bar: its beats in any meter, and patterns laid on it.

Patterns are written for one or more bars of 4/4, a character for each sixteenth
(or, where their length is a multiple of 12 and not of 16, for each triplet
eighth). In other meters every beat borrows the cell of one of the four beats.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from acestep_desktop.domain.time import TICKS_PER_QUARTER, Meter

QUARTER: Final[int] = TICKS_PER_QUARTER
SIXTEENTH: Final[int] = TICKS_PER_QUARTER // 4

REST: Final = "."
TIE: Final = "-"

_CELLS: Final = {1: (0,), 2: (0, 1), 3: (0, 1, 3), 4: (0, 1, 2, 3), 5: (0, 2, 1, 2, 3)}
# Cell 0 is the downbeat, 1 and 3 are backbeats, 2 is the middle of the bar.

_COMPOUND_STEPS: Final = {4: (0, 2, 4, 5), 3: (0, 2, 4)}


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat of a bar; `compound` beats have three eighths, `long` ones too, but unevenly."""

    start: int
    length: int
    cell: int
    compound: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One event of a pattern: where in the bar, how long, and which character."""

    at: int
    length: int
    symbol: str


@dataclass(frozen=True, slots=True)
class Grid:
    """The beats of a bar, in ticks."""

    meter: Meter
    bar: int
    beats: tuple[Beat, ...]

    @property
    def middle(self) -> int:
        """The tick of the beat that divides the bar best in two; 0 where it has only one beat."""
        return min(
            (beat.start for beat in self.beats), key=lambda at: (abs(2 * at - self.bar), -at)
        )

    def is_strong(self, at: int) -> bool:
        """Return whether `at` (within the bar) is the first or the middle beat."""
        return at in (0, self.middle)

    def is_beat(self, at: int) -> bool:
        """Return whether `at` (within the bar) is the start of a beat."""
        return any(beat.start == at for beat in self.beats)


@lru_cache(maxsize=64)
def grid_of(meter: Meter) -> Grid:
    """Return the grid of a meter: 7/8 is 2+2+3, 6/8 two dotted quarters, 5/4 is 3+2."""
    lengths, compound = _beat_lengths(meter)
    cells = _cells(len(lengths))
    beats, start = [], 0
    for length, cell in zip(lengths, cells, strict=True):
        beats.append(Beat(start, length, cell, compound))
        start += length
    return Grid(meter, start, tuple(beats))


def _beat_lengths(meter: Meter) -> tuple[list[int], bool]:
    bar = int(meter.ticks_per_bar)
    if meter.denominator == 8 and meter.numerator % 3 == 0:
        return [6 * SIXTEENTH] * (meter.numerator // 3), True
    if meter.denominator == 16 and meter.numerator % 3 == 0 and meter.numerator >= 6:
        return [3 * SIXTEENTH] * (meter.numerator // 3), True
    whole, rest = divmod(bar, QUARTER)
    if meter.denominator == 8 and rest and whole:
        return [QUARTER] * (whole - 1) + [6 * SIXTEENTH], False
    return [QUARTER] * whole + ([rest] if rest else []), False


def _cells(beats: int) -> list[int]:
    if beats in _CELLS:
        return list(_CELLS[beats])
    cells = [0, 1, 2, 3] * (beats // 4)
    rest = beats % 4
    return cells[: beats - rest] + ([2, 1, 3][-rest:] if rest else [])


@lru_cache(maxsize=4096)
def fit(pattern: str, grid: Grid, bar: int) -> tuple[Hit, ...]:
    """Return the events of the `bar`-th bar (from 0, around again at the end) of `pattern`.

    A character lasts until the next that is not a tie; `.` is a rest.
    """
    cell_size = 4 if len(pattern) % 16 == 0 else 3
    bars = max(1, len(pattern) // (4 * cell_size))
    first = (bar % bars) * 4 * cell_size
    text = pattern[first : first + 4 * cell_size]
    steps = [step for beat in grid.beats for step in _beat_steps(beat, text, cell_size)]
    hits: list[Hit] = []
    ends = [at for at, symbol in steps[1:] if symbol != TIE] + [grid.bar]
    for at, symbol in steps:
        if symbol in (REST, TIE):
            continue
        end = next(end for end in ends if end > at)
        hits.append(Hit(at, end - at, symbol))
    return tuple(hits)


def _beat_steps(beat: Beat, text: str, size: int) -> list[tuple[int, str]]:
    cell = text[beat.cell * size : (beat.cell + 1) * size]
    if beat.compound:
        unit = beat.length // 6
        steps = zip(_COMPOUND_STEPS[size], cell, strict=True)
        return [(beat.start + k * unit, symbol) for k, symbol in steps]
    step = QUARTER // size
    following = text[(beat.cell + 1) % 4 * size :][:size]
    places = [(beat.start + k * step, c) for k, c in enumerate(cell + following)]
    return [(at, symbol) for at, symbol in places if at < beat.start + beat.length]
