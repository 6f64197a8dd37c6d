"""Splitting keeps a clip's place among those that start with it, and wakes no sleeping fade."""

from acestep_desktop.domain.clip import Clip, ClipId, Fade
from acestep_desktop.domain.edits import join_clips, split_clip
from acestep_desktop.domain.project import Media, Project, Track, TrackId
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame, Tick

TAKE, TRACK = TakeId("take"), TrackId("track")


def stacked() -> Project:
    clips = tuple(
        Clip(ClipId(name), TAKE, Tick(0), Frame(0), Frame(length))
        for name, length in (("under", 48_000), ("over", 10_000))
    )
    media = (Media(TAKE, "take.wav", Frame(48_000), 2),)
    return Project(tracks=(Track(TRACK, "T", clips=clips),), media=media)


def test_a_split_clip_stays_beneath_the_one_that_was_laid_over_it() -> None:
    split = split_clip(stacked(), TRACK, ClipId("under"), Tick(960_000), right_id=ClipId("right"))
    assert [clip.clip_id for clip in split.tracks[0].clips] == ["under", "over", "right"]


def test_joining_what_was_split_gives_the_project_back() -> None:
    split = split_clip(stacked(), TRACK, ClipId("under"), Tick(960_000), right_id=ClipId("right"))
    assert join_clips(split, TRACK, ClipId("under"), ClipId("right")) == stacked()


def overlapping(*, muted: bool) -> Project:
    fade = Fade(Frame(30_000))
    first = Clip(ClipId("a"), TAKE, Tick(0), Frame(0), Frame(48_000), fade_out=fade, muted=muted)
    second = Clip(ClipId("b"), TAKE, Tick(1_600_000), Frame(0), Frame(48_000), fade_in=fade)
    media = (Media(TAKE, "take.wav", Frame(48_000), 2),)
    return Project(tracks=(Track(TRACK, "T", clips=(first, second)),), media=media)


def test_a_fade_whose_place_a_crossfade_took_does_not_wake_in_the_other_half() -> None:
    project = overlapping(muted=False)
    early = split_clip(project, TRACK, ClipId("a"), Tick(1_200_000))
    late = split_clip(project, TRACK, ClipId("b"), Tick(2_400_000))
    assert early.tracks[0].clip(ClipId("a")).fade_out == Fade()
    assert late.tracks[0].clips[-1].fade_in == Fade()


def test_a_fade_beside_a_muted_clip_goes_on_in_both_halves() -> None:
    project = overlapping(muted=True)
    late = split_clip(project, TRACK, ClipId("b"), Tick(2_400_000))
    assert late.tracks[0].clips[-1].fade_in == Fade(Frame(30_000), begun=Frame(20_000))
    early = split_clip(project, TRACK, ClipId("a"), Tick(1_200_000))
    assert early.tracks[0].clip(ClipId("a")).fade_out.begun == 18_000
