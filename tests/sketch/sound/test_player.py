"""Players: notes at their frames, in a circle, let go and slid as the instrument does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.notes import Note, Part
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import SAMPLE_RATE, Tick
from acestep_desktop.sketch.sound.patches import Kit, Patch, kit_named, patch_named
from acestep_desktop.sketch.sound.player import SoundStore, hits_of, paste, play
from acestep_desktop.sketch.sound.signal import Mono, Stereo
from acestep_desktop.sketch.sound.voice import Strike

QUARTER = 960_000
TEMPO = TempoMap.steady(120.0)
BEAT = SAMPLE_RATE // 2


class CountingVoice:
    """A voice that says how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def sound(self, strike: Strike) -> Mono:
        """Return ones."""
        self.asked += 1
        return np.ones(strike.frames, dtype=np.float32)


def part(instrument: str, *notes: tuple[float, float, int, int]) -> Part:
    """A part of (beat, beats, pitch, velocity)."""
    made = tuple(
        Note(Tick(round(beat * QUARTER)), Tick(round(beats * QUARTER)), pitch, velocity)
        for beat, beats, pitch, velocity in notes
    )
    return Part(instrument, instrument, 0, instrument.startswith("kit_"), made)


def device(instrument: str) -> Kit | Patch:
    """The kit or the instrument of a name."""
    return (kit_named if instrument.startswith("kit_") else patch_named)(instrument)


def played(instrument: str, *notes: tuple[float, float, int, int], beats: int = 8) -> Stereo:
    """The dry sound of a part."""
    return play(part(instrument, *notes), device(instrument), TEMPO, beats * BEAT, SoundStore())[0]


@given(st.integers(1, 60), st.integers(1, 200), st.integers(0, 500))
def test_pasting_goes_round_as_often_as_needed(frames: int, length: int, start: int) -> None:
    canvas = np.zeros((2, frames), dtype=np.float32)
    sound = np.arange(1, length + 1, dtype=np.float32)
    paste(canvas, sound, start, 1.0, 0.5)
    wanted = np.zeros(frames)
    for index, value in enumerate(sound):
        wanted[(start + index) % frames] += value
    assert np.array_equal(canvas[0], wanted.astype(np.float32))
    assert np.array_equal(canvas[1], (wanted * 0.5).astype(np.float32))


def test_a_note_starts_on_the_frame_of_its_tick() -> None:
    dry = played("clavinet", (1.5, 1, 60, 100))
    heard = np.flatnonzero(np.abs(dry[0]) > 0.01 * np.abs(dry[0]).max())[0]
    assert 0 <= heard - round(1.5 * BEAT) <= 24
    assert not dry[:, : round(1.5 * BEAT)].any()


def test_notes_that_begin_after_the_end_are_left_out() -> None:
    assert hits_of(part("grand_piano", (8, 1, 60, 100)), TEMPO, 8 * BEAT) == ()


def test_a_tail_goes_on_at_the_start() -> None:
    dry = played("bells", (7.9, 0.1, 72, 100))
    assert np.abs(dry[:, : BEAT // 2]).max() > 0.01
    straight = played("bells", (0, 0.1, 72, 100))
    assert np.abs(np.roll(straight, round(7.9 * BEAT), axis=1) - dry).max() < 1e-6


@pytest.mark.parametrize("instrument", ["grand_piano", "warm_pad", "bells", "reese_bass"])
def test_a_loop_turned_by_a_bar_sounds_the_same_turned_by_a_bar(instrument: str) -> None:
    first = played(instrument, (0, 2, 48, 90), (4, 1, 55, 90))
    later = played(instrument, (4, 2, 48, 90), (0, 1, 55, 90))
    assert np.abs(np.roll(first, 4 * BEAT, axis=1) - later).max() < 1e-6


def test_a_bass_plays_one_note_at_a_time() -> None:
    alone = played("upright_bass", (0, 1, 40, 90))
    both = played("upright_bass", (0, 3, 40, 90), (1, 1, 47, 90))
    second = played("upright_bass", (1, 1, 47, 90))
    late = slice(BEAT + 6_000, 2 * BEAT)
    assert np.abs(both[:, late] - second[:, late]).max() < 1e-4
    assert np.abs(both[:, :BEAT] - alone[:, :BEAT]).max() < 1e-6


def test_overlapping_notes_of_a_gliding_bass_slide() -> None:
    slid = played("bass_808", (0, 2, 33, 100), (1, 1, 45, 100))
    plain = played("bass_808", (0, 1, 33, 100), (1, 1, 45, 100))
    assert not np.array_equal(slid[:, BEAT : BEAT + 4800], plain[:, BEAT : BEAT + 4800])


def test_a_piano_plays_chords_and_strikes_a_string_anew() -> None:
    chord = played("grand_piano", (0, 4, 60, 90), (0, 4, 64, 90))
    parts = played("grand_piano", (0, 4, 60, 90)) + played("grand_piano", (0, 4, 64, 90))
    assert np.abs(chord - parts).max() < 1e-6
    again = played("grand_piano", (0, 4, 60, 90), (2, 2, 60, 1))
    assert np.abs(again[:, 3 * BEAT :]).max() < 0.3 * np.abs(chord[:, 3 * BEAT :]).max()


def test_low_notes_of_a_piano_lie_left_and_high_ones_right() -> None:
    low, high = played("grand_piano", (0, 2, 36, 90)), played("grand_piano", (0, 2, 88, 90))
    assert np.sum(low[0] ** 2) > np.sum(low[1] ** 2)
    assert np.sum(high[1] ** 2) > np.sum(high[0] ** 2)


def test_a_bed_is_as_loud_where_the_loop_closes_as_elsewhere() -> None:
    dry = played("rain", (0, 8, 60, 100))
    around = np.concatenate([dry[:, -4800:], dry[:, :4800]], axis=1)
    assert 0.7 < np.sqrt(np.mean(around**2) / np.mean(dry**2)) < 1.4


def test_an_effect_is_as_long_as_its_note() -> None:
    dry = played("riser", (0, 4, 60, 100))
    assert not dry[:, 4 * BEAT :].any()
    assert np.abs(dry[:, 4 * BEAT - 2400 : 4 * BEAT]).max() > 0.1


def test_a_sound_is_made_once_and_forgotten_when_room_is_short() -> None:
    voice = CountingVoice()
    store = SoundStore(limit_bytes=10_000)
    strike, other = Strike("x", 60, 0.5, 2000), Strike("x", 61, 0.5, 2000)
    assert store.sound(voice, strike) is store.sound(voice, strike)
    assert voice.asked == 1
    store.sound(voice, other)
    store.sound(voice, strike)
    assert voice.asked == 3
    store.clear()
    store.sound(voice, strike)
    assert voice.asked == 4


def test_what_is_pasted_leaves_the_kept_sound_untouched() -> None:
    store = SoundStore()
    one = part("grand_piano", (0, 1, 60, 100))
    first, _ = play(one, patch_named(one.instrument), TEMPO, 4 * BEAT, store)
    second, _ = play(one, patch_named(one.instrument), TEMPO, 4 * BEAT, store)
    assert np.array_equal(first, second)


def test_force_decides_the_colour_and_nothing_of_the_pitch() -> None:
    assert patch_named("grand_piano").layers >= 3
    soft, hard = (played("grand_piano", (0, 1, 60, velocity)) for velocity in (20, 127))
    scale = float(np.abs(hard).max() / np.abs(soft).max())
    assert scale > 2
    assert np.abs(hard - soft * scale).max() > 0.01
