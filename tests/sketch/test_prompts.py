"""From words to the players: what a person writes is what the blueprint holds."""

from dataclasses import fields
from typing import Any

import pytest

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.reading import PromptReading
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.time import Meter
from acestep_desktop.domain.understanding import Understanding, understand
from acestep_desktop.sketch.blueprint import Blueprint, plan
from acestep_desktop.sketch.wish import Wish, wish_from

MADE: dict[str, Any] = {
    "genres": ("jazz",),
    "moods": ("calm",),
    "eras": ("1960s",),
    "instruments": ("grand_piano",),
    "families": ("strings",),
    "styles": ("walking",),
    "without": ("drums",),
    "effects": ("rain",),
    "energy": 0.3,
    "solo": True,
}


def blueprint(text: str, seed: int = 1, **request: Any) -> Blueprint:
    return plan(wish_from(understand(Request(Prompt(text), **request))), seed)


def names(found: Blueprint) -> set[str]:
    return {player.instrument for player in found.players}


GENRES = [
    ("deep house groove", "deep_house"),
    ("driving techno", "techno"),
    ("uplifting trance", "trance"),
    ("liquid drum and bass", "drum_and_bass"),
    ("dnb roller", "drum_and_bass"),
    ("90s jungle", "jungle"),
    ("heavy dubstep", "dubstep"),
    ("2-step garage", "uk_garage"),
    ("dark trap beat", "trap"),
    ("uk drill", "drill"),
    ("boom bap hip hop", "boom_bap"),
    ("lofi beat to study", "lo_fi"),
    ("smooth r&b", "rnb"),
    ("70s funk", "funk"),
    ("disco strings", "disco"),
    ("motown soul", "soul"),
    ("bebop jazz", "jazz"),
    ("bossa nova", "bossa"),
    ("roots reggae", "reggae"),
    ("dub with long echoes", "dub"),
    ("hard rock", "rock"),
    ("thrash metal", "metal"),
    ("catchy pop", "pop"),
    ("synthwave night drive", "synthwave"),
    ("ambient drone", "ambient"),
    ("cinematic trailer", "cinematic"),
    ("acoustic folk", "folk"),
    ("baroque music", "classical"),
]


@pytest.mark.parametrize(("text", "genre"), GENRES)
def test_a_genre_in_words_is_the_genre_played(text: str, genre: str) -> None:
    assert blueprint(text).genre == genre


INSTRUMENTS = [
    ("jazz with a vibraphone", {"vibraphone"}),
    ("rhodes and upright bass, soul", {"electric_piano", "upright_bass"}),
    ("techno with a 303", {"acid_bass"}),
    ("folk with banjo and harmonica", {"banjo", "harmonica"}),
    ("solo cello", {"cello"}),
    ("trap with 808 bass and bells", {"bass_808", "bells"}),
    ("classical string section and harp", {"strings", "harp"}),
    ("house with a grand piano", {"grand_piano"}),
    ("reggae with organ", {"organ"}),
    ("metal with distorted guitar", {"distorted_guitar"}),
    ("trance with supersaw", {"supersaw"}),
    ("ambient with choir", {"choir"}),
]


@pytest.mark.parametrize(("text", "wanted"), INSTRUMENTS)
def test_an_instrument_in_words_plays(text: str, wanted: set[str]) -> None:
    for seed in range(3):
        assert wanted <= names(blueprint(text, seed))


MEASURES = [
    ("house, 123 bpm", 123.0, None, "4/4", 8),
    ("jazz waltz in G minor", None, Key("G", "minor"), "3/4", 8),
    ("rock in 7/8, 150 bpm, 12 bars", 150.0, None, "7/8", 12),
    ("folk in 6/8 in D major", None, Key("D", "major"), "6/8", 8),
    ("pop, 4 bars, F#m", None, Key("F#", "minor"), "4/4", 4),
    ("techno 132 bpm 16 bars A minor", 132.0, Key("A", "minor"), "4/4", 16),
    ("cinematic in 5/4, Bb minor", None, Key("Bb", "minor"), "5/4", 8),
    ("polka in 2/4 at 118 bpm", 118.0, None, "2/4", 8),
]


@pytest.mark.parametrize(("text", "bpm", "key", "meter", "bars"), MEASURES)
def test_measures_in_words_are_kept(
    text: str, bpm: float | None, key: Key | None, meter: str, bars: int
) -> None:
    found = blueprint(text)

    assert bpm is None or found.bpm == bpm
    assert key is None or found.key == key
    assert str(found.meter) == meter
    assert found.bars == bars


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("slow jazz", 0, 90), ("fast jazz", 130, 300), ("house 120-122 bpm", 120, 122)],
)
def test_words_for_a_tempo_give_one_that_a_person_would_call_so(
    text: str, low: float, high: float
) -> None:
    for seed in range(8):
        assert low <= blueprint(text, seed).bpm <= high


@pytest.mark.parametrize(
    ("text", "mode"),
    [("sad pop", "minor"), ("happy pop", "major"), ("pop in a minor key", "minor")],
)
def test_a_mode_in_words_is_heard(text: str, mode: str) -> None:
    for seed in range(6):
        assert blueprint(text, seed).key.mode == mode


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("solo piano, classical", {"grand_piano"}),
        ("only a flute", {"flute"}),
        ("just a nylon guitar", {"nylon_guitar"}),
        ("solo cello", {"cello"}),
    ],
)
def test_solo_in_words_is_solo(text: str, alone: set[str]) -> None:
    for seed in range(4):
        assert names(blueprint(text, seed)) == alone


def test_the_fields_of_a_request_beat_its_words() -> None:
    found = blueprint(
        "house, 120 bpm, A minor, 4/4, 8 bars",
        bpm=127.0,
        key=Key("D", "minor"),
        meter=Meter(3, 4),
        bars=6,
    )

    assert (found.bpm, found.key, str(found.meter), found.bars) == (
        127.0,
        Key("D", "minor"),
        "3/4",
        6,
    )


def test_everything_that_was_understood_is_in_the_wish() -> None:
    reading = PromptReading(text="", **MADE)
    understanding = Understanding(
        reading=reading,
        bpm=99.0,
        bpm_range=(90.0, 110.0),
        key=Key("E", "minor"),
        mode="minor",
        meter=Meter(3, 4),
        bars=12,
        seconds=None,
        understood=(),
        ignored=(),
        notes=(),
    )
    wish = wish_from(understanding)

    for name, value in MADE.items():
        assert getattr(wish, name) == value
    assert (wish.bpm, wish.bpm_range, wish.bars) == (99.0, (90.0, 110.0), 12)
    assert (wish.key, wish.mode, wish.meter) == (Key("E", "minor"), "minor", Meter(3, 4))


def test_a_wish_of_nothing_is_the_wish_of_silence_in_words() -> None:
    empty = wish_from(understand(Request(Prompt(""))))
    said = {field.name for field in fields(Wish) if getattr(empty, field.name) not in ((), None)}

    assert said == {"bars", "solo", "whole_kit"}
    assert empty.bars == 8
    assert not empty.solo
    assert not empty.whole_kit


def test_the_same_words_in_another_order_ask_for_the_same() -> None:
    one = wish_from(understand(Request(Prompt("calm jazz with saxophone, no drums, 96 bpm"))))
    two = wish_from(understand(Request(Prompt("96 bpm, no drums, saxophone, calm jazz"))))

    assert one == two
    assert plan(one, 5) == plan(two, 5)
