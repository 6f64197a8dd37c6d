import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.clip import Clip
from acestep_desktop.domain.project import Media, Project, Track, TrackId
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.dsp.arrangement import compile_project
from acestep_desktop.dsp.bounce import bounce
from acestep_desktop.dsp.loudness import true_peak_db
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime.safety import DELAY, SafetyLimiter

NOISE = np.random.default_rng(3)
FRAMES = 48_000


def limited(audio: Samples, block: int = 256) -> Samples:
    limiter, out = SafetyLimiter(), audio.copy()
    for at in range(0, len(out), block):
        limiter.process(out[at : at + block])
    return out


def noise(level: float) -> Samples:
    return NOISE.normal(0, level, (FRAMES, 2)).astype(np.float32)


def spoilt() -> Samples:
    audio = noise(0.3)
    audio[::997] = np.nan
    audio[5::1_009] = np.inf
    audio[9::1_013] = -np.inf
    audio[11::1_019] = 1e30
    return audio


HOSTILE = {
    "NaN and Inf": spoilt(),
    "all NaN": np.full((FRAMES, 2), np.nan, np.float32),
    "1e30": np.full((FRAMES, 2), 1e30, np.float32) * np.sign(noise(1.0)),
    "DC": np.ones((FRAMES, 2), np.float32),
    "full-scale noise": NOISE.uniform(-1, 1, (FRAMES, 2)).astype(np.float32),
    "loud noise": noise(3.0),
    "square": np.sign(np.sin(np.arange(FRAMES) * 0.05))[:, None].repeat(2, 1).astype(np.float32),
    "bass": (4 * np.sin(np.arange(FRAMES) * 0.0065))[:, None].repeat(2, 1).astype(np.float32),
    "between samples": (1.2 * np.sin(np.arange(FRAMES) * np.pi / 2 + np.pi / 4))[:, None]
    .repeat(2, 1)
    .astype(np.float32),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_comes_in_is_finite_and_below_minus_one_dbtp(name: str) -> None:
    out = limited(HOSTILE[name])

    # The recording ends in a fade: cut off, it would ring as no stream does.
    out[-480:] *= np.linspace(1, 0, 480, dtype=np.float32)[:, None]
    assert np.isfinite(out).all()
    peak = true_peak_db(out)
    assert peak is None or peak <= -0.99


@pytest.mark.parametrize("level", [0.01, 0.1, 0.2])
def test_music_below_the_ceiling_keeps_every_bit(level: float) -> None:
    audio = noise(level).clip(-0.4, 0.4)

    out = limited(audio)

    assert np.array_equal(out[DELAY:], audio[:-DELAY])
    assert not out[:DELAY].any()


@given(st.lists(st.integers(1, 900), min_size=1, max_size=30))
def test_block_sizes_do_not_change_what_is_heard(blocks: list[int]) -> None:
    audio = HOSTILE["loud noise"][: sum(blocks)]
    whole = audio.copy()
    SafetyLimiter().process(whole)

    limiter, cut, at = SafetyLimiter(), audio.copy(), 0
    for block in blocks:
        limiter.process(cut[at : at + block])
        at += block

    assert np.allclose(cut, whole, atol=1e-6)


def test_after_a_burst_the_gain_comes_back_within_a_quarter_second() -> None:
    audio = noise(0.05).clip(-0.4, 0.4)
    audio[1_000:1_100] = 4.0

    out = limited(audio)

    assert np.array_equal(out[1_100 + 12_000 + DELAY :], audio[1_100 + 12_000 : -DELAY])


def test_an_empty_block_changes_nothing() -> None:
    limiter = SafetyLimiter()
    limiter.process(np.zeros((0, 2), np.float32))
    block = np.full((DELAY + 1, 2), 0.25, np.float32)

    limiter.process(block)

    assert block[DELAY, 0] == 0.25


def test_a_master_at_its_ceiling_keeps_every_bit() -> None:
    audio = HOSTILE["loud noise"]
    take = TakeId("loud")
    media = Media(take, "loud.wav", Frame(len(audio)), 2)
    track = Track(TrackId("t"), "t", clips=(Clip.of_take(take, Tick(0), Frame(len(audio))),))
    project = Project(tracks=(track,), media=(media,))
    (master,) = bounce(compile_project(project), {take: audio}, block=FRAMES)

    out = limited(master)

    assert np.array_equal(out[DELAY:], master[:-DELAY])
