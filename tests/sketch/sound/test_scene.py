"""The scene of a piece: levels, pumping, rooms and devices, whoever works and in which order."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acestep_desktop.domain.notes import Note, Part
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import SAMPLE_RATE, Tick
from acestep_desktop.sketch.sound.balance import Balance, balance_of, balances
from acestep_desktop.sketch.sound.inserts import inserted
from acestep_desktop.sketch.sound.level import WINDOW, gated_db, window_energies
from acestep_desktop.sketch.sound.mixdown import CEILING_DB, gain_curve, mastered
from acestep_desktop.sketch.sound.patches import (
    Insert,
    kit_named,
    kit_table,
    patch_named,
    patch_table,
)
from acestep_desktop.sketch.sound.player import SoundStore, hits_of, play
from acestep_desktop.sketch.sound.render import duck_curve
from acestep_desktop.sketch.sound.signal import Stereo, amplitude
from acestep_desktop.sketch.sound.space import ROOMS, echoed, reverberated
from acestep_desktop.sketch.sound.voice import Strike
from acestep_desktop.sketch.tables import genres, instruments

QUARTER = 960_000
TEMPO = TempoMap.steady(120.0)
BEAT = SAMPLE_RATE // 2
DEVICES = ("drive", "fuzz", "cabinet", "dust", "tremolo", "autopan", "chorus", "rotary", "widen")
HEARD = ("grand_piano", "electric_bass", "supersaw", "warm_pad", "electric_piano", "vibraphone")

THREADS = """
import hashlib, sys
from acestep_desktop.sketch.sound.patches import kit_named, patch_named
from acestep_desktop.sketch.sound.voice import Strike
digest = hashlib.sha256()
for name in ("grand_piano", "supersaw", "vibraphone", "warm_pad"):
    digest.update(patch_named(name).voice.sound(Strike(name, 57, 0.7, 24000)).tobytes())
for key in (36, 38, 42, 49):
    voice = kit_named("kit_rock").piece(key).voice
    digest.update(voice.sound(Strike("kit_rock", key, 0.7, 24000)).tobytes())
print(digest.hexdigest())
"""


def noise(seed: int, frames: int, level: float = 0.1) -> Stereo:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((2, frames))).astype(np.float32)


def drums(*hits: tuple[float, int, int], kit: str = "kit_909") -> Part:
    """A drum part of (beat, key, velocity)."""
    notes = tuple(
        Note(Tick(round(beat * QUARTER)), Tick(QUARTER // 8), key, velocity)
        for beat, key, velocity in hits
    )
    return Part("Drums", kit, 0, True, notes)


def played(part: Part, store: SoundStore, beats: int = 4) -> tuple[Stereo, Stereo]:
    """The dry sound of drums, and what of it goes to the reverb."""
    return play(part, kit_named(part.instrument), TEMPO, beats * BEAT, store)


def power(audio: Stereo) -> float:
    return float(np.sum(audio.astype(np.float64) ** 2))


@pytest.mark.parametrize("genre", sorted(genres()))
def test_the_balance_of_a_genre_is_one_a_mixer_would_set(genre: str) -> None:
    balance = balance_of(genre)

    assert balance.room in ROOMS
    assert balance.kit_room in ROOMS
    assert 0.0 <= balance.glue <= 1.0
    assert 0.05 <= balance.duck_s <= 0.5
    assert balance.echo_quarters in (0.5, 0.75, 1.0, 1.5, 2.0) or balance.echo_quarters > 0
    assert all(-20.0 <= level <= 3.0 for level in balance.levels_db.values())
    assert balance.level_db("bass") > balance.level_db("fx")
    assert balance.level_db("theremins") == -6.0


def test_only_what_a_genre_says_differs_from_the_usual() -> None:
    usual = balances()["_usual"]

    assert isinstance(usual, Balance)
    assert {balance_of(genre).room for genre in genres()} <= set(ROOMS)
    assert sum(balance_of(genre) != usual for genre in genres()) > 20


@pytest.mark.parametrize("name", sorted(patch_table()))
def test_a_patch_is_playable_as_it_is_described(name: str) -> None:
    patch = patch_named(name)

    assert 0 <= patch.low < patch.high <= 127
    assert 0.0 < patch.release_s < 5.0
    assert patch.layers >= 1
    assert -1.0 <= patch.pan <= 1.0
    assert 0.0 <= patch.spread <= 1.0
    assert all(insert.device in DEVICES for insert in patch.inserts)
    assert not patch.rings or patch.ring_s > 0
    if name in instruments():
        assert patch.family == instruments()[name].family


@pytest.mark.parametrize("name", sorted(kit_table()))
def test_a_kit_is_laid_out_like_a_kit(name: str) -> None:
    kit = kit_table()[name]

    assert kit.piece(36).pan == 0.0
    assert kit.piece(42).choke == kit.piece(46).choke == kit.piece(44).choke != ""
    assert not kit.piece(38).choke
    assert kit.piece(49).seconds > kit.piece(42).seconds
    assert all(-1.0 <= piece.pan <= 1.0 for piece in kit.pieces.values())
    assert all(0.02 <= piece.seconds <= 8.0 for piece in kit.pieces.values())


@pytest.mark.parametrize("kit", ["kit_909", "kit_acoustic", "kit_808", "kit_jazz", "kit_house"])
@pytest.mark.parametrize("closing", [42, 44])
def test_any_closed_hat_chokes_an_open_one(kit: str, closing: int) -> None:
    store = SoundStore()
    rings, cut = (
        played(drums((0, 46, 110), *extra, kit=kit), store, 8)[0]
        for extra in ((), ((0.3, closing, 1),))
    )
    late = slice(round(0.3 * BEAT) + 1200, round(0.3 * BEAT) + 4800)

    assert power(cut[:, late]) < 0.1 * power(rings[:, late])
    assert np.array_equal(cut[:, : round(0.3 * BEAT)], rings[:, : round(0.3 * BEAT)])


def test_a_crash_is_choked_by_nothing() -> None:
    store = SoundStore()
    alone = played(drums((0, 49, 110)), store)[0]
    hat = played(drums((1, 42, 90)), store)[0]
    both = played(drums((0, 49, 110), (1, 42, 90)), store)[0]

    assert np.abs(both - alone - hat).max() < 1e-5


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 31), min_size=1, max_size=8, unique=True),
    st.floats(0.05, 0.4),
    st.integers(0, 7),
)
def test_the_dip_is_circular_deepest_at_the_kicks_and_never_beyond(
    steps: list[int], back_s: float, turn: int
) -> None:
    frames = 8 * BEAT
    dip = duck_curve([drums(*((s / 4, 36, 110) for s in steps))], TEMPO, frames, back_s)
    turned = [(s + 4 * turn) % 32 for s in steps]
    other = duck_curve([drums(*((s / 4, 36, 110) for s in turned))], TEMPO, frames, back_s)
    assert dip is not None
    assert other is not None
    assert 0.0 <= float(dip.min()) <= float(dip.max()) <= 1.0
    assert all(dip[step * BEAT // 4 + 2] > 0.98 for step in steps)
    assert np.array_equal(np.roll(dip, turn * BEAT), other)


def test_soft_kicks_and_other_drums_move_nothing() -> None:
    quiet = drums((0, 36, 40), (1, 38, 120), (2, 42, 120))
    piano = Part("Piano", "grand_piano", 0, False, (Note(Tick(0), Tick(QUARTER), 36, 120),))

    assert duck_curve([quiet, piano], TEMPO, 4 * BEAT, 0.2) is None


@pytest.mark.parametrize("room", sorted(ROOMS))
@pytest.mark.parametrize("width", [0.0, 0.5, 1.0])
def test_a_room_adds_and_scales_what_is_sent_to_it(room: str, width: float) -> None:
    one, two = noise(1, 9_000), noise(2, 9_000)
    sides = reverberated(one, room, width)
    both = reverberated(one * np.float32(2) - two, room, width)

    assert np.abs(both - 2 * sides + reverberated(two, room, width)).max() < 1e-5
    assert (np.abs(sides[0] - sides[1]).max() < 1e-6) == (width == 0.0)


@pytest.mark.parametrize("step", [1, 999, 7_500, 20_001])
def test_echoes_add_and_scale(step: int) -> None:
    one, two = noise(3, 20_000), noise(4, 20_000)

    assert np.abs(echoed(one + two, step) - echoed(one, step) - echoed(two, step)).max() < 1e-6
    assert power(echoed(one, step)) < power(one) * 2


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("frames", [400, 5_000, 48_001])
def test_a_device_keeps_the_length_and_stays_finite_at_any_setting(
    device: str, frames: int
) -> None:
    audio = noise(5, frames)
    for amount in (0.0, 0.5, 1.0):
        out = inserted(audio.copy(), (Insert(device, amount),))
        assert out.shape == (2, frames)
        assert np.isfinite(out).all()
        assert np.abs(out).max() < 20 * np.abs(audio).max()
    assert not inserted(np.zeros((2, frames), dtype=np.float32), (Insert(device),)).any()


def test_devices_work_in_the_order_given() -> None:
    audio = noise(6, 9_600, 0.5)
    first = inserted(audio, (Insert("fuzz", 0.8), Insert("cabinet", 1.0)))
    second = inserted(inserted(audio, (Insert("fuzz", 0.8),)), (Insert("cabinet", 1.0),))
    other = inserted(audio, (Insert("cabinet", 1.0), Insert("fuzz", 0.8)))

    assert np.array_equal(first, second)
    assert not np.allclose(first, other, atol=1e-3)


@pytest.mark.parametrize("change_db", [-20.0, -6.0, 6.0])
def test_loudness_follows_the_level(change_db: float) -> None:
    audio = noise(7, 12 * WINDOW)
    before = gated_db(window_energies(audio))
    after = gated_db(window_energies(audio * np.float32(amplitude(change_db))))

    assert abs(after - before - change_db) < 0.01


def test_pauses_do_not_count_as_quiet_music() -> None:
    audio = noise(8, 40 * WINDOW)
    broken = audio.copy()
    broken[:, 20 * WINDOW :] = 0.0
    whole, half = (gated_db(window_energies(each)) for each in (audio, broken))

    assert abs(whole - half) < 0.5
    assert gated_db(window_energies(np.zeros((2, WINDOW), dtype=np.float32))) == -120.0


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("target", [-20.0, -14.0])
def test_a_master_is_below_the_ceiling_and_comes_round(seed: int, target: float) -> None:
    audio = noise(seed, 4 * SAMPLE_RATE, 0.05)
    audio[:, seed * 20_000 : seed * 20_000 + 400] *= np.float32(12)
    curve = gain_curve(audio, 0.4, target)
    steps = np.abs(np.diff(np.concatenate([curve, curve[:1]])))

    assert np.abs(audio * curve).max() <= amplitude(CEILING_DB) + 1e-3
    assert steps[-1] <= steps.max()
    assert steps.max() < 0.01 * float(curve.max())
    assert float(curve.min()) > 0.0


@pytest.mark.parametrize("turn", [0.1, 0.37, 0.8])
def test_the_mix_of_stems_that_are_turned_is_the_mix_turned(turn: float) -> None:
    frames = 64 * 3000
    shift = 64 * round(turn * 3000)
    stems = [noise(seed, frames) for seed in (1, 2, 3)]
    rolled = mastered([np.roll(stem, shift, axis=1) for stem in stems]).mix
    straight = mastered(stems).mix

    assert np.sqrt(np.mean((np.roll(straight, shift, axis=0) - rolled) ** 2)) < 0.01


@pytest.mark.parametrize("name", HEARD)
def test_a_kept_sound_is_the_sound_made_anew_even_by_many_at_once(name: str) -> None:
    voice = patch_named(name).voice
    strikes = [Strike(name, pitch, 0.5, 6_000) for pitch in (40, 47, 52, 47, 40)]
    store = SoundStore()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda strike: store.sound(voice, strike), strikes))
    for strike, kept in zip(strikes, found, strict=True):
        assert np.array_equal(kept, voice.sound(strike))
        assert np.array_equal(store.sound(voice, strike), kept)


def test_a_store_that_is_too_small_changes_no_sample() -> None:
    part = drums(*((k / 4, (36, 42, 38, 46)[k % 4], 60 + 8 * k) for k in range(8)))
    roomy, tight = (played(part, SoundStore(limit)) for limit in (400_000_000, 1))

    assert np.array_equal(roomy[0], tight[0])
    assert np.array_equal(roomy[1], tight[1])


def test_the_number_of_threads_changes_no_sample() -> None:
    digests = set()
    for threads in ("1", "3"):
        limits = dict.fromkeys(
            ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads
        )
        done = subprocess.run(
            [sys.executable, "-c", THREADS],
            env={**os.environ, **limits, "PYTHONPATH": str(Path.cwd())},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout.strip())

    assert len(digests) == 1
    assert len(digests.pop()) == len(hashlib.sha256().hexdigest())


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 16), st.integers(30, 90)), max_size=12),
    st.floats(40.0, 220.0),
)
def test_hits_are_in_order_within_the_piece_and_last_at_least_a_frame(
    rows: list[tuple[int, int, int]], bpm: float
) -> None:
    tempo = TempoMap.steady(bpm)
    notes = tuple(
        Note(Tick(at * QUARTER // 4), Tick(length * QUARTER // 4), pitch, 80)
        for at, length, pitch in rows
    )
    frames = tempo.frame_at(8 * QUARTER)
    hits = hits_of(Part("x", "grand_piano", 0, False, notes), tempo, frames)

    assert [hit.start for hit in hits] == sorted(hit.start for hit in hits)
    assert len(hits) == sum(at < 32 for at, _, _ in rows)
    for hit in hits:
        assert 0 <= hit.start < frames
        assert hit.gate >= 1
