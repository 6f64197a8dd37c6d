"""Seams: hard cuts stand out, good joins do not."""

import numpy as np
import pytest

from acestep_desktop.dsp.samples import silence
from acestep_desktop.dsp.seam import click_ratio, flux_percentile, loop_seam, separation
from tests.dsp.arrangements import noise
from tests.dsp.music import RATE, clicks, tone


def test_an_untouched_tone_has_no_seam() -> None:
    audio = tone(300.0, seconds=4.0)
    assert click_ratio(audio, 2 * RATE) <= 1.01


def test_a_hard_cut_clicks() -> None:
    audio = tone(300.0, seconds=4.0)
    audio[2 * RATE + 40 :] *= -1.0
    assert click_ratio(audio, 2 * RATE + 40) > 20.0
    assert flux_percentile(audio, 2 * RATE + 40) > 0.99


def test_a_click_elsewhere_is_not_the_seam_s() -> None:
    audio = tone(300.0, seconds=4.0)
    audio[2 * RATE + 5_000 :] *= -1.0
    assert click_ratio(audio, 2 * RATE) <= 1.01


def test_a_click_at_the_end_of_a_fade_belongs_to_the_seam() -> None:
    audio = tone(300.0, seconds=4.0)
    audio[2 * RATE + 1_000 :] *= -1.0
    assert click_ratio(audio, 2 * RATE + 40, fade=960) > 20.0


@pytest.mark.parametrize(("step", "ratio"), [(0.0, 0.0), (0.5, float("inf"))])
def test_in_silence_any_step_is_a_click(step: float, ratio: float) -> None:
    audio = silence(4 * RATE)
    audio[2 * RATE :] = step
    assert click_ratio(audio, 2 * RATE) == ratio


def test_cuts_are_told_from_untouched_places_and_those_from_one_another_are_not() -> None:
    audio = clicks(120.0, 20.0) + noise(20 * RATE, 0.01)
    places = np.random.default_rng(2).integers(3 * RATE, 17 * RATE, 40)
    controls = [click_ratio(audio, int(at)) for at in places[:20]]
    others = [click_ratio(audio, int(at)) for at in places[20:]]
    cuts = []
    for at in places[20:]:
        broken = audio.copy()
        broken[at:] += 0.3
        cuts.append(click_ratio(broken, int(at)))
    assert separation(cuts, controls) > 0.8
    assert 0.2 < separation(others, controls) < 0.8


def test_separation_is_a_half_for_equals_and_one_for_the_higher() -> None:
    assert separation([1.0, 2.0], [1.0, 2.0]) == 0.5
    assert separation([3.0, 4.0], [1.0, 2.0]) == 1.0


def test_a_loop_s_seam_is_its_end_and_its_beginning() -> None:
    audio = noise(10_000)
    joined, at = loop_seam(audio)
    assert np.array_equal(joined[at - 1], audio[-1])
    assert np.array_equal(joined[at], audio[0])
    assert len(joined) == 20_000


def test_a_tone_that_fits_its_loop_has_no_seam_and_one_that_does_not_has() -> None:
    fitting, broken = tone(300.0, seconds=3.0), tone(300.25, seconds=3.0)
    assert click_ratio(*loop_seam(fitting)) <= 1.01
    assert click_ratio(*loop_seam(broken)) > 5.0
