"""Whole sketches as sound: exact, round, balanced, and the same whoever renders them."""

import numpy as np
import pytest

from acestep_desktop.domain.notes import Note, Part
from acestep_desktop.domain.tempo import TempoMap, frames_of_bars
from acestep_desktop.domain.time import SAMPLE_RATE, Tick
from acestep_desktop.dsp.loudness import measure_levels
from acestep_desktop.dsp.measure import (
    crest_db,
    first_onset,
    null_db,
    octave_levels_db,
    stereo_correlation,
)
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.dsp.seam import click_ratio, loop_seam, separation
from acestep_desktop.sketch.blueprint import Blueprint, plan
from acestep_desktop.sketch.compose import compose
from acestep_desktop.sketch.sound.balance import balance_of, balances
from acestep_desktop.sketch.sound.mixdown import Mixed, mastered
from acestep_desktop.sketch.sound.player import SoundStore
from acestep_desktop.sketch.sound.render import (
    duck_curve,
    places_of,
    render_part,
    render_parts,
    scene_of,
)
from acestep_desktop.sketch.wish import Wish

QUARTER = 960_000
STORE = SoundStore()
GENRES = ("house", "drum_and_bass", "lo_fi", "trap", "jazz", "funk")


def sketched(genre: str, seed: int = 1, bars: int = 3) -> tuple[Blueprint, tuple[Part, ...], Mixed]:
    """A whole sketch."""
    blueprint = plan(Wish(genres=(genre,), bars=bars), seed)
    parts = compose(blueprint, seed)
    stems = [stem for _, stem in render_parts(parts, blueprint, STORE)]
    balance = balance_of(blueprint.genre)
    return blueprint, parts, mastered(stems, balance.glue, balance.crest_db)


@pytest.fixture(scope="module")
def sketches() -> dict[str, tuple[Blueprint, tuple[Part, ...], Mixed]]:
    """One sketch of each genre."""
    return {genre: sketched(genre) for genre in GENRES}


def kicks(*beats: float) -> Part:
    """A drum part of kicks."""
    notes = tuple(Note(Tick(round(beat * QUARTER)), Tick(1000), 36, 110) for beat in beats)
    return Part("Drums", "kit_house", 0, True, notes)


def test_a_sketch_has_exactly_its_frames_and_a_stem_for_each_part(
    sketches: dict[str, tuple[Blueprint, tuple[Part, ...], Mixed]],
) -> None:
    for blueprint, parts, mixed in sketches.values():
        frames = frames_of_bars(blueprint.bars, blueprint.meter, blueprint.bpm)
        assert mixed.mix.shape == (frames, 2)
        assert mixed.mix.dtype == np.float32
        assert [stem.shape for stem in mixed.stems] == [(frames, 2)] * len(parts)


def test_a_sketch_is_within_the_limits_of_a_master(
    sketches: dict[str, tuple[Blueprint, tuple[Part, ...], Mixed]],
) -> None:
    for genre, (_, _, mixed) in sketches.items():
        levels = measure_levels(mixed.mix)
        assert levels.loudness_lufs is not None, genre
        assert levels.true_peak_db is not None, genre
        assert abs(levels.loudness_lufs + 14.0) < 1.5, genre
        assert levels.true_peak_db <= -1.0, genre
        assert levels.dc < 1e-3, genre
        assert stereo_correlation(mixed.mix) > 0.3, genre


def test_the_stems_of_a_sketch_sum_to_its_mix(
    sketches: dict[str, tuple[Blueprint, tuple[Part, ...], Mixed]],
) -> None:
    for _, _, mixed in sketches.values():
        total = np.sum([stem.astype(np.float64) for stem in mixed.stems], axis=0)
        assert null_db(total.astype(np.float32), mixed.mix) <= -120.0


def test_beat_one_is_on_the_first_frame(
    sketches: dict[str, tuple[Blueprint, tuple[Part, ...], Mixed]],
) -> None:
    for genre, (_, _, mixed) in sketches.items():
        onset = first_onset(mixed.mix)
        assert onset is not None, genre
        assert onset <= 48, genre


def test_nobody_can_tell_where_a_sketch_closes(
    sketches: dict[str, tuple[Blueprint, tuple[Part, ...], Mixed]],
) -> None:
    seams, controls = [], []
    for blueprint, _, mixed in sketches.values():
        seams.append(click_ratio(*loop_seam(mixed.mix)))
        bar = len(mixed.mix) / blueprint.bars
        controls += [click_ratio(*loop_seam(turned(mixed.mix, round(k * bar)))) for k in (1, 2)]
    assert separation(seams, controls) <= 0.65
    assert np.median(seams) <= 1.3 * np.median(controls)


def turned(samples: Samples, frames: int) -> Samples:
    """A loop that starts elsewhere, so that its seam is a place nobody touched."""
    return np.roll(samples, -frames, axis=0)


def test_a_sketch_has_bass_and_treble_in_a_musical_balance(
    sketches: dict[str, tuple[Blueprint, tuple[Part, ...], Mixed]],
) -> None:
    for genre, (_, _, mixed) in sketches.items():
        octaves = octave_levels_db(mixed.mix)
        low, middle, high = max(octaves[1:4]), max(octaves[4:6]), max(octaves[7:9])
        assert low > middle - 3.0 > high - 9.0, genre
        assert low - high < 32.0, genre


def test_the_same_sketch_is_the_same_whoever_renders_it_and_with_whatever_was_kept() -> None:
    blueprint = plan(Wish(genres=("house",), bars=2), 7)
    parts = compose(blueprint, 7)
    threaded = [stem for _, stem in render_parts(parts, blueprint, SoundStore())]
    scene = scene_of(blueprint, parts, SoundStore())
    places = places_of(blueprint)
    alone = [render_part(part, scene, places.get(part.name, 0.0)) for part in reversed(parts)][::-1]
    warm = [stem for _, stem in render_parts(parts, blueprint, STORE)]
    for one, two, three in zip(threaded, alone, warm, strict=True):
        assert np.array_equal(one, two)
        assert np.array_equal(one, three)


def test_rendering_stops_when_it_is_cancelled() -> None:
    blueprint = plan(Wish(genres=("house",), bars=2), 7)
    parts = compose(blueprint, 7)
    assert list(render_parts(parts, blueprint, STORE, cancelled=lambda: True)) == []


def test_the_others_dip_at_each_kick_and_come_back() -> None:
    tempo = TempoMap.steady(120.0)
    dip = duck_curve([kicks(0, 1, 2, 3)], tempo, 2 * SAMPLE_RATE, 0.2)
    assert dip is not None
    for beat in range(4):
        assert dip[beat * SAMPLE_RATE // 2 + 5] > 0.95
        assert dip[beat * SAMPLE_RATE // 2 + 12_000] < 0.05
    assert dip[-10] > 0.9
    assert np.abs(np.diff(np.concatenate([dip, dip[:1]]))).max() < 0.02


def test_without_kicks_nothing_dips() -> None:
    assert duck_curve([], TempoMap.steady(120.0), 1000, 0.2) is None


def test_a_dip_that_is_longer_than_the_loop_still_fits() -> None:
    dip = duck_curve([kicks(0)], TempoMap.steady(120.0), 4000, 0.5)
    assert dip is not None
    assert len(dip) == 4000


def test_every_family_has_a_level_in_every_genre() -> None:
    families = "drums percussion bass keys guitar strings brass winds choir pad lead pluck bells fx"
    for genre, balance in balances().items():
        assert set(balance.levels_db) == set(families.split()), genre
    assert balance_of("polka") == balances()["_usual"]


def test_a_band_stands_on_both_sides_and_a_few_players_in_the_middle() -> None:
    blueprint = plan(Wish(genres=("pop",), instruments=("grand_piano", "arp_synth"), bars=2), 3)
    places = places_of(blueprint)
    assert places["Piano"] < 0 < places["Arp synth"]
    assert not places_of(plan(Wish(instruments=("grand_piano",), solo=True), 3))
    scene = scene_of(blueprint, (), STORE)
    (arp,) = (part for part in compose(blueprint, 3) if part.name == "Arp synth")
    left, right = np.square(render_part(arp, scene, places["Arp synth"])).mean(axis=1)
    assert left < right


def test_the_low_end_of_a_kit_stays_in_the_middle() -> None:
    blueprint = plan(Wish(genres=("house",), bars=2), 7)
    parts = compose(blueprint, 7)
    (drums,) = (part for part in parts if part.name == "Drums")
    stem = render_part(drums, scene_of(blueprint, parts, STORE)).T
    middle, side = stem.mean(axis=1), (stem[:, 0] - stem[:, 1]) / 2
    low, high = ([octave_levels_db(each[:, None])[k] for k in (1, 8)] for each in (middle, side))
    loud = 10 * np.log10(np.square(side).mean() / np.square(middle).mean())
    assert loud + high[0] - low[0] < -20.0
    assert loud + high[1] - low[1] > -14.0


def test_a_club_master_has_smaller_peaks_than_one_for_listening() -> None:
    crests = []
    for genre in ("techno", "jazz"):
        _, _, mixed = sketched(genre)
        crests.append(crest_db(mixed.mix) or 0.0)
    assert crests[0] < 12.5 < crests[1]
