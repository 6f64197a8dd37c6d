"""The score, counter lines and effects: who plays in which bars, and over which chord."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.notes import Part
from acestep_desktop.domain.reading import SectionWish
from acestep_desktop.domain.time import Meter
from acestep_desktop.sketch.blueprint import Wish, plan
from acestep_desktop.sketch.casting import EFFECTS, ROLES
from acestep_desktop.sketch.compose import compose, compose_part
from acestep_desktop.sketch.counter import play_counter
from acestep_desktop.sketch.effects import BEDS, play_effect
from acestep_desktop.sketch.score import chord_index
from acestep_desktop.sketch.tables import forms, genres, instruments, styles
from tests.sketch.scores import METERS, score_for, together
from tests.sketch.sketches import share, sketch

ALL = sorted(genres())
LONG = tuple(SectionWish(name, 4) for name in ("intro", "build", "drop", "breakdown", "outro"))


@pytest.mark.parametrize("genre", ALL)
def test_the_chord_at_a_tick_is_the_one_that_holds_it(genre: str) -> None:
    score = score_for("grand_piano", "chords", genre=genre)
    chords = score.blueprint.chords
    for number, span in enumerate(chords):
        for at in (span.start, span.start + span.length // 2, span.end - 1):
            assert score.chord_at(at) is span
            assert chord_index(chords, at) == number
    assert score.chord_at(score.blueprint.total) is chords[0]
    assert score.chord_at(score.blueprint.total + chords[0].length) is chords[1 % len(chords)]


@given(st.integers(0, 30_000_000), st.integers(1, 12_000_000))
def test_the_chords_in_a_stretch_are_those_that_sound_in_it(start: int, length: int) -> None:
    score = score_for("grand_piano", "chords", genre="jazz")
    start %= score.blueprint.total
    end = min(score.blueprint.total, start + length)
    wanted = [s for s in score.blueprint.chords if s.start < end and s.end > start]

    assert list(score.chords_in(start, end)) == wanted


@pytest.mark.parametrize("role", [role for role in ROLES if role != "fx"])
@pytest.mark.parametrize("genre", ["house", "pop", "jazz", "ambient"])
def test_a_role_plays_where_the_energy_calls_for_it(genre: str, role: str) -> None:
    score = score_for("grand_piano", role, genre=genre, bars=20, sections=LONG)
    form = forms()[genres()[genre].form]
    playing = {bar.section.name for bar in score.bars(role)}
    wanted = {
        section.name
        for section in score.blueprint.sections
        if role not in form.leave.get(section.name, ())
        and (section.energy * 100 >= form.enter[role] or role in form.join.get(section.name, ()))
    }

    assert playing == (wanted or {"drop"})


def test_bars_know_their_place_in_the_section() -> None:
    score = score_for("kit_house", "drums", bars=20, sections=LONG)
    bars = list(score.bars("drums"))

    assert [bar.number for bar in bars] == list(range(20))
    assert [bar.in_section for bar in bars] == [0, 1, 2, 3] * 5
    assert [bar.is_last for bar in bars] == [False, False, False, True] * 5
    assert [bar.start for bar in bars] == [k * score.blueprint.grid.bar for k in range(20)]


def test_chance_is_everybodys_own() -> None:
    one = score_for("grand_piano", "chords")
    draws = {
        one.dice("a").ratio(),
        one.dice("b").ratio(),
        one.dice("a", 1).ratio(),
        score_for("grand_piano", "chords", seed=2).dice("a").ratio(),
    }

    assert len(draws) == 4
    assert one.dice("a").ratio() == one.dice("a").ratio()


@pytest.mark.parametrize("instrument", ["strings", "flute", "french_horn", "cello", "vibraphone"])
@pytest.mark.parametrize("genre", ["pop", "jazz", "classical", "soul"])
def test_guide_tones_are_thirds_fifths_and_sevenths_joined_by_small_steps(
    genre: str, instrument: str
) -> None:
    row = instruments()[instrument]
    score = score_for(instrument, "counter", genre=genre)
    strokes = play_counter(score, "guide")
    for stroke in strokes:
        chord = score.chord_at(stroke.at).chord
        assert row.low <= stroke.pitch <= row.high
        assert stroke.pitch % 12 in {chord.tone(3), chord.tone(5), chord.tone(7)}
    moves = [abs(a.pitch - b.pitch) for a, b in itertools.pairwise(strokes)]
    assert all(a.at + a.length <= b.at for a, b in itertools.pairwise(strokes))
    assert max(moves, default=0) <= 6
    assert share([move <= 3 for move in moves]) > 0.6


@pytest.mark.parametrize("genre", ["funk", "soul", "disco", "reggae"])
def test_stabs_answer_in_every_other_bar_together_and_short(genre: str) -> None:
    score = score_for("brass", "counter", genre=genre)
    strokes = play_counter(score, "stabs")
    bars = {stroke.at // score.blueprint.grid.bar for stroke in strokes}

    assert bars == {1, 3, 5, 7}
    for at, each in together(strokes).items():
        tones = score.chord_at(at).chord.pitch_classes
        assert len(each) >= 2
        assert {stroke.pitch % 12 for stroke in each} <= set(tones)
        assert len({stroke.length for stroke in each}) == 1
        assert each[0].length < 960_000 // 2


@pytest.mark.parametrize("effect", sorted(EFFECTS))
def test_an_effect_stands_at_the_lines_between_sections(effect: str) -> None:
    score = score_for("kit_house", "fx", genre="house", bars=20, sections=LONG)
    bar, total = score.blueprint.grid.bar, score.blueprint.total
    strokes = play_effect(score, effect)
    lines = [section.first_bar * bar for section in score.blueprint.sections]

    assert all(s.at >= 0 and s.at + s.length <= total for s in strokes)
    if effect in BEDS:
        assert [(s.at, s.length) for s in strokes] == [(0, total)]
    elif effect in ("riser", "noise_sweep"):
        assert [s.at + s.length for s in strokes] == [*lines[1:], total]
    else:
        assert [s.at for s in strokes] == lines


def every_part(**wish: Any) -> list[tuple[str, Part, int]]:
    """Each genre's parts as they are performed, with the length of the piece."""
    found = []
    for genre in ALL:
        blueprint, parts = sketch(genre, 4, **wish)
        found += [(genre, part, int(blueprint.total)) for part in parts]
    return found


@pytest.mark.parametrize("meter", METERS, ids=str)
def test_performed_notes_are_in_order_inside_the_loop_and_never_twice_at_once(
    meter: Meter,
) -> None:
    for genre, part, total in every_part(meter=meter):
        order = [(note.start, note.pitch) for note in part.notes]
        assert order == sorted(set(order)), (genre, part.name)
        ends: dict[int, int] = {}
        for note in part.notes:
            assert note.start >= ends.get(note.pitch, 0), (genre, part.name)
            ends[note.pitch] = note.start + note.length
            assert ends[note.pitch] <= total
            assert 15 <= note.velocity <= 127


@pytest.mark.parametrize("meter", METERS, ids=str)
def test_a_line_as_performed_overlaps_itself_by_no_more_than_its_looseness(meter: Meter) -> None:
    for genre in ALL:
        blueprint, parts = sketch(genre, 4, meter=meter)
        loose = 2 * blueprint.bpm * 960_000 / 60_000 * 4 + 2
        for player, part in zip(blueprint.players, parts, strict=True):
            slides = player.role == "bass" and styles("bass")[player.styles[0]].slide
            if player.roles not in (("bass",), ("melody",)) or slides:
                continue
            for before, after in itertools.pairwise(part.notes):
                overlap = before.start + before.length - after.start
                assert overlap <= loose, (genre, part.name)


@pytest.mark.parametrize("genre", ALL)
def test_re_rolling_any_part_leaves_every_other_as_it_is(genre: str) -> None:
    blueprint, parts = sketch(genre, 6)
    for index, player in enumerate(blueprint.players):
        again = tuple(
            compose_part(blueprint, each, 777 if each is player else 6)
            for each in blueprint.players
        )
        others = [k for k in range(len(parts)) if k != index]
        assert all(again[k] == parts[k] for k in others)


@pytest.mark.parametrize("genre", ALL)
def test_a_longer_piece_begins_like_a_shorter_one_has_more_and_ends_later(genre: str) -> None:
    short, long = (plan(Wish(genres=(genre,), bars=bars), 3) for bars in (4, 8))
    notes = [sum(len(part.notes) for part in compose(each, 3)) for each in (short, long)]

    assert long.total == 2 * short.total
    assert notes[1] > 1.4 * notes[0]


@pytest.mark.parametrize("genre", ALL)
def test_tempo_alone_changes_nothing_that_is_written(genre: str) -> None:
    slow, fast = (plan(Wish(genres=(genre,), bpm=bpm), 3) for bpm in (100.0, 140.0))
    for one, two in zip(compose(slow, 3), compose(fast, 3), strict=True):
        assert len(one.notes) == len(two.notes)
        assert sorted(note.pitch for note in one.notes) == sorted(note.pitch for note in two.notes)
