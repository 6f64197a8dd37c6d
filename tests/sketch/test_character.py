"""What words change: genre, tempo, mode, swing, space, energy, groove and form."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.reading import SectionWish
from acestep_desktop.domain.request import MAX_BARS
from acestep_desktop.domain.time import Meter
from acestep_desktop.sketch.changes import chord_plan
from acestep_desktop.sketch.character import (
    choose_genre,
    groove_of,
    lift_of,
    space_of,
    swing_of,
)
from acestep_desktop.sketch.form import Section, lay_out
from acestep_desktop.sketch.grid import grid_of
from acestep_desktop.sketch.harmony import chord_of
from acestep_desktop.sketch.measures import decide_measures
from acestep_desktop.sketch.tables import forms, genres, section_kinds
from acestep_desktop.sketch.wish import Wish
from tests.sketch.scores import METERS
from tests.sketch.sketches import share

ALL = sorted(genres())
FOUR = Meter(4, 4)


def measured(genre: str = "house", seed: int = 1, **wish: Any) -> tuple[float, Key, Meter, int]:
    found = decide_measures(Wish(**wish), genres()[genre], seed, [])
    return found.bpm, found.key, found.meter, found.bars


@pytest.mark.parametrize(
    ("moods", "energy", "lift"),
    [
        ((), None, 0.0),
        ((), 0.5, 0.0),
        ((), 1.0, 0.15),
        ((), 0.0, -0.15),
        (("energetic",), None, 0.08),
        (("calm",), None, -0.12),
        (("calm", "dreamy", "sad"), None, -0.2),
        (("aggressive", "energetic", "epic"), 1.0, 0.2),
        (("happy", "sad"), None, -0.02),
        (("nostalgic",), None, 0.0),
    ],
)
def test_words_lift_the_energy_within_a_fifth(
    moods: tuple[str, ...], energy: float | None, lift: float
) -> None:
    assert lift_of(Wish(moods=moods, energy=energy)) == lift


@given(
    st.lists(st.sampled_from(["energetic", "calm", "epic", "sad", "happy"]), max_size=8),
    st.none() | st.floats(0, 1),
)
def test_no_words_lift_the_energy_further(moods: list[str], energy: float | None) -> None:
    assert -0.2 <= lift_of(Wish(moods=tuple(moods), energy=energy)) <= 0.2


@pytest.mark.parametrize(
    ("word", "field", "more"),
    [
        ("reverb", "reverb", True),
        ("dry", "reverb", False),
        ("echo", "delay", True),
        ("wide", "width", True),
        ("sidechain", "sidechain", True),
    ],
)
@pytest.mark.parametrize("genre", ALL)
def test_a_word_moves_one_hint_of_the_space_and_no_other(
    genre: str, word: str, field: str, more: bool
) -> None:
    usual, changed = genres()[genre].space, space_of(Wish(styles=(word,)), genres()[genre])
    for name in type(usual).__slots__:
        before, after = getattr(usual, name), getattr(changed, name)
        assert 0.0 <= after <= 1.0
        if name != field:
            assert after == before
        elif more:
            assert after > before or before > 0.79
        else:
            assert after < before


@pytest.mark.parametrize("genre", ALL)
def test_swing_lies_where_the_genre_swings_unless_words_say_otherwise(genre: str) -> None:
    unit, low, high = genres()[genre].swing
    for seed in range(10):
        assert swing_of(Wish(), genres()[genre], seed)[0] == unit
        assert low <= swing_of(Wish(), genres()[genre], seed)[1] <= high
        assert swing_of(Wish(styles=("straight",)), genres()[genre], seed)[1] == 500
        assert 620 <= swing_of(Wish(styles=("swung",)), genres()[genre], seed)[1] <= 700


@pytest.mark.parametrize("genre", ALL)
def test_half_time_has_its_backbeat_in_the_middle_where_the_genre_has_such_a_groove(
    genre: str,
) -> None:
    grooves = genres()[genre].grooves
    halved = {
        name
        for name, lanes in grooves.items()
        if (dict(lanes).get("snare") or dict(lanes).get("clap") or "").strip(".")
        and (dict(lanes).get("snare") or dict(lanes).get("clap") or "")[:9].rstrip("-")
        == "........X"
    }
    chosen = {groove_of(Wish(styles=("half_time",)), genres()[genre], seed) for seed in range(12)}

    assert chosen <= (halved or set(grooves))


def test_a_genre_is_the_one_asked_or_one_that_suits() -> None:
    for seed in range(10):
        assert choose_genre(Wish(genres=("dub",)), seed, []).genre == "dub"
        assert choose_genre(Wish(genres=("polka", "folk")), seed, []).genre == "folk"
        assert choose_genre(Wish(genres=("techno", "jazz")), seed, []).genre == "techno"


@pytest.mark.parametrize(
    "pair", list(itertools.permutations(("house", "jazz", "trap", "ambient"), 2)), ids="-".join
)
def test_a_blend_has_the_drums_of_the_first_and_something_of_the_second(
    pair: tuple[str, str],
) -> None:
    first, second = genres()[pair[0]], genres()[pair[1]]
    for seed in range(6):
        blend = choose_genre(Wish(genres=pair), seed, [])
        taken = [role for role, row in blend.roles.items() if row == second.roles.get(role)]
        assert blend.grooves == first.grooves
        assert set(blend.roles) == set(first.roles)
        assert taken
        assert blend.space.reverb == (first.space.reverb + second.space.reverb) / 2


@pytest.mark.parametrize(
    ("moods", "mode"),
    [
        (("happy",), "major"),
        (("bright", "romantic"), "major"),
        (("dark",), "minor"),
        (("melancholic", "tense", "happy"), "minor"),
    ],
)
@pytest.mark.parametrize("genre", ["house", "pop", "jazz", "metal"])
def test_moods_choose_the_mode_and_a_tie_leaves_it_to_the_genre(
    genre: str, moods: tuple[str, ...], mode: str
) -> None:
    for seed in range(6):
        assert measured(genre, seed, moods=moods)[1].mode == mode
        tied = measured(genre, seed, moods=("happy", "sad"))[1]
        assert tied == measured(genre, seed)[1]


@pytest.mark.parametrize("genre", ALL)
def test_a_key_has_a_tonic_that_the_genre_likes(genre: str) -> None:
    tonics = {measured(genre, seed)[1].tonic for seed in range(40)}

    assert tonics <= set(genres()[genre].tonics)
    assert len(tonics) >= 3


@settings(max_examples=80, deadline=None)
@given(
    genre=st.sampled_from(ALL),
    seconds=st.floats(2.0, 600.0),
    meter=st.sampled_from(METERS),
    seed=st.integers(0, 99),
)
def test_seconds_become_whole_bars_within_half_a_bar(
    genre: str, seconds: float, meter: Meter, seed: int
) -> None:
    bpm, _, kept, bars = measured(genre, seed, seconds=seconds, meter=meter)
    bar_s = float(meter.quarters_per_bar) * 60 / bpm
    low, high = genres()[genre].bpm

    assert kept == meter
    assert low <= bpm <= high
    assert 1 <= bars <= MAX_BARS
    if bars < MAX_BARS:
        assert abs(bars * bar_s - seconds) <= max(bar_s / 2, bar_s - seconds) + 1e-6


@pytest.mark.parametrize("name", sorted(forms()))
@pytest.mark.parametrize("bars", [1, 4, 8, 13, 24, 40, 64, 128])
def test_a_form_fills_its_bars_with_sections_of_its_own(name: str, bars: int) -> None:
    sections = lay_out(forms()[name], bars, (), 0.0)
    usual = {kind for _, names in forms()[name].layouts for kind in names}

    assert sum(section.bars for section in sections) == bars
    assert {section.name for section in sections} <= usual
    for section in sections:
        assert section.energy == section_kinds()[section.name].energy / 100


@settings(max_examples=80)
@given(
    asked=st.lists(
        st.builds(
            SectionWish, st.sampled_from([*section_kinds(), "solo"]), st.none() | st.integers(1, 32)
        ),
        max_size=8,
    ),
    bars=st.integers(1, 200),
    lift=st.floats(-0.2, 0.2),
)
def test_any_sections_fill_any_length_in_order(
    asked: list[SectionWish], bars: int, lift: float
) -> None:
    sections = lay_out(forms()["song"], bars, asked, lift)
    known = [wish.form for wish in asked if wish.form in section_kinds()]
    place = 0
    for section in sections:
        assert section.first_bar == place
        assert section.bars >= 1
        assert 0.05 <= section.energy <= 1.0
        place = section.end_bar
    assert place == bars
    if known:
        assert [section.name for section in sections] == known[:bars]


def test_longer_sections_that_are_asked_stay_longer() -> None:
    asked = (SectionWish("verse", 16), SectionWish("chorus", 8))
    verse, chorus = lay_out(forms()["song"], 48, asked, 0.0)

    assert (verse.bars, chorus.bars) == (32, 16)


@pytest.mark.parametrize("genre", ALL)
@pytest.mark.parametrize("meter", METERS, ids=str)
def test_the_changes_are_whole_and_stand_on_beats(genre: str, meter: Meter) -> None:
    grid = grid_of(meter)
    beats = {beat.start for beat in grid.beats}
    sections = (Section("verse", 0, 8, 0.6), Section("chorus", 8, 8, 0.9))
    for seed, mode in itertools.product(range(3), ("major", "minor")):
        key = Key("E", mode)  # type: ignore[arg-type]
        spans = chord_plan(genres()[genre], key, grid, sections, seed)
        assert spans[0].chord.root == key.pitch_class
        assert all(span.start % grid.bar in beats for span in spans)
        assert [span.end for span in spans[:-1]] == [span.start for span in spans[1:]]
        assert spans[-1].end == 16 * grid.bar


def test_a_chorus_has_other_changes_than_the_verse() -> None:
    grid = grid_of(FOUR)
    differs = []
    for genre, seed in itertools.product(ALL, range(4)):
        sections = (Section("verse", 0, 8, 0.6), Section("chorus", 8, 8, 0.9))
        spans = chord_plan(genres()[genre], Key("A", "minor"), grid, sections, seed)
        verse, chorus = (
            [span.chord.numeral for span in spans if first <= span.start // grid.bar < first + 8]
            for first in (0, 8)
        )
        differs.append(verse != chorus)
    assert share(differs) > 0.9


@pytest.mark.parametrize("genre", ALL)
def test_an_outro_comes_home_in_its_last_bar(genre: str) -> None:
    grid = grid_of(FOUR)
    sections = (Section("verse", 0, 8, 0.6), Section("outro", 8, 4, 0.4))
    for seed in range(4):
        key = Key("G", "minor")
        spans = chord_plan(genres()[genre], key, grid, sections, seed)
        last = next(span for span in spans if span.start == 11 * grid.bar)
        assert last.chord.root == key.pitch_class


@given(
    st.sampled_from(["I", "ii7", "V7", "bVImaj7", "iv9", "V7/ii", "I^3", "vi9", "bVII"]),
    st.sampled_from(["C", "F#", "Bb", "Eb", "A"]),
    st.integers(0, 11),
)
def test_a_chord_is_the_same_in_every_key_but_higher(numeral: str, tonic: str, steps: int) -> None:
    here, there = chord_of(numeral, Key("C")), chord_of(numeral, Key(tonic))
    up = Key(tonic).pitch_class

    assert there.intervals == here.intervals
    assert there.root == (here.root + up) % 12
    assert there.bass == (here.bass + up) % 12
    assert {(tone + up) % 12 for tone in here.pitch_classes} == set(there.pitch_classes)
