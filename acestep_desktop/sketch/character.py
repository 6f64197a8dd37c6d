"""Character: which genre a wish leans to, and what its words change in it."""

from dataclasses import replace
from typing import Final

from acestep_desktop.domain.time import Meter
from acestep_desktop.sketch.dice import Dice
from acestep_desktop.sketch.grid import fit, grid_of
from acestep_desktop.sketch.tables import (
    Genre,
    Lanes,
    Space,
    default_genres,
    defaults,
    genres,
    instruments,
)
from acestep_desktop.sketch.wish import Wish

_MOOD_LIFT: Final = {
    "energetic": 8,
    "aggressive": 10,
    "epic": 6,
    "happy": 3,
    "calm": -12,
    "chill": -10,
    "dreamy": -6,
    "sad": -5,
    "melancholic": -5,
    "romantic": -4,
}
_SPACE_WORDS: Final = {
    "reverb": ("reverb", 0.2),
    "dry": ("reverb", -0.2),
    "echo": ("delay", 0.25),
    "wide": ("width", 0.2),
    "sidechain": ("sidechain", 0.4),
    "dreamy": ("reverb", 0.1),
    "epic": ("reverb", 0.08),
    "calm": ("reverb", 0.06),
}
_FOUR_FOUR: Final = Meter(4, 4)
_SWUNG: Final = 620
_STRAIGHT: Final = 500
_BLENDED: Final = ("chords", "melody", "bass", "arp", "pad")


def choose_genre(wish: Wish, seed: int, notes: list[str]) -> Genre:
    """Return the genre asked, coloured by a second one, or one that suits the other words."""
    asked = [name for name in wish.genres if name in genres() and name not in wish.without]
    if len(asked) > 1:
        return _blend(genres()[asked[0]], genres()[asked[1]], seed)
    if asked:
        return genres()[asked[0]]
    options = [name for name in _suiting(wish) if name not in wish.without]
    chosen = Dice(seed, "genre").pick(options or sorted(genres()))
    if not wish.effects:
        notes.append(f"no genre was named; this is {chosen.replace('_', ' ')}")
    return genres()[chosen]


def _suiting(wish: Wish) -> list[str]:
    named = [instruments()[key].family for key in wish.instruments if key in instruments()]
    words = (
        ("eras", wish.eras),
        ("instruments", wish.instruments),
        ("families", (*wish.families, *named)),
        ("moods", wish.moods),
    )
    for kind, said in words:
        table = defaults(kind)
        found = [name for word in said for name in table.get(word, ())]
        if found:
            return found
    return list(default_genres())


def _blend(first: Genre, second: Genre, seed: int) -> Genre:
    """Return the first genre with some roles, and half the space, of the second."""
    dice = Dice(seed, "blend", first.genre, second.genre)
    shared = [role for role in _BLENDED if role in first.roles and role in second.roles]
    taken = [role for role in shared if dice.happens(0.5)] or shared[:1]
    roles = {
        role: second.roles[role] if role in taken else table for role, table in first.roles.items()
    }
    a, b = first.space, second.space
    space = Space(
        (a.reverb + b.reverb) / 2, max(a.delay, b.delay), a.sidechain, max(a.width, b.width)
    )
    progressions = second.progressions if dice.happens(0.5) else first.progressions
    return replace(first, roles=roles, space=space, progressions=progressions)


def lift_of(wish: Wish) -> float:
    """Return how much livelier than usual, -0.2..0.2, the sections should be."""
    lift = sum(_MOOD_LIFT.get(mood, 0) for mood in wish.moods) / 100
    if wish.energy is not None:
        lift += (wish.energy - 0.5) * 0.3
    return round(max(-0.2, min(0.2, lift)), 3)


def space_of(wish: Wish, genre: Genre) -> Space:
    """Return the genre's space, changed as words such as "dry" or "dreamy" say.

    A reverb, an echo or a side-chain that is ruled out is none at all.
    """
    values = {name: getattr(genre.space, name) for name in Space.__slots__}
    for word in (*wish.styles, *wish.moods):
        if word in _SPACE_WORDS:
            name, change = _SPACE_WORDS[word]
            values[name] = round(max(0.0, min(1.0, values[name] + change)), 3)
    for word in ("reverb", "echo", "sidechain"):
        if word in wish.without:
            values[_SPACE_WORDS[word][0]] = 0.0
    return Space(**values)


def swing_of(wish: Wish, genre: Genre, seed: int) -> tuple[int, int]:
    """Return which notes swing (8 or 16) and how far, in thousandths of the pair."""
    unit, low, high = genre.swing
    if "straight" in wish.styles or "swung" in wish.without:
        return unit, _STRAIGHT
    swing = Dice(seed, genre.genre, "swing").within(low, high)
    return unit, max(swing, _SWUNG) if "swung" in wish.styles else swing


def groove_of(wish: Wish, genre: Genre, seed: int) -> str:
    """Return the name of a groove of the genre, one that a style such as half-time asks for."""
    names = tuple(genre.grooves)
    if "four_on_the_floor" in wish.styles:
        names = tuple(name for name in names if _on_every_beat(genre.grooves[name])) or names
    if "half_time" in wish.styles:
        names = tuple(name for name in names if _half_time(genre.grooves[name])) or names
    return Dice(seed, genre.genre, "groove").pick(names)


def _on_every_beat(groove: Lanes) -> bool:
    return dict(groove).get("kick", "").startswith("X...X...X...X...")


def _half_time(groove: Lanes) -> bool:
    lanes = dict(groove)
    backbeat = lanes.get("snare") or lanes.get("clap") or ""
    grid = grid_of(_FOUR_FOUR)
    return bool(backbeat) and [hit.at for hit in fit(backbeat, grid, 0)][:1] == [grid.bar // 2]
