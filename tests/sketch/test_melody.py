"""Melodies as they are written: motifs, phrases, tones that rest and tones that lead."""

import itertools
from functools import cache

import pytest

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.reading import SectionWish
from acestep_desktop.domain.time import Meter
from acestep_desktop.sketch.feel import Stroke
from acestep_desktop.sketch.grid import QUARTER, SIXTEENTH
from acestep_desktop.sketch.harmony import scale_for
from acestep_desktop.sketch.melody import play_melody
from acestep_desktop.sketch.score import Score
from acestep_desktop.sketch.tables import instruments, styles
from tests.sketch.scores import METERS, in_bar, score_for
from tests.sketch.sketches import share

STYLES = sorted(styles("melody"))
DIATONIC = sorted(name for name, style in styles("melody").items() if not style.chromatic)
SINGERS = sorted(
    name
    for name, row in instruments().items()
    if "melody" in row.roles and row.family not in ("drums", "bass")
)
GENRES = ("pop", "jazz", "house", "folk", "soul")


def melody(
    style: str, instrument: str = "soft_lead", **options: object
) -> tuple[Score, list[Stroke]]:
    score = score_for(instrument, "melody", **options)  # type: ignore[arg-type]
    return score, play_melody(score, style)


@cache
def melodies(style: str, seeds: int = 4) -> tuple[tuple[Score, list[Stroke]], ...]:
    """Melodies of a style in several genres and seeds, and in both modes."""
    return tuple(
        melody(style, genre=genre, seed=seed, key=Key("D", "minor" if seed % 2 else "major"))
        for seed, genre in itertools.product(range(1, seeds + 1), GENRES)
    )


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("meter", METERS, ids=str)
def test_every_style_sings_one_note_at_a_time_in_every_meter(style: str, meter: Meter) -> None:
    score, strokes = melody(style, meter=meter)

    assert strokes
    assert all(0 <= stroke.at < score.blueprint.total for stroke in strokes)
    assert all(84 <= stroke.velocity <= 122 for stroke in strokes)
    for before, after in itertools.pairwise(strokes):
        assert before.at + before.length <= after.at


@pytest.mark.parametrize("instrument", SINGERS)
def test_every_instrument_sings_within_its_range(instrument: str) -> None:
    row = instruments()[instrument]
    for tonic, style in itertools.product(("C", "Eb", "F#", "A"), ("vocal", "bebop", "lead")):
        _, strokes = melody(style, instrument, key=Key(tonic, "minor"))
        pitches = [stroke.pitch for stroke in strokes]
        assert row.low <= min(pitches), (tonic, style)
        assert max(pitches) <= row.high, (tonic, style)


@pytest.mark.parametrize("style", STYLES)
def test_a_melody_keeps_within_the_span_of_its_style(style: str) -> None:
    span = styles("melody")[style].span
    chromatic = 2 if styles("melody")[style].chromatic else 0
    for _, strokes in melodies(style):
        pitches = [stroke.pitch for stroke in strokes]
        assert max(pitches) - min(pitches) <= span + 3 + chromatic


@pytest.mark.parametrize("style", STYLES)
def test_strong_beats_and_long_notes_are_tones_of_the_chord(style: str) -> None:
    heavy = []
    for score, strokes in melodies(style):
        grid = score.blueprint.grid
        for stroke in strokes:
            if grid.is_strong(stroke.at % grid.bar):
                tones = score.chord_at(stroke.at).chord.pitch_classes
                heavy.append(stroke.pitch % 12 in tones)
    assert len(heavy) > 50
    assert share(heavy) >= 0.97


@pytest.mark.parametrize("style", DIATONIC)
def test_every_tone_belongs_to_the_scale_over_its_chord(style: str) -> None:
    inside = []
    for score, strokes in melodies(style):
        for stroke in strokes:
            chord = score.chord_at(stroke.at).chord
            inside.append(stroke.pitch % 12 in scale_for(score.blueprint.key, chord))
    assert share(inside) >= 0.98


def test_tones_from_outside_are_weak_short_and_lead_by_a_semitone() -> None:
    outside = 0
    for score, strokes in melodies("bebop", 8):
        grid = score.blueprint.grid
        for stroke, after in itertools.pairwise(strokes):
            chord = score.chord_at(stroke.at).chord
            if stroke.pitch % 12 in scale_for(score.blueprint.key, chord):
                continue
            outside += 1
            assert abs(stroke.pitch - after.pitch) == 1
            assert not grid.is_beat(stroke.at % grid.bar)
            assert stroke.length <= 2 * SIXTEENTH
    assert outside > 20


@pytest.mark.parametrize("style", ["blues", "riff", "lofi", "pluck", "folk"])
def test_a_pentatonic_style_adds_nothing_but_tones_of_the_chord(style: str) -> None:
    for score, strokes in melodies(style):
        key = score.blueprint.key
        steps = (0, 3, 5, 7, 10) if key.mode == "minor" else (0, 2, 4, 7, 9)
        five = {(key.pitch_class + step) % 12 for step in steps}
        for stroke in strokes:
            tones = score.chord_at(stroke.at).chord.pitch_classes
            leads = (stroke.pitch - key.pitch_class) % 12 == 0
            assert stroke.pitch % 12 in five | set(tones) or leads


@pytest.mark.parametrize("style", DIATONIC)
def test_a_leading_tone_goes_home_with_the_chord(style: str) -> None:
    for score, strokes in melodies(style):
        tonic = score.blueprint.key.pitch_class
        for before, after in itertools.pairwise(strokes):
            tones = score.chord_at(after.at).chord.pitch_classes
            leads = before.pitch % 12 == (tonic - 1) % 12 and before.pitch % 12 not in tones
            same_bar = before.at // score.blueprint.grid.bar == after.at // score.blueprint.grid.bar
            if leads and tonic in tones and same_bar:
                assert after.pitch - before.pitch in (1, -11)


def test_leading_tones_are_found_and_resolved() -> None:
    resolved = []
    for style in DIATONIC:
        for score, strokes in melodies(style):
            tonic = score.blueprint.key.pitch_class
            for before, after in itertools.pairwise(strokes):
                tones = score.chord_at(after.at).chord.pitch_classes
                foreign = before.pitch % 12 not in tones
                if (before.pitch + 1 - tonic) % 12 == 0 and foreign and tonic in tones:
                    resolved.append(after.pitch - before.pitch == 1)
    assert len(resolved) > 20
    assert share(resolved) > 0.9


@pytest.mark.parametrize("style", STYLES)
def test_a_line_moves_by_step_more_than_by_leap(style: str) -> None:
    moves = [
        abs(a.pitch - b.pitch)
        for _, strokes in melodies(style)
        for a, b in itertools.pairwise(strokes)
    ]

    assert share([move <= 4 for move in moves]) > 0.75
    assert share([move > 7 for move in moves]) < 0.04
    assert max(moves) <= 12


@pytest.mark.parametrize("style", STYLES)
def test_a_phrase_of_four_bars_closes_at_rest_and_breathes(style: str) -> None:
    home = []
    for score, strokes in melodies(style):
        bar, tonic = score.blueprint.grid.bar, score.blueprint.key.pitch_class
        last = in_bar(strokes, score, 7)
        if not last:
            continue
        final = last[-1]
        tones = score.chord_at(final.at).chord.pitch_classes
        assert final.pitch % 12 in tones
        assert final.at + final.length <= max(8 * bar - bar // 8, final.at + SIXTEENTH)
        if tonic in tones[:4]:
            home.append(final.pitch % 12 == tonic)
    assert share(home) == 1.0 or not home


@pytest.mark.parametrize("style", ["vocal", "hook", "riff", "folk", "trap"])
def test_the_first_bar_comes_back_two_bars_later(style: str) -> None:
    back = []
    for score, strokes in melodies(style):
        bar = score.blueprint.grid.bar
        rhythms = [tuple(s.at % bar for s in in_bar(strokes, score, k)) for k in range(8)]
        assert rhythms[0]
        back.append(rhythms[0] in (rhythms[1], rhythms[2]))
        assert rhythms[0] == rhythms[4]
    assert share(back) == 1.0


def test_one_who_improvises_states_a_new_motif_in_each_phrase() -> None:
    same = {"bebop": [], "vocal": []}  # type: dict[str, list[bool]]
    for style, found in same.items():
        for score, strokes in melodies(style, 8):
            bar = score.blueprint.grid.bar
            first, second = (tuple(s.at % bar for s in in_bar(strokes, score, k)) for k in (0, 4))
            found.append(first == second)
    assert share(same["vocal"]) == 1.0
    assert share(same["bebop"]) < 0.7


def test_a_chorus_has_another_tune_than_the_verse_and_verses_have_one() -> None:
    form = tuple(SectionWish(name, 4) for name in ("verse", "chorus", "verse", "chorus"))
    differs = []
    for seed in range(1, 9):
        score, strokes = melody("vocal", genre="pop", bars=16, sections=form, seed=seed)
        bar = score.blueprint.grid.bar
        tunes = [
            tuple((s.at - 4 * k * bar) for s in strokes if 4 * k * bar <= s.at < 4 * (k + 1) * bar)
            for k in range(4)
        ]
        assert tunes[0] == tunes[2]
        assert tunes[1] == tunes[3]
        differs.append(tunes[0] != tunes[1])
    assert share(differs) > 0.8


def test_a_chorus_is_sung_louder_than_a_verse() -> None:
    form = (SectionWish("verse", 4), SectionWish("chorus", 4))
    score, strokes = melody("vocal", genre="pop", bars=8, sections=form)
    line = 4 * score.blueprint.grid.bar
    verse = [s.velocity for s in strokes if s.at < line]
    chorus = [s.velocity for s in strokes if s.at >= line]

    assert max(chorus) > max(verse)


def test_beats_are_stressed_and_the_first_most() -> None:
    by_place: dict[int, set[int]] = {}
    for score, strokes in melodies("vocal"):
        for stroke in strokes:
            by_place.setdefault(stroke.at % score.blueprint.grid.bar, set()).add(stroke.velocity)
    weak = max(v for at, found in by_place.items() if at % QUARTER for v in found)

    assert min(by_place[0]) > weak


def test_a_piano_that_also_comps_sings_above_its_chords() -> None:
    alone = score_for("grand_piano", "melody", genre="jazz")
    both = score_for("grand_piano", "chords", "melody", genre="jazz")
    low, high = (min(s.pitch for s in play_melody(each, "vocal")) for each in (alone, both))

    assert high >= low
    assert high >= 67


def test_some_phrases_rest_for_a_bar() -> None:
    rests = 0
    for seed in range(1, 30):
        score, strokes = melody("vocal", genre="pop", seed=seed)
        rests += any(not in_bar(strokes, score, bar) for bar in range(8))
    assert 4 <= rests <= 22


@pytest.mark.parametrize("style", ["vocal", "bebop", "legato"])
def test_other_seeds_sing_other_tunes(style: str) -> None:
    tunes = {
        tuple((s.at, s.pitch) for s in melody(style, genre="pop", seed=seed)[1])
        for seed in range(1, 13)
    }

    assert len(tunes) >= 11
