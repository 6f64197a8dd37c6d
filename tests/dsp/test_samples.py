"""Samples: mono to stereo, and what a damaged source may do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from acestep_desktop.dsp.samples import MAX_LEVEL, as_mono, as_stereo, is_tame, silence, tame

wild = hnp.arrays(
    np.float32,
    st.tuples(st.integers(0, 40), st.integers(1, 2)),
    elements=st.floats(width=32, allow_nan=True, allow_infinity=True),
)


def test_mono_is_heard_on_both_sides_at_full_level() -> None:
    mono = np.array([[0.5], [-1.0]], np.float32)
    assert as_stereo(mono).tolist() == [[0.5, 0.5], [-1.0, -1.0]]


def test_stereo_is_not_copied() -> None:
    stereo = silence(3)
    assert as_stereo(stereo) is stereo


def test_more_than_two_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="1 or 2 channels, got 6"):
        as_stereo(silence(10, 6))


def test_mono_is_the_mean_of_the_sides() -> None:
    assert as_mono(np.array([[1.0, 0.5]], np.float32)).tolist() == [0.75]


@given(wild)
def test_only_finite_samples_within_the_limit_are_tame(samples: np.ndarray) -> None:
    within = np.isfinite(samples) & (np.abs(samples) <= MAX_LEVEL)
    assert is_tame(samples) == bool(within.all())


@given(wild)
def test_taming_leaves_tame_samples_and_their_bits_alone(samples: np.ndarray) -> None:
    out = np.empty_like(samples)
    tame(samples, out)
    assert is_tame(out)
    within = np.isfinite(samples) & (np.abs(samples) <= MAX_LEVEL)
    assert out[within].tobytes() == samples[within].tobytes()
    assert not out[np.isnan(samples)].any()


def test_infinity_becomes_the_limit_and_keeps_its_sign() -> None:
    samples = np.array([[np.inf, -np.inf], [1e30, -20.0]], np.float32)
    out = silence(2)
    tame(samples, out)
    assert out.tolist() == [[MAX_LEVEL, -MAX_LEVEL], [MAX_LEVEL, -MAX_LEVEL]]


def test_a_mono_source_is_tamed_into_both_sides() -> None:
    out = silence(2)
    tame(np.array([[np.nan], [0.25]], np.float32), out)
    assert out.tolist() == [[0.0, 0.0], [0.25, 0.25]]
