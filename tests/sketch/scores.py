"""Scores for the tests: one player with a style, before swing and feel."""

from dataclasses import replace
from typing import Any

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.time import Meter
from acestep_desktop.sketch.blueprint import plan
from acestep_desktop.sketch.casting import Player
from acestep_desktop.sketch.feel import Stroke
from acestep_desktop.sketch.score import Score
from acestep_desktop.sketch.wish import Wish

METERS = tuple(Meter.parse(text) for text in ("2/4", "3/4", "4/4", "6/8", "5/4", "7/8"))


def score_for(
    instrument: str,
    *roles: str,
    genre: str = "house",
    seed: int = 1,
    rootless: bool = False,
    **wish: Any,
) -> Score:
    """Return a score for one who plays `instrument` in `roles`, in a piece in C minor."""
    wish.setdefault("key", Key("C", "minor"))
    blueprint = plan(Wish(genres=(genre,), **wish), seed)
    player = Player("Tester", instrument, 0, False, roles, ("",) * len(roles), rootless)
    return Score(blueprint, player, seed)


def with_groove(score: Score, groove: str) -> Score:
    """Return the score with another groove of its genre."""
    return replace(score, blueprint=replace(score.blueprint, groove=groove))


def in_bar(strokes: list[Stroke], score: Score, bar: int) -> list[Stroke]:
    """Return the strokes that begin in a bar, counted from 0."""
    length = score.blueprint.grid.bar
    return [stroke for stroke in strokes if stroke.at // length == bar]


def together(strokes: list[Stroke]) -> dict[int, list[Stroke]]:
    """Return the strokes by where they begin, in order."""
    found: dict[int, list[Stroke]] = {}
    for stroke in sorted(strokes, key=lambda each: (each.at, each.pitch)):
        found.setdefault(stroke.at, []).append(stroke)
    return found
