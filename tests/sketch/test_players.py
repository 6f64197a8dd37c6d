"""The players: drums, bass, chords and melody, as a musician would hear them."""

import itertools
from collections import Counter

import pytest

from acestep_desktop.domain.notes import Note
from acestep_desktop.domain.reading import SectionWish
from acestep_desktop.domain.time import Meter
from acestep_desktop.sketch.compose import compose, compose_part
from acestep_desktop.sketch.tables import genres
from tests.sketch.sketches import (
    Sketch,
    chord_under,
    onset_steps,
    part_in_role,
    share,
    sketch,
)

ALL = sorted(genres())
SEEDS = range(4)
KICK, SNARE, CLAP, RIM, HAT, OPEN, CRASH, RIDE = 36, 38, 39, 37, 42, 46, 49, 51


def on_step(made: Sketch, key: int, step: int) -> float:
    """Return in how many bars a drum sounds on a step."""
    blueprint, _ = made
    drums = part_in_role(made, "drums")
    assert drums is not None
    bars = {
        note.start // blueprint.grid.bar
        for note in drums.notes
        if note.pitch == key and onset_steps(note, blueprint) == step
    }
    return len(bars) / blueprint.bars


def starts(notes: tuple[Note, ...]) -> list[int]:
    return sorted({note.start for note in notes})


@pytest.mark.parametrize("genre", ["house", "deep_house", "techno", "trance", "disco"])
def test_club_music_has_a_kick_on_every_beat(genre: str) -> None:
    for seed in range(4):
        made = sketch(genre, seed, without=("percussion",))
        if genre == "techno" and made[0].groove == "broken":
            continue
        assert min(on_step(made, KICK, step) for step in (0, 4, 8)) >= 0.9


@pytest.mark.parametrize("genre", ["pop", "rock", "funk", "boom_bap", "soul", "drum_and_bass"])
def test_songs_have_a_backbeat(genre: str) -> None:
    for seed in SEEDS:
        made = sketch(genre, seed)
        if genre == "pop" and made[0].groove == "half":
            continue
        assert on_step(made, SNARE, 4) >= 0.8


@pytest.mark.parametrize("genre", ["trap", "dubstep"])
def test_half_time_genres_have_the_snare_in_the_middle_of_the_bar(genre: str) -> None:
    made = sketch(genre, 2)

    assert max(on_step(made, SNARE, 8), on_step(made, CLAP, 8)) >= 0.8
    assert on_step(made, SNARE, 4) <= 0.2


def test_jazz_rides_and_closes_the_hat_on_two_and_four() -> None:
    made = sketch("jazz", 1, instruments=("kit_jazz",))

    assert on_step(made, RIDE, 0) >= 0.9
    assert on_step(made, 44, 4) >= 0.9


def test_reggae_drops_on_two_and_four_and_skanks_between() -> None:
    for seed in SEEDS:
        made = sketch("reggae", seed)
        skank = part_in_role(made, "chords")
        assert skank is not None
        places = Counter(onset_steps(note, made[0]) % 4 for note in skank.notes)
        assert places[2] > 0.7 * sum(places.values())


@pytest.mark.parametrize("genre", ["funk", "drum_and_bass", "soul", "boom_bap", "jungle"])
def test_ghost_notes_are_soft_and_backbeats_loud(genre: str) -> None:
    loud, soft = [], []
    for seed in SEEDS:
        drums = part_in_role(sketch(genre, seed), "drums")
        assert drums is not None
        velocities = [note.velocity for note in drums.notes if note.pitch == SNARE]
        loud += [v for v in velocities if v > 95]
        soft += [v for v in velocities if v < 60]

    assert loud
    assert soft
    assert sum(loud) / len(loud) - sum(soft) / len(soft) > 45


@pytest.mark.parametrize("genre", [g for g in ALL if genres()[g].roles["drums"].chance > 60])
def test_the_last_bar_has_a_fill_that_leads_back(genre: str) -> None:
    differing = []
    for seed in range(5):
        made = sketch(genre, seed, bars=8)
        drums = part_in_role(made, "drums")
        if drums is None:
            continue
        bar = made[0].grid.bar
        patterns = [
            {(onset_steps(n, made[0]), n.pitch) for n in drums.notes if n.start // bar == number}
            for number in range(8)
        ]
        differing.append(patterns[7] != patterns[5])

    assert share(differing) >= 0.8


@pytest.mark.parametrize("genre", ["rock", "house", "pop", "trance"])
def test_a_section_begins_with_a_crash(genre: str) -> None:
    made = sketch(genre, 1, bars=16, sections=(SectionWish("build"), SectionWish("drop")))
    drums = part_in_role(made, "drums")
    drop = made[0].sections[1].first_bar * made[0].grid.bar

    assert drums is not None
    assert any(note.pitch == CRASH and note.start == drop for note in drums.notes)


def test_a_build_gets_denser_and_louder_and_loses_its_kick() -> None:
    asked = (SectionWish("build"), SectionWish("drop"))
    made = sketch("house", 3, bars=16, sections=asked)
    drums = part_in_role(made, "drums")
    assert drums is not None
    bar = made[0].grid.bar
    rolls = [[n for n in drums.notes if n.pitch == SNARE and n.start // bar == k] for k in range(8)]

    assert len(rolls[0]) < len(rolls[6]) < len(rolls[7])
    assert max(n.velocity for n in rolls[0]) < max(n.velocity for n in rolls[7])
    assert not [n for n in drums.notes if n.pitch == KICK and n.start // bar == 7]


def test_a_breakdown_is_thinner_than_a_drop() -> None:
    asked = (SectionWish("drop"), SectionWish("breakdown"))
    for genre in ("house", "techno", "trance", "drum_and_bass"):
        blueprint, parts = sketch(genre, 2, bars=16, sections=asked)
        line = blueprint.sections[1].first_bar * blueprint.grid.bar
        notes = [note for part in parts for note in part.notes]
        before = sum(note.start < line for note in notes)
        assert len(notes) - before < 0.85 * before
        bass = part_in_role((blueprint, parts), "bass")
        assert bass is not None
        assert all(note.start < line for note in bass.notes)


def test_trap_hats_roll() -> None:
    drums = part_in_role(sketch("trap", 1), "drums")
    assert drums is not None
    hats = starts(tuple(note for note in drums.notes if note.pitch == HAT))
    gaps = [b - a for a, b in itertools.pairwise(hats)]

    assert sum(gap < 200_000 for gap in gaps) >= 6


@pytest.mark.parametrize("genre", ["house", "lo_fi", "uk_garage", "boom_bap"])
def test_off_sixteenths_swing_as_the_blueprint_says(genre: str) -> None:
    blueprint, parts = sketch(genre, 4)
    pair = 480_000
    delays = [
        note.start % pair
        for part in parts
        for note in part.notes
        if onset_steps(note, blueprint) % 2 == 1 and 180_000 < note.start % pair < 360_000
    ]

    assert len(delays) > 20
    assert abs(sum(delays) / len(delays) / pair * 1000 - blueprint.swing) < 12


def test_jazz_swings_its_eighths() -> None:
    made = sketch("jazz", 3)
    drums = part_in_role(made, "drums")
    assert drums is not None
    offs = [
        n.start % 960_000 for n in drums.notes if n.pitch == RIDE and 4e5 < n.start % 960_000 < 8e5
    ]

    assert 0.58 < sum(offs) / len(offs) / 960_000 < 0.68


@pytest.mark.parametrize("genre", [g for g in ALL if "bass" in genres()[g].roles])
def test_the_bass_plays_the_bass_of_each_new_chord_first(genre: str) -> None:
    right = []
    for seed in SEEDS:
        made = sketch(genre, seed)
        bass = part_in_role(made, "bass")
        if bass is None:
            continue
        for span in made[0].chords:
            inside = [n for n in bass.notes if span.start - 30_000 <= n.start < span.end - 30_000]
            first = [n for n in inside if n.start < span.start + 1_000_000]
            if first:
                right.append(first[0].pitch % 12 == span.chord.bass)

    assert share(right) >= 0.9


@pytest.mark.parametrize("genre", [g for g in ALL if "bass" in genres()[g].roles])
def test_nearly_all_bass_notes_belong_to_chord_or_lead_into_the_next(genre: str) -> None:
    fitting = []
    for seed in SEEDS:
        made = sketch(genre, seed)
        bass = part_in_role(made, "bass")
        if bass is None or made[0].players[0].styles == ("walk",):
            continue
        for note, following in itertools.pairwise(bass.notes):
            tones = chord_under(made[0], note.start + 30_000).chord.pitch_classes
            leads = abs(note.pitch - following.pitch) % 12 in (1, 2, 10, 11)
            fitting.append(note.pitch % 12 in tones or leads)

    assert share(fitting) >= 0.9


def test_a_walking_bass_walks_on_every_beat_without_standing_still() -> None:
    made = sketch("jazz", 2, styles=("walking",))
    bass = part_in_role(made, "bass")
    assert bass is not None
    on_beats = [n for n in bass.notes if onset_steps(n, made[0]) % 4 == 0]
    moves = [abs(a.pitch - b.pitch) for a, b in itertools.pairwise(on_beats)]

    assert bass.name == "Walking bass"
    assert len(on_beats) == 4 * made[0].bars
    assert share([move > 0 for move in moves]) > 0.95
    assert share([move <= 7 for move in moves]) > 0.95


def test_a_walking_bass_leads_into_the_next_root_by_a_small_step_or_a_fifth() -> None:
    steps = []
    for seed in range(8):
        made = sketch("jazz", seed, styles=("walking",))
        bass = part_in_role(made, "bass")
        assert bass is not None
        beats = [n for n in bass.notes if onset_steps(n, made[0]) % 4 == 0]
        for note, following in itertools.pairwise(beats):
            span = chord_under(made[0], following.start + 10_000)
            if abs(following.start - span.start) < 30_000:
                steps.append(abs(note.pitch - following.pitch) % 12 in (1, 2, 5, 7, 10, 11))

    assert share(steps) > 0.8


def test_the_808_plays_with_the_kick() -> None:
    made = sketch("trap", 5)
    drums, bass = part_in_role(made, "drums"), part_in_role(made, "bass")
    assert drums is not None
    assert bass is not None
    kicks = {n.start for n in drums.notes if n.pitch == KICK}

    assert share([note.start in kicks for note in bass.notes]) > 0.6


def test_drill_slides_overlap_their_predecessors() -> None:
    overlaps = 0
    for seed in SEEDS:
        bass = part_in_role(sketch("drill", seed), "bass")
        assert bass is not None
        overlaps += sum(a.start + a.length > b.start for a, b in itertools.pairwise(bass.notes))

    assert overlaps >= 4


def test_disco_bass_jumps_octaves_and_house_bass_leaves_the_beat_to_the_kick() -> None:
    for seed in range(6):
        made = sketch("disco", seed)
        bass = part_in_role(made, "bass")
        player = next(p for p in made[0].players if p.role == "bass")
        assert bass is not None
        if player.styles == ("octaves",):
            jumps = [abs(a.pitch - b.pitch) for a, b in itertools.pairwise(bass.notes)]
            assert share([jump == 12 for jump in jumps]) > 0.6


@pytest.mark.parametrize("genre", ALL)
def test_chords_sound_the_harmony(genre: str) -> None:
    for seed in SEEDS:
        made = sketch(genre, seed)
        for role in ("chords", "pad"):
            part = part_in_role(made, role)
            player = next((p for p in made[0].players if p.role == role), None)
            if part is None or player is None or len(player.roles) > 1:
                continue
            fitting = [
                n.pitch % 12 in chord_under(made[0], n.start + 15_000).chord.whole.pitch_classes
                or n.pitch % 12 in chord_under(made[0], n.start + 500_000).chord.whole.pitch_classes
                for n in part.notes
                if n.start + n.length < made[0].total - 500_000
            ]
            assert share(fitting) > 0.93, (seed, role)


def test_a_pad_holds_its_common_tones() -> None:
    made = sketch("ambient", 3)
    pad = part_in_role(made, "pad")
    assert pad is not None

    assert max(note.length for note in pad.notes) >= made[0].grid.bar * 0.9


@pytest.mark.parametrize("genre", [g for g in ALL if "melody" in genres()[g].roles])
def test_the_melody_rests_on_chord_tones_where_it_weighs(genre: str) -> None:
    weighty = []
    for seed in range(6):
        made = sketch(genre, seed, instruments=("soft_lead",))
        part = part_in_role(made, "melody")
        assert part is not None
        for note in part.notes:
            if onset_steps(note, made[0]) % 8 == 0 and note.length > 200_000:
                tones = chord_under(made[0], note.start + 20_000).chord.whole.pitch_classes
                weighty.append(note.pitch % 12 in tones)

    assert len(weighty) > 2
    assert share(weighty) >= 0.9


@pytest.mark.parametrize("genre", [g for g in ALL if "melody" in genres()[g].roles])
def test_the_melody_keeps_to_a_singable_range_moves_in_small_steps_and_breathes(
    genre: str,
) -> None:
    for seed in SEEDS:
        made = sketch(genre, seed, instruments=("soft_lead",))
        part = part_in_role(made, "melody")
        assert part is not None
        pitches = [note.pitch for note in part.notes]
        leaps = [abs(a - b) for a, b in itertools.pairwise(pitches)]
        assert max(pitches) - min(pitches) <= 24
        assert share([leap <= 5 for leap in leaps]) >= 0.6
        sounding = sum(note.length for note in part.notes)
        assert sounding < 0.97 * made[0].total


@pytest.mark.parametrize("genre", ["pop", "folk", "synthwave", "trance"])
def test_a_motif_comes_back(genre: str) -> None:
    found = []
    for seed in range(6):
        made = sketch(genre, seed, bars=8)
        part = part_in_role(made, "melody")
        if part is None:
            continue
        bar = made[0].grid.bar
        rhythms = [
            tuple(onset_steps(n, made[0]) for n in part.notes if n.start // bar == number)
            for number in range(8)
        ]
        found.append(max(Counter(r for r in rhythms if r).values()) >= 2)

    assert found
    assert share(found) == 1.0


def test_melodies_of_other_seeds_are_other_melodies() -> None:
    bars = Counter()
    for seed in range(30):
        made = sketch("pop", seed, instruments=("soft_lead",))
        part = part_in_role(made, "melody")
        assert part is not None
        home = made[0].key.pitch_class
        shape = tuple(
            (onset_steps(n, made[0]), (n.pitch - home) % 12)
            for n in part.notes
            if n.start < made[0].grid.bar
        )
        bars[shape] += 1

    assert bars.most_common(1)[0][1] <= 3


@pytest.mark.parametrize("meter", [Meter(3, 4), Meter(6, 8), Meter(5, 4), Meter(7, 8)], ids=str)
def test_in_odd_meters_every_eighth_is_counted_by_somebody(meter: Meter) -> None:
    for genre in ("drill", "dubstep", "pop", "jazz", "house"):
        made = sketch(genre, 2, meter=meter)
        drums = part_in_role(made, "drums")
        assert drums is not None
        steps = {onset_steps(note, made[0]) for note in drums.notes}
        eighths = set(range(0, made[0].grid.bar // 240_000, 2))
        assert len(eighths & steps) >= 0.8 * len(eighths), (genre, meter)


def test_re_rolling_one_part_leaves_the_others_as_they_are() -> None:
    blueprint, parts = sketch("house", 8)
    bass = next(player for player in blueprint.players if player.role == "bass")

    again = [
        compose_part(blueprint, player, 99 if player is bass else 8) for player in blueprint.players
    ]

    changed = [a.name for a, b in zip(again, parts, strict=True) if a != b]
    assert changed == [bass.name]


def test_the_same_blueprint_with_another_seed_is_a_variation() -> None:
    blueprint, parts = sketch("jazz", 8)
    other = compose(blueprint, 9)

    assert [part.name for part in other] == [part.name for part in parts]
    assert other != parts


def test_no_drums_asked_in_any_genre_gives_no_percussion_keys() -> None:
    for genre in ALL:
        _, parts = sketch(genre, 1, without=("drums",))
        assert not any(part.drums for part in parts)
