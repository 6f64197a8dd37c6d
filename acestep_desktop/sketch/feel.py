"""Feel: from a straight grid to a performance with swing, small delays and dynamics."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from acestep_desktop.domain.notes import Note
from acestep_desktop.domain.time import Tick
from acestep_desktop.sketch.dice import Dice
from acestep_desktop.sketch.grid import QUARTER

STRAIGHT: Final = 500
"""Swing is where the second of two notes falls, in thousandths of the pair."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A note on the straight grid; a `tight` one keeps its place in time."""

    at: int
    length: int
    pitch: int
    velocity: int
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Feel:
    """How a part leans: the swung pair in ticks (0: none), the swing, and the looseness."""

    bpm: float
    bar: int
    total: int
    pair: int = 0
    swing: int = STRAIGHT
    loose_ms: float = 4.0

    def swung(self, at: int) -> int:
        """Return where the straight tick `at` falls with swing; bar lines never move."""
        if not self.pair or self.swing == STRAIGHT:
            return at
        bar_start = at - at % self.bar
        place = at - bar_start
        begin = place - place % self.pair
        if begin + self.pair > self.bar:
            return at
        inside, half = place - begin, self.pair // 2
        middle = self.pair * self.swing // 1000
        if inside * 3 % self.pair == 0:
            return at
        if inside < half:
            return bar_start + begin + inside * middle // half
        return bar_start + begin + middle + (inside - half) * (self.pair - middle) // half


def swing_pair(unit: int) -> int:
    """Return the pair in ticks that swings: eighths (`unit` 8) or sixteenths (16)."""
    return {8: QUARTER, 16: QUARTER // 2}.get(unit, 0)


def perform(strokes: Iterable[Stroke], feel: Feel, dice: Dice) -> tuple[Note, ...]:
    """Return the notes as played: swung, loosened by at most `loose_ms`, dynamics uneven.

    Notes that start together stay together; the mean delay of the loose ones is
    zero; tight notes and those on bar lines do not move. No note lasts beyond
    the end or into the next note of its own pitch.
    """
    ordered = sorted(
        (stroke for stroke in strokes if 0 <= stroke.at < feel.total),
        key=lambda s: (s.at, s.pitch, -s.velocity),
    )
    delays = _delays(ordered, feel, dice)
    played = []
    for stroke in ordered:
        delay = delays[stroke.at] if not stroke.tight else 0
        start = max(0, feel.swung(stroke.at) + delay)
        end = min(feel.total, feel.swung(stroke.at + stroke.length) + delay)
        velocity = max(1, min(127, stroke.velocity + dice.around(5)))
        played.append((start, max(1, end - start), stroke.pitch, velocity))
    return _without_overlaps(played)


def _delays(ordered: Sequence[Stroke], feel: Feel, dice: Dice) -> dict[int, int]:
    limit = int(feel.bpm * QUARTER / 60_000 * feel.loose_ms)
    delays: dict[int, int] = {}
    for stroke in ordered:
        if stroke.at not in delays:
            on_line = stroke.at % feel.bar == 0
            delays[stroke.at] = 0 if on_line or limit == 0 else dice.around(limit)
    loose = [at for at in delays if at % feel.bar]
    if not loose:
        return delays
    mean = sum(delays[at] for at in loose) // len(loose)
    for at in loose:
        delays[at] = max(-limit, min(limit, delays[at] - mean))
    return delays


def _without_overlaps(played: list[tuple[int, int, int, int]]) -> tuple[Note, ...]:
    played.sort(key=lambda note: (note[0], note[2], note[1], note[3]))
    next_start: dict[int, int] = {}
    notes: list[Note] = []
    for start, length, pitch, velocity in reversed(played):
        following = next_start.get(pitch)
        if following is not None:
            if following - start < QUARTER // 64:
                continue
            length = min(length, following - start)
        next_start[pitch] = start
        notes.append(Note(Tick(start), Tick(length), pitch, velocity))
    return tuple(reversed(notes))
