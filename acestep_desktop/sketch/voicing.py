"""Voicing: which tones of a chord sound where, moving as little as possible."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from acestep_desktop.sketch.harmony import Chord

Voicing = tuple[int, ...]
"""Pitches of the voices, rising."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How chords are laid out: how many voices, in which register, with the root or without.

    `open` spreads the voices; `power` sounds root, fifth and octave and nothing else;
    without `colour` there is nothing above the seventh, and `plain` means nothing above the fifth.
    """

    voices: int = 4
    low: int = 50
    high: int = 74
    rootless: bool = False
    open: bool = False
    power: bool = False
    colour: bool = True
    plain: bool = False


_CLASH_COST: Final = 5
_MUD_COST: Final = 6
_PARALLEL_COST: Final = 4
_CENTRE_SHARE: Final = 2


def voice_all(chords: Sequence[Chord], manner: Manner) -> tuple[Voicing, ...]:
    """Return a voicing for each chord, each as near to the one before as can be."""
    voicings: list[Voicing] = []
    previous: Voicing | None = None
    known: dict[tuple[Chord, Voicing | None], Voicing] = {}
    for chord in chords:
        voicing = known.get((chord, previous)) or voice(chord, previous, manner)
        known[chord, previous] = voicing
        voicings.append(voicing)
        previous = voicing
    return tuple(voicings)


def voice(chord: Chord, previous: Voicing | None, manner: Manner) -> Voicing:
    """Return the voicing of `chord` that follows `previous` most smoothly."""
    if manner.power:
        root = manner.low + (chord.bass - manner.low) % 12
        return (root, root + (chord.tone(5) - chord.bass) % 12, root + 12)
    candidates = _candidates(_tones(chord.whole, manner), manner)
    return min(candidates, key=lambda voicing: (_cost(voicing, previous, manner), voicing))


def _tones(chord: Chord, manner: Manner) -> tuple[int, ...]:
    """Return the pitch classes to sound, most telling first, then cut to the voices there are."""
    top = 9 if manner.plain else 24 if manner.colour else 11
    steps = (step for step in chord.intervals if step <= top)
    classes = dict.fromkeys((chord.root + step) % 12 for step in steps)
    root, telling = chord.root, [chord.tone(3), chord.tone(7), chord.tone(9)]
    order = [tone for tone in telling if tone in classes and tone != root]
    order += [tone for tone in classes if tone != root and tone not in order]
    fifth = chord.tone(5)
    if fifth in order and len(order) > 2:
        order.remove(fifth)
        order.append(fifth)
    if not (manner.rootless and len(order) >= 3):
        order.insert(0, root)
    doubled = [tone for tone in (root, fifth) if tone in order]
    missing = max(0, manner.voices - len(order))
    return tuple((order + doubled[:missing])[: manner.voices])


@lru_cache(maxsize=4096)
def _candidates(tones: tuple[int, ...], manner: Manner) -> tuple[Voicing, ...]:
    for orders in (_orders(tones, manner), _orders(tones, replace(manner, open=False))):
        found = {
            voicing
            for order in orders
            for octave in range(12 * (manner.low // 12), manner.high, 12)
            if manner.low <= (voicing := _stack(order, octave))[0] and voicing[-1] <= manner.high
        }
        if found:
            return tuple(sorted(found))
    if len(tones) > 1:
        return _candidates(tones[:-1], manner)
    return (_stack(tones, 12 * ((manner.low + manner.high) // 24)),)


def _orders(tones: tuple[int, ...], manner: Manner) -> list[tuple[int, ...]]:
    ascending = sorted(tones)
    turns = [tuple(ascending[k:] + ascending[:k]) for k in range(len(ascending))]
    spread = [(*turn[::2], *turn[1::2]) for turn in turns if len(turn) > 2]
    dropped = [(turn[-2], *turn[:-2], turn[-1]) for turn in turns if len(turn) > 3]
    return spread + dropped if manner.open and spread else turns + dropped


def _stack(order: Sequence[int], octave: int) -> Voicing:
    pitch = octave + order[0]
    pitches = [pitch]
    for tone in order[1:]:
        pitch += (tone - pitch) % 12 or 12
        pitches.append(pitch)
    return tuple(pitches)


def _cost(voicing: Voicing, previous: Voicing | None, manner: Manner) -> int:
    centre = (manner.low + manner.high) * len(voicing) // 2
    cost = abs(sum(voicing) - centre) // (_CENTRE_SHARE * len(voicing)) + _colour_cost(voicing)
    if previous is None:
        return cost
    pairs = list(zip(reversed(voicing), reversed(previous), strict=False))
    cost += sum(abs(a - b) for a, b in pairs)
    cost += 2 * max(0, abs(voicing[-1] - previous[-1]) - 4)
    return cost + _parallel_cost(pairs)


def _colour_cost(voicing: Voicing) -> int:
    gaps = [high - low for low, high in itertools.pairwise(voicing)]
    cost = sum(_CLASH_COST for low, high in itertools.combinations(voicing, 2) if high - low == 13)
    if gaps and gaps[-1] == 1:
        cost += _CLASH_COST
    if gaps and ((voicing[0] < 53 and gaps[0] < 3) or (voicing[0] < 48 and gaps[0] < 5)):
        cost += _MUD_COST
    return cost + sum(gap - 9 for gap in gaps if gap > 9)


def _parallel_cost(pairs: list[tuple[int, int]]) -> int:
    (top, top_before), (low, low_before) = pairs[0], pairs[-1]
    move = top - top_before
    same = move != 0 and move == low - low_before
    return _PARALLEL_COST if same and (top - low) % 12 in (0, 7) else 0
