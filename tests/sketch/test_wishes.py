"""Wishes: what was named is heard, what was ruled out is not, and the form stands where asked."""

from functools import cache

import numpy as np
import pytest

from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.generation.generator import Rendered
from acestep_desktop.sketch.casting import EFFECTS
from acestep_desktop.sketch.engine import NO_VOCALS, SketchEngine, create
from acestep_desktop.sketch.tables import instruments
from tests.sketch.judging import take_of


@cache
def engine() -> SketchEngine:
    """One engine for all wishes."""
    return create()


@cache
def take(caption: str, bars: int | None = 2, seed: int = 3) -> tuple[Samples, Rendered]:
    """The mix and the take of a prompt."""
    return take_of(engine(), Request(Prompt(caption), bars=bars, seed=seed))


def stems(caption: str, bars: int | None = 2) -> dict[str, Samples]:
    """The stems of a prompt's take by their names."""
    return {stem.name: stem.samples for stem in take(caption, bars)[1].stems}


def level_db(samples: Samples) -> float:
    """The RMS in dBFS."""
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12))


def share_in_register(samples: Samples, low: int, high: int) -> float:
    """How much of the power lies between the lowest note and three octaves above the highest."""
    power = np.abs(np.fft.rfft(samples.mean(axis=1))) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    edges = [440.0 * 2.0 ** ((pitch - 69) / 12) for pitch in (low - 1, high + 36)]
    return float(power[(hertz >= edges[0]) & (hertz <= edges[1])].sum() / power.sum())


def bar_levels(caption: str, bars: int) -> list[float]:
    """The level of each bar of a take."""
    return [level_db(bar) for bar in np.array_split(take(caption, bars)[0], bars)]


@pytest.mark.parametrize(
    "caption",
    ["house, no drums", "rock without drums", "drum and bass, no drums", "everything but drums"],
)
def test_no_drums_leaves_no_stem_of_drums(caption: str) -> None:
    parts = take(caption)[1].recipe.parts
    assert parts
    assert not [part.name for part in parts if part.drums]
    assert not {"Drums", "Percussion"} & set(stems(caption))


NAMED = {
    "deep house with rhodes and a flute": ("electric_piano", "flute"),
    "pop with upright piano, cello and electric bass": ("upright_piano", "cello", "electric_bass"),
    "trap with an 808 and bells": ("bass_808", "bells"),
    "techno with an acid bass and a choir": ("acid_bass", "choir"),
    "jazz with vibraphone, saxophone and upright bass": ("vibraphone", "saxophone"),
    "folk with banjo, accordion and nylon guitar": ("banjo", "accordion", "nylon_guitar"),
    "rock with distorted guitar and organ": ("distorted_guitar", "organ"),
    "ambient with a harp, a sitar and a glass pad": ("harp", "sitar", "glass_pad"),
    "funk with clavinet, slap bass and trumpet": ("clavinet", "slap_bass", "trumpet"),
    "cinematic, no strings except a cello": ("cello",),
}


@pytest.mark.parametrize("caption", NAMED)
def test_a_named_instrument_has_a_stem_of_its_name_that_sounds_in_its_register(
    caption: str,
) -> None:
    made, found = take(caption)[1], stems(caption)
    for key in NAMED[caption]:
        instrument = instruments()[key]
        (part,) = (part for part in made.recipe.parts if part.instrument == key)
        assert instrument.name.lower() in part.name.lower() or part.name == "Walking bass"
        pitches = [note.pitch for note in part.notes]
        assert instrument.low <= min(pitches) <= max(pitches) <= instrument.high
        assert level_db(found[part.name]) > -50
        assert share_in_register(found[part.name], min(pitches), max(pitches)) > 0.5


def test_who_is_named_plays_out_of_a_family_that_is_ruled_out() -> None:
    parts = take("cinematic, no strings except a cello")[1].recipe.parts
    families = [
        instruments()[part.instrument].family for part in parts if part.instrument in instruments()
    ]
    assert families.count("strings") == 1


def test_a_walking_bass_walks_under_that_name() -> None:
    made = take("upbeat jazz piano with walking bass, 120 bpm")[1]
    (part,) = (part for part in made.recipe.parts if part.name == "Walking bass")
    assert len(part.notes) >= 8


@pytest.mark.parametrize(
    ("caption", "kinds"),
    [
        ("riser", ("riser",)),
        ("a huge impact", ("impact",)),
        ("vinyl crackle", ("vinyl_crackle",)),
        ("rain, 20 seconds", ("rain",)),
        ("noise sweep, 4 bars at 140 bpm", ("noise_sweep",)),
        ("sub drop", ("sub_drop",)),
        ("laser", ("laser",)),
        ("room tone, 10 seconds", ("room_tone",)),
        ("rain and vinyl crackle", ("vinyl_crackle", "rain")),
    ],
)
def test_effects_alone_give_nothing_else(caption: str, kinds: tuple[str, ...]) -> None:
    mix, made = take(caption, None)
    assert {stem.name for stem in made.stems} == {EFFECTS[kind] for kind in kinds}
    assert level_db(mix) > -40


def test_effects_last_as_long_as_asked() -> None:
    assert abs(len(take("rain, 20 seconds", None)[0]) - 20 * SAMPLE_RATE) < SAMPLE_RATE // 10
    assert abs(len(take("room tone, 10 seconds", None)[0]) - 10 * SAMPLE_RATE) < SAMPLE_RATE // 10
    four_bars = 16 * 60 / 140 * SAMPLE_RATE
    assert abs(len(take("noise sweep, 4 bars at 140 bpm", None)[0]) - four_bars) <= 1


def test_a_bed_is_even_and_a_riser_rises() -> None:
    rain = [level_db(part) for part in np.array_split(take("rain, 20 seconds", None)[0], 10)]
    assert max(rain) - min(rain) < 2
    riser = [level_db(part) for part in np.array_split(take("riser", None)[0], 8)]
    assert riser[-2] - riser[0] > 6


FORM = "house, 128 bpm: 2 bars intro, 2 bars build, 4 bars drop, 2 bars breakdown, 2 bars outro"


def test_sections_stand_at_the_bars_asked() -> None:
    _, made = take(FORM, 12)
    bar = 4 * 960_000
    found = [(marker.name, marker.at / bar) for marker in made.recipe.markers]
    assert found == [("Intro", 0), ("Build", 2), ("Drop", 4), ("Breakdown", 8), ("Outro", 10)]


def test_energy_rises_into_a_drop_and_falls_behind_it() -> None:
    levels = bar_levels(FORM, 12)
    intro, drop, breakdown, outro = (
        float(np.mean(levels[first:last])) for first, last in ((0, 2), (4, 8), (8, 10), (10, 12))
    )
    assert drop > intro + 1
    assert drop > breakdown + 1
    assert drop > outro


CONTRADICTIONS = {
    "fast slow waltz in 7/8, 400 bpm, no instruments": "exclude each other",
    "house, 400 bpm": "beyond",
    "no drums, drums": "ruled out",
    "waltz in 4/4": "counts",
    "pop with female vocals": NO_VOCALS,
    "🥁🎹": "no genre was named",
    "zorp blarg": "understood",
    "punk": "comes closest",
}


@pytest.mark.parametrize("caption", CONTRADICTIONS)
def test_what_cannot_be_had_gets_a_default_and_a_note(caption: str) -> None:
    mix, made = take(caption, 1)
    assert level_db(mix) > -30
    assert any(CONTRADICTIONS[caption] in note for note in made.warnings), made.warnings


def test_what_can_be_had_needs_no_note() -> None:
    assert take("deep house with rhodes and a flute")[1].warnings == ()
