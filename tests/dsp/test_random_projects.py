"""Laws of sound that hold for any project."""

from dataclasses import replace

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from acestep_desktop.domain.edits import join_clips, split_clip
from acestep_desktop.domain.project import Project
from acestep_desktop.dsp.arrangement import Arrangement, compile_project, compile_track
from acestep_desktop.dsp.bounce import Renderer, bounce, bounce_stems
from acestep_desktop.dsp.lane import lanes_of
from acestep_desktop.dsp.samples import Samples, silence
from acestep_desktop.dsp.truepeak import TruePeakMeter
from tests.dsp.random_projects import SOURCES, projects

blocks = st.integers(400, 9_000)
cuts = st.lists(st.integers(1, 9_000), min_size=1, max_size=5).filter(
    lambda c: sum(c) > 400 * len(c)
)


def bounced(arrangement: Arrangement, start: int = 0, block: int = 4_096) -> Samples:
    parts = list(bounce(arrangement, SOURCES, start, block=block))
    return np.concatenate([silence(0), *parts])


def before_the_limiter(arrangement: Arrangement) -> Samples:
    return bounced(replace(arrangement, limiter=False))


@given(projects(), blocks)
def test_stems_sum_to_the_mix_before_the_limiter(project: Project, block: int) -> None:
    arrangement = compile_project(project)
    mix = before_the_limiter(arrangement)
    total = np.zeros(mix.shape)
    loudness = np.zeros(mix.shape)
    at = 0
    for stems in bounce_stems(arrangement, SOURCES, block=block):
        for stem in stems:
            total[at : at + len(stem)] += stem
            loudness[at : at + len(stem)] += np.abs(stem)
        at += len(stems[0])
    assert at == len(mix)
    assert np.all(np.abs(total - mix) <= 1e-6 * loudness)


@given(projects(), cuts)
def test_block_size_does_not_change_a_bit(project: Project, sizes: list[int]) -> None:
    arrangement = compile_project(project)
    whole = bounced(arrangement)
    renderer = Renderer(arrangement, lanes_of(arrangement, SOURCES))
    pulled = silence(len(whole))
    at = turn = 0
    while at < len(whole):
        part = pulled[at : at + sizes[turn % len(sizes)]]
        renderer.render(at, part)
        at, turn = at + len(part), turn + 1
    assert pulled.tobytes() == whole.tobytes()


@given(projects(), blocks, st.integers(0, 5))
def test_block_size_does_not_change_a_bit_of_a_stem(
    project: Project, block: int, shift: int
) -> None:
    arrangement = compile_project(project)
    one = [np.concatenate(s) for s in zip(*bounce_stems(arrangement, SOURCES), strict=True)]
    two = [
        np.concatenate(s)
        for s in zip(*bounce_stems(arrangement, SOURCES, -shift, block=block), strict=True)
    ]
    assert all(a.tobytes() == b[shift:].tobytes() for a, b in zip(one, two, strict=False))


@given(projects(min_clips=1), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_seek_sounds_like_a_bounce_from_there(
    project: Project, there: float, back: float
) -> None:
    arrangement = compile_project(project)
    end = arrangement.end
    assume(end > 2)
    seek, again = int(there * (end - 1)), int(back * (end - 1))
    renderer = Renderer(arrangement, lanes_of(arrangement, SOURCES))
    for start in (0, seek, again, seek):
        out = silence(min(700, end - start))
        renderer.render(start, out)
        expected = bounced(arrangement, start)[: len(out)]
        assert out.tobytes() == expected.tobytes()
        assert out.tobytes() == bounced(arrangement)[start : start + len(out)].tobytes()


@given(projects(min_clips=1), st.data())
def test_split_and_rejoin_is_bit_exact(project: Project, data: st.DataObject) -> None:
    track = data.draw(st.sampled_from(project.tracks))
    clip = data.draw(st.sampled_from(track.clips))
    assume(clip.length > 1)
    start = project.clip_start(clip)
    at = project.tempo.tick_at(data.draw(st.integers(start + 1, start + clip.length - 1)))
    split = split_clip(project, track.track_id, clip.clip_id, at)
    right = next(
        c for c in split.track(track.track_id).clips if c not in track.clips and c.start == at
    )
    joined = join_clips(split, track.track_id, clip.clip_id, right.clip_id)
    whole = bounced(compile_project(project))
    assert bounced(compile_project(joined)).tobytes() == whole.tobytes()


@given(projects(min_clips=1), st.data())
def test_a_split_outside_of_overlaps_is_not_heard(project: Project, data: st.DataObject) -> None:
    track = data.draw(st.sampled_from(project.tracks))
    heard = [clip for clip in track.clips if not clip.muted]
    segments = compile_track(track, project.tempo).segments
    assume(heard)
    index = data.draw(st.integers(0, len(heard) - 1))
    first = int(segments["start"][index] + max(1, segments["cross_length"][index]))
    last = int(segments["end"][index]) - 1
    if index + 1 < len(heard):
        last = min(last, int(segments["start"][index + 1]))
    assume(first <= last)
    at = project.tempo.tick_at(data.draw(st.integers(first, last)))
    split = split_clip(project, track.track_id, heard[index].clip_id, at)
    one, two = compile_project(project), compile_project(split)
    assert bounced(two).tobytes() == bounced(one).tobytes()


@given(projects())
def test_whatever_the_takes_hold_the_limited_master_is_finite_and_below_minus_1_dbtp(
    project: Project,
) -> None:
    master = bounced(replace(compile_project(project), limiter=True))
    assert np.isfinite(master).all()
    meter = TruePeakMeter(2)
    meter.add(master)
    assert meter.finish() <= 10.0 ** (-0.9 / 20.0)


@given(projects())
def test_the_limiter_leaves_what_is_low_enough_as_it_is(project: Project) -> None:
    quiet = replace(compile_project(project), master_gain=1e-9)
    assert bounced(replace(quiet, limiter=True)).tobytes() == before_the_limiter(quiet).tobytes()


@given(projects())
def test_a_muted_track_sounds_like_none(project: Project) -> None:
    first = project.tracks[0]
    others = (replace(first, clips=()), *project.tracks[1:])
    muted = (replace(first, muted=True), *project.tracks[1:])
    one = bounced(compile_project(replace(project, tracks=others)))
    two = bounced(compile_project(replace(project, tracks=muted)))
    assert one.tobytes() == two[: len(one)].tobytes()
    assert not two[len(one) :].any()


@given(projects())
def test_tracks_survive_the_way_through_a_pipe(project: Project) -> None:
    for track in compile_project(project).tracks:
        sent = type(track).from_bytes(track.to_bytes())
        assert (sent.track_id, sent.fader, sent.media) == (track.track_id, track.fader, track.media)
        assert sent.segments.tobytes() == track.segments.tobytes()
