"""Waveforms drawn from peaks."""

import numpy as np
import pytest

from acestep_desktop.ui.waveform import Peaks, waveform_image


def peaks_of(low: float, high: float, count: int) -> Peaks:
    return np.array([[low] * count, [high] * count], np.float32)


def filled_rows(peaks: Peaks, width: int, height: int, column: int) -> list[int]:
    image = waveform_image(peaks, width, height, "#ff0000")
    return [y for y in range(height) if image.pixelColor(column, y).alpha()]


def test_an_image_has_the_size_asked_for() -> None:
    image = waveform_image(peaks_of(-1, 1, 10), 33, 21, "#336699")
    assert (image.width(), image.height()) == (33, 21)


def test_full_scale_fills_a_column_and_silence_is_a_line() -> None:
    assert filled_rows(peaks_of(-1, 1, 10), 20, 11, 7) == list(range(11))
    assert filled_rows(peaks_of(0, 0, 10), 20, 11, 7) == [5]


def test_no_peaks_at_all_are_a_line_too() -> None:
    assert filled_rows(np.zeros((2, 0), np.float32), 8, 5, 3) == [2]


@pytest.mark.parametrize("count", [7, 100, 1001])
def test_a_single_click_is_never_lost(count: int) -> None:
    peaks = peaks_of(0, 0, count)
    peaks[1, count // 2] = 1.0
    image = waveform_image(peaks, 50, 21, "#ffffff")
    assert any(image.pixelColor(x, 0).alpha() for x in range(50))


def test_what_is_not_filled_is_transparent() -> None:
    image = waveform_image(peaks_of(0, 0, 4), 4, 9, "#ffffff")
    assert image.pixelColor(1, 0).alpha() == 0
    assert image.pixelColor(1, 4).name() == "#ffffff"
