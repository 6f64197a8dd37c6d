"""Tempo, key, meter and length of a sketch: what was asked, and what that becomes."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from acestep_desktop.domain.key import Key, Mode
from acestep_desktop.domain.request import DEFAULT_BARS, MAX_BARS
from acestep_desktop.domain.tempo import MAX_REQUEST_BPM, MIN_REQUEST_BPM
from acestep_desktop.domain.time import Meter
from acestep_desktop.sketch.dice import Dice
from acestep_desktop.sketch.tables import Genre
from acestep_desktop.sketch.wish import Wish

_MINOR_MOODS: Final = frozenset(
    ("sad", "dark", "melancholic", "tense", "mysterious", "aggressive", "epic")
)
_MAJOR_MOODS: Final = frozenset(("happy", "bright", "romantic"))


@dataclass(frozen=True, slots=True)
class Measures:
    """Tempo, key, meter and length, all decided."""

    bpm: float
    key: Key
    meter: Meter
    bars: int


def decide_measures(wish: Wish, genre: Genre, seed: int, notes: list[str]) -> Measures:
    """Return the measures of a sketch; sentences about what was changed go to `notes`."""
    meter = wish.meter or Meter.parse(genre.meter)
    key = wish.key or _key(wish, genre, seed)
    low, high = _tempo_range(wish, genre, notes)
    if wish.bpm is not None:
        bpm = _within_limits(wish.bpm, notes)
        low = high = bpm
    else:
        bpm = float(Dice(seed, genre.genre, "bpm").within(round(low), round(high)))
    if wish.bars is None and wish.seconds is not None:
        bpm, bars = _filling(wish.seconds, meter, bpm, (low, high))
    else:
        bars = max(1, wish.bars or DEFAULT_BARS)
    if bars > MAX_BARS:
        notes.append(f"{bars} bars are more than {MAX_BARS}; used {MAX_BARS}")
    return Measures(bpm, key, meter, min(bars, MAX_BARS))


def _within_limits(bpm: float, notes: list[str]) -> float:
    if bpm > MAX_REQUEST_BPM:
        notes.append(f"{bpm:g} bpm is beyond {MAX_REQUEST_BPM:g}; used {MAX_REQUEST_BPM:g}")
    elif not bpm >= MIN_REQUEST_BPM:
        notes.append(f"{bpm:g} bpm is below {MIN_REQUEST_BPM:g}; used {MIN_REQUEST_BPM:g}")
    return max(MIN_REQUEST_BPM, min(MAX_REQUEST_BPM, bpm))


def _tempo_range(wish: Wish, genre: Genre, notes: list[str]) -> tuple[float, float]:
    low, high = (float(bpm) for bpm in genre.bpm)
    if wish.bpm_range is None:
        return _leaning(low, high, wish.energy)
    asked_low = max(MIN_REQUEST_BPM, min(wish.bpm_range))
    asked_high = min(MAX_REQUEST_BPM, max(wish.bpm_range))
    shared_low, shared_high = max(low, asked_low), min(high, asked_high)
    if shared_low <= shared_high:
        return shared_low, shared_high
    if asked_low > asked_high:
        return low, high
    name = genre.genre.replace("_", " ")
    notes.append(f"the tempo asked is not usual for {name} ({low:g} to {high:g} bpm)")
    edge = asked_high if asked_high < low else asked_low
    return edge, edge


def _leaning(low: float, high: float, energy: float | None) -> tuple[float, float]:
    """Return the livelier or the quieter part of a range of tempos."""
    if energy is None:
        return low, high
    third = (high - low) / 3
    return (
        (low + third, high)
        if energy >= 0.6
        else (low, high - third)
        if energy <= 0.4
        else (low, high)
    )


def _filling(
    seconds: float, meter: Meter, bpm: float, limits: tuple[float, float]
) -> tuple[float, int]:
    """Return the tempo within `limits`, and the whole bars, that come nearest to `seconds`.

    Among tempos that fill the time, whole phrases and the tempo drawn are preferred.
    """
    low, high = limits
    quarters = meter.quarters_per_bar
    nearest = max(1, round(Fraction(seconds) * Fraction(bpm) / 60 / quarters))
    if low == high:
        return bpm, min(nearest, MAX_BARS)
    best: tuple[float, float, int] | None = None
    for bars in range(max(1, nearest - 64), min(MAX_BARS, nearest + 64) + 1):
        exact = float(bars * quarters * 60 / Fraction(seconds))
        fitted = min(max(round(exact, 2), low), high)
        missed = abs(float(bars * quarters) * 60 / fitted - seconds)
        uneven = (0.0 if bars % 4 == 0 else 0.02 if bars % 2 == 0 else 0.05) * bpm
        cost = 1000.0 * round(missed, 2) + uneven + abs(fitted - bpm)
        if best is None or cost < best[0]:
            best = (cost, fitted, bars)
    assert best is not None
    return best[1], best[2]


def _key(wish: Wish, genre: Genre, seed: int) -> Key:
    dice = Dice(seed, genre.genre, "key")
    mode = wish.mode or _mode(wish, genre, dice)
    return Key(dice.pick(genre.tonics), mode)


def _mode(wish: Wish, genre: Genre, dice: Dice) -> Mode:
    minor = sum(mood in _MINOR_MOODS for mood in wish.moods)
    major = sum(mood in _MAJOR_MOODS for mood in wish.moods)
    drawn = dice.weighted(genre.modes)
    if minor != major:
        return "minor" if minor > major else "major"
    return "minor" if drawn == "minor" else "major"
