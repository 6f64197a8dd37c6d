"""Bounce and renderer: the one path of sound."""

from dataclasses import replace

import numpy as np
import pytest

from acestep_desktop.dsp.arrangement import Arrangement
from acestep_desktop.dsp.bounce import Renderer, bounce, bounce_stems
from acestep_desktop.dsp.lane import lanes_of
from acestep_desktop.dsp.limiter import LOOK_AHEAD, LOOK_BACK
from acestep_desktop.dsp.mixer import Mixer
from acestep_desktop.dsp.ramp import RAMP_FRAMES
from acestep_desktop.dsp.samples import Samples, silence
from tests.dsp.arrangements import TAKE, Live, bounced, noise, of_take, segment, track


def test_a_bounce_is_as_long_as_the_arrangement() -> None:
    arrangement, sources = of_take(noise(10_000))
    assert [len(part) for part in bounce(arrangement, sources)] == [4_096, 4_096, 1_808]


def test_a_bounce_may_begin_before_and_end_behind_the_music() -> None:
    arrangement, sources = of_take(noise(1_000))
    whole = np.concatenate(list(bounce(arrangement, sources, -500, 2_000)))
    assert len(whole) == 2_500
    assert not whole[:500].any() and not whole[1_500:].any()


def test_an_empty_arrangement_bounces_to_nothing() -> None:
    assert list(bounce(Arrangement(), {})) == []


def test_the_master_gain_goes_to_the_mix_and_to_every_stem() -> None:
    arrangement, sources = of_take(np.full((100, 2), 0.5, np.float32), limiter=False)
    arrangement = replace(arrangement, master_gain=0.25)
    (stems,) = bounce_stems(arrangement, sources)
    assert np.all(bounced(arrangement, sources) == 0.125)
    assert np.all(stems[0] == 0.125)


def test_stems_of_an_arrangement_without_tracks_are_no_stems() -> None:
    assert list(bounce_stems(Arrangement(), {}, 0, 100)) == [[]]


def test_blocks_belong_to_whoever_gets_them() -> None:
    arrangement, sources = of_take(noise(10_000))
    parts = list(bounce(arrangement, sources, block=1_000))
    assert np.concatenate(parts).tobytes() == bounced(arrangement, sources).tobytes()


def test_pulls_that_follow_one_another_mix_every_frame_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mixed: list[tuple[int, int]] = []
    render = Mixer.render

    def counted(self: Mixer, start: int, out: Samples) -> None:
        mixed.append((start, len(out)))
        render(self, start, out)

    monkeypatch.setattr(Mixer, "render", counted)
    arrangement, sources = of_take(noise(60_000, 2.0))
    renderer = Renderer(arrangement, lanes_of(arrangement, sources))
    renderer.prepare(24_000)
    assert sum(frames for _, frames in mixed) <= LOOK_BACK + LOOK_AHEAD
    mixed.clear()
    for at in range(24_000, 36_000, 240):
        renderer.render(at, silence(240))
    ends = [start + frames for start, frames in mixed]
    assert [start for start, _ in mixed[1:]] == ends[:-1]
    assert sum(frames for _, frames in mixed) <= 12_000 + LOOK_AHEAD


def test_a_prepared_renderer_has_nothing_left_to_look_back_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arrangement, sources = of_take(noise(60_000, 2.0))
    renderer = Renderer(arrangement, lanes_of(arrangement, sources))
    renderer.prepare(30_000)
    mixed: list[int] = []
    monkeypatch.setattr(Mixer, "render", lambda self, start, out: mixed.append(len(out)))
    renderer.render(30_000, silence(256))
    assert sum(mixed) <= 256


def test_nothing_pulled_changes_nothing() -> None:
    arrangement, sources = of_take(noise(5_000, 2.0))
    renderer = Live(Renderer, arrangement, sources)
    renderer.render(100, silence(0))
    out = silence(500)
    renderer.render(100, out)
    assert out.tobytes() == bounced(arrangement, sources)[100:600].tobytes()


def two_tracks(gain: float, offset: int = 0, *, limiter: bool = True) -> Arrangement:
    tracks = (
        track(segment(90_000, offset=offset, gain=gain), name="a"),
        track(segment(90_000), name="b"),
    )
    return Arrangement(tracks, master_gain=0.9, limiter=limiter)


@pytest.mark.parametrize("limiter", [True, False])
def test_after_an_update_and_its_window_the_renderer_plays_the_new_bounce(limiter: bool) -> None:
    sources = {TAKE: noise(100_000, 1.5)}
    renderer = Live(Renderer, two_tracks(1.0, limiter=limiter), sources)
    renderer.render(0, silence(20_000))
    after = two_tracks(0.5, 3_000, limiter=limiter)
    renderer.update(after, sources)
    out = silence(30_000)
    renderer.render(20_000, out)
    done = LOOK_AHEAD + RAMP_FRAMES + LOOK_BACK
    assert out[done:].tobytes() == bounced(after, sources)[20_000 + done : 50_000].tobytes()


def test_the_limiter_can_be_switched_while_it_plays() -> None:
    sources = {TAKE: noise(100_000, 1.5)}
    renderer = Live(Renderer, two_tracks(1.0), sources)
    renderer.render(0, silence(20_000))
    for at, limiter in ((20_000, False), (20_500, True)):
        arrangement = two_tracks(1.0, limiter=limiter)
        renderer.update(arrangement, sources)
        out = silence(500)
        renderer.render(at, out)
        assert out.tobytes() == bounced(arrangement, sources)[at : at + 500].tobytes()


def test_a_loop_wraps_to_the_same_bits_every_time() -> None:
    arrangement, sources = of_take(noise(60_000, 2.0))
    renderer = Live(Renderer, arrangement, sources)
    laps = []
    for _ in range(5):
        lap = silence(3_000)
        renderer.render(24_000, lap[:1_111])
        renderer.render(25_111, lap[1_111:])
        laps.append(lap.tobytes())
    assert set(laps) == {bounced(arrangement, sources)[24_000:27_000].tobytes()}
