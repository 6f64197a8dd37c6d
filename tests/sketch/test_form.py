"""Form and changes: sections fill the piece, and chords fill the sections."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.reading import SectionWish
from acestep_desktop.domain.time import Meter
from acestep_desktop.sketch.form import PHRASE, Section, lay_out
from acestep_desktop.sketch.tables import forms, genres, section_kinds
from tests.sketch.sketches import part_in_role, sketch

FORMS = sorted(forms())
KINDS = sorted(section_kinds())
LENGTHS = st.integers(1, 256)


@given(st.sampled_from(FORMS), LENGTHS, st.floats(-0.5, 0.5))
def test_sections_fill_the_piece_without_gap_or_overlap(form: str, bars: int, lift: float) -> None:
    sections = lay_out(forms()[form], bars, (), lift)
    assert sections[0].first_bar == 0
    assert sections[-1].end_bar == bars
    for before, after in itertools.pairwise(sections):
        assert before.end_bar == after.first_bar
    assert all(section.bars >= 1 for section in sections)
    assert all(0.05 <= section.energy <= 1.0 for section in sections)


@given(
    st.sampled_from(FORMS),
    LENGTHS,
    st.lists(st.sampled_from(KINDS), min_size=1, max_size=12),
)
def test_sections_that_were_asked_for_come_in_their_order(
    form: str, bars: int, names: list[str]
) -> None:
    sections = lay_out(forms()[form], bars, [SectionWish(name, None) for name in names], 0.0)
    assert [section.name for section in sections] == names[:bars]
    assert sum(section.bars for section in sections) == bars


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 32)), min_size=1, max_size=6))
def test_lengths_that_add_up_are_kept_to_the_bar(asked: list[tuple[str, int]]) -> None:
    bars = sum(length for _, length in asked)
    wishes = [SectionWish(name, length) for name, length in asked]
    sections = lay_out(forms()[FORMS[0]], bars, wishes, 0.0)
    assert [(section.name, section.bars) for section in sections] == asked


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("bars", [32, 64, 96, 128])
def test_sections_of_a_whole_song_are_whole_phrases(form: str, bars: int) -> None:
    sections = lay_out(forms()[form], bars, (), 0.0)
    if bars // PHRASE >= len(sections):
        assert [section.bars % PHRASE for section in sections] == [0] * len(sections)


@pytest.mark.parametrize("form", FORMS)
def test_more_bars_never_make_fewer_sections(form: str) -> None:
    counts = [len(lay_out(forms()[form], bars, (), 0.0)) for bars in (1, 4, 8, 16, 32, 64, 128)]
    assert counts == sorted(counts)
    assert counts[0] == 1


@pytest.mark.parametrize("form", FORMS)
def test_what_is_ruled_out_is_left_out(form: str) -> None:
    usual = lay_out(forms()[form], 64, (), 0.0)
    for name in {section.name for section in usual}:
        rest = lay_out(forms()[form], 64, (), 0.0, without=(name,))
        if len(usual) > 1 or name != "loop":
            assert name not in {section.name for section in rest}
        assert rest[-1].end_bar == 64


def test_ruling_out_everything_leaves_a_loop() -> None:
    sections = lay_out(forms()[FORMS[0]], 16, (), 0.0, without=KINDS)
    assert [(section.name, section.bars) for section in sections] == [("loop", 16)]


@given(st.sampled_from(FORMS), LENGTHS)
def test_lift_raises_every_section_and_reorders_none(form: str, bars: int) -> None:
    low = [section.energy for section in lay_out(forms()[form], bars, (), -0.1)]
    high = [section.energy for section in lay_out(forms()[form], bars, (), 0.1)]
    assert all(before < after or after == 1.0 for before, after in zip(low, high, strict=True))


@pytest.mark.parametrize("form", FORMS)
def test_a_song_has_a_climax_in_its_second_half(form: str) -> None:
    sections = lay_out(forms()[form], 96, (), 0.0)
    if len({section.energy for section in sections}) == 1:
        return
    top = max(section.energy for section in sections)
    last = max(section.end_bar for section in sections if section.energy == top)
    assert last > 48


GENRES = sorted(genres())
KEYS = ("C major", "A minor", "F# minor", "Eb major")


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("key", KEYS)
def test_chords_fill_every_tick_and_begin_at_home(genre: str, key: str) -> None:
    blueprint, _ = sketch(genre, 3, key=Key.parse(key), bars=8)
    chords = blueprint.chords
    assert chords[0].start == 0
    assert chords[0].chord.root == Key.parse(key).pitch_class
    for before, after in itertools.pairwise(chords):
        assert before.end == after.start and before.length > 0
    assert chords[-1].end == 8 * blueprint.grid.bar


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("meter", ["3/4", "6/8", "7/8", "5/4"])
def test_chords_change_on_beats_in_every_meter(genre: str, meter: str) -> None:
    blueprint, _ = sketch(genre, 3, meter=Meter.parse(meter), bars=4)
    beats = {beat.start for beat in blueprint.grid.beats}
    assert {span.start % blueprint.grid.bar for span in blueprint.chords} <= beats


@pytest.mark.parametrize("genre", GENRES)
def test_sections_of_one_name_have_one_progression(genre: str) -> None:
    blueprint, _ = sketch(genre, 5, bars=64)
    bar = blueprint.grid.bar
    heard: dict[str, list[object]] = {}
    for section in blueprint.sections:
        if section.first_bar == 0 or section.name == "outro":
            continue
        end = section.first_bar + min(section.bars, PHRASE)
        progression = [
            (span.start - section.first_bar * bar, span.chord)
            for span in blueprint.chords
            if section.first_bar * bar <= span.start < end * bar
        ]
        before = heard.setdefault(section.name, progression)
        shared = min(len(before), len(progression))
        assert before[:shared] == progression[:shared]


@pytest.mark.parametrize("genre", GENRES)
def test_another_seed_can_bring_other_changes_but_the_same_brings_the_same(genre: str) -> None:
    first, _ = sketch(genre, 1, bars=8)
    again, _ = sketch.__wrapped__(genre, 1, bars=8)
    assert first.chords == again.chords
    options = genres()[genre].progressions[first.key.mode]
    if len(options) > 2:
        assert len({sketch(genre, seed, bars=8)[0].chords for seed in range(1, 9)}) > 1


@pytest.mark.parametrize("genre", GENRES)
def test_a_counter_line_never_crowds_the_melody_out(genre: str) -> None:
    made = sketch(genre, 1, bars=32)
    counter, melody = part_in_role(made, "counter"), part_in_role(made, "melody")
    if counter is None or melody is None:
        return
    starts = {note.start for note in counter.notes}
    assert starts
    assert len(starts) <= 4 * max(1, len({note.start for note in melody.notes}))


def test_a_section_knows_its_end() -> None:
    assert Section("verse", 8, 4, 0.5).end_bar == 12
