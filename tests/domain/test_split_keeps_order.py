"""Splitting and joining keep a clip's place among those that start with it."""

from acestep_desktop.domain.clip import Clip, ClipId
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
