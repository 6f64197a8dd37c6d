"""True peaks: found by two ways that must agree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.dsp.samples import silence
from acestep_desktop.dsp.truepeak import GROWTH, REACH, TruePeakMeter, true_peaks
from tests.dsp.arrangements import noise

CELL = 64


def metered(audio: np.ndarray, *cuts: int) -> float:
    meter = TruePeakMeter(audio.shape[1])
    for part in np.split(audio, sorted(cuts)):
        meter.add(part)
    return meter.finish()


def by_cells(audio: np.ndarray) -> float:
    edge = silence(2 * CELL, audio.shape[1])
    padded = np.concatenate((edge, audio, edge, silence(CELL, audio.shape[1])))
    return float(true_peaks(padded, CELL, len(audio) // CELL + 3, CELL).max())


@given(st.integers(1, 2_000), st.integers(0, 1_000), st.integers(1, 2), st.data())
def test_the_meter_and_the_limiter_read_the_same(
    frames: int, seed: int, channels: int, data: st.DataObject
) -> None:
    audio = noise(frames, 1.0, seed, channels)
    cuts = data.draw(st.lists(st.integers(0, frames), max_size=4))
    assert metered(audio, *cuts) == pytest.approx(by_cells(audio), rel=1e-5)


@given(st.integers(0, 1_000))
def test_no_true_peak_exceeds_the_bound_that_spares_us_looking(seed: int) -> None:
    random = np.random.default_rng(seed)
    audio = np.sign(random.standard_normal((500, 1))).astype(np.float32)
    assert metered(audio) <= GROWTH


def test_a_cell_has_the_same_peak_wherever_it_is_computed() -> None:
    audio = noise(10_000, 2.0)
    whole = true_peaks(audio, CELL, 100, CELL)
    for first in (0, 1, 50, 99):
        around = audio[(first + 1) * CELL - REACH : (first + 2) * CELL + REACH]
        assert true_peaks(around.copy(), REACH, 1, CELL)[0].tobytes() == whole[first].tobytes()


def test_nothing_has_no_peak() -> None:
    assert metered(silence(0)) == 0.0
    assert metered(silence(1_000)) == 0.0


def test_a_peak_at_the_very_end_is_found() -> None:
    audio = silence(1_000)
    audio[-1] = 0.5
    assert metered(audio) == pytest.approx(0.5, abs=1e-3)
