"""Casting: who plays, in which role, in which style, under which name."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acestep_desktop.sketch.casting import (
    EFFECTS,
    FEWEST_PLAYERS,
    MOST_PLAYERS,
    ROLES,
    Player,
    cast,
)
from acestep_desktop.sketch.tables import genres, instruments, styles
from acestep_desktop.sketch.wish import Wish
from tests.sketch.sketches import share

ALL = sorted(genres())
SEEDS = range(8)


def players(genre: str, seed: int = 1, **wish: Any) -> tuple[Player, ...]:
    return cast(Wish(genres=(genre,), **wish), genres()[genre], seed, [])[0]


def in_role(role: str, found: tuple[Player, ...]) -> Player | None:
    return next((player for player in found if player.role == role), None)


@pytest.mark.parametrize("genre", ALL)
def test_a_cast_is_a_band_in_the_order_of_the_roles(genre: str) -> None:
    for seed in SEEDS:
        found = players(genre, seed)
        order = [ROLES.index(player.role) for player in found]
        assert order == sorted(order)
        assert len({player.role for player in found}) == len(found)
        band = [player for player in found if player.role != "fx"]
        assert FEWEST_PLAYERS - 1 <= len(band) <= MOST_PLAYERS


@pytest.mark.parametrize("genre", ALL)
def test_roles_that_are_certain_are_always_filled_and_others_as_often_as_said(genre: str) -> None:
    table = genres()[genre].roles
    casts = [{player.role for player in players(genre, seed)} for seed in range(40)]
    for role, row in table.items():
        here = share([role in found for found in casts])
        if row.chance == 100:
            assert here == 1.0, role
        elif role not in ("fx", "melody", "counter"):
            assert here >= row.chance / 100 - 0.3, role


@pytest.mark.parametrize("genre", ALL)
def test_everybody_plays_what_the_genre_has_for_the_role(genre: str) -> None:
    table = genres()[genre]
    for seed in SEEDS:
        for player in players(genre, seed):
            usual = table.kits if player.role == "drums" else table.roles[player.role].instruments
            assert player.instrument in dict(usual)
            row = instruments().get(player.instrument)
            if row is not None:
                assert (player.program, player.drums) == (row.program, row.family == "drums")


@pytest.mark.parametrize("genre", ALL)
def test_every_style_is_one_that_its_player_can_play(genre: str) -> None:
    kinds = {"bass": "bass", "chords": "chords", "pad": "chords", "melody": "melody", "arp": "arp"}
    for seed in SEEDS:
        for player in players(genre, seed):
            if player.role in kinds:
                style = styles(kinds[player.role])[player.styles[0]]
                family = instruments()[player.instrument].family
                assert not style.families or family in style.families or player.role == "pad"


@pytest.mark.parametrize("instrument", sorted(instruments()))
def test_an_instrument_that_is_asked_takes_a_role_that_suits_it(instrument: str) -> None:
    row = instruments()[instrument]
    for genre in ("pop", "house", "jazz"):
        found = players(genre, instruments=(instrument,))
        player = next(each for each in found if each.instrument == instrument)
        assert player.role == row.roles[0]


def test_an_acid_bass_plays_acid_and_a_walking_one_walks() -> None:
    acid = in_role("bass", players("house", instruments=("acid_bass",)))
    walking = in_role("bass", players("pop", styles=("walking",)))

    assert acid is not None
    assert acid.styles == ("acid",)
    assert walking is not None
    assert (walking.styles, walking.name) == (("walk",), "Walking bass")


def test_an_arpeggio_that_is_asked_is_played_where_the_genre_has_one() -> None:
    for genre in ALL:
        if "arp" in genres()[genre].roles:
            assert in_role("arp", players(genre, styles=("arpeggiated",))) is not None, genre


@pytest.mark.parametrize(
    ("family", "genre", "wanted"),
    [
        ("drums", "trap", "kit_808"),
        ("drums", "jazz", "kit_jazz"),
        ("bass", "trap", "bass_808"),
        ("bass", "jazz", "upright_bass"),
        ("keys", "jazz", "grand_piano"),
        ("guitar", "metal", "distorted_guitar"),
        ("guitar", "bossa", "nylon_guitar"),
        ("strings", "pop", "strings"),
        ("choir", "house", "choir"),
        ("winds", "techno", "flute"),
    ],
)
def test_a_family_is_represented_by_one_of_the_genre_or_by_its_best_known(
    family: str, genre: str, wanted: str
) -> None:
    found = {player.instrument for player in players(genre, families=(family,))}
    usual = {
        key
        for role in genres()[genre].roles.values()
        for key, _ in role.instruments
        if instruments()[key].family == family
    } | ({key for key, _ in genres()[genre].kits} if family == "drums" else set())

    assert wanted in found or found & usual


def test_percussion_that_is_asked_is_played_beside_the_drums() -> None:
    for genre in ("house", "pop", "techno"):
        found = players(genre, families=("percussion",))
        percussion = in_role("percussion", found)
        assert percussion is not None
        assert (percussion.instrument, percussion.name) == ("kit_latin", "Percussion")
        assert in_role("drums", found) is not None


@pytest.mark.parametrize("keyboard", ["grand_piano", "electric_piano", "nylon_guitar"])
def test_one_who_plays_alone_plays_all_lines(keyboard: str) -> None:
    (player,) = players("jazz", instruments=(keyboard,), solo=True)

    assert set(player.roles) == {"chords", "melody", "bass"}
    assert len(player.styles) == 3
    assert player.styles[2] == "slow_roots"


def test_a_flute_alone_plays_a_melody_and_nothing_else() -> None:
    (player,) = players("classical", instruments=("flute",), solo=True)

    assert player.roles == ("melody",)


@pytest.mark.parametrize(
    "genre", [name for name in ALL if genres()[name].form in ("jazz", "quiet")]
)
def test_in_intimate_music_a_piano_that_is_asked_sings_too(genre: str) -> None:
    found = players(genre, instruments=("grand_piano",))
    piano = next(player for player in found if player.instrument == "grand_piano")

    assert "melody" in piano.roles
    assert in_role("melody", found) is None


def test_a_counter_line_answers_somebody() -> None:
    for genre in ALL:
        for seed in range(20):
            roles = {role for player in players(genre, seed) for role in player.roles}
            assert "counter" not in roles or "melody" in roles, (genre, seed)


def test_two_players_of_one_instrument_are_told_apart() -> None:
    for genre in ALL:
        for seed in range(20):
            names = [player.name for player in players(genre, seed)]
            assert len(set(names)) == len(names), (genre, seed)


@pytest.mark.parametrize("effect", sorted(EFFECTS))
def test_an_effect_stands_alone_only_where_nothing_else_was_said(effect: str) -> None:
    alone, kit = cast(Wish(effects=(effect,)), genres()["pop"], 1, [])
    among = players("pop", effects=(effect,))
    band, _ = cast(Wish(effects=(effect,), families=("keys",)), genres()["pop"], 1, [])

    assert [player.instrument for player in alone] == [effect]
    assert kit == ""
    assert among[-1].instrument == effect
    assert len(among) > 3
    assert len(band) > 3
    assert band[-1].instrument == effect


def test_nine_instruments_are_too_many_and_the_first_seven_play() -> None:
    winds = ("flute", "trumpet", "saxophone", "harp", "organ", "sitar")
    named = (*sorted(instruments())[:3], *winds)
    found = {player.instrument for player in players("pop", instruments=named)}

    assert set(named[:2]) <= found
    assert len(found) <= MOST_PLAYERS + 1


def test_what_is_not_an_instrument_is_passed_over() -> None:
    assert players("pop", instruments=("kazoo",)) == players("pop")


@settings(max_examples=60, deadline=None)
@given(
    genre=st.sampled_from(ALL),
    wanted=st.lists(st.sampled_from(sorted(instruments())), max_size=5, unique=True),
    out=st.lists(
        st.sampled_from([*ROLES, *sorted({row.family for row in instruments().values()})]),
        max_size=4,
        unique=True,
    ),
    solo=st.booleans(),
    seed=st.integers(0, 10_000),
)
def test_no_cast_breaks_its_own_rules(
    genre: str, wanted: list[str], out: list[str], solo: bool, seed: int
) -> None:
    notes: list[str] = []
    wish = Wish(instruments=tuple(wanted), without=tuple(out), solo=solo)
    found, kit = cast(wish, genres()[genre], seed, notes)
    for player in found:
        row = instruments().get(player.instrument)
        assert len(player.roles) == len(player.styles)
        if row is not None and not notes:
            assert row.family not in out or player.instrument in wanted
        if (
            solo
            and wanted
            and not notes
            and any(instruments()[key].family not in out for key in wanted)
        ):
            assert player.instrument in wanted
    assert found
    assert (kit == "") == (in_role("drums", found) is None)
