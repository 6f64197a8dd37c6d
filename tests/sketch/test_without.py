"""What is ruled out stays out, at every level: families, roles, drums, sections, effects."""

from typing import Any

import pytest

from acestep_desktop.domain.reading import SectionWish
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.understanding import understand
from acestep_desktop.sketch.blueprint import Blueprint, Wish, plan
from acestep_desktop.sketch.compose import compose, compose_part
from acestep_desktop.sketch.tables import PIECES, genres, instruments, lanes
from acestep_desktop.sketch.wish import wish_from

SEEDS = range(5)
ALL = sorted(genres())


def planned(seed: int = 1, **wish: Any) -> Blueprint:
    return plan(Wish(**wish), seed)


def asked(text: str, seed: int = 1) -> Blueprint:
    return plan(wish_from(understand(Request(Prompt(text)))), seed)


def roles(blueprint: Blueprint) -> set[str]:
    return {role for player in blueprint.players for role in player.roles}


def names(blueprint: Blueprint) -> set[str]:
    return {player.instrument for player in blueprint.players}


def keys(blueprint: Blueprint, seed: int = 1) -> set[int]:
    """The percussion keys that the drummer strikes."""
    return {
        note.pitch
        for player in blueprint.players
        if player.role == "drums"
        for note in compose_part(blueprint, player, seed).notes
    }


@pytest.mark.parametrize("piece", sorted(PIECES))
@pytest.mark.parametrize("genre", ["house", "trap", "jazz", "rock", "drum_and_bass"])
def test_a_drum_that_is_ruled_out_is_never_struck_and_the_others_are(
    genre: str, piece: str
) -> None:
    for seed in range(3):
        blueprint = planned(seed, genres=(genre,), without=(piece,), bars=16)
        struck = keys(blueprint, seed)
        assert not struck & PIECES[piece], seed
        assert len(struck) >= 2, seed


@pytest.mark.parametrize(
    ("text", "silent"),
    [
        ("house, no kick", {36}),
        ("techno without hats", {42, 44, 46}),
        ("house, no clap, no snare", {38, 39}),
        ("rock, no cymbals", {49, 51, 53}),
        ("rock without toms", {41, 43, 45, 47, 48, 50}),
    ],
)
def test_words_silence_a_drum(text: str, silent: set[int]) -> None:
    assert not keys(asked(text)) & silent


def test_fills_and_builds_leave_out_what_is_ruled_out_too() -> None:
    form = (SectionWish("build"), SectionWish("drop"))
    for seed in SEEDS:
        blueprint = planned(
            seed, genres=("house",), sections=form, bars=16, without=("snare", "tom")
        )
        assert not keys(blueprint, seed) & (PIECES["snare"] | PIECES["tom"])


def test_each_drum_of_the_tables_is_ruled_out_by_at_most_one_name() -> None:
    for lane, (key, _) in lanes().items():
        assert sum(key in piece for piece in PIECES.values()) <= 1, lane
    for piece, pitches in PIECES.items():
        assert pitches & {key for key, _ in lanes().values()}, piece


def test_ruling_out_a_drum_changes_nobody_else() -> None:
    usual, quiet = (planned(3, genres=("house",), without=out) for out in ((), ("kick",)))
    for player, one, two in zip(usual.players, compose(usual, 3), compose(quiet, 3), strict=True):
        kept = tuple(note for note in one.notes if note.pitch not in PIECES["kick"])
        assert player.role == "drums" or one == two
        if player.role == "drums":
            assert {note.pitch for note in two.notes} == {note.pitch for note in kept}


@pytest.mark.parametrize("role", ["melody", "chords", "bass", "pad", "percussion", "arp"])
def test_a_role_that_is_ruled_out_is_nobodys(role: str) -> None:
    for genre in ALL:
        assert role not in roles(planned(2, genres=(genre,), without=(role,))), genre


@pytest.mark.parametrize("genre", ALL)
def test_without_a_melody_nobody_answers_it(genre: str) -> None:
    for seed in SEEDS:
        assert "counter" not in roles(planned(seed, genres=(genre,), without=("melody", "lead")))


def test_both_hands_of_a_piano_obey() -> None:
    for genre in ("jazz", "classical", "folk"):
        quiet = planned(
            genres=(genre,), instruments=("grand_piano",), without=("melody",), solo=True
        )
        low = planned(genres=(genre,), instruments=("grand_piano",), without=("bass",), solo=True)
        assert roles(quiet) == {"chords", "bass"}
        assert roles(low) == {"chords", "melody"}


@pytest.mark.parametrize(
    ("instrument", "out", "role"),
    [
        ("grand_piano", "chords", "melody"),
        ("saxophone", "melody", "counter"),
        ("steel_guitar", "chords", "arp"),
    ],
)
def test_an_instrument_whose_usual_role_is_ruled_out_takes_another(
    instrument: str, out: str, role: str
) -> None:
    blueprint = planned(genres=("pop",), instruments=(instrument,), without=(out,))
    player = next(each for each in blueprint.players if each.instrument == instrument)

    assert player.role == role


@pytest.mark.parametrize(
    ("text", "plays", "family"),
    [
        ("no strings but a cello, classical", "cello", "strings"),
        ("folk, no guitar except banjo", "banjo", "guitar"),
        ("trap, no bass except 808", "bass_808", "bass"),
    ],
)
def test_an_instrument_asked_by_name_survives_its_family(
    text: str, plays: str, family: str
) -> None:
    for seed in SEEDS:
        found = names(asked(text, seed))
        kin = {each for each in found if each in instruments()}
        assert plays in found
        assert {each for each in kin if instruments()[each].family == family} == {plays}


def test_no_drum_kit_survives_drums_that_are_ruled_out() -> None:
    for kit in ("kit_latin", "kit_909", "kit_jazz"):
        for genre in ("bossa", "house", "jazz"):
            blueprint = planned(genres=(genre,), instruments=(kit,), without=("drums",))
            assert not any(player.drums for player in blueprint.players)


def test_an_instrument_that_is_both_asked_and_ruled_out_does_not_play() -> None:
    blueprint = planned(genres=("jazz",), instruments=("trumpet",), without=("trumpet",))

    assert "trumpet" not in names(blueprint)


def test_no_arpeggio_means_none() -> None:
    for seed in range(12):
        assert "arp" not in roles(asked("trance, no arpeggio", seed))


def test_no_walking_bass_means_that_it_does_not_walk() -> None:
    for seed in range(12):
        for player in asked("jazz, no walking bass", seed).players:
            assert "walk" not in player.styles


@pytest.mark.parametrize(
    ("genre", "bars", "out"),
    [
        ("house", 64, "intro"),
        ("house", 64, "breakdown"),
        ("techno", 32, "outro"),
        ("pop", 64, "bridge"),
        ("jazz", 64, "intro"),
        ("pop", 64, "chorus"),
    ],
)
def test_a_section_that_is_ruled_out_is_left_out_and_the_rest_fill_the_time(
    genre: str, bars: int, out: str
) -> None:
    usual = planned(genres=(genre,), bars=bars).sections
    found = planned(genres=(genre,), bars=bars, without=(out,)).sections

    assert out in [section.name for section in usual]
    assert [s.name for s in found] == [s.name for s in usual if s.name != out]
    assert sum(section.bars for section in found) == bars


def test_a_loop_that_is_ruled_out_is_still_music() -> None:
    blueprint = planned(genres=("house",), bars=8, without=("loop",))

    assert sum(section.bars for section in blueprint.sections) == 8
    assert all(part.notes for part in compose(blueprint, 1))


@pytest.mark.parametrize("genre", ["jazz", "lo_fi", "boom_bap", "uk_garage"])
def test_no_swing_is_straight(genre: str) -> None:
    assert asked(f"{genre.replace('_', ' ')}, no swing").swing == 500


@pytest.mark.parametrize(
    ("word", "field"), [("reverb", "reverb"), ("echo", "delay"), ("sidechain", "sidechain")]
)
def test_no_reverb_no_echo_and_no_pumping_are_none_at_all(word: str, field: str) -> None:
    for genre in ("house", "dub", "ambient"):
        space = asked(f"dreamy {genre}, no {word}").space
        others = {"reverb", "delay"} - {field}
        assert getattr(space, field) == 0.0
        assert all(getattr(space, name) > 0.0 for name in others)


@pytest.mark.parametrize("genre", ["house", "jazz", "techno"])
def test_a_genre_that_is_ruled_out_is_not_played(genre: str) -> None:
    for seed in range(20):
        assert planned(seed, genres=(genre,), without=(genre,)).genre != genre
        assert planned(seed, instruments=("saxophone",), without=(genre,)).genre != genre


@pytest.mark.parametrize("effect", ["vinyl_crackle", "riser", "rain"])
def test_an_effect_that_is_ruled_out_is_not_heard(effect: str) -> None:
    for genre in ALL:
        for seed in SEEDS:
            assert effect not in names(planned(seed, genres=(genre,), without=(effect,)))
