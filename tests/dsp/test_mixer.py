"""The mixer: what it adds up, and how it goes over to something else."""

import numpy as np
import pytest

from acestep_desktop.domain.project import TrackId
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.dsp.arrangement import Arrangement, Fader, TrackArrangement
from acestep_desktop.dsp.lane import lanes_of
from acestep_desktop.dsp.mixer import MAX_BLOCK, Mixer
from acestep_desktop.dsp.ramp import RAMP_FRAMES
from acestep_desktop.dsp.samples import MAX_LEVEL, Samples, silence
from tests.dsp.arrangements import TAKE, Live, noise, segment, track


def mixed(mixer: Live, frames: int, start: int = 0) -> Samples:
    out = np.full((frames, 2), 9.0, np.float32)
    mixer.render(start, out)
    return out


def one(audio: Samples, *, fader: Fader | None = None, **fields: float) -> Live:
    rows = segment(int(fields.pop("end", len(audio))), **fields)
    return Live(Mixer, Arrangement((track(rows, fader=fader),)), {TAKE: audio})


def test_a_take_alone_at_unity_keeps_its_bits() -> None:
    audio = noise(1_000)
    assert mixed(one(audio), 1_000).tobytes() == audio.tobytes()


def test_before_and_behind_a_clip_there_is_silence() -> None:
    audio = noise(100)
    out = mixed(one(audio, start=50, end=150), 300, start=-20)
    assert not out[:70].any() and not out[170:].any()
    assert out[70:170].tobytes() == audio.tobytes()


def test_a_clip_shows_its_take_from_its_offset_on() -> None:
    audio = noise(200)
    out = mixed(one(audio, end=60, offset=120), 60)
    assert out.tobytes() == audio[120:180].tobytes()


def test_mono_is_heard_on_both_sides_at_full_level() -> None:
    audio = noise(100, channels=1)
    out = mixed(one(audio), 100)
    assert np.array_equal(out, np.repeat(audio, 2, axis=1))


def test_a_track_is_as_loud_and_as_far_aside_as_its_fader_says() -> None:
    audio = np.ones((10, 2), np.float32)
    out = mixed(one(audio, fader=Fader(0.5, 0.5), gain=0.5), 10)
    assert np.array_equal(out, np.tile(np.array((0.125, 0.25), np.float32), (10, 1)))


def test_tracks_add_up_in_their_order() -> None:
    audio = noise(500)
    faders = [Fader(0.9), Fader(0.333), Fader(0.1)]
    tracks = tuple(
        track(segment(500), name=str(index), fader=fader) for index, fader in enumerate(faders)
    )
    expected = silence(500)
    for fader in faders:
        expected += audio * np.float32(fader.gain)
    assert (
        mixed(Live(Mixer, Arrangement(tracks), {TAKE: audio}), 500).tobytes() == expected.tobytes()
    )


def test_muted_tracks_are_silent_stems() -> None:
    tracks = (track(segment(50), name="a", fader=Fader(muted=True)), track(segment(50), name="b"))
    arrangement = Arrangement(tracks)
    mixer = Mixer(arrangement, lanes_of(arrangement, {TAKE: noise(50)}))
    stems = [np.full((50, 2), 9.0, np.float32) for _ in tracks]
    mixer.render_stems(0, stems)
    assert not stems[0].any()
    assert stems[1].any()


def test_a_take_that_is_missing_is_silent() -> None:
    mixer = Live(Mixer, Arrangement((track(segment(50)),)), {})
    assert not mixed(mixer, 50).any()


@pytest.mark.parametrize("frames", [0, 30])
def test_a_take_shorter_than_its_clip_ends_in_silence(frames: int) -> None:
    out = mixed(one(noise(frames) if frames else silence(0), end=50), 50)
    assert not out[frames + 1 :].any()
    assert np.array_equal(out[frames], out[max(0, frames - 1)]), "a seam may lie one frame behind"
    assert bool(out[:frames].any()) is bool(frames)


def test_sources_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="float32 of 1 or 2 channels"):
        one(np.zeros((10, 2), np.float64))  # type: ignore[arg-type]


def test_a_damaged_take_is_heard_where_it_is_whole() -> None:
    audio = noise(100)
    audio[10], audio[20], audio[30] = np.nan, np.inf, 1e30
    out = mixed(one(audio), 100)
    assert not out[10].any()
    assert np.all(out[[20, 30]] == MAX_LEVEL)
    assert out[31:].tobytes() == audio[31:].tobytes()


def test_a_crossfade_of_a_steady_tone_with_itself_swells_by_3_db_at_most() -> None:
    audio = np.ones((1_000, 2), np.float32)
    rows = (segment(600), segment(1_000, start=400, cross_length=200, cross_shape=1))
    out = mixed(Live(Mixer, Arrangement((track(*rows),)), {TAKE: audio}), 1_000)
    assert out[:400].tobytes() == audio[:400].tobytes()
    assert out[600:].tobytes() == audio[600:].tobytes()
    assert 1.0 < float(out[400:600].max()) == pytest.approx(2**0.5, abs=1e-3)


def test_three_clips_at_once_share_the_power() -> None:
    """Takes that have nothing in common: each alone, their powers sum to 1 at every frame."""
    rows = (
        segment(450),
        segment(500, start=100, cross_length=350, cross_shape=1, media=1),
        segment(800, start=300, cross_length=200, cross_shape=1, media=2),
    )
    whole = track(*rows)
    names = (TAKE, type(TAKE)("b"), type(TAKE)("c"))  # type: ignore[misc]
    laid = TrackArrangement(TrackId("t"), Fader(), names, whole.segments)
    ones, power = np.ones((800, 2), np.float32), np.zeros((800, 2))
    for name in names:
        sources = {other: ones if other == name else silence(800) for other in names}
        power += np.square(mixed(Live(Mixer, Arrangement((laid,)), sources), 800), dtype=np.float64)
    assert np.abs(power - 1.0).max() < 1e-6


def test_long_blocks_are_mixed_like_short_ones() -> None:
    audio = noise(3 * MAX_BLOCK + 100)
    mixer = one(audio, rise_length=9_000, rise_shape=1, gain=0.7)
    long = mixed(mixer, len(audio))
    short = np.concatenate([mixed(mixer, 100, at) for at in range(0, len(audio), 100)])
    assert long.tobytes() == short[: len(long)].tobytes()


def other(fader: Fader | None = None, **fields: float) -> Arrangement:
    return Arrangement((track(segment(9_000, **fields), fader=fader),))


def test_an_update_glides_to_the_new_fader_and_then_is_exact() -> None:
    audio = np.ones((9_000, 2), np.float32)
    mixer = Live(Mixer, other(), {TAKE: audio})
    mixer.update(other(Fader(0.5)), {TAKE: audio})
    out = mixed(mixer, 2_000)
    assert np.abs(np.diff(out[:, 0])).max() <= 0.51 / RAMP_FRAMES
    assert np.all(out[RAMP_FRAMES:] == 0.5)


def test_an_update_crossfades_changed_clips_and_then_is_exact() -> None:
    audio = np.sin(np.arange(20_000) * 0.01)[:, None].repeat(2, axis=1).astype(np.float32)
    after = other(offset=157)
    mixer = Live(Mixer, other(), {TAKE: audio})
    mixer.update(after, {TAKE: audio})
    out = mixed(mixer, 3_000)
    assert np.abs(np.diff(out[:, 0])).max() < 0.013
    exact = mixed(Live(Mixer, after, {TAKE: audio}), 3_000)
    assert out[RAMP_FRAMES:].tobytes() == exact[RAMP_FRAMES:].tobytes()


def test_an_update_that_changes_nothing_is_not_heard() -> None:
    audio = noise(9_000)
    mixer = Live(Mixer, other(), {TAKE: audio})
    mixer.update(other(), {TAKE: audio})
    assert mixed(mixer, 3_000).tobytes() == audio[:3_000].tobytes()


def test_updates_faster_than_their_ramps_arrive_at_the_last_one() -> None:
    audio = noise(20_000)
    mixer = Live(Mixer, other(), {TAKE: audio})
    at = 0
    for offset in range(10):
        mixer.update(other(offset=offset * 10), {TAKE: audio})
        mixed(mixer, 100, at)
        at += 100
    mixed(mixer, 2 * RAMP_FRAMES, at)
    at += 2 * RAMP_FRAMES
    assert mixed(mixer, 500, at).tobytes() == audio[at + 90 : at + 590].tobytes()


def test_a_track_that_is_new_fades_in_and_one_that_is_gone_is_gone() -> None:
    audio = np.ones((9_000, 2), np.float32)
    mixer = Live(Mixer, other(), {TAKE: audio})
    mixer.update(Arrangement((track(segment(9_000), name="new"),)), {TAKE: audio})
    out = mixed(mixer, 1_000)
    assert out[0, 0] < 0.01
    assert np.all(out[RAMP_FRAMES:] == 1.0)


def test_a_take_that_was_found_is_heard_after_an_update() -> None:
    audio, arrangement = noise(9_000), other()
    mixer = Live(Mixer, arrangement, {})
    mixer.update(arrangement, {TAKE: audio}, ramp_frames=0)
    assert mixed(mixer, 100).tobytes() == audio[:100].tobytes()


def test_a_clip_that_comes_while_the_playhead_is_elsewhere_fades_in_as_well() -> None:
    audio = np.ones((9_000, 2), np.float32)
    mixer = Live(Mixer, Arrangement((track(),)), {TAKE: audio})
    mixer.update(Arrangement((track(segment(9_000)),)), {TAKE: audio})
    out = mixed(mixer, 1_000)
    assert out[0, 0] < 0.01 and out[RAMP_FRAMES, 0] == 1.0


def test_a_changed_track_that_is_muted_waits_for_nothing() -> None:
    audio, muted = noise(9_000), Fader(muted=True)
    mixer = Live(Mixer, other(muted), {TAKE: audio})
    mixer.update(other(muted, offset=5), {TAKE: audio})
    assert not mixed(mixer, 100).any()
    mixer.update(other(offset=5), {TAKE: audio}, ramp_frames=0)
    assert mixed(mixer, 100).tobytes() == audio[5:105].tobytes()


def test_an_edit_elsewhere_keeps_every_bit_of_what_is_heard() -> None:
    audio = noise(20_000)

    def song(offset: int) -> Arrangement:
        rows = segment(5_000, rise_length=3_000), segment(15_000, start=9_000, offset=offset)
        return Arrangement((track(*rows, fader=Fader(0.7)),))

    expected = mixed(Live(Mixer, song(300), {TAKE: audio}), 15_000)
    mixer = Live(Mixer, song(0), {TAKE: audio})
    heard = [mixed(mixer, 1_000)]
    mixer.update(song(300), {TAKE: audio})
    heard += [mixed(mixer, 250, at) for at in range(1_000, 15_000, 250)]
    assert np.concatenate(heard).tobytes() == expected.tobytes()


def test_an_edit_that_comes_into_the_crossfade_is_no_edit_elsewhere() -> None:
    audio = np.ones((20_000, 2), np.float32)

    def song(start: int) -> Arrangement:
        return Arrangement((track(segment(5_000), segment(9_000, start=start)),))

    mixer = Live(Mixer, song(8_000), {TAKE: audio})
    mixed(mixer, 4_800)
    mixer.update(song(5_000 + RAMP_FRAMES // 4), {TAKE: audio})
    out = mixed(mixer, 1_000, 4_800)
    begins = 200 + RAMP_FRAMES // 4
    assert out[begins - 1, 0] == 0.0
    assert out[begins, 0] == pytest.approx((begins + 0.5) / RAMP_FRAMES, abs=0.01)


def test_more_tracks_than_rows_add_up_whatever_their_faders_and_takes_are() -> None:
    wild = noise(1_500)
    wild[700:702] = ((np.nan, np.inf), (-np.inf, 1e30))
    takes = {
        TakeId("stereo"): noise(1_500, seed=1),
        TakeId("mono"): noise(1_500, seed=2, channels=1),
        TakeId("wild"): wild,
        TakeId("strided"): noise(3_000, seed=3)[::2],
    }
    tamed = np.clip(np.nan_to_num(wild, nan=0.0), -MAX_LEVEL, MAX_LEVEL)
    tracks, expected = [], np.zeros((1_500, 2), np.float32)
    for number in range(90):
        take, gain = list(takes)[number % 4], 1.0 - number % 3 * 0.25
        fader = Fader(1.0 - number % 5 * 0.2, (number % 7 - 3) / 3)
        tracks.append(
            TrackArrangement(TrackId(str(number)), fader, (take,), segment(1_500, gain=gain))
        )
        heard = np.broadcast_to(tamed if take == "wild" else takes[take], (1_500, 2))
        expected += heard * np.float32(gain) * np.array(fader.sides(), np.float32)
    arrangement = Arrangement(tuple(tracks))
    mixer = Mixer(arrangement, lanes_of(arrangement, takes))
    out = np.empty((1_500, 2), np.float32)
    for at in range(0, 1_500, 500):
        mixer.render(at, out[at : at + 500])
    assert np.array_equal(out, expected)
