"""Drums: a groove in layers, with ghost notes, rolls, fills, builds and crashes."""

from collections.abc import Iterator, Sequence
from typing import Final

from acestep_desktop.sketch.dice import Dice
from acestep_desktop.sketch.feel import Stroke
from acestep_desktop.sketch.grid import QUARTER, SIXTEENTH, Grid, Hit, fit
from acestep_desktop.sketch.score import Bar, Score
from acestep_desktop.sketch.tables import (
    HAND_PIECES,
    PIECES,
    Fill,
    fills,
    lanes,
    piece_lanes,
)

_VELOCITY: Final = {"X": 118, "x": 98, "o": 74, "g": 42, "?": 56, "r": 84}
_MAYBE: Final = 0.45
_PULSE_LANES: Final = frozenset(("hat", "shaker", "ride", "cabasa", "maracas"))
_TIGHT_LANES: Final = frozenset(("kick",))
_ROLLS: Final = {1: (2, 2, 3), 2: (3, 4, 4, 6), 3: (6, 9), 4: (6, 8, 8, 12)}
"""Into how many strokes a roll of so many sixteenths may be divided."""

_CRASH_FROM: Final = 0.7


def play_drums(score: Score, role_style: str) -> list[Stroke]:
    """Return the strokes of the drum kit."""
    named = [name for name in score.blueprint.pieces if name in PIECES]
    groove = _with_pieces(dict(score.genre.grooves[score.blueprint.groove]), named)
    if score.blueprint.bare:
        return _bare(score, groove, frozenset().union(*(PIECES[name] for name in named)))
    strokes: list[Stroke] = []
    for bar in score.bars("drums"):
        played = _groove_bar(score, bar, groove)
        if bar.section.name == "build":
            played = _build_bar(score, bar, played)
        else:
            played = _with_fill(score, bar, played)
        strokes += played
        strokes += _crash(score, bar, groove)
    return _heard(score, strokes)


def _with_pieces(groove: dict[str, str], named: Sequence[str]) -> dict[str, str]:
    """Return the groove, and what the pieces that were named play where it has nothing for them."""
    for name in named:
        if not any(lanes()[lane][0] in PIECES[name] for lane in groove):
            groove |= dict(piece_lanes(name))
    return groove


def _bare(score: Score, groove: dict[str, str], keys: frozenset[int]) -> list[Stroke]:
    """Return the strokes of these keys alone: every lane, whatever the energy, and no fills."""
    own = {lane: pattern for lane, pattern in groove.items() if lanes()[lane][0] in keys}
    bars = score.bars("drums")
    return _heard(score, [s for bar in bars for s in _groove_bar(score, bar, own, every=True)])


def _heard(score: Score, strokes: list[Stroke]) -> list[Stroke]:
    """Return the strokes without the pieces that are ruled out."""
    table = {**PIECES, **HAND_PIECES}
    silent = {key for piece in score.blueprint.silent for key in table[piece]}
    return [stroke for stroke in strokes if stroke.pitch not in silent]


def play_percussion(score: Score, role_style: str) -> list[Stroke]:
    """Return the strokes of a percussion player: what was named, else the genre's own."""
    named = [name for name in score.blueprint.pieces if name in HAND_PIECES]
    patterns = dict(score.genre.percussion.get(role_style, ()))
    if named:
        patterns = {lane: text for name in named for lane, text in _hand_lanes(score, name).items()}
    if not patterns:
        patterns = {"shaker": "o.x.o.x.o.x.o.x.", "conga_high": "...o......o.o..."}
    bars = score.bars("percussion")
    every = bool(named)
    return _heard(
        score, [s for bar in bars for s in _groove_bar(score, bar, patterns, every=every)]
    )


def _hand_lanes(score: Score, name: str) -> dict[str, str]:
    """Return what the genre has a hand-held piece play, or what is usual for it."""
    for patterns in score.genre.percussion.values():
        own = {lane: text for lane, text in patterns if lanes()[lane][0] in HAND_PIECES[name]}
        if own:
            return own
    return dict(piece_lanes(name))


def _groove_bar(
    score: Score, bar: Bar, groove: dict[str, str], *, every: bool = False
) -> list[Stroke]:
    """Return a bar of the groove: the lanes that its energy allows, or `every` one."""
    energy = bar.section.energy * 100
    dice = score.dice("ornament", bar.section.name, bar.number % 4)
    strokes: list[Stroke] = []
    for lane, pattern in groove.items():
        key, threshold = lanes()[lane]
        if every or energy >= threshold:
            strokes += _lane(score, bar, lane, key, pattern, dice)
    return _open_over_closed(strokes)


def _lane(
    score: Score, bar: Bar, lane: str, key: int, pattern: str, dice: Dice
) -> Iterator[Stroke]:
    grid = score.blueprint.grid
    hits = fit(pattern, grid, bar.number)
    if lane in _PULSE_LANES:
        hits = _pulsing(hits, grid)
    for hit in hits:
        if hit.symbol == "?" and not dice.happens(_MAYBE):
            continue
        at = bar.start + hit.at
        if hit.symbol == "r":
            yield from _roll(at, hit.length, key, dice)
            continue
        velocity = int(_VELOCITY.get(hit.symbol, 90) * (0.8 + 0.2 * bar.section.energy))
        yield Stroke(at, SIXTEENTH // 2, key, velocity, tight=lane in _TIGHT_LANES)


def _pulsing(hits: tuple[Hit, ...], grid: Grid) -> tuple[Hit, ...]:
    """Return the hits with every eighth sounded in meters that do not divide four beats.

    Broken patterns would leave such a bar without a pulse to count.
    """
    if 4 * QUARTER % grid.bar == 0 or len(hits) < len(grid.beats):
        return hits
    taken = {hit.at for hit in hits}
    eighth = QUARTER // 2
    added = [Hit(at, eighth, "o") for at in range(0, grid.bar, eighth) if at not in taken]
    return tuple(sorted((*hits, *added), key=lambda hit: hit.at))


def _roll(at: int, length: int, key: int, dice: Dice) -> Iterator[Stroke]:
    sixteenths = max(1, length // SIXTEENTH)
    parts = dice.pick(_ROLLS.get(sixteenths, (2 * sixteenths,)))
    rising = dice.happens(0.5)
    for index in range(parts):
        slope = index if rising else parts - index
        start = at + length * index // parts
        yield Stroke(start, SIXTEENTH // 4, key, 58 + 36 * slope // parts)


def _open_over_closed(strokes: list[Stroke]) -> list[Stroke]:
    """Return the strokes without closed hats where the open one sounds."""
    opened = {stroke.at for stroke in strokes if stroke.pitch == 46}
    return [stroke for stroke in strokes if stroke.pitch != 42 or stroke.at not in opened]


def _with_fill(score: Score, bar: Bar, played: list[Stroke]) -> list[Stroke]:
    big = bar.is_last or bar.in_section % 8 == 7
    small = bar.in_section % 4 == 3
    dice = score.dice("fill", bar.number)
    if bar.section.energy < 0.4 or not (big or (small and dice.happens(0.5))):
        return played
    options = fills(score.genre.fills)
    grand = [fill for fill in options if fill.start == 8] or list(options)
    modest = [fill for fill in options if fill.start == 12] or list(options)
    fill = dice.pick(grand if big else modest)
    return _replaced(score, bar, played, fill)


def _replaced(score: Score, bar: Bar, played: list[Stroke], fill: Fill) -> list[Stroke]:
    grid = score.blueprint.grid
    start = bar.start + _fill_start(grid, fill.start)
    strokes = [stroke for stroke in played if stroke.at < start]
    dice = score.dice("fill notes", bar.number)
    for lane, pattern in fill.lanes:
        for stroke in _lane(score, bar, lane, lanes()[lane][0], pattern, dice):
            if stroke.at >= start:
                rise = 8 * (stroke.at - start) // max(1, bar.start + grid.bar - start)
                strokes.append(
                    Stroke(
                        stroke.at,
                        stroke.length,
                        stroke.pitch,
                        min(124, stroke.velocity + rise),
                        stroke.tight,
                    )
                )
    if "kick" not in dict(fill.lanes):
        strokes += [
            stroke
            for stroke in played
            if stroke.at >= start and stroke.pitch == 36 and grid.is_beat(stroke.at - bar.start)
        ]
    return strokes


def _fill_start(grid: Grid, step: int) -> int:
    return grid.beats[-1].start if step >= 12 else grid.middle


def _build_bar(score: Score, bar: Bar, played: list[Stroke]) -> list[Stroke]:
    """Return the groove under a snare roll that doubles its speed towards the end."""
    grid, left = score.blueprint.grid, bar.section.end_bar - bar.number
    step = QUARTER if left > bar.section.bars // 2 else QUARTER // 2 if left > 1 else SIXTEENTH
    if left == 1:
        played = [stroke for stroke in played if stroke.pitch not in (36, 35, 38, 39)]
    strokes = [stroke for stroke in played if stroke.pitch != 38]
    length = bar.section.bars * grid.bar
    for at in range(0, grid.bar, step):
        done = bar.in_section * grid.bar + at
        strokes.append(Stroke(bar.start + at, SIXTEENTH // 2, 38, 48 + 66 * done // length))
    return strokes


def _crash(score: Score, bar: Bar, groove: dict[str, str]) -> list[Stroke]:
    soft = score.genre.fills in ("soft", "jazz", "latin", "orchestral")
    if soft or bar.section.energy < _CRASH_FROM:
        return []
    first = bar.in_section == 0
    later = bar.in_section % 8 == 0 and score.dice("crash", bar.number).happens(0.5)
    return (
        [Stroke(bar.start, QUARTER, 49, 104 if first else 92, tight=True)] if first or later else []
    )
