"""Every pitched instrument: in tune, at once, in balance with its velocity, and gone after."""

import numpy as np
import pytest

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.notes import Note, Part
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import SAMPLE_RATE, Tick
from acestep_desktop.sketch.sound.patches import Patch, kit_named, patch_named, patch_table
from acestep_desktop.sketch.sound.player import SoundStore, play
from acestep_desktop.sketch.sound.signal import Mono, Stereo, pitch_hz
from acestep_desktop.sketch.sound.voice import Strike

QUARTER = 960_000
TEMPO = TempoMap.steady(120.0)

IDS = [
    "upright_bass",
    "electric_bass",
    "picked_bass",
    "slap_bass",
    "synth_bass",
    "acid_bass",
    "sub_bass",
    "bass_808",
    "reese_bass",
    "fm_bass",
    "grand_piano",
    "upright_piano",
    "electric_piano",
    "wurlitzer",
    "clavinet",
    "harpsichord",
    "organ",
    "vibraphone",
    "marimba",
    "music_box",
    "bells",
    "celesta",
    "nylon_guitar",
    "steel_guitar",
    "clean_guitar",
    "muted_guitar",
    "distorted_guitar",
    "strings",
    "pizzicato",
    "solo_violin",
    "cello",
    "harp",
    "brass",
    "trumpet",
    "french_horn",
    "flute",
    "saxophone",
    "clarinet",
    "choir",
    "string_pad",
    "warm_pad",
    "glass_pad",
    "dark_pad",
    "supersaw",
    "saw_lead",
    "square_lead",
    "soft_lead",
    "synth_pluck",
    "synth_stab",
    "arp_synth",
    "sitar",
    "kalimba",
    "accordion",
    "harmonica",
    "banjo",
]

EFFECTS = [
    "riser",
    "impact",
    "vinyl_crackle",
    "rain",
    "noise_sweep",
    "sub_drop",
    "laser",
    "room_tone",
]


def pitches(patch: Patch) -> tuple[int, int, int]:
    """Three pitches across an instrument's usual range."""
    return {"bass": (31, 38, 45), "guitar": (45, 57, 69), "bells": (60, 72, 84)}.get(
        patch.family, (50, 62, 74)
    )


def middle(audio: Mono) -> Mono:
    """The mean of the sides."""
    return audio if audio.ndim == 1 else audio.mean(axis=0)


def centroid_hz(audio: Mono) -> float:
    """Where the middle of the spectrum lies."""
    power = (np.abs(np.fft.rfft(np.atleast_2d(audio))) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(audio.shape[-1], 1 / SAMPLE_RATE)
    return float((power * hz).sum() / power.sum())


def cents_off(audio: Mono, hz: float) -> float:
    """How far the energy around the fundamental lies from `hz`."""
    tone = middle(audio)[SAMPLE_RATE // 8 :]
    tone = tone * np.hanning(len(tone))
    power = np.abs(np.fft.rfft(tone, 1 << 19)) ** 2
    bins = np.fft.rfftfreq(1 << 19, 1 / SAMPLE_RATE)
    near = (bins > hz * 2 ** (-80 / 1200)) & (bins < hz * 2 ** (80 / 1200))
    return float(1200 * np.log2((power[near] * bins[near]).sum() / power[near].sum() / hz))


def one_note(name: str, pitch: int, velocity: int = 100, beats: int = 2) -> Stereo:
    """Four seconds in which an instrument plays one note from the first frame on."""
    note = Note(Tick(0), Tick(beats * QUARTER), pitch, velocity)
    part = Part(name, name, 0, False, (note,))
    dry, _ = play(part, patch_named(name), TEMPO, 6 * SAMPLE_RATE, SoundStore())
    return dry


def test_every_instrument_and_effect_has_a_sound_of_its_own() -> None:
    table = patch_table()
    assert sorted(table) == sorted([*IDS, *EFFECTS])
    voices = [patch.voice for patch in table.values()]
    assert len(set(voices)) == len(voices)


def test_an_unknown_instrument_is_refused_by_name() -> None:
    with pytest.raises(InvalidValueError, match="theremin"):
        patch_named("theremin")
    with pytest.raises(InvalidValueError, match="kit_bones"):
        kit_named("kit_bones")


@pytest.mark.parametrize("name", IDS)
def test_an_instrument_is_in_tune(name: str) -> None:
    patch = patch_named(name)
    for pitch in pitches(patch):
        audio = patch.voice.sound(Strike(name, pitch, 0.6, 2 * SAMPLE_RATE))
        assert abs(cents_off(audio, pitch_hz(pitch))) < 5.0, pitch


@pytest.mark.parametrize("name", IDS)
def test_an_instrument_is_finite_centred_and_the_same_each_time(name: str) -> None:
    patch = patch_named(name)
    strike = Strike(name, pitches(patch)[1], 0.9, SAMPLE_RATE)
    audio = patch.voice.sound(strike)
    assert audio.dtype == np.float32
    assert audio.shape[-1] == SAMPLE_RATE
    assert np.isfinite(audio).all()
    loud = float(np.sqrt(np.mean(audio.astype(np.float64) ** 2)))
    assert abs(float(np.mean(audio, dtype=np.float64))) < 0.02 * loud
    assert np.array_equal(audio, patch.voice.sound(strike))


@pytest.mark.parametrize("name", IDS)
def test_a_note_sounds_within_a_millisecond(name: str) -> None:
    dry = one_note(name, pitches(patch_named(name))[1])
    loud = np.abs(dry).max(axis=0)
    heard = np.flatnonzero(loud > 0.01 * loud.max())
    assert heard[0] <= 48


@pytest.mark.parametrize("name", IDS)
def test_harder_is_louder_and_brighter(name: str) -> None:
    patch = patch_named(name)
    pitch = pitches(patch)[1]
    soft, hard = (one_note(name, pitch, velocity) for velocity in (30, 120))
    assert np.mean(hard**2) > 1.5 * np.mean(soft**2)
    assert centroid_hz(hard) > 1.01 * centroid_hz(soft)


@pytest.mark.parametrize("name", IDS)
def test_a_note_that_is_let_go_falls_silent(name: str) -> None:
    patch = patch_named(name)
    dry = one_note(name, pitches(patch)[1], beats=1)
    last = dry[:, round((0.5 + patch.release_s + 0.02) * SAMPLE_RATE) :]
    if patch.rings:
        last = dry[:, round((patch.ring_s + patch.release_s) * SAMPLE_RATE) + 1 :]
    assert float(np.abs(last).max()) < 1e-3 * float(np.abs(dry).max())


def test_a_sound_does_not_depend_on_the_words_it_was_hashed_with_elsewhere() -> None:
    first = patch_named("grand_piano").voice.sound(Strike("grand_piano", 60, 0.5, 4800))
    other = patch_named("grand_piano").voice.sound(Strike("grand_piano", 61, 0.5, 4800))
    assert not np.array_equal(first, other)


def test_a_glide_starts_on_the_pitch_it_comes_from() -> None:
    voice = patch_named("bass_808").voice
    slid = voice.sound(Strike("bass_808", 45, 0.6, SAMPLE_RATE, glide_from=33))
    straight = voice.sound(Strike("bass_808", 45, 0.6, SAMPLE_RATE))
    early = slice(1200, 4800)
    assert crossings(slid[early]) < crossings(straight[early])
    assert abs(crossings(slid[24_000:]) - crossings(straight[24_000:])) <= 2


def crossings(audio: Mono) -> int:
    """How often a wave goes through zero."""
    return int(np.count_nonzero(np.diff(np.signbit(audio))))
