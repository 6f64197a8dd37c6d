"""Composition: from a blueprint to the parts that its players play."""

from collections.abc import Callable, Mapping
from typing import Final

from acestep_desktop.domain.likeness import Likeness
from acestep_desktop.domain.notes import Part
from acestep_desktop.sketch.bass import play_bass
from acestep_desktop.sketch.blueprint import Blueprint
from acestep_desktop.sketch.casting import Player
from acestep_desktop.sketch.chords import play_arp, play_chords, play_pad
from acestep_desktop.sketch.counter import play_counter
from acestep_desktop.sketch.drums import play_drums, play_percussion
from acestep_desktop.sketch.effects import play_effect
from acestep_desktop.sketch.feel import Feel, Stroke, perform, swing_pair
from acestep_desktop.sketch.melody import play_melody
from acestep_desktop.sketch.score import Score

_OWN: Final = Likeness()
_PLAYS: Final[Mapping[str, Callable[[Score, str], list[Stroke]]]] = {
    "drums": play_drums,
    "percussion": play_percussion,
    "bass": play_bass,
    "chords": play_chords,
    "pad": play_pad,
    "melody": play_melody,
    "counter": play_counter,
    "arp": play_arp,
    "fx": play_effect,
}


def compose(blueprint: Blueprint, seed: int, likeness: Likeness = _OWN) -> tuple[Part, ...]:
    """Return a part for each player of the blueprint who is not muted, in their order."""
    return tuple(
        compose_part(blueprint, player, likeness.seed_of(player.name, seed))
        for player in blueprint.players
        if player.name not in likeness.muted
    )


def compose_part(blueprint: Blueprint, player: Player, seed: int) -> Part:
    """Return the part of one player; no other part's choices bear on it."""
    score = Score(blueprint, player, seed)
    strokes = [
        stroke
        for role, style in zip(player.roles, player.styles, strict=True)
        for stroke in _PLAYS[role](score, style)
    ]
    notes = perform(strokes, _feel(blueprint, player), score.dice("feel"))
    return Part(player.name, player.instrument, player.program, player.drums, notes)


def _feel(blueprint: Blueprint, player: Player) -> Feel:
    compound = blueprint.grid.beats[0].compound
    return Feel(
        bpm=blueprint.bpm,
        bar=blueprint.grid.bar,
        total=blueprint.total,
        pair=0 if compound else swing_pair(blueprint.swing_unit),
        swing=blueprint.swing,
        loose_ms=0.0 if player.role == "fx" else 4.0,
    )
