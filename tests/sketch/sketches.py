"""Sketches for the tests, composed once each."""

from functools import cache
from typing import Any

from acestep_desktop.domain.notes import Note, Part
from acestep_desktop.sketch.blueprint import Blueprint, Wish, plan
from acestep_desktop.sketch.changes import ChordSpan
from acestep_desktop.sketch.compose import compose
from acestep_desktop.sketch.score import chord_index

Sketch = tuple[Blueprint, tuple[Part, ...]]


@cache
def sketch(genre: str, seed: int = 1, **wish: Any) -> Sketch:
    """Return the blueprint and the parts of a sketch."""
    blueprint = plan(Wish(genres=(genre,), **wish), seed)
    return blueprint, compose(blueprint, seed)


def part_in_role(made: Sketch, role: str) -> Part | None:
    """Return the part of the player whose main role it is, or None."""
    blueprint, parts = made
    for player, part in zip(blueprint.players, parts, strict=True):
        if player.role == role:
            return part
    return None


def chord_under(blueprint: Blueprint, at: int) -> ChordSpan:
    """Return the chord that sounds at a tick."""
    return blueprint.chords[chord_index(blueprint.chords, at)]


def onset_steps(note: Note, blueprint: Blueprint) -> int:
    """Return the sixteenth of its bar that a note is nearest to."""
    return round(note.start % blueprint.grid.bar / 240_000)


def share(hits: list[bool]) -> float:
    """Return how many of the hits are true, 0..1."""
    return sum(hits) / max(1, len(hits))
