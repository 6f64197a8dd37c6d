"""The blueprint: tempo, key, meter, length, form and cast from a wish."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.reading import SectionWish
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import SAMPLE_RATE, Meter
from acestep_desktop.domain.understanding import understand
from acestep_desktop.sketch.blueprint import Blueprint, Wish, plan
from acestep_desktop.sketch.casting import EFFECTS
from acestep_desktop.sketch.compose import compose
from acestep_desktop.sketch.tables import genres, instruments, section_kinds
from acestep_desktop.sketch.wish import wish_from


def planned(seed: int = 1, **wish: Any) -> Blueprint:
    return plan(Wish(**wish), seed)


def from_prompt(text: str, seed: int = 0) -> Blueprint:
    return plan(wish_from(understand(Request(Prompt(text)))), seed)


@pytest.mark.parametrize("genre", sorted(genres()))
def test_the_tempo_and_the_mode_are_usual_for_the_genre(genre: str) -> None:
    low, high = genres()[genre].bpm
    for seed in range(10):
        blueprint = planned(seed, genres=(genre,))
        assert low <= blueprint.bpm <= high
        assert blueprint.meter == Meter(4, 4)
        assert blueprint.bars == 8


def test_what_is_asked_is_what_is_planned() -> None:
    blueprint = planned(
        genres=("house",), bpm=121.5, key=Key("F#", "minor"), meter=Meter(7, 8), bars=13
    )

    assert (blueprint.bpm, blueprint.key, blueprint.meter, blueprint.bars) == (
        121.5,
        Key("F#", "minor"),
        Meter(7, 8),
        13,
    )
    assert blueprint.frames == frames_of_bars(13, Meter(7, 8), 121.5)


@pytest.mark.parametrize("seconds", [3.0, 10.0, 17.3, 30.0, 61.7, 180.0])
@pytest.mark.parametrize("genre", ["house", "jazz", "ambient", "metal", "lo_fi"])
def test_whole_bars_fill_the_seconds_at_a_tempo_of_the_genre(genre: str, seconds: float) -> None:
    blueprint = planned(genres=(genre,), seconds=seconds)
    low, high = genres()[genre].bpm
    missed = abs(blueprint.frames / SAMPLE_RATE - seconds)

    assert low <= blueprint.bpm <= high
    assert blueprint.frames == frames_of_bars(blueprint.bars, blueprint.meter, blueprint.bpm)
    if seconds >= 30:
        assert missed < 0.02
    else:
        assert missed < 240 / low


def test_a_tempo_that_was_asked_is_kept_and_the_bars_are_rounded() -> None:
    blueprint = planned(genres=("house",), bpm=123.0, seconds=30.0)

    assert (blueprint.bpm, blueprint.bars) == (123.0, 15)


def test_a_tempo_beyond_the_limits_is_brought_within_them_and_said() -> None:
    fast, slow = planned(genres=("jazz",), bpm=400.0), planned(genres=("jazz",), bpm=5.0)

    assert (fast.bpm, slow.bpm) == (300.0, 30.0)
    assert "400 bpm is beyond 300; used 300" in fast.notes
    assert "5 bpm is below 30; used 30" in slow.notes


def test_a_range_of_tempos_is_respected_and_an_unusual_one_is_said() -> None:
    usual = planned(genres=("jazz",), bpm_range=(120.0, 130.0))
    unusual = planned(genres=("drum_and_bass",), bpm_range=(60.0, 80.0))

    assert 120 <= usual.bpm <= 130
    assert unusual.bpm == 80
    assert any("not usual" in note for note in unusual.notes)


def test_lively_wishes_are_faster_than_quiet_ones() -> None:
    lively = [planned(seed, genres=("jazz",), energy=0.9).bpm for seed in range(20)]
    quiet = [planned(seed, genres=("jazz",), energy=0.1).bpm for seed in range(20)]

    assert sum(lively) / 20 > sum(quiet) / 20 + 8


def test_moods_decide_the_mode() -> None:
    happy = {planned(seed, genres=("pop",), moods=("happy",)).key.mode for seed in range(12)}
    sad = {planned(seed, genres=("pop",), moods=("sad",)).key.mode for seed in range(12)}

    assert (happy, sad) == ({"major"}, {"minor"})


@pytest.mark.parametrize("genre", sorted(genres()))
def test_a_piece_begins_on_its_tonic_and_the_chords_leave_no_gap(genre: str) -> None:
    for seed in range(8):
        blueprint = planned(seed, genres=(genre,), bars=16)
        spans = blueprint.chords
        assert spans[0].chord.root == blueprint.key.pitch_class
        assert spans[0].start == 0
        assert [span.start for span in spans[1:]] == [span.end for span in spans[:-1]]
        assert spans[-1].end == blueprint.total


def test_an_outro_ends_at_home() -> None:
    for seed in range(10):
        blueprint = planned(seed, genres=("pop",), bars=64)
        assert blueprint.sections[-1].name == "outro"
        assert blueprint.chords[-1].chord.root == blueprint.key.pitch_class or (
            len({span.start // blueprint.grid.bar for span in blueprint.chords[-2:]}) == 1
        )


@pytest.mark.parametrize("bars", [1, 2, 3, 5, 8, 15, 24, 33, 64, 91, 200, 512])
@pytest.mark.parametrize("genre", ["house", "pop", "jazz", "ambient"])
def test_sections_fill_any_number_of_bars(genre: str, bars: int) -> None:
    sections = planned(genres=(genre,), bars=bars).sections

    assert sections[0].first_bar == 0
    assert [section.first_bar for section in sections[1:]] == [s.end_bar for s in sections[:-1]]
    assert sections[-1].end_bar == bars
    assert all(section.bars >= 1 for section in sections)


def test_sections_are_whole_phrases_where_the_length_allows() -> None:
    sections = planned(genres=("house",), bars=64).sections

    assert all(section.bars % 4 == 0 for section in sections)


def test_sections_that_are_asked_stand_in_order_with_their_bars_and_energies() -> None:
    lengths = (("intro", 4), ("build", 4), ("drop", 8), ("outro", 8))
    asked = tuple(SectionWish(form, bars) for form, bars in lengths)
    blueprint = planned(
        genres=("house",),
        bars=24,
        sections=asked,
    )

    assert [(s.name, s.first_bar, s.bars) for s in blueprint.sections] == [
        ("intro", 0, 4),
        ("build", 4, 4),
        ("drop", 8, 8),
        ("outro", 16, 8),
    ]
    energies = [section.energy for section in blueprint.sections]
    assert energies[0] < energies[1] < energies[2] > energies[3]
    assert [marker.name for marker in blueprint.markers()] == ["Intro", "Build", "Drop", "Outro"]


def test_more_sections_than_bars_are_cut_short() -> None:
    asked = tuple(SectionWish(name) for name in section_kinds())

    assert len(planned(genres=("pop",), bars=2, sections=asked).sections) == 2


def test_no_drums_means_no_drums_and_no_percussion() -> None:
    for genre in genres():
        for seed in range(4):
            blueprint = planned(seed, genres=(genre,), without=("drums",))
            assert blueprint.kit == ""
            assert not any(player.drums for player in blueprint.players), genre


@pytest.mark.parametrize("family", ["bass", "keys", "guitar", "strings", "pad"])
def test_a_family_that_is_not_wanted_does_not_play(family: str) -> None:
    for genre in genres():
        players = planned(3, genres=(genre,), without=(family,)).players
        families = [
            instruments()[player.instrument].family
            for player in players
            if player.instrument in instruments()
        ]
        assert family not in families, genre


@pytest.mark.parametrize("instrument", sorted(instruments()))
def test_a_named_instrument_always_plays(instrument: str) -> None:
    for genre in ("jazz", "techno", "ambient"):
        blueprint = planned(5, genres=(genre,), instruments=(instrument,))
        parts = compose(blueprint, 5)
        assert any(part.instrument == instrument and part.notes for part in parts)


def test_two_instruments_for_one_role_both_play() -> None:
    named = ("grand_piano", "electric_piano", "organ", "harpsichord")
    players = planned(genres=("pop",), instruments=named).players

    assert set(named) <= {player.instrument for player in players}


def test_a_family_is_played_by_an_instrument_that_suits_the_genre() -> None:
    players = planned(genres=("bossa",), families=("guitar",)).players

    assert "nylon_guitar" in {player.instrument for player in players}


def test_solo_means_that_nobody_else_plays() -> None:
    blueprint = planned(genres=("classical",), instruments=("grand_piano",), solo=True)

    assert [player.name for player in blueprint.players] == ["Piano"]
    assert set(blueprint.players[0].roles) == {"chords", "melody", "bass"}


def test_a_jazz_piano_with_a_walking_bass_is_a_trio_with_both_hands() -> None:
    blueprint = planned(
        genres=("jazz",), instruments=("grand_piano", "upright_bass"), styles=("walking",)
    )
    names = [player.name for player in blueprint.players]

    assert {"Piano", "Walking bass"} <= set(names)
    piano = next(player for player in blueprint.players if player.name == "Piano")
    assert set(piano.roles) == {"chords", "melody"}


def test_an_effect_alone_stands_alone_and_lasts_throughout() -> None:
    for effect, name in EFFECTS.items():
        blueprint = planned(effects=(effect,), seconds=12.0)
        (part,) = compose(blueprint, 1)
        assert (part.name, part.instrument) == (name, effect)
        assert [(note.start, note.length) for note in part.notes] == [(0, blueprint.total)]


def test_an_effect_joins_a_genre() -> None:
    parts = compose(planned(genres=("house",), effects=("riser",), bars=16), 1)

    assert "Riser" in [part.name for part in parts]
    assert len(parts) >= 4


def test_a_wish_without_a_genre_gets_one_that_suits_its_words_and_says_so() -> None:
    assert planned(eras=("1980s",)).genre in ("synthwave", "pop")
    assert planned(instruments=("acid_bass",)).genre == "techno"
    assert planned(moods=("epic",)).genre in ("cinematic", "trance")
    assert any("no genre was named" in note for note in planned().notes)


def test_a_second_genre_colours_the_first() -> None:
    blended = planned(7, genres=("techno", "dub"))

    assert blended.genre == "techno"
    assert blended.space.delay >= genres()["dub"].space.delay


def test_words_change_swing_space_and_groove() -> None:
    straight = planned(genres=("lo_fi",), styles=("straight",))
    swung = planned(genres=("house",), styles=("swung",))
    dry, wet = (planned(genres=("pop",), styles=(word,)) for word in ("dry", "reverb"))

    assert straight.swing == 500
    assert swung.swing >= 600
    assert dry.space.reverb < genres()["pop"].space.reverb < wet.space.reverb
    for seed in range(6):
        blueprint = planned(seed, genres=("uk_garage",), styles=("four_on_the_floor",))
        kick = dict(genres()["uk_garage"].grooves[blueprint.groove])["kick"]
        assert kick.startswith("X...X...X...X...")


def test_no_instruments_at_all_still_gives_music_and_a_note() -> None:
    everything = tuple({row.family for row in instruments().values()})
    blueprint = planned(genres=("pop",), without=everything)

    assert blueprint.players
    assert any("no instruments were left" in note for note in blueprint.notes)


@pytest.mark.parametrize(
    "text",
    [
        "fast slow waltz in 7/8, 400 bpm, no instruments",
        "🎹🔥🥁",
        "静かな夜のピアノ",
        "",
        "no drums no bass no piano no anything",
        "ein trauriger Walzer für Klavier",
        "a" * 5000,
    ],
)
def test_any_prompt_becomes_a_sketch_that_sounds(text: str) -> None:
    blueprint = from_prompt(text)

    assert any(part.notes for part in compose(blueprint, 0))


def test_a_prompt_is_heard_through_to_the_players() -> None:
    blueprint = from_prompt("jazz in F minor at 132 bpm with saxophone, no drums, 16 bars")

    assert (blueprint.genre, blueprint.bpm, str(blueprint.key)) == ("jazz", 132.0, "F minor")
    assert blueprint.bars == 16
    assert blueprint.kit == ""
    assert "saxophone" in {player.instrument for player in blueprint.players}


NAMES = st.lists(st.sampled_from([*genres(), "polka", ""]), max_size=3).map(tuple)
WANTED = st.lists(st.sampled_from([*instruments(), "kazoo"]), max_size=9).map(tuple)
FAMILIES = sorted({row.family for row in instruments().values()})


@settings(max_examples=60)
@given(
    names=NAMES,
    wanted=WANTED,
    without=st.lists(st.sampled_from([*FAMILIES, *instruments()]), max_size=6).map(tuple),
    solo=st.booleans(),
    bpm=st.none() | st.floats(0.1, 1000),
    meter=st.none() | st.builds(Meter, st.integers(1, 12), st.sampled_from([2, 4, 8, 16])),
    bars=st.none() | st.integers(1, 20),
    seed=st.integers(0, 2**62),
)
def test_no_wish_is_too_strange(
    names: tuple[str, ...],
    wanted: tuple[str, ...],
    without: tuple[str, ...],
    solo: bool,
    bpm: float | None,
    meter: Meter | None,
    bars: int | None,
    seed: int,
) -> None:
    blueprint = planned(
        seed,
        genres=names,
        instruments=wanted,
        without=without,
        solo=solo,
        bpm=bpm,
        meter=meter,
        bars=bars,
    )
    parts = compose(blueprint, seed)

    assert 1 <= len(parts) <= 8
    assert len({part.name for part in parts}) == len(parts)
    assert any(part.notes for part in parts)
