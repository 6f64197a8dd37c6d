"""Splices: what is kept keeps its bits, fades lie inside, levels match, nothing clicks."""

import numpy as np
import pytest

from acestep_desktop.acestep.splice import FADE, Spliced, Window, crossfaded, rung_on
from acestep_desktop.dsp.samples import Samples, silence
from acestep_desktop.dsp.seam import click_ratio
from tests.acestep.hearing import music

TAKE = music(6.0)
MADE = music(6.0, seed=8)
WINDOW = Window(96_123, 192_777)


def inside(windows: list[Window], frames: int) -> np.ndarray:
    """Return for each frame whether it is in a window."""
    flags = np.zeros(frames, bool)
    for window in windows:
        flags[window.start : window.end] = True
    return flags


@pytest.mark.parametrize(
    "windows",
    [
        [WINDOW],
        [Window(0, 50_000)],
        [Window(200_000, len(TAKE))],
        [Window(0, len(TAKE))],
        [Window(1_000, 1_001)],
        [Window(1_000, 1_003)],
        [Window(0, 30_000), Window(100_000, len(TAKE))],
    ],
)
def test_every_sample_outside_the_windows_is_the_kept_one(windows: list[Window]) -> None:
    take = Spliced(TAKE, windows, 0).whole(MADE)
    outside = ~inside(windows, len(TAKE))
    assert np.array_equal(take[outside], TAKE[outside])
    assert not np.array_equal(take[~outside], TAKE[~outside])


def test_inside_a_window_beyond_the_fades_there_is_nothing_of_what_was_kept() -> None:
    take = Spliced(TAKE, [WINDOW], 0).whole(MADE)
    middle = slice(WINDOW.start + FADE, WINDOW.end - FADE)
    gain = float(np.vdot(take[middle], MADE[middle]) / np.vdot(MADE[middle], MADE[middle]))
    assert np.allclose(take[middle], MADE[middle] * gain, atol=1e-6)


def test_fades_take_30_ms_inside_the_window() -> None:
    kept, made = np.full((48_000, 2), 0.5, np.float32), np.full((48_000, 2), -0.5, np.float32)
    window = Window(10_000, 30_000)
    take = Spliced(kept, [window], 0).whole(made)
    assert FADE == 1_440
    assert np.array_equal(take[: window.start], kept[: window.start])
    assert -0.5 < take[window.start + FADE - 1, 0] < take[window.start, 0] < 0.5
    assert (take[window.start + FADE : window.end - FADE] == -0.5).all()
    assert -0.5 < take[window.end - FADE, 0] < take[window.end - 1, 0] < 0.5


def test_what_was_decoded_from_a_later_frame_on_is_put_in_its_place() -> None:
    first = 50_000
    whole = Spliced(TAKE, [WINDOW], 0).whole(MADE)
    part = Spliced(TAKE, [WINDOW], first).whole(MADE[first:])
    rest = slice(WINDOW.start + FADE, WINDOW.end - FADE)
    ratio = float(np.vdot(part[rest], whole[rest]) / np.vdot(whole[rest], whole[rest]))
    assert ratio == pytest.approx(1.0, abs=0.1)
    assert np.allclose(part[rest], whole[rest] * ratio, atol=1e-6)


@pytest.mark.parametrize("level", [0.6, 1.0, 1.7])
def test_the_same_audio_decoded_at_another_level_is_put_back_as_it_was(level: float) -> None:
    take = Spliced(TAKE, [WINDOW], 0).whole(TAKE * np.float32(level))
    assert np.allclose(take, TAKE, atol=1e-5)


def test_a_level_is_matched_within_6_db_only() -> None:
    take = Spliced(TAKE, [WINDOW], 0).whole(TAKE * np.float32(0.1))
    middle = slice(WINDOW.start + FADE, WINDOW.end - FADE)
    assert np.allclose(take[middle], TAKE[middle] * 0.2, atol=1e-5)


def test_beside_silence_the_level_stays_as_it_was_decoded() -> None:
    take = Spliced(silence(len(MADE)), [WINDOW], 0).whole(MADE)
    middle = slice(WINDOW.start + FADE, WINDOW.end - FADE)
    assert np.array_equal(take[middle], MADE[middle])


def test_what_is_too_loud_is_lowered_to_full_scale() -> None:
    loud = MADE * np.float32(20.0)
    take = Spliced(silence(len(MADE)), [WINDOW], 0).whole(loud)
    assert np.abs(take).max() == pytest.approx(1.0, abs=1e-3)


def test_alike_sides_cross_without_a_bump_and_unlike_ones_without_a_dip() -> None:
    same = np.full((FADE, 2), 0.5, np.float32)
    assert np.allclose(crossfaded(same, same, first=0, length=FADE), 0.5, atol=1e-6)
    random = np.random.default_rng(0)
    power = []
    for _ in range(50):
        one, two = (random.standard_normal((FADE, 2)).astype(np.float32) for _ in range(2))
        power.append(np.mean(crossfaded(one, two, first=0, length=FADE) ** 2, axis=1))
    assert np.mean(power) == pytest.approx(1.0, abs=0.03)


def test_a_splice_clicks_no_more_than_the_music() -> None:
    ratios = []
    for start in range(60_000, 180_000, 9_973):
        take = Spliced(TAKE, [Window(start, start + 48_000)], 0).whole(MADE)
        ratios += [click_ratio(take, start, FADE), click_ratio(take, start + 48_000 - FADE, FADE)]
    assert np.percentile(ratios, 95) < 1.5


def test_a_hard_cut_would_click() -> None:
    low = np.sin(np.arange(96_000) / 50)[:, None].repeat(2, axis=1).astype(np.float32)
    cut = np.concatenate((low[:48_000], -low[48_000:]))
    spliced = Spliced(low, [Window(48_000, 96_000)], 0).whole(-low)
    assert click_ratio(cut, 48_000, FADE) > 10
    assert click_ratio(spliced, 48_000, FADE) < 3


def test_tones_ring_on_as_they_were() -> None:
    time = np.arange(48_000) / 48_000
    tones = np.sin(2 * np.pi * 220 * time) + 0.5 * np.sin(2 * np.pi * 997 * time + 1)
    both = np.stack((tones, -tones), axis=1).astype(np.float32)
    ringing = rung_on(both[:24_000], FADE)
    assert np.abs(ringing - both[24_000 : 24_000 + FADE]).max() < 0.1


@pytest.mark.parametrize(
    "samples",
    [silence(1), silence(5_000), np.ones((2, 2), np.float32), music(0.05), music(1.0) * 8],
    ids=["one frame", "silence", "two frames", "short", "loud"],
)
def test_ringing_on_never_grows(samples: Samples) -> None:
    ringing = rung_on(samples, 4 * FADE)
    assert np.isfinite(ringing).all()
    assert np.abs(ringing).max() <= 2 * max(1e-6, float(np.abs(samples).max()))


def test_what_is_shown_early_becomes_the_take_but_for_its_level() -> None:
    spliced = Spliced(TAKE, [WINDOW], 40_000)
    shown = silence(len(TAKE))
    end = 0
    for start in range(0, len(TAKE) - 40_000, 30_011):
        piece = MADE[40_000 + start : 40_000 + start + 30_011]
        found = spliced.preview(start, piece)
        assert found is not None
        first, samples = found
        assert first == end
        end = first + len(samples)
        shown[first:end] = samples
    assert end == len(TAKE)
    outside = ~inside([WINDOW], len(TAKE))
    assert np.array_equal(shown[outside], TAKE[outside])
    take = spliced.whole(MADE[40_000:])
    middle = slice(WINDOW.start + FADE, WINDOW.end - FADE)
    ratio = float(np.vdot(shown[middle], take[middle]) / np.vdot(take[middle], take[middle]))
    assert np.allclose(shown[middle], take[middle] * ratio, atol=1e-5)


def test_what_is_cut_off_before_the_take_is_not_shown() -> None:
    spliced = Spliced(TAKE, [Window(0, 10_000)], -500)
    assert spliced.preview(0, MADE[:400]) is None
    first, samples = spliced.preview(400, MADE[:1_100]) or (1, silence(0))
    assert (first, len(samples)) == (0, 1_000)
