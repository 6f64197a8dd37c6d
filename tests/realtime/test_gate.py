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


def test_a_gate_that_turns_round_halfway_comes_back_and_shuts() -> None:
    gate = Gate()
    gate.open()
    up = applied(gate, 200)
    gate.shut()
    needed = gate.to_shut
    down = applied(gate, 1_000)

    assert np.abs(np.diff(np.concatenate((up, down))[:, 0])).max() < 2 / FADE * np.pi / 2
    assert FADE < needed < 2 * FADE
    assert down[: needed - 1].all()
    assert not down[needed:].any()
    assert gate.is_shut


PLAIN = np.concatenate(([0.0, 0.0], raised_cosine(FADE)[:, 0], [1.0, 1.0]))
"""What a fade from one end to the other is like."""


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 700)), max_size=15), st.booleans())
def test_whenever_a_gate_turns_it_bends_hardly_more_than_a_plain_fade(
    turns: list[tuple[bool, int]], is_open: bool
) -> None:
    gate = Gate(is_open=is_open)
    parts = [np.full((2, 2), float(is_open), np.float32)]
    for opens, frames in (*turns, (False, 3 * FADE)):
        (gate.open if opens else gate.shut)()
        parts.append(applied(gate, frames))
    gains = np.concatenate(parts)[:, 0].astype(np.float64)

    assert np.abs(np.diff(gains, 2)).max() <= 1.25 * np.abs(np.diff(PLAIN, 2)).max()
    assert 0.0 <= gains.min() <= gains.max() <= 1.0
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
    applied(gate, FADE)
    assert gate.to_shut == FADE

    gate.shut()
    applied(gate, 123)
    assert gate.to_shut == FADE - 123


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
