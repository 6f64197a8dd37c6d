"""Ramps: faders that glide."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.dsp.ramp import RAMP_FRAMES, GainRamp
from acestep_desktop.dsp.samples import Samples


def ones(frames: int) -> Samples:
    return np.ones((frames, 2), np.float32)


def applied(ramp: GainRamp, sizes: list[int]) -> Samples:
    blocks = [ones(size) for size in sizes]
    for block in blocks:
        ramp.apply(block)
    return np.concatenate(blocks)


def test_a_fader_at_rest_multiplies_by_its_gains() -> None:
    block = applied(GainRamp(0.5, 0.25), [700])
    assert np.all(block == np.array((0.5, 0.25), np.float32))


def test_unity_keeps_every_bit() -> None:
    block = np.random.default_rng(1).standard_normal((100, 2)).astype(np.float32)
    before = block.tobytes()
    GainRamp().apply(block)
    assert block.tobytes() == before


@given(st.lists(st.integers(1, 300), min_size=1, max_size=12))
def test_blocks_of_any_size_glide_alike(sizes: list[int]) -> None:
    total = sum(sizes)
    one, many = GainRamp(1.0, 1.0), GainRamp(1.0, 1.0)
    for ramp in (one, many):
        ramp.glide_to(0.1, 0.9)
    assert applied(one, [total]).tobytes() == applied(many, sizes).tobytes()


def test_a_glide_goes_straight_to_its_end() -> None:
    ramp = GainRamp(0.0, 1.0)
    ramp.glide_to(1.0, 0.0, 4)
    assert applied(ramp, [6])[:, 0].tolist() == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    assert ramp.settled


def test_no_step_of_a_glide_is_larger_than_its_share() -> None:
    ramp = GainRamp(1.0, 1.0)
    ramp.glide_to(0.0, 0.0)
    curve = applied(ramp, [2 * RAMP_FRAMES])[:, 0]
    assert np.abs(np.diff(curve)).max() <= 1.001 / RAMP_FRAMES


def test_a_glide_turned_back_half_way_does_not_jump() -> None:
    ramp = GainRamp(0.0, 0.0)
    ramp.glide_to(1.0, 1.0, 100)
    first = applied(ramp, [50])
    ramp.glide_to(0.0, 0.0, 100)
    second = applied(ramp, [150])
    assert abs(float(second[0, 0] - first[-1, 0])) < 0.011
    assert second[-1, 0] == 0.0


@pytest.mark.parametrize(("gains", "silent"), [((0.0, 0.0), True), ((0.0, 0.1), False)])
def test_only_a_fader_that_is_all_the_way_down_is_silent(
    gains: tuple[float, float], silent: bool
) -> None:
    assert GainRamp(*gains).silent is silent


def test_a_fader_is_not_silent_before_it_has_arrived() -> None:
    ramp = GainRamp(1.0, 1.0)
    ramp.glide_to(0.0, 0.0, 10)
    applied(ramp, [9])
    assert not ramp.silent
    applied(ramp, [1])
    assert ramp.silent


def test_without_frames_a_fader_jumps() -> None:
    ramp = GainRamp(1.0, 1.0)
    ramp.glide_to(0.5, 0.5, 0)
    assert ramp.settled
    assert applied(ramp, [1]).tolist() == [[0.5, 0.5]]
