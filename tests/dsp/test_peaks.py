"""Peaks: the pyramid holds the lowest and highest sample of every bin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.dsp.peaks import FACTOR, FIRST_BIN, LEVELS, gather_peaks, peaks_of
from acestep_desktop.dsp.samples import silence
from tests.dsp.arrangements import noise


@given(st.integers(1, 80_000), st.integers(1, 2), st.integers(0, 99))
def test_every_bin_of_every_level_holds_its_extremes(frames: int, channels: int, seed: int) -> None:
    audio = noise(frames, 1.0, seed, channels)
    peaks = peaks_of(audio)
    assert (peaks.frames, len(peaks.levels)) == (frames, LEVELS)
    for level, found in enumerate(peaks.levels):
        width = FIRST_BIN * FACTOR**level
        starts = np.arange(0, frames, width)
        assert np.array_equal(found[0], np.minimum.reduceat(audio, starts, axis=0).T)
        assert np.array_equal(found[1], np.maximum.reduceat(audio, starts, axis=0).T)


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=9).filter(any))
def test_blocks_of_any_size_give_the_same_peaks(sizes: list[int]) -> None:
    audio = noise(sum(sizes))
    one, many = peaks_of(audio), gather_peaks(np.split(audio, np.cumsum(sizes)[:-1]))
    assert one.frames == many.frames
    for a, b in zip(one.levels, many.levels, strict=True):
        assert np.array_equal(a, b)


def test_no_audio_has_no_bins() -> None:
    assert [level.shape[2] for level in peaks_of(silence(0)).levels] == [0] * LEVELS


@pytest.mark.parametrize(
    ("frames_per_pixel", "level"),
    [(1.0, None), (255.9, None), (256.0, 0), (1_023.0, 0), (1_024.0, 1), (1e9, 4)],
)
def test_the_coarsest_level_that_fits_a_pixel_is_chosen(
    frames_per_pixel: float, level: int | None
) -> None:
    assert peaks_of(noise(1_000)).level_for(frames_per_pixel) == level


@pytest.mark.parametrize("channels", [1, 2])
def test_long_audio_that_is_shared_out_has_the_same_peaks(channels: int) -> None:
    audio = noise(FIRST_BIN * 256 * 66 + 77, channels=channels)
    one, many = peaks_of(audio), gather_peaks(np.array_split(audio, 7))
    assert one.frames == many.frames
    for level, other in zip(one.levels, many.levels, strict=True):
        assert np.array_equal(level, other)
