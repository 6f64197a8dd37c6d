"""The limiter: no true peak above -1 dBTP, and nothing else changed."""

import numpy as np
import pytest
from scipy.signal import resample_poly

from acestep_desktop.dsp.limiter import CELL, LOOK_AHEAD, LOOK_BACK, RELEASE_CELLS
from acestep_desktop.dsp.samples import Samples
from tests.dsp.arrangements import bounced, noise, of_take

SECOND = 48_000
CEILING = 10.0 ** (-1.0 / 20.0)
TOLERANCE = 10.0 ** (0.1 / 20.0)


def tone(hertz: float, level: float, phase: float = 0.3) -> Samples:
    wave = level * np.sin(2.0 * np.pi * hertz * np.arange(SECOND) / SECOND + phase)
    return np.stack((wave, 0.5 * wave), axis=1).astype(np.float32)


def square(hertz: float, level: float) -> Samples:
    return (np.sign(tone(hertz, 1.0)) * level).astype(np.float32)


def bursts() -> Samples:
    audio = noise(SECOND, 0.3)
    for at in range(0, SECOND, 9_600):
        audio[at : at + 900] = noise(900, 4.0, seed=at)
    return audio


HOT = {
    "white noise": noise(SECOND, 4.0),
    "random signs": np.sign(noise(SECOND, 1.0)),
    "square 441 Hz": square(441.0, 2.0),
    "square 12 kHz": square(12_000.0, 2.0),
    "sine 50 Hz": tone(50.0, 4.0),
    "sine 997 Hz": tone(997.0, 16.0),
    "sine 12 kHz between samples": tone(12_000.0, 1.2, np.pi / 4.0),
    "sine 19 kHz": tone(19_001.0, 2.0),
    "bursts": bursts(),
    "one sample": np.eye(SECOND, 2, -20_000, dtype=np.float32) * 10.0,
    "1e30": np.full((SECOND, 2), 1e30, np.float32),
    "DC": np.full((SECOND, 2), 3.0, np.float32),
    "just above": tone(997.0, CEILING * 1.001),
}


@pytest.mark.parametrize("name", HOT)
def test_hot_material_ends_at_the_ceiling(name: str) -> None:
    limited = bounced(*of_take(HOT[name])).astype(np.float64)
    highest = max(float(np.abs(resample_poly(limited, 8, 1, axis=0)).max()), 0.0)
    assert highest <= CEILING * TOLERANCE
    assert highest >= CEILING / TOLERANCE


@pytest.mark.parametrize("name", HOT)
def test_any_block_and_any_seek_give_the_same_bits(name: str) -> None:
    arrangement, sources = of_take(HOT[name])
    whole = bounced(arrangement, sources)
    assert bounced(arrangement, sources, block=333).tobytes() == whole.tobytes()
    assert bounced(arrangement, sources, 12_345, block=64).tobytes() == whole[12_345:].tobytes()


@pytest.mark.parametrize("level", [0.0, 0.1, 0.44, 0.7])
def test_what_stays_below_the_ceiling_keeps_its_bits(level: float) -> None:
    audio = np.abs(tone(3_000.0, level))
    assert bounced(*of_take(audio)).tobytes() == audio.tobytes()


def test_a_peak_is_felt_only_within_the_window() -> None:
    audio = tone(440.0, 0.5)
    audio[20_000] = 4.0
    limited = bounced(*of_take(audio))
    changed = np.flatnonzero(np.any(limited != audio, axis=1))
    assert 20_000 - LOOK_AHEAD <= changed[0] < 20_000
    assert 20_000 < changed[-1] <= 20_000 + LOOK_BACK


def test_the_gain_falls_before_a_peak_and_recovers_slowly_behind_it() -> None:
    audio = np.full((SECOND, 2), 0.1, np.float32)
    audio[20_000] = 2.0 * CEILING
    gain = bounced(*of_take(audio))[:, 0] / audio[:, 0]
    lowest = float(gain.min())
    assert lowest == pytest.approx(0.5, abs=0.03)
    assert gain[20_000 - 8 * CELL] == 1.0
    assert gain[20_000 + RELEASE_CELLS * CELL // 4] == pytest.approx(0.75, abs=0.05)
    assert gain[20_000 + RELEASE_CELLS * CELL] == 1.0


def test_the_gain_never_jumps() -> None:
    audio = np.full((SECOND, 2), 0.5, np.float32)
    audio[20_000] = 16.0
    limited = bounced(*of_take(audio))
    gain = np.delete(limited[:, 0] / audio[:, 0], 20_000)
    assert np.abs(np.diff(gain)).max() < 0.01


def test_both_sides_are_turned_down_alike() -> None:
    audio = noise(SECOND, 0.3)
    audio[:, 0] = tone(997.0, 3.0)[:, 0]
    gain = bounced(*of_take(audio)) / audio
    assert np.nanmax(np.abs(gain[:, 0] - gain[:, 1])) < 1e-4


def test_without_the_limiter_nothing_is_turned_down() -> None:
    audio = noise(SECOND, 4.0)
    assert bounced(*of_take(audio, limiter=False)).tobytes() == audio.tobytes()
