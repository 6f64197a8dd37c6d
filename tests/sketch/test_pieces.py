"""Pieces of a kit, and roles: what is named plays, and alone where nothing else may."""

import pytest

from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.understanding import understand
from acestep_desktop.sketch.blueprint import Blueprint, plan
from acestep_desktop.sketch.compose import compose
from acestep_desktop.sketch.tables import (
    HAND_PIECES,
    PIECES,
    genres,
    lanes,
    piece_lanes,
    piece_name,
)
from acestep_desktop.sketch.wish import wish_from

TABLE = {**{name: keys for name, keys in PIECES.items() if name != "percussion"}, **HAND_PIECES}


def asked(text: str, seed: int = 3) -> Blueprint:
    """The blueprint of a prompt."""
    return plan(wish_from(understand(Request(Prompt(text), seed=seed))), seed)


def struck(blueprint: Blueprint, seed: int = 3) -> set[int]:
    """The keys of all drums that are played."""
    parts = compose(blueprint, seed)
    return {note.pitch for part in parts if part.drums for note in part.notes}


@pytest.mark.parametrize("piece", sorted(TABLE))
@pytest.mark.parametrize("genre", ["house", "jazz", "classical", "trap"])
def test_a_piece_that_is_asked_for_alone_plays_alone(genre: str, piece: str) -> None:
    words = piece_name(piece).lower()
    blueprint = asked(f"{genre}, {words} only")
    assert [player.name for player in blueprint.players] == [piece_name(piece)]
    keys = struck(blueprint)
    assert keys, words
    assert keys <= TABLE[piece], words


def test_a_piece_plays_in_every_bar_it_is_asked_for_alone() -> None:
    for genre in genres():
        blueprint = asked(f"{genre.replace('_', ' ')}, hi-hats only, 4/4")
        (part,) = compose(blueprint, 3)
        bar = blueprint.grid.bar
        assert {note.start // bar for note in part.notes} == set(range(8)), genre


@pytest.mark.parametrize(
    ("text", "piece"),
    [("techno with a cowbell", "cowbell"), ("pop, tambourine", "tambourine"),
     ("jazz with claps", "clap"), ("folk with bongos", "bongo")],
)  # fmt: skip
def test_a_piece_that_is_named_is_heard_among_the_others(text: str, piece: str) -> None:
    blueprint = asked(text)
    assert len(blueprint.players) > 2
    assert struck(blueprint) & TABLE[piece]


def test_a_drum_kit_and_hand_drums_that_play_alone_are_two_players() -> None:
    assert [p.name for p in asked("drums and congas only").players] == ["Brushes", "Congas"]
    assert [p.name for p in asked("hi-hats and shaker only").players] == ["Hi-hats", "Shaker"]
    assert [p.role for p in asked("latin percussion only").players] == ["percussion"]


def test_hand_pieces_that_are_ruled_out_are_silent() -> None:
    for seed in range(8):
        assert not struck(asked("disco, no tambourine, no shaker", seed), seed) & {54, 82, 69, 70}


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("melody only, pop", [("melody",)]),
        ("chords only, deep house", [("chords",)]),
        ("jazz, melody and chords only", [("chords",), ("melody",)]),
        ("piano chords only", [("chords",)]),
        ("techno melody only", [("melody",)]),
        ("just piano", [("chords", "melody", "bass")]),
        ("bass solo", [("bass",)]),
        ("drums only", [("drums",)]),
    ],
)
def test_a_role_that_is_asked_for_alone_is_all_that_plays(
    text: str, roles: list[tuple[str, ...]]
) -> None:
    for seed in range(4):
        assert [player.roles for player in asked(text, seed).players] == roles, seed


def test_every_piece_has_a_pattern_of_its_own_keys() -> None:
    for piece, keys in TABLE.items():
        assert {lanes()[lane][0] for lane, _ in piece_lanes(piece)} <= keys, piece
