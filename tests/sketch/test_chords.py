"""Chords: comping, pads and arpeggios as they are written."""

import itertools
from collections import Counter

import pytest

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.time import Meter
from acestep_desktop.sketch.chords import play_arp, play_chords, play_pad
from acestep_desktop.sketch.feel import Stroke
from acestep_desktop.sketch.grid import QUARTER, SIXTEENTH
from acestep_desktop.sketch.score import Score
from acestep_desktop.sketch.tables import genres, instruments, styles
from tests.sketch.scores import METERS, in_bar, score_for, together
from tests.sketch.sketches import share

STYLES = sorted(styles("chords"))
ARPS = sorted(styles("arp"))
COMPERS = sorted(
    name
    for name, row in instruments().items()
    if "chords" in row.roles and row.family not in ("drums", "bass")
)
HARMONIES = ("house", "jazz", "bossa", "soul", "pop", "lo_fi", "classical")


def comping(
    style: str, instrument: str = "grand_piano", **options: object
) -> tuple[Score, list[Stroke]]:
    score = score_for(instrument, "chords", **options)  # type: ignore[arg-type]
    return score, play_chords(score, style)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_plays_in_every_meter_within_the_piece(style: str) -> None:
    for meter in METERS:
        score, strokes = comping(style, meter=meter)
        assert strokes, meter
        assert all(0 <= stroke.at < score.blueprint.total for stroke in strokes)
        assert all(stroke.length > 0 for stroke in strokes)
        assert all(20 <= stroke.velocity <= 124 for stroke in strokes)


@pytest.mark.parametrize("instrument", COMPERS)
def test_every_instrument_comps_within_its_range(instrument: str) -> None:
    row = instruments()[instrument]
    for style, tonic in itertools.product(("halves", "broken", "power"), ("C", "F#", "Ab")):
        _, strokes = comping(style, instrument, key=Key(tonic, "minor"))
        assert all(row.low <= stroke.pitch <= row.high for stroke in strokes), (style, tonic)


@pytest.mark.parametrize("genre", HARMONIES)
@pytest.mark.parametrize("style", ["halves", "quarters", "sustained", "house_stabs"])
def test_each_chord_sounds_tones_of_the_harmony_and_its_third(genre: str, style: str) -> None:
    score, strokes = comping(style, genre=genre)
    for at, chord_strokes in together(strokes).items():
        chord = score.chord_at(at).chord
        sounding = {stroke.pitch % 12 for stroke in chord_strokes}
        assert sounding <= set(chord.pitch_classes)
        assert chord.tone(3) in sounding


@pytest.mark.parametrize("genre", HARMONIES)
def test_from_chord_to_chord_the_hand_moves_little(genre: str) -> None:
    moves = []
    for seed in range(1, 5):
        _, strokes = comping("sustained", genre=genre, seed=seed)
        hands = [sorted(s.pitch for s in each) for each in together(strokes).values()]
        for before, after in itertools.pairwise(hands):
            if len(before) == len(after) and before != after:
                moves += [abs(a - b) for a, b in zip(before, after, strict=True)]
    assert sum(moves) / len(moves) < 2.6
    assert max(moves) <= 8


def test_a_skank_stands_between_the_beats_and_is_short() -> None:
    _, strokes = comping("skank", "clean_guitar", genre="reggae")

    assert share([stroke.at % QUARTER == QUARTER // 2 for stroke in strokes]) >= 0.8
    assert not any(stroke.at % QUARTER == 0 for stroke in strokes)
    assert all(stroke.length < QUARTER // 2 for stroke in strokes)


def test_scratches_are_short_and_soft() -> None:
    _, strokes = comping("funk_sixteenths", "muted_guitar", genre="funk")
    soft = [stroke for stroke in strokes if stroke.velocity < 60]

    assert len(soft) > 20
    assert all(stroke.length == SIXTEENTH // 3 for stroke in soft)
    assert max(s.velocity for s in soft) < min(s.velocity for s in strokes if s not in soft)


@pytest.mark.parametrize("style", ["charleston", "bossa", "lofi_keys"])
def test_an_anticipation_is_already_the_next_chord(style: str) -> None:
    found = 0
    for seed in range(1, 12):
        score, strokes = comping(style, genre="jazz", seed=seed)
        bar = score.blueprint.grid.bar
        for at, each in together(strokes).items():
            if at % bar == bar - QUARTER // 2 and max(s.velocity for s in each) >= 90:
                coming = score.chord_at((at // bar + 1) * bar).chord
                if {s.pitch % 12 for s in each} <= set(coming.pitch_classes):
                    found += 1
    assert found >= 3


def test_left_and_right_hand_take_turns_in_a_waltz() -> None:
    score, strokes = comping("waltz", genre="classical", meter=Meter(3, 4))
    for bar in range(8):
        groups = together(in_bar(strokes, score, bar))
        sizes = [len(each) for each in groups.values()]
        lowest = [each[0].pitch for each in groups.values()]
        assert sizes[0] == 1
        assert all(size >= 2 for size in sizes[1:])
        assert all(lowest[0] < pitch for pitch in lowest[1:])


@pytest.mark.parametrize("style", ["broken", "folk_pick", "alberti"])
def test_broken_chords_sound_one_string_after_another(style: str) -> None:
    score, strokes = comping(style, "nylon_guitar", genre="folk")
    pitches = {stroke.pitch for stroke in in_bar(strokes, score, 0)}

    assert all(len(each) == 1 for each in together(strokes).values())
    assert len(pitches) >= 3


def test_ringing_strings_stop_where_the_harmony_changes() -> None:
    for seed in range(1, 6):
        score, strokes = comping("folk_pick", "nylon_guitar", genre="folk", seed=seed)
        for stroke in strokes:
            span = score.chord_at(stroke.at)
            assert stroke.at + stroke.length <= span.start + span.length


@pytest.mark.parametrize("style", ["power", "chug", "metal_low"])
def test_power_chords_are_root_fifth_and_octave(style: str) -> None:
    score, strokes = comping(style, "distorted_guitar", genre="metal")
    for at, each in together(strokes).items():
        chord = score.chord_at(at).chord
        root = each[0].pitch
        fifth = (chord.tone(5) - chord.bass) % 12
        assert root % 12 == chord.bass
        assert [stroke.pitch - root for stroke in each] == [0, fifth, 12]


def test_rootless_hands_leave_the_root_of_rich_chords_to_the_bass() -> None:
    rootless = {True: [], False: []}  # type: dict[bool, list[bool]]
    for choice, found in rootless.items():
        score, strokes = comping("charleston", genre="jazz", rootless=choice)
        for at, each in together(strokes).items():
            chord = score.chord_at(at).chord
            if len(chord.intervals) >= 4:
                found.append(chord.root in {stroke.pitch % 12 for stroke in each})
    assert share(rootless[True]) < 0.35 < share(rootless[False])


def test_a_held_chord_is_struck_again_where_the_harmony_changes_under_it() -> None:
    for seed in range(1, 6):
        score, strokes = comping("sustained", genre="jazz", seed=seed)
        starts = set(together(strokes))
        assert {span.start for span in score.blueprint.chords} <= starts


@pytest.mark.parametrize("style", ["halves", "pop_eighths", "supersaw"])
def test_the_top_voice_leads(style: str) -> None:
    _, strokes = comping(style)
    for each in together(strokes).values():
        assert each[-1].velocity == max(stroke.velocity for stroke in each)
        assert {each[-1].velocity - stroke.velocity for stroke in each[:-1]} <= {6}


def test_a_phrase_keeps_its_pattern_and_varies_at_its_end() -> None:
    changed = Counter[int]()
    for seed in range(1, 30):
        score, strokes = comping("house_stabs", "synth_stab", seed=seed)
        bar = score.blueprint.grid.bar
        rhythms = [{s.at % bar for s in in_bar(strokes, score, number)} for number in range(8)]
        changed.update(k for k in range(1, 8) if rhythms[k] != rhythms[0])
    assert set(changed) <= {3, 7}
    assert 4 <= changed[3] <= 20


@pytest.mark.parametrize("genre", ["house", "ambient", "trance", "cinematic", "soul"])
@pytest.mark.parametrize("style", ["swells", "drone"])
def test_a_pad_never_lets_the_harmony_fall_silent(genre: str, style: str) -> None:
    score = score_for("warm_pad", "pad", genre=genre, bars=8)
    strokes = play_pad(score, style)
    for bar in score.bars("pad"):
        for at in range(bar.start, bar.start + score.blueprint.grid.bar, QUARTER):
            sounding = {s.pitch for s in strokes if s.at <= at < s.at + s.length}
            assert len(sounding) >= 3, at // QUARTER


def test_a_pad_fits_the_harmony_at_every_beat() -> None:
    for genre in HARMONIES:
        score = score_for("strings", "pad", genre=genre)
        strokes = play_pad(score, "swells")
        for at in range(0, score.blueprint.total, QUARTER):
            tones = set(score.chord_at(at).chord.pitch_classes)
            assert {s.pitch % 12 for s in strokes if s.at <= at < s.at + s.length} <= tones


def test_a_drone_holds_what_two_chords_share_for_up_to_four_bars() -> None:
    longest = {}
    for style in ("swells", "drone"):
        score = score_for("dark_pad", "pad", genre="ambient", bars=16)
        longest[style] = max(s.length for s in play_pad(score, style)) / score.blueprint.grid.bar
    assert longest["swells"] <= 4
    assert longest["swells"] <= longest["drone"] <= 4


def test_a_pad_swells_with_the_energy_of_its_section() -> None:
    score = score_for("warm_pad", "pad", genre="house", bars=64)
    loud = {section.name: section.energy for section in score.blueprint.sections}
    strokes = play_pad(score, "swells")
    heard = {
        score.blueprint.section_at(s.at // score.blueprint.grid.bar).name: s.velocity
        for s in strokes
    }

    ranked = sorted(heard, key=lambda name: loud[name])
    assert [heard[name] for name in ranked] == sorted(heard.values())


@pytest.mark.parametrize("style", [style for style in ARPS if style != "bubble"])
@pytest.mark.parametrize("meter", METERS, ids=str)
def test_an_arpeggio_is_one_line_of_chord_tones(style: str, meter: Meter) -> None:
    score = score_for("arp_synth", "arp", genre="trance", meter=meter)
    strokes = play_arp(score, style)
    assert len({stroke.at for stroke in strokes}) == len(strokes)
    for stroke in strokes:
        assert stroke.pitch % 12 in score.chord_at(stroke.at).chord.pitch_classes


def test_an_arpeggio_that_rises_rises() -> None:
    score = score_for("arp_synth", "arp", genre="trance")
    for seed in range(1, 8):
        strokes = play_arp(score_for("arp_synth", "arp", genre="trance", seed=seed), "updown")
        first = [s.pitch for s in in_bar(strokes, score, 0)][:4]
        assert len(set(first)) >= 3
        assert max(first) - min(first) <= 24


@pytest.mark.parametrize("genre", sorted(genres()))
def test_the_first_tone_of_a_bar_is_accented_where_it_is_picked(genre: str) -> None:
    score = score_for("harp", "arp", genre=genre)
    for bar in range(score.blueprint.bars):
        strokes = in_bar(play_arp(score, "eighths"), score, bar)
        if strokes:
            assert strokes[0].velocity > max(s.velocity for s in strokes[1:])
