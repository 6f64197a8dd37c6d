"""Fades: exact, complementary, and the same however they are cut."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.clip import FadeShape
from acestep_desktop.dsp.fades import SHAPES, crossfade_gains, fade_in_gains, fade_out_gains

shapes = st.sampled_from(SHAPES)


@given(st.integers(1, 200_000), shapes, st.data())
def test_a_fade_cut_anywhere_has_the_same_gains(
    length: int, shape: FadeShape, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, length - 1))
    count = data.draw(st.integers(1, min(10_000, length - first)))
    middle = data.draw(st.integers(0, count - 1))
    whole = crossfade_gains(first, count, length, shape)
    for side in (0, 1):
        parts = [whole[side][:0]]
        if middle:
            parts.append(crossfade_gains(first, middle, length, shape)[side])
        parts.append(crossfade_gains(first + middle, count - middle, length, shape)[side])
        assert np.concatenate(parts).tobytes() == whole[side].tobytes()


@pytest.mark.parametrize("length", [1, 2, 3, 480, 2_048, 2_049, 100_001])
def test_an_equal_power_crossfade_sums_to_one_in_power(length: int) -> None:
    rising, falling = crossfade_gains(0, length, length, "equal_power")
    power = np.square(rising, dtype=np.float64) + np.square(falling, dtype=np.float64)
    assert np.abs(power - 1.0).max() < 3e-7


@pytest.mark.parametrize("length", [1, 2, 3, 480, 2_048, 2_049, 100_001])
def test_a_linear_crossfade_sums_to_one(length: int) -> None:
    rising, falling = crossfade_gains(0, length, length, "linear")
    assert np.abs(rising.astype(np.float64) + falling - 1.0).max() < 1e-7


@pytest.mark.parametrize("shape", SHAPES)
def test_a_fade_out_mirrors_its_fade_in(shape: FadeShape) -> None:
    rising = fade_in_gains(0, 999, 999, shape)
    falling = fade_out_gains(0, 999, 999, shape)
    assert rising.tobytes() == falling[::-1].tobytes()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_fade_in_rises_steadily_within_0_and_1(shape: FadeShape) -> None:
    gains = fade_in_gains(0, 5_000, 5_000, shape)[:, 0]
    assert 0.0 < gains[0] < 0.001
    assert 0.999 < gains[-1] <= 1.0
    assert np.all(np.diff(gains) >= 0.0)


@given(st.integers(1, 100_000), st.data())
def test_gains_follow_the_formula(length: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, length - 1))
    x = (index + 0.5) / length
    linear = float(fade_in_gains(index, 1, length, "linear")[0, 0])
    power = float(fade_in_gains(index, 1, length, "equal_power")[0, 1])
    assert linear == pytest.approx(x, abs=1e-7)
    assert power == pytest.approx(math.sqrt(x * x * (3.0 - 2.0 * x)), abs=2e-7)


@pytest.mark.parametrize(("first", "count", "length"), [(-1, 5, 10), (8, 3, 10), (0, 0, 10)])
def test_frames_outside_of_a_fade_are_refused(first: int, count: int, length: int) -> None:
    with pytest.raises(ValueError, match="not within a fade"):
        crossfade_gains(first, count, length, "linear")


def test_shared_gains_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        fade_in_gains(0, 10, 10, "linear")[0, 0] = 5.0
