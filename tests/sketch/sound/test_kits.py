"""Drum kits: every key has a drum, that is there at once, and differs from hit to hit."""

import numpy as np
import pytest

from acestep_desktop.domain.notes import Note, Part
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import SAMPLE_RATE, Tick
from acestep_desktop.sketch.sound.patches import kit_named, kit_table
from acestep_desktop.sketch.sound.player import SoundStore, play
from acestep_desktop.sketch.sound.signal import Mono, Stereo
from acestep_desktop.sketch.sound.voice import Strike

QUARTER = 960_000
KITS = [
    "kit_house",
    "kit_techno",
    "kit_808",
    "kit_909",
    "kit_breaks",
    "kit_lofi",
    "kit_acoustic",
    "kit_jazz",
    "kit_brushes",
    "kit_rock",
    "kit_electro",
    "kit_latin",
    "kit_orchestral",
]
KEYS = (
    *(36, 38, 37, 39, 42, 44, 46, 49, 51, 53, 41, 43, 45, 47, 48, 50, 54, 56),
    *(60, 61, 62, 63, 64, 69, 70, 75, 76, 82),
)


def hit(kit: str, key: int, force: float = 0.7, variant: int = 0) -> Mono:
    """One hit of a drum."""
    piece = kit_named(kit).piece(key)
    return piece.voice.sound(Strike(kit, key, force, round(piece.seconds * SAMPLE_RATE), variant))


def centroid_hz(audio: Mono) -> float:
    """Where the middle of the spectrum lies."""
    power = np.abs(np.fft.rfft(audio)) ** 2
    return float((power * np.fft.rfftfreq(len(audio), 1 / SAMPLE_RATE)).sum() / power.sum())


def played(kit: str, *hits: tuple[float, int, int]) -> Stereo:
    """Two seconds of (beat, key, velocity) at 120 bpm."""
    notes = tuple(
        Note(Tick(round(beat * QUARTER)), Tick(QUARTER // 8), key, velocity)
        for beat, key, velocity in hits
    )
    part = Part("Drums", kit, 0, True, notes)
    tempo = TempoMap.steady(120.0)
    dry, _ = play(part, kit_named(kit), tempo, 2 * SAMPLE_RATE, SoundStore())
    return dry


def test_every_kit_has_every_drum() -> None:
    assert sorted(kit_table()) == sorted(KITS)
    for kit in KITS:
        assert set(KEYS) <= set(kit_named(kit).pieces), kit


def test_a_key_without_a_drum_is_played_by_its_neighbour() -> None:
    kit = kit_named("kit_house")
    assert kit.piece(34) == kit.piece(35)


@pytest.mark.parametrize("kit", KITS)
def test_every_drum_is_finite_centred_and_there_within_a_millisecond(kit: str) -> None:
    for key in KEYS:
        audio = hit(kit, key)
        assert np.isfinite(audio).all(), key
        loud = float(np.sqrt(np.mean(audio**2)))
        assert abs(float(np.mean(audio, dtype=np.float64))) < 0.03 * loud, key
        assert np.flatnonzero(np.abs(audio) > 0.01 * np.abs(audio).max())[0] <= 48, key
        assert float(np.abs(audio[-48:]).max()) < 0.02 * float(np.abs(audio).max()), key


@pytest.mark.parametrize("key", [36, 38, 42, 46, 49, 41, 63])
def test_a_drum_that_is_hit_harder_is_brighter(key: int) -> None:
    assert centroid_hz(hit("kit_acoustic", key, 0.9)) > centroid_hz(hit("kit_acoustic", key, 0.1))


@pytest.mark.parametrize("key", KEYS)
def test_repeated_hits_are_alike_but_never_the_same(key: int) -> None:
    first, second = hit("kit_breaks", key, variant=0), hit("kit_breaks", key, variant=1)
    assert not np.array_equal(first, second)
    assert 0.5 < float(np.sqrt(np.mean(first**2) / np.mean(second**2))) < 2.0
    assert np.array_equal(first, hit("kit_breaks", key, variant=0))


def test_the_kits_have_kicks_and_snares_of_their_own() -> None:
    kicks = {kit: kit_named(kit).piece(36).voice for kit in KITS}
    assert len(set(kicks.values())) >= 8
    assert len({kit_named(kit).piece(38).voice for kit in KITS}) >= 8


def test_velocity_changes_how_loud_a_drum_is() -> None:
    soft, hard = played("kit_house", (0, 38, 40)), played("kit_house", (0, 38, 120))
    assert np.abs(hard).max() > 3 * np.abs(soft).max()


def test_a_closed_hat_cuts_an_open_one_off() -> None:
    ringing = played("kit_909", (0, 46, 100))
    choked = played("kit_909", (0, 46, 100), (0.25, 42, 1))
    late = slice(8000, 12_000)
    assert np.sum(choked[:, late] ** 2) < 0.01 * np.sum(ringing[:, late] ** 2)


def test_a_hat_at_the_start_of_a_loop_cuts_off_the_one_at_its_end() -> None:
    free = played("kit_909", (3.75, 46, 100))
    choked = played("kit_909", (0, 42, 1), (3.75, 46, 100))
    start = slice(1200, 4000)
    assert np.sum(choked[:, start] ** 2) < 0.05 * np.sum(free[:, start] ** 2)


def test_a_kick_is_in_the_middle_and_percussion_is_not() -> None:
    kick, conga = played("kit_latin", (0, 36, 100)), played("kit_latin", (0, 63, 100))
    assert np.array_equal(kick[0], kick[1])
    assert np.sum(conga[0] ** 2) > 1.5 * np.sum(conga[1] ** 2)
