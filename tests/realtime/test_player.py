from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from acestep_desktop.domain.clip import Clip
from acestep_desktop.domain.edits import add_clip, add_track, change_track, set_tempo
from acestep_desktop.domain.project import Media, Project, Track
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.dsp.loudness import true_peak_db
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime.audition import Audition
from acestep_desktop.realtime.gate import FADE, SWITCH
from acestep_desktop.realtime.metronome import CLICK_FRAMES
from acestep_desktop.realtime.safety import DELAY
from tests.needs import needs
from tests.realtime.studio import Studio, brace, written

FRAMES = 480_000
MUSIC = TakeId("music")
QUIET = TakeId("quiet")
SPOILT = TakeId("spoilt")


def _music() -> Samples:
    """Return two bars of something with bass, middle and noise in it."""
    dice = np.random.default_rng(4)
    time_s = np.arange(FRAMES) / 48_000
    tones = sum(0.1 * np.sin(2 * np.pi * hz * time_s) for hz in (55, 220, 1_760))
    return (np.stack((tones, tones), 1) + dice.normal(0, 0.02, (FRAMES, 2))).astype(np.float32)


def _spoilt() -> Samples:
    audio = np.random.default_rng(5).uniform(-1, 1, (FRAMES, 2)).astype(np.float32)
    audio[1_000:2_000] = np.nan
    audio[5_000] = np.inf
    audio[6_000:6_100] = 1e30
    audio[20_000:60_000] = 1.0
    return audio


SOURCES = {MUSIC: _music(), QUIET: _music() * np.float32(0.25), SPOILT: _spoilt()}
MEDIA = tuple(Media(take, f"{take}.wav", Frame(FRAMES), 2) for take in SOURCES)


def project_of(*takes: TakeId, bpm: float = 120.0) -> Project:
    project = Project(tempo=TempoMap.steady(bpm), media=MEDIA)
    for take in takes:
        project = add_track(project, take)
        clip = Clip.of_take(take, Tick(0), Frame(FRAMES))
        project = add_clip(project, project.tracks[-1].track_id, clip)
    return project


@pytest.fixture
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    made = Studio(SOURCES, tmp_path_factory.mktemp("takes"))
    made.client.set_project(project_of(MUSIC), made.paths)
    made.pull(1_024)
    yield made
    made.close()


def steps(audio: Samples) -> Samples:
    """Return the second differences, which a click makes large."""
    return np.abs(np.diff(audio[:, 0].astype(float), n=2))


def clicks(audio: Samples, at: int) -> float:
    """Return how the largest step within 2 ms of the fade at `at` compares with all others."""
    heard = steps(audio)
    near = slice(max(0, at - 96), at + DELAY + 2 * FADE + 96)
    around = heard[max(0, at - 48_000) : at + 48_000].max(initial=0.0)
    untouched = np.concatenate((heard[: near.start], heard[near.stop :])).max()
    own = min(around, untouched)
    return float(heard[near].max() / own) if own else 0.0


def test_a_start_fades_in_and_plays_on(studio: Studio) -> None:
    studio.client.play()

    out = studio.pull(4_800, block=256)[DELAY:]

    heard = SOURCES[MUSIC][: len(out)]
    assert abs(out[0]).max() < 0.001
    assert np.array_equal(out[FADE:], heard[FADE:])


def test_starts_stops_and_seeks_make_no_click_above_the_materials_own(studio: Studio) -> None:
    client = studio.client
    client.play()
    parts = [studio.pull(48_000, block=512)]
    client.locate(Frame(200_123))
    parts.append(studio.pull(48_000, block=512))
    client.stop()
    parts.append(studio.pull(4_800, block=512))
    client.play()
    parts.append(studio.pull(48_000, block=512))

    audio = np.concatenate(parts)
    for at in (0, 48_000, 96_000, 100_800):
        assert clicks(audio, at) <= 1.0


def test_a_stop_is_silent_after_ten_milliseconds_and_the_playhead_stands_at_once(
    studio: Studio,
) -> None:
    studio.client.play()
    studio.pull(9_600)

    studio.client.stop()
    out = studio.pull(4_800)

    assert studio.client.status.frame == 9_600
    assert not out[FADE + DELAY :].any()
    assert out[:FADE].any()


def test_a_play_while_it_still_fades_out_begins_where_it_stopped(studio: Studio) -> None:
    studio.client.play()
    studio.pull(9_600)
    studio.client.stop()
    studio.pull(100)

    studio.client.play()
    studio.pull(4_800)

    # It waits for what is left of the fade, then plays on.
    assert studio.client.status.rolled < 0
    studio.pull(480)
    assert studio.client.status.frame == 9_600 + 4_800 - (FADE - 100)


def test_a_seek_while_stopped_is_shown_at_once(studio: Studio) -> None:
    studio.client.locate(Frame(77_777))
    studio.pull(64)

    assert studio.client.status.frame == 77_777
    assert not studio.client.status.rolling


def test_a_pre_roll_delays_the_start_and_is_announced(studio: Studio) -> None:
    studio.client.set_pre_roll(1_440)
    studio.client.play()
    studio.pull(256)

    status = studio.client.status
    assert (status.rolling, status.rolled, status.frame) == (True, -1_440, 0)
    studio.pull(1_440 - 256)
    studio.pull(256)
    assert (studio.client.status.rolled, studio.client.status.frame) == (0, 0)


def test_every_roll_has_an_epoch_of_its_own_but_a_wrapped_loop_has_not(studio: Studio) -> None:
    client = studio.client
    epochs = []
    client.set_loop(brace(project_of(), 0, 4_800))
    for act in (client.play, lambda: None, lambda: client.locate(Frame(100)), client.stop):
        act()
        studio.pull(9_600, block=480)
        epochs.append(client.status.epoch)

    assert epochs[0] == epochs[1] < epochs[2] < epochs[3]


def test_the_metronome_clicks_on_the_beats_and_only_while_it_rolls(studio: Studio) -> None:
    client = studio.client
    client.set_project(project_of(), {})
    client.set_metronome(True)
    assert not studio.pull(24_000).any()

    client.play()
    out = studio.pull(48_000, block=480)[DELAY:]

    assert out[: CLICK_FRAMES // 4].any()
    assert not out[CLICK_FRAMES:24_000].any()
    assert out[24_000 : 24_000 + CLICK_FRAMES // 4].any()


def test_a_muted_track_falls_silent_without_a_click(studio: Studio) -> None:
    project = project_of(MUSIC)
    studio.client.set_project(project, studio.paths)
    studio.client.play()
    before = studio.pull(48_000, block=512)
    track = project.tracks[0]

    muted = change_track(project, track.track_id, lambda t: replace(t, muted=True))
    studio.client.set_project(muted, studio.paths)
    after = studio.pull(9_600, block=512)

    assert not after[4_800:].any()
    assert clicks(np.concatenate((before, after)), 48_000) <= 1.0


def test_an_edit_is_heard_within_fifty_milliseconds(studio: Studio) -> None:
    project = project_of(MUSIC)
    studio.client.set_project(project, studio.paths)
    studio.client.play()
    studio.pull(48_000, block=512)

    def emptied(track: Track) -> Track:
        return track.with_clips(())

    edited = change_track(project, project.tracks[0].track_id, emptied)
    studio.client.set_project(edited, studio.paths)
    out = studio.pull(9_600, block=512)

    assert not out[2_400:].any()
    assert studio.client.status.revision == studio.client.revision


def test_a_new_track_is_heard_within_fifty_milliseconds_without_a_click(studio: Studio) -> None:
    studio.client.set_project(project_of(QUIET), studio.paths)
    studio.client.play()
    before = studio.pull(48_000, block=512)

    studio.client.set_project(project_of(QUIET, MUSIC), studio.paths)
    after = studio.pull(48_000, block=512)

    assert clicks(np.concatenate((before, after)), 48_000) <= 1.0
    expected = (SOURCES[MUSIC] + SOURCES[QUIET])[48_000 + 2_400 : 60_000]
    assert np.allclose(after[2_400 + DELAY : 12_000 + DELAY], expected, atol=1e-6)


def test_a_new_tempo_keeps_the_bar(studio: Studio) -> None:
    project = project_of(MUSIC, bpm=120.0)
    studio.client.set_project(project, studio.paths)
    studio.client.play()
    studio.pull(48_000, block=480)

    studio.client.set_project(set_tempo(project, TempoMap.steady(60.0)), studio.paths)
    studio.pull(4_800, block=480)

    # After 1 s at 120 bpm beat 3 is reached; at 60 bpm that is frame 96,000.
    status = studio.client.status
    assert status.bpm == 60.0
    assert status.tempo_revision == studio.client.tempo_revision
    assert 96_000 < status.frame <= 96_000 + 2 * 4_800


def test_a_new_tempo_keeps_the_loop_in_its_bars(studio: Studio) -> None:
    project = project_of(MUSIC, bpm=120.0)
    studio.client.set_project(project, studio.paths)
    studio.client.set_loop(brace(project, 0, 96_000))
    studio.pull(480)

    studio.client.set_project(set_tempo(project, TempoMap.steady(240.0)), studio.paths)
    studio.pull(480)

    assert (studio.client.status.loop_start, studio.client.status.loop_end) == (0, 48_000)


def test_an_audition_is_heard_instead_of_the_timeline_which_rolls_on(studio: Studio) -> None:
    client = studio.client
    client.play()
    studio.pull(24_000, block=480)

    client.audition(QUIET, studio.paths[QUIET], Audition())
    out = studio.pull(24_000, block=480)[DELAY + SWITCH :]

    assert np.allclose(out, SOURCES[QUIET][: len(out)], atol=1e-7)
    client.end_audition()
    back = studio.pull(24_000, block=480)[DELAY + SWITCH :]
    at = 48_000 + SWITCH
    assert np.allclose(back, SOURCES[MUSIC][at : at + len(back)], atol=1e-7)


def test_an_audition_waits_for_the_bar_line_of_the_timeline(studio: Studio) -> None:
    client = studio.client
    client.set_project(project_of(), {})
    client.play()
    studio.pull(50_000, block=500)

    client.audition(MUSIC, studio.paths[MUSIC], Audition(when="bar"))
    out = studio.pull(50_000, block=500)[DELAY:]

    assert not out[: 46_000 - SWITCH].any()
    assert np.array_equal(out[46_000:], SOURCES[MUSIC][: len(out) - 46_000])


def test_an_audition_works_while_the_transport_stands_still(studio: Studio) -> None:
    studio.client.audition(MUSIC, studio.paths[MUSIC], Audition())

    out = studio.pull(9_600, block=480)[DELAY + SWITCH :]

    assert np.array_equal(out, SOURCES[MUSIC][: len(out)])
    assert studio.client.status.frame == 0


def test_a_take_that_is_still_being_decoded_is_played_as_far_as_it_goes(studio: Studio) -> None:
    take, path = TakeId("part"), studio.paths[MUSIC].with_name("take.part")
    SOURCES[MUSIC].tofile(path)
    client = studio.client

    client.audition_part(take, path, Frame(FRAMES), 2, Audition())
    assert not studio.pull(9_600, block=480).any()
    assert client.status.buffering
    client.part_ready(take, Frame(FRAMES))
    out = studio.pull(9_600, block=480)

    assert not client.status.buffering
    assert np.abs(out[4_800:]).max() > 0.1


def test_anything_in_a_take_leaves_the_device_finite_and_below_minus_one_dbtp(
    studio: Studio,
) -> None:
    client = studio.client
    client.set_project(project_of(SPOILT, MUSIC), studio.paths)
    client.set_metronome(True)
    client.play()
    client.audition(SPOILT, studio.paths[SPOILT], Audition(gain=4.0, mutes_timeline=False))
    out = studio.pull(96_000, block=512)
    client.stop()
    client.end_audition()
    out = np.concatenate((out, studio.pull(4_800)))

    assert np.isfinite(out).all()
    peak = true_peak_db(out)
    assert peak is not None and peak <= -0.99


def test_meters_show_peak_and_rms_of_what_the_device_gets(studio: Studio) -> None:
    studio.client.play()
    studio.pull(9_600)

    out = studio.pull(512)

    status = studio.client.status
    assert status.peak_left == pytest.approx(np.abs(out[:, 0]).max())
    assert status.rms_right == pytest.approx(np.sqrt(np.mean(out[:, 1] ** 2)), rel=1e-4)


def test_a_mark_is_reached_when_all_before_it_is_done(studio: Studio) -> None:
    studio.client.locate(Frame(1_234))
    number = studio.client.mark()
    assert studio.client.status.done < number

    studio.pull(64)

    assert studio.client.status.done == number
    assert studio.client.status.frame == 1_234


def test_a_take_without_a_file_is_silent_and_said(studio: Studio) -> None:
    missing = {MUSIC: studio.paths[MUSIC].with_name("gone.wav")}
    fresh = Studio({}, studio.paths[MUSIC].parent)
    try:
        fresh.client.set_project(project_of(MUSIC), missing)
        fresh.client.play()
        out = fresh.pull(9_600)
    finally:
        fresh.close()

    assert not out.any()
    assert [kind for kind, _ in fresh.said] == ["notice"]
    assert "gone.wav" in str(fresh.said[0][1]["text"])


def mapped(name: str) -> int:
    """Return how often files whose path holds `name` are mapped into this process."""
    return Path("/proc/self/maps").read_text().count(name)


@needs("linux")
def test_takes_that_were_heard_long_ago_are_mapped_no_longer(
    studio: Studio, tmp_path: Path
) -> None:
    for number in range(40):
        path = written(tmp_path / f"heard-{number}.wav", SOURCES[QUIET])
        studio.client.audition(TakeId(f"heard-{number}"), path, Audition())
        assert studio.pull(2_400, block=480).any()

    assert 1 <= mapped("/heard-") <= 10


@needs("linux")
def test_takes_that_left_the_project_are_mapped_no_longer(studio: Studio, tmp_path: Path) -> None:
    studio.client.play()
    for number in range(30):
        take = TakeId(f"left-{number}")
        path = written(tmp_path / f"left-{number}.wav", SOURCES[QUIET])
        project = Project(media=(Media(take, path.name, Frame(FRAMES), 2),))
        project = add_track(project, take)
        clip = Clip.of_take(take, Tick(0), Frame(FRAMES))
        project = add_clip(project, project.tracks[0].track_id, clip)
        studio.client.set_project(project, {take: path})
        assert studio.pull(4_800, block=480).any()

    assert 1 <= mapped("/left-") <= 10


def test_a_limiter_is_switched_while_it_plays_without_a_click(studio: Studio) -> None:
    project = project_of(MUSIC)
    studio.client.set_project(project, studio.paths)
    studio.client.play()
    parts = [studio.pull(48_000, block=256)]
    for limiter in (False, True, False):
        project = replace(project, master=replace(project.master, limiter=limiter))
        studio.client.set_project(project, studio.paths)
        parts.append(studio.pull(24_000, block=256))

    heard = np.concatenate(parts)[DELAY + FADE :]
    expected = SOURCES[MUSIC][FADE : FADE + len(heard)]
    assert np.allclose(heard, expected, atol=1e-6)
