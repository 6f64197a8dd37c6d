"""Bass lines, style by style, as they are written and before they are played."""

import itertools

import pytest

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.time import Meter
from acestep_desktop.sketch.bass import play_bass
from acestep_desktop.sketch.feel import Stroke
from acestep_desktop.sketch.grid import QUARTER, SIXTEENTH, fit
from acestep_desktop.sketch.harmony import scale_for
from acestep_desktop.sketch.score import Score
from acestep_desktop.sketch.tables import genres, instruments, styles
from tests.sketch.scores import METERS, score_for, with_groove
from tests.sketch.sketches import share

STYLES = sorted(styles("bass"))
WRITTEN = sorted(name for name, style in styles("bass").items() if not style.slide)
BASSES = sorted(name for name, row in instruments().items() if row.family == "bass")
SEEDS = range(1, 5)


def line(style: str, instrument: str = "electric_bass", **options: object) -> list[Stroke]:
    return play_bass(score_for(instrument, "bass", **options), style)  # type: ignore[arg-type]


def walk(seed: int, meter: str = "4/4", genre: str = "jazz") -> tuple[Score, list[Stroke]]:
    """A walking line, without its skips."""
    score = score_for("upright_bass", "bass", genre=genre, seed=seed, meter=Meter.parse(meter))
    strokes = play_bass(score, "walk")
    return score, [stroke for stroke in strokes if stroke.velocity > 60]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("meter", METERS, ids=str)
def test_every_style_plays_in_every_bar_of_every_meter(style: str, meter: Meter) -> None:
    score = score_for("synth_bass", "bass", meter=meter)
    strokes = play_bass(score, style)
    bars = {stroke.at // score.blueprint.grid.bar for stroke in strokes}

    assert len(bars) >= score.blueprint.bars - 2
    assert all(0 <= stroke.at < score.blueprint.total for stroke in strokes)
    assert all(stroke.length > 0 and 1 <= stroke.velocity <= 127 for stroke in strokes)


@pytest.mark.parametrize("instrument", BASSES)
@pytest.mark.parametrize("tonic", ["C", "E", "F#", "Bb"])
def test_every_bass_stays_within_two_octaves_of_its_range(instrument: str, tonic: str) -> None:
    row = instruments()[instrument]
    for style in STYLES:
        pitches = [
            stroke.pitch for stroke in line(style, instrument, key=Key(tonic, "minor"), bars=4)
        ]
        assert row.low <= min(pitches), style
        assert max(pitches) <= row.high, style
        assert max(pitches) - min(pitches) <= 26, style


@pytest.mark.parametrize("style", WRITTEN)
def test_a_written_line_is_one_voice(style: str) -> None:
    for seed in SEEDS:
        strokes = [s for s in line(style, seed=seed) if not (style == "walk" and s.velocity < 60)]
        for before, after in itertools.pairwise(strokes):
            assert before.at < after.at
            assert before.at + before.length <= after.at


@pytest.mark.parametrize("style", ["kick", "glide"])
def test_only_a_slide_begins_before_the_last_note_ends(style: str) -> None:
    slides = 0
    for seed in range(1, 9):
        for before, after in itertools.pairwise(line(style, "bass_808", genre="drill", seed=seed)):
            if after.at < before.at + before.length:
                slides += 1
                assert after.pitch - before.pitch in (12, 7)
                assert after.at + after.length <= before.at + before.length
    assert slides > 3


def test_a_style_that_glides_slides_more_often_than_one_that_follows() -> None:
    def slides(style: str) -> int:
        return sum(
            after.at < before.at + before.length
            for seed in range(1, 16)
            for before, after in itertools.pairwise(line(style, "bass_808", seed=seed, bars=16))
        )

    assert slides("glide") > 1.5 * slides("kick") > 0


@pytest.mark.parametrize("genre", ["trap", "drill", "house", "dubstep"])
def test_a_bass_that_follows_the_kick_plays_where_the_kick_does(genre: str) -> None:
    for groove, lanes in genres()[genre].grooves.items():
        score = with_groove(score_for("bass_808", "bass", genre=genre), groove)
        grid = score.blueprint.grid
        strokes = play_bass(score, "kick")
        kicks = {
            bar.start + hit.at
            for bar in score.bars("bass")
            for hit in fit(dict(lanes)["kick"], grid, bar.number)
            if hit.symbol in "xXo"
        }
        written = {stroke.at for stroke in strokes if stroke.velocity == 112}
        assert written == kicks, groove
        assert all(stroke.tight for stroke in strokes if stroke.velocity == 112)


@pytest.mark.parametrize("style", ["offbeat", "trance"])
def test_an_offbeat_bass_leaves_the_beat_to_the_kick(style: str) -> None:
    for seed in SEEDS:
        strokes = line(style, "synth_bass", seed=seed)
        sounding = [s for s in strokes if s.velocity > 60]
        assert share([stroke.at % QUARTER != 0 for stroke in sounding]) == 1.0
        assert not any(stroke.at % QUARTER == 0 for stroke in sounding)


def test_a_rolling_bass_fills_the_sixteenths_between_the_kicks() -> None:
    strokes = line("rolling", "synth_bass", genre="trance")

    assert all(stroke.at % QUARTER for stroke in strokes)
    assert len(strokes) / (8 * 4) > 1.9


def test_eighths_are_eighths_and_a_pedal_is_one_note_or_two() -> None:
    places = {stroke.at % (QUARTER // 2) for stroke in line("eighths")}
    held = line("pedal")

    assert places == {0}
    assert len(held) <= 2 * 8
    assert all(stroke.length >= 3 * SIXTEENTH for stroke in held)


def test_octaves_leap_octaves() -> None:
    leaps = [abs(a.pitch - b.pitch) for a, b in itertools.pairwise(line("octaves", genre="disco"))]

    assert share([leap == 12 for leap in leaps]) > 0.6


def test_ghost_notes_are_short_soft_and_on_the_root() -> None:
    ghosts, score = [], None
    for seed in range(1, 9):
        score = score_for("electric_bass", "bass", genre="funk", seed=seed)
        for stroke in play_bass(score, "funk"):
            if stroke.velocity == 52:
                ghosts.append(stroke)
                assert stroke.pitch % 12 == score.chord_at(stroke.at).chord.bass
                assert stroke.length <= SIXTEENTH // 2

    assert len(ghosts) > 20


@pytest.mark.parametrize("style", [name for name in WRITTEN if name != "walk"])
def test_each_chord_begins_on_its_bass_note_accented(style: str) -> None:
    score = score_for("electric_bass", "bass", genre="pop")
    strokes = play_bass(score, style)
    for span in score.blueprint.chords:
        inside = [s for s in strokes if span.start <= s.at < span.end and s.velocity != 52]
        firm = [s for s in inside if s.velocity != 88]
        if firm:
            assert firm[0].pitch % 12 == span.chord.bass
            assert firm[0].velocity == 112


@pytest.mark.parametrize("style", ["house_walk", "soul", "lazy", "pop", "two_feel", "bossa"])
def test_an_approach_leads_into_the_next_root_by_a_step_or_from_the_fifth(style: str) -> None:
    found = 0
    for seed in range(1, 12):
        score = score_for("electric_bass", "bass", genre="soul", seed=seed)
        for stroke in play_bass(score, style):
            if stroke.velocity != 88:
                continue
            found += 1
            span = score.chord_at(stroke.at)
            goal = score.chord_at(span.end).chord.bass
            away = (stroke.pitch - goal) % 12
            fifth = (span.chord.tone(5) - span.chord.bass) % 12
            assert away in (1, 2, 10, 11) or (goal == span.chord.bass and away == fifth)
    assert found


@pytest.mark.parametrize("meter", ["4/4", "3/4", "5/4", "7/8"])
def test_a_walk_has_a_note_on_every_beat_and_no_other(meter: str) -> None:
    for seed in SEEDS:
        score, strokes = walk(seed, meter)
        grid = score.blueprint.grid
        beats = [bar * grid.bar + beat.start for bar in range(8) for beat in grid.beats]
        assert [stroke.at for stroke in strokes] == beats


def test_a_walk_moves_by_steps_thirds_and_fourths() -> None:
    moves = [
        abs(a.pitch - b.pitch)
        for seed in range(1, 16)
        for a, b in itertools.pairwise(walk(seed)[1])
    ]

    assert share([move == 0 for move in moves]) < 0.02
    assert share([move <= 5 for move in moves]) > 0.85
    assert share([move in (1, 2) for move in moves]) > 0.3
    assert max(moves) <= 12


def test_a_walk_reaches_each_root_on_time_by_a_lead_of_a_step_or_a_fifth() -> None:
    leads = []
    for seed in range(1, 16):
        score, strokes = walk(seed)
        starts = {span.start: span for span in score.blueprint.chords}
        for before, stroke in itertools.pairwise(strokes):
            if stroke.at in starts:
                assert stroke.pitch % 12 == starts[stroke.at].chord.bass
                leads.append(abs(before.pitch - stroke.pitch) % 12 in (1, 2, 5, 7, 10, 11))
    assert share(leads) > 0.9


def test_between_its_roots_a_walk_keeps_to_chord_and_scale_or_leads() -> None:
    fitting = []
    for seed in range(1, 16):
        score, strokes = walk(seed)
        for stroke, after in itertools.pairwise(strokes):
            span = score.chord_at(stroke.at)
            scale = scale_for(score.blueprint.key, span.chord)
            leads = after.at >= span.end
            fitting.append(leads or stroke.pitch % 12 in (*scale, span.chord.bass))
    assert share(fitting) == 1.0


def test_a_walk_leans_on_two_and_four() -> None:
    _, strokes = walk(3)
    heavy = {stroke.velocity for stroke in strokes[1::2]}
    light = {stroke.velocity for stroke in strokes[::2]}

    assert min(heavy) > max(light)


def test_a_theme_comes_back_and_a_turn_ends_the_phrase() -> None:
    turned = 0
    for seed in range(1, 13):
        score = score_for("synth_bass", "bass", seed=seed)
        strokes = play_bass(score, "house_walk")
        bar = score.blueprint.grid.bar
        rhythms = [tuple(s.at % bar for s in strokes if s.at // bar == k) for k in range(8)]
        assert rhythms[0] == rhythms[1] == rhythms[2] == rhythms[4] == rhythms[5] == rhythms[6]
        turned += rhythms[3] != rhythms[2]
        turned += rhythms[7] != rhythms[6]
    assert 4 <= turned <= 20


def test_other_seeds_play_other_lines() -> None:
    lines = {
        tuple((s.at, s.pitch) for s in line("walk", "upright_bass", genre="jazz", seed=seed))
        for seed in range(1, 11)
    }

    assert len(lines) == 10
