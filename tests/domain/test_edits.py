"""Edits turn one project into the next and touch nothing else."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from acestep_desktop.domain import edits
from acestep_desktop.domain.clip import Clip, ClipId, Fade
from acestep_desktop.domain.errors import EditError, InvalidValueError
from acestep_desktop.domain.project import TRACK_COLOURS, Media, Project, Track, TrackId
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import TICKS_PER_QUARTER, Frame, Tick
from tests.domain import values

TAKE = TakeId("a" * 32)
MEDIA = Media(TAKE, "Takes/Rainy.wav", Frame(96_000), 2)
PIANO, DRUMS = TrackId("piano"), TrackId("drums")
FIRST, SECOND = ClipId("first"), ClipId("second")


def _clip(clip_id: ClipId, start: int, **fields: object) -> Clip:
    return replace(Clip(clip_id, TAKE, Tick(start), Frame(0), Frame(48_000)), **fields)  # type: ignore[arg-type]


@pytest.fixture
def project() -> Project:
    """Two tracks at 60 bpm, one second a quarter; the piano has two clips."""
    clips = (_clip(FIRST, 0), _clip(SECOND, 2 * TICKS_PER_QUARTER))
    return Project(
        tempo=TempoMap.steady(60.0),
        tracks=(Track(PIANO, "Piano", clips=clips), Track(DRUMS, "Drums")),
        media=(MEDIA,),
    )


def test_a_new_track_stands_below_in_the_next_colour(project: Project) -> None:
    after = edits.add_track(project, "Bass", track_id=TrackId("bass"))
    assert after.tracks[:2] == project.tracks
    assert after.tracks[2] == Track(TrackId("bass"), "Bass", TRACK_COLOURS[2])


def test_colours_begin_again_when_all_were_used() -> None:
    project = Project()
    for _ in range(len(TRACK_COLOURS) + 1):
        project = edits.add_track(project, "T")
    assert project.tracks[-1].colour == TRACK_COLOURS[0]
    assert len({track.track_id for track in project.tracks}) == len(project.tracks)


def test_a_removed_track_takes_its_clips_along(project: Project) -> None:
    after = edits.remove_track(project, PIANO)
    assert [track.track_id for track in after.tracks] == [DRUMS]
    assert after.media == project.media


def test_a_changed_track_leaves_the_others_the_same_objects(project: Project) -> None:
    after = edits.change_track(project, PIANO, lambda t: replace(t, gain_db=-6.0))
    assert after.track(PIANO).gain_db == -6.0
    assert after.track(DRUMS) is project.track(DRUMS)
    assert after.track(PIANO).clips is project.track(PIANO).clips


def test_a_changed_clip_leaves_the_others_the_same_objects(project: Project) -> None:
    after = edits.change_clip(project, PIANO, FIRST, lambda c: replace(c, muted=True))
    assert after.track(PIANO).clip(FIRST).muted
    assert after.track(PIANO).clip(SECOND) is project.track(PIANO).clip(SECOND)


def test_media_is_listed_once(project: Project) -> None:
    other = replace(MEDIA, take_id=TakeId("b" * 32))
    after = edits.add_media(project, other)
    assert after.media == (MEDIA, other)
    assert edits.add_media(after, replace(other, path="elsewhere.wav")) is after


def test_a_new_clip_takes_its_place_in_time(project: Project) -> None:
    clip = _clip(ClipId("third"), TICKS_PER_QUARTER)
    after = edits.add_clip(project, PIANO, clip)
    assert [c.clip_id for c in after.track(PIANO).clips] == [FIRST, "third", SECOND]


def test_a_clip_of_an_unlisted_take_is_refused(project: Project) -> None:
    clip = replace(_clip(ClipId("third"), 0), take_id=TakeId("b" * 32))
    with pytest.raises(InvalidValueError, match="does not list"):
        edits.add_clip(project, PIANO, clip)


def test_a_removed_clip_leaves_its_take_listed(project: Project) -> None:
    after = edits.remove_clip(project, PIANO, FIRST)
    assert [c.clip_id for c in after.track(PIANO).clips] == [SECOND]
    assert after.media == project.media


def test_a_clip_moves_in_time(project: Project) -> None:
    after = edits.move_clip(project, PIANO, FIRST, Tick(9 * TICKS_PER_QUARTER))
    assert [c.clip_id for c in after.track(PIANO).clips] == [SECOND, FIRST]
    assert after.track(PIANO).clip(FIRST).start == 9 * TICKS_PER_QUARTER


def test_a_clip_moves_to_another_track(project: Project) -> None:
    after = edits.move_clip(project, PIANO, FIRST, Tick(5), to_track=DRUMS)
    assert [c.clip_id for c in after.track(PIANO).clips] == [SECOND]
    assert after.track(DRUMS).clip(FIRST) == replace(
        project.track(PIANO).clip(FIRST), start=Tick(5)
    )


def test_a_move_before_the_start_is_refused(project: Project) -> None:
    with pytest.raises(InvalidValueError, match="cannot start before bar 1"):
        edits.move_clip(project, PIANO, FIRST, Tick(-1))


def test_a_tempo_is_replaced_whole(project: Project) -> None:
    tempo = TempoMap.steady(90.0)
    after = edits.set_tempo(project, tempo)
    assert after.tempo == tempo
    assert after.tracks == project.tracks


MISSING = [
    lambda p: edits.remove_track(p, TrackId("nowhere")),
    lambda p: edits.change_track(p, TrackId("nowhere"), lambda t: t),
    lambda p: edits.change_clip(p, PIANO, ClipId("nothing"), lambda c: c),
    lambda p: edits.add_clip(p, TrackId("nowhere"), _clip(ClipId("x"), 0)),
    lambda p: edits.remove_clip(p, PIANO, ClipId("nothing")),
    lambda p: edits.remove_clip(p, DRUMS, FIRST),
    lambda p: edits.move_clip(p, PIANO, ClipId("nothing"), Tick(0)),
    lambda p: edits.move_clip(p, PIANO, FIRST, Tick(0), to_track=TrackId("nowhere")),
    lambda p: edits.split_clip(p, PIANO, ClipId("nothing"), Tick(1)),
    lambda p: edits.join_clips(p, PIANO, FIRST, ClipId("nothing")),
]


@pytest.mark.parametrize("edit", MISSING)
def test_an_edit_of_what_is_not_there_is_refused(project: Project, edit: edits.Edit) -> None:
    with pytest.raises(EditError, match="has no"):
        edit(project)


def _split(project: Project, at: int) -> Project:
    return edits.split_clip(project, PIANO, FIRST, Tick(at), right_id=ClipId("right"))


def test_a_split_shows_the_same_frames_in_two_clips(project: Project) -> None:
    left, right, _ = _split(project, TICKS_PER_QUARTER // 4).track(PIANO).clips
    assert (left.clip_id, right.clip_id) == (FIRST, "right")
    assert (left.offset, left.length) == (0, 12_000)
    assert (right.offset, right.length) == (12_000, 36_000)
    assert right.start == TICKS_PER_QUARTER // 4


@pytest.mark.parametrize("quarters", [-1, 0, 1, 2])
def test_a_split_outside_the_clip_is_refused(project: Project, quarters: int) -> None:
    with pytest.raises(EditError, match="can be split only between its ends"):
        _split(project, quarters * TICKS_PER_QUARTER)


def test_a_fade_that_is_cut_goes_on_in_both_halves(project: Project) -> None:
    fades = {"fade_in": Fade(Frame(20_000)), "fade_out": Fade(Frame(40_000), "linear")}
    faded = edits.change_clip(project, PIANO, FIRST, lambda c: replace(c, **fades))
    left, right, _ = _split(faded, TICKS_PER_QUARTER // 4).track(PIANO).clips
    assert left.fade_in == Fade(Frame(20_000))
    assert right.fade_in == Fade(Frame(20_000), begun=Frame(12_000))
    assert left.fade_out == Fade(Frame(40_000), "linear", begun=Frame(36_000))
    assert right.fade_out == Fade(Frame(40_000), "linear")


def test_a_fade_that_is_not_cut_stays_at_its_edge(project: Project) -> None:
    fades = {"fade_in": Fade(Frame(100)), "fade_out": Fade(Frame(100))}
    faded = edits.change_clip(project, PIANO, FIRST, lambda c: replace(c, **fades))
    left, right, _ = _split(faded, TICKS_PER_QUARTER // 2).track(PIANO).clips
    assert (left.fade_in, left.fade_out) == (Fade(Frame(100)), Fade())
    assert (right.fade_in, right.fade_out) == (Fade(), Fade(Frame(100)))


@given(values.projects(min_tracks=1), st.data())
def test_joining_undoes_a_split(project: Project, data: st.DataObject) -> None:
    places = [(t.track_id, c) for t in project.tracks for c in t.clips if c.length > 1]
    assume(places)
    track_id, clip = data.draw(st.sampled_from(places))
    frame = project.clip_start(clip) + data.draw(st.integers(1, clip.length - 1))
    right = ClipId("right")
    split = edits.split_clip(
        project, track_id, clip.clip_id, project.tempo.tick_at(frame), right_id=right
    )
    assert len(split.track(track_id).clips) == len(project.track(track_id).clips) + 1
    joined = edits.join_clips(split, track_id, clip.clip_id, right)
    assert joined.track(track_id).clip(clip.clip_id) == clip
    assert sorted(c.clip_id for c in joined.track(track_id).clips) == sorted(
        c.clip_id for c in project.track(track_id).clips
    )


@given(values.projects(min_tracks=1), st.data())
def test_halves_of_a_split_adjoin_in_time_and_in_the_take(
    project: Project, data: st.DataObject
) -> None:
    places = [(t.track_id, c) for t in project.tracks for c in t.clips if c.length > 1]
    assume(places)
    track_id, clip = data.draw(st.sampled_from(places))
    at = project.clip_start(clip) + data.draw(st.integers(1, clip.length - 1))
    split = edits.split_clip(
        project, track_id, clip.clip_id, project.tempo.tick_at(at), right_id=ClipId("right")
    )
    left = split.track(track_id).clip(clip.clip_id)
    right = split.track(track_id).clip(ClipId("right"))
    assert split.clip_end(left) == split.clip_start(right) == at
    assert left.offset + left.length == right.offset
    assert left.length + right.length == clip.length
    assert split.clip_end(right) == project.clip_end(clip)


NOT_NEIGHBOURS = [
    {"offset": Frame(12_001), "length": Frame(100)},
    {"start": Tick(TICKS_PER_QUARTER)},
    {"gain_db": -1.0},
    {"muted": True},
]


@pytest.mark.parametrize("change", NOT_NEIGHBOURS, ids=str)
def test_clips_that_do_not_adjoin_cannot_be_joined(
    project: Project, change: dict[str, object]
) -> None:
    split = _split(project, TICKS_PER_QUARTER // 4)
    apart = edits.change_clip(
        split,
        PIANO,
        ClipId("right"),
        lambda c: replace(c, **change),  # type: ignore[arg-type]
    )
    with pytest.raises(EditError, match="only neighbours that show adjoining parts of one take"):
        edits.join_clips(apart, PIANO, FIRST, ClipId("right"))


def test_clips_of_two_takes_cannot_be_joined(project: Project) -> None:
    other = edits.add_media(project, replace(MEDIA, take_id=TakeId("b" * 32)))
    split = _split(other, TICKS_PER_QUARTER // 4)
    apart = edits.change_clip(
        split, PIANO, ClipId("right"), lambda c: replace(c, take_id=TakeId("b" * 32))
    )
    with pytest.raises(EditError, match="only neighbours"):
        edits.join_clips(apart, PIANO, FIRST, ClipId("right"))


def test_a_clip_cannot_be_joined_with_itself(project: Project) -> None:
    with pytest.raises(EditError, match="only neighbours"):
        edits.join_clips(project, PIANO, FIRST, FIRST)


@given(values.projects(min_tracks=1, max_clips=1))
def test_an_edit_does_not_change_the_project_that_it_was_given(project: Project) -> None:
    before = replace(project)
    track = project.tracks[0]
    edits.add_track(project, "New")
    edits.change_track(project, track.track_id, lambda t: replace(t, muted=not t.muted))
    edits.remove_track(project, track.track_id)
    assert project == before
