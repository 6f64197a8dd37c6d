"""Drums as they are written: layers, ghost notes, rolls, fills, builds and crashes."""

import itertools

import pytest

from acestep_desktop.domain.reading import SectionWish
from acestep_desktop.domain.time import Meter
from acestep_desktop.sketch.drums import play_drums, play_percussion
from acestep_desktop.sketch.feel import Stroke
from acestep_desktop.sketch.grid import QUARTER, SIXTEENTH, fit
from acestep_desktop.sketch.score import Score
from acestep_desktop.sketch.tables import fills, genres, lanes
from tests.sketch.scores import METERS, in_bar, score_for, with_groove
from tests.sketch.sketches import share

ALL = sorted(genres())
KICK, SNARE, HAT, PEDAL, OPEN, CRASH = 36, 38, 42, 44, 46, 49
WAVES = (SectionWish("intro", 4), SectionWish("drop", 8), SectionWish("breakdown", 4))


def kit(genre: str, **options: object) -> Score:
    return score_for("kit_acoustic", "drums", genre=genre, **options)  # type: ignore[arg-type]


def written(score: Score, bar: int) -> set[tuple[int, int]]:
    """Where the groove of a bar has something, and what."""
    groove = dict(score.genre.grooves[score.blueprint.groove])
    grid = score.blueprint.grid
    return {
        (bar * grid.bar + hit.at, lanes()[lane][0])
        for lane, pattern in groove.items()
        for hit in fit(pattern, grid, bar)
    }


def struck(strokes: list[Stroke]) -> set[tuple[int, int]]:
    return {(stroke.at, stroke.pitch) for stroke in strokes}


@pytest.mark.parametrize("genre", ALL)
def test_every_groove_plays_in_every_meter(genre: str) -> None:
    for groove, meter in itertools.product(genres()[genre].grooves, METERS):
        score = with_groove(kit(genre, meter=meter, bars=4), groove)
        strokes = play_drums(score, "")
        known = {key for key, _ in lanes().values()}
        assert strokes, (groove, meter)
        assert all(0 <= s.at < score.blueprint.total for s in strokes)
        assert all(20 <= s.velocity <= 124 for s in strokes), (groove, meter)
        assert {s.pitch for s in strokes} <= known


@pytest.mark.parametrize("genre", ALL)
def test_between_the_ends_of_phrases_nothing_but_the_groove_is_played(genre: str) -> None:
    for groove in genres()[genre].grooves:
        score = with_groove(kit(genre, bars=8, seed=4), groove)
        strokes = play_drums(score, "")
        for bar in (0, 1, 2, 4, 5, 6):
            rolls = {s.pitch for s in strokes if s.length == SIXTEENTH // 4}
            extra = struck(in_bar(strokes, score, bar)) - written(score, bar)
            assert all(pitch in rolls or pitch == CRASH for _, pitch in extra), (groove, bar)


@pytest.mark.parametrize("genre", ALL)
def test_a_fill_begins_no_sooner_than_the_middle_of_its_bar(genre: str) -> None:
    for seed in range(1, 5):
        score = kit(genre, bars=8, seed=seed)
        strokes = play_drums(score, "")
        line = 7 * score.blueprint.grid.bar
        early = [s for s in in_bar(strokes, score, 7) if s.at < line + score.blueprint.grid.middle]
        rolls = {s.pitch for s in strokes if s.length == SIXTEENTH // 4}
        extra = struck(early) - written(score, 7)
        assert all(pitch in rolls for _, pitch in extra)


def test_a_fill_within_a_section_is_smaller_than_the_one_at_its_end() -> None:
    early = {3: 0, 7: 0}
    for seed in range(1, 20):
        score = with_groove(kit("rock", bars=8, seed=seed), "straight")
        strokes = play_drums(score, "")
        for bar in early:
            last_beat = bar * score.blueprint.grid.bar + score.blueprint.grid.beats[-1].start
            before = {pair for pair in struck(in_bar(strokes, score, bar)) if pair[0] < last_beat}
            early[bar] += before != {pair for pair in written(score, bar) if pair[0] < last_beat}
    assert early[7] > 2 * early[3]


@pytest.mark.parametrize("manner", ["rock", "funk", "breaks", "electronic", "latin"])
def test_fills_say_where_they_begin_and_nothing_sooner(manner: str) -> None:
    for fill in fills(manner):
        assert fill.start in (8, 12)
        for lane, pattern in fill.lanes:
            assert lane in lanes()
            assert not pattern[: fill.start].strip(".")
            assert len(pattern) == 16


def test_a_fill_without_a_kick_of_its_own_keeps_the_one_on_the_beat() -> None:
    kept = 0
    for seed in range(1, 30):
        score = with_groove(kit("house", bars=8, seed=seed), "classic")
        bar = in_bar(play_drums(score, ""), score, 7)
        kicks = {s.at % score.blueprint.grid.bar for s in bar if s.pitch == KICK}
        kept += kicks == {0, QUARTER, 2 * QUARTER, 3 * QUARTER}
    assert kept >= 28


def test_a_fill_rises_to_the_line() -> None:
    first, last = [], []
    for seed in range(1, 60):
        score = kit("rock", bars=8, seed=seed)
        bar = in_bar(play_drums(score, ""), score, 7)
        rolled = [s for s in bar if s.pitch in (SNARE, 41, 45, 47, 50) and s.velocity > 90]
        first += [s.velocity for s in rolled if 8 <= s.at % (4 * QUARTER) // SIXTEENTH < 12]
        last += [s.velocity for s in rolled if s.at % (4 * QUARTER) // SIXTEENTH >= 14]
    assert len(last) > 10
    assert max(last) > max(first) - 2
    assert max(last) <= 124


def test_quiet_sections_have_no_fills() -> None:
    form = (SectionWish("breakdown", 8), SectionWish("drop", 8))
    for seed in range(1, 10):
        score = kit("techno", bars=16, sections=form, seed=seed)
        strokes = play_drums(score, "")
        assert struck(in_bar(strokes, score, 7)) <= written(score, 7)


@pytest.mark.parametrize("genre", ["house", "techno", "pop", "rock", "drum_and_bass"])
def test_drums_join_as_the_energy_rises(genre: str) -> None:
    score = kit(genre, bars=16, sections=WAVES)
    strokes = play_drums(score, "")
    entry = dict(lanes().values())
    calm, lively = ({s.pitch for s in in_bar(strokes, score, bar)} for bar in (1, 5))

    assert all(entry[pitch] <= 45 for pitch in calm)
    assert any(entry[pitch] > 45 for pitch in lively - calm) or calm == lively
    assert calm <= lively


def test_a_drop_is_louder_than_an_intro() -> None:
    score = with_groove(kit("house", bars=16, sections=WAVES), "classic")
    strokes = play_drums(score, "")
    kicks = [[s.velocity for s in in_bar(strokes, score, bar) if s.pitch == KICK] for bar in (1, 6)]

    assert max(kicks[0]) < min(kicks[1])


@pytest.mark.parametrize("genre", ALL)
def test_an_open_hat_has_no_closed_one_with_it(genre: str) -> None:
    for seed in range(1, 4):
        strokes = play_drums(kit(genre, seed=seed), "")
        opened = {s.at for s in strokes if s.pitch == OPEN}
        fill = {s.at for s in strokes if s.at // (4 * QUARTER) in (3, 7)}
        assert not {s.at for s in strokes if s.pitch == HAT} & (opened - fill)


def test_a_kick_keeps_its_place_and_a_hat_may_lean() -> None:
    strokes = play_drums(kit("house"), "")

    assert {s.tight for s in strokes if s.pitch == KICK} == {True}
    assert {s.tight for s in strokes if s.pitch == HAT} == {False}


def test_what_is_marked_as_a_chance_happens_in_nearly_half_the_bars() -> None:
    found = []
    for seed in range(1, 80):
        score = with_groove(kit("house", bars=4, seed=seed), "classic")
        bar = in_bar(play_drums(score, ""), score, 1)
        steps = {s.at % score.blueprint.grid.bar // SIXTEENTH for s in bar if s.pitch == SNARE}
        found += [step in steps for step in (3, 13)]
    assert 0.35 < share(found) < 0.55


def test_a_roll_lasts_as_long_as_it_is_written_and_swells_or_fades() -> None:
    rising = set()
    for seed in range(1, 30):
        score = kit("trap", seed=seed)
        strokes = sorted(play_drums(score, ""), key=lambda s: s.at)
        rolled = [s for s in strokes if s.length == SIXTEENTH // 4]
        assert all(58 <= s.velocity <= 102 for s in rolled)
        for a, b in itertools.pairwise(rolled):
            if b.at - a.at < SIXTEENTH and b.pitch == a.pitch:
                rising.add(b.velocity > a.velocity)
    assert rising == {True, False}


@pytest.mark.parametrize("bars", [4, 8, 16])
def test_a_build_doubles_its_roll_halfway_and_again_at_the_end(bars: int) -> None:
    form = (SectionWish("build", bars), SectionWish("drop", bars))
    score = with_groove(kit("house", bars=2 * bars, sections=form), "classic")
    strokes = play_drums(score, "")
    rolls = [[s for s in in_bar(strokes, score, k) if s.pitch == SNARE] for k in range(bars)]
    velocities = [s.velocity for bar in rolls for s in bar]

    assert [len(bar) for bar in rolls] == [4] * (bars // 2) + [8] * (bars // 2 - 1) + [16]
    assert velocities == sorted(velocities)
    assert velocities[0] == 48
    assert velocities[-1] > 105
    assert not any(s.pitch in (KICK, 39) for s in in_bar(strokes, score, bars - 1))


@pytest.mark.parametrize("genre", ["jazz", "bossa", "classical", "ambient", "lo_fi"])
def test_soft_music_has_no_crash(genre: str) -> None:
    if genres()[genre].fills not in ("soft", "jazz", "latin", "orchestral"):
        pytest.fail(f"{genre} has other fills")
    for seed in range(1, 6):
        strokes = play_drums(kit(genre, bars=32, seed=seed), "")
        assert not any(s.pitch == CRASH for s in strokes)


def test_a_crash_stands_on_a_line_where_eight_bars_begin() -> None:
    for seed in range(1, 8):
        score = kit("rock", bars=32, seed=seed)
        firsts = {section.first_bar for section in score.blueprint.sections}
        for stroke in play_drums(score, ""):
            if stroke.pitch == CRASH and stroke.length == QUARTER:
                bar, rest = divmod(stroke.at, score.blueprint.grid.bar)
                section = score.blueprint.section_at(bar)
                assert rest == 0
                assert (bar - section.first_bar) % 8 == 0
                assert section.energy >= 0.7
                assert stroke.velocity == (104 if bar in firsts else 92)


@pytest.mark.parametrize("genre", ALL)
def test_percussion_plays_its_own_pattern_and_an_unknown_one_shakes(genre: str) -> None:
    score = score_for("kit_latin", "percussion", genre=genre, bars=4)
    drum_set = {36, 38, 39, 46, 49, 51}
    for style in genres()[genre].percussion:
        pitches = {s.pitch for s in play_percussion(score, style)}
        assert pitches
        assert not pitches & drum_set, style
    assert {s.pitch for s in play_percussion(score, "unheard of")} == {82, 63}


@pytest.mark.parametrize("meter", ["3/4", "5/4", "7/8", "6/8"])
def test_in_odd_meters_a_pulse_sounds_on_every_eighth(meter: str) -> None:
    score = with_groove(kit("house", meter=Meter.parse(meter), bars=4), "jackin")
    strokes = in_bar(play_drums(score, ""), score, 1)
    bar = score.blueprint.grid.bar
    pulse = {s.at % bar for s in strokes if s.pitch in (HAT, OPEN)}

    assert set(range(0, bar, QUARTER // 2)) <= pulse
