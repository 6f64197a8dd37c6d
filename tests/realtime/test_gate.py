import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime.gate import FADE, Gate, crossfade, raised_cosine


def ones(frames: int) -> Samples:
    return np.ones((frames, 2), np.float32)


def applied(gate: Gate, frames: int) -> Samples:
    out = ones(frames)
    gate.apply(out)
    return out


def test_a_shut_gate_lets_nothing_through() -> None:
    assert not applied(Gate(), 100).any()


def test_an_open_gate_changes_no_bit() -> None:
    noise = np.random.default_rng(1).normal(size=(100, 2)).astype(np.float32)
    out = noise.copy()

    Gate(is_open=True).apply(out)

    assert np.array_equal(out, noise)


def test_a_gate_opens_along_a_raised_cosine_and_then_stays_open() -> None:
    gate = Gate()
    gate.open()

    out = applied(gate, FADE + 10)[:, 0]

    assert out[0] < 0.001
    assert out[FADE // 2] == pytest.approx(0.5, abs=0.01)
    assert (np.diff(out) >= 0).all()
    assert (out[FADE:] == 1).all()
    assert gate.is_open


def test_a_gate_that_turns_round_halfway_makes_no_step() -> None:
    gate = Gate()
    gate.open()
    up = applied(gate, 200)
    gate.shut()
    down = applied(gate, 300)

    both = np.concatenate((up, down))[:, 0]
    assert np.abs(np.diff(both)).max() < 2 / FADE * np.pi / 2
    assert (down[200:] == 0).all()
    assert gate.is_shut


@given(st.lists(st.integers(1, 400), min_size=1, max_size=12), st.booleans())
def test_block_sizes_do_not_change_a_fade(blocks: list[int], opens: bool) -> None:
    whole, cut = Gate(is_open=not opens), Gate(is_open=not opens)
    for gate in (whole, cut):
        (gate.open if opens else gate.shut)()

    pieces = np.concatenate([applied(cut, frames) for frames in blocks])

    assert np.array_equal(pieces, applied(whole, sum(blocks)))


def test_a_gate_says_how_long_it_needs_to_shut() -> None:
    gate = Gate()
    gate.open()
    applied(gate, 123)

    assert gate.to_shut == 123


def test_a_rise_and_its_mirror_image_sum_to_one() -> None:
    rise = raised_cosine(240)

    assert np.allclose(rise + rise[::-1], 1.0, atol=1e-6)


def test_a_crossfade_between_equals_keeps_every_bit() -> None:
    noise = np.random.default_rng(1).normal(size=(240, 2)).astype(np.float32)
    new = noise.copy()

    crossfade(noise, new, raised_cosine(240))

    assert np.array_equal(new, noise)


def test_a_crossfade_goes_from_the_old_to_the_new() -> None:
    new = ones(240)

    crossfade(-ones(240), new, raised_cosine(240))

    assert new[0, 0] < -0.999
    assert new[-1, 0] > 0.999
    assert abs(new[119:121].sum()) < 0.01
