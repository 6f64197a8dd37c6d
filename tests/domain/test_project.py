"""Clips, fades, tracks and projects keep what must always hold."""

import math
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given

from acestep_desktop.domain.clip import Clip, ClipId, Fade, new_clip_id
from acestep_desktop.domain.errors import EditError, InvalidValueError
from acestep_desktop.domain.project import (
    MAX_TRACKS,
    Master,
    Media,
    Project,
    TickRange,
    Track,
    TrackId,
    new_track_id,
)
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import TICKS_PER_QUARTER, Frame, Tick
from tests.domain import values

TAKE = TakeId("a" * 32)
MEDIA = Media(TAKE, "Takes/Rainy.wav", Frame(1000), 2)
CLIP = Clip(ClipId("clip"), TAKE, Tick(0), Frame(100), Frame(200), "Rainy")


def _track(*clips: Clip, id: str = "track") -> Track:
    return Track(TrackId(id), "Piano", clips=clips)


def _project(*clips: Clip, media: tuple[Media, ...] = (MEDIA,)) -> Project:
    return Project(tracks=(_track(*clips),), media=media)


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: Fade(Frame(-1)), "a fade needs 0 <= begun <= length, got 0 and -1"),
    (lambda: Fade(Frame(5), begun=Frame(6)), "a fade needs 0 <= begun <= length, got 6 and 5"),
    (lambda: Fade(Frame(5), begun=Frame(-1)), "a fade needs 0 <= begun <= length, got -1 and 5"),
    (
        lambda: Fade(Frame(5), "cubic"),  # type: ignore[arg-type]
        'a fade is equal_power or linear, got "cubic"',
    ),
    (lambda: replace(CLIP, start=Tick(-1)), "a clip cannot start before bar 1, got tick -1"),
    (lambda: replace(CLIP, offset=Frame(-1)), "a clip's offset must be at least 0, got -1"),
    (lambda: replace(CLIP, length=Frame(0)), "a clip needs at least one frame, got 0"),
    (lambda: replace(CLIP, gain_db=25), "a gain must be within -120..24 dB, got 25"),
    (lambda: replace(CLIP, gain_db=math.nan), "a gain must be within -120..24 dB, got nan"),
    (lambda: Master(-121), "a gain must be within -120..24 dB, got -121"),
    (lambda: replace(_track(), gain_db=99), "a gain must be within -120..24 dB, got 99"),
    (lambda: replace(_track(), pan=2), "a pan must be within -1..1, got 2"),
    (
        lambda: Media(TAKE, "a.wav", Frame(0), 2),
        "media needs frames and 1 or 2 channels, got 0 and 2",
    ),
    (
        lambda: Media(TAKE, "a.wav", Frame(1), 3),
        "media needs frames and 1 or 2 channels, got 1 and 3",
    ),
    (lambda: TickRange(Tick(5), Tick(5)), "a range needs 0 <= start < end, got 5..5"),
    (lambda: TickRange(Tick(-1), Tick(5)), "a range needs 0 <= start < end, got -1..5"),
    (lambda: _project(CLIP, CLIP), "two clips have the same id"),
    (lambda: _project(media=(MEDIA, MEDIA)), "two takes have the same id"),
    (lambda: Project(tracks=(_track(), _track())), "two tracks have the same id"),
    (
        lambda: _project(CLIP, media=()),
        'the clip "Rainy" shows a take that the project does not list',
    ),
    (
        lambda: _project(replace(CLIP, offset=Frame(801))),
        'the clip "Rainy" reaches beyond the end of its take',
    ),
    (
        lambda: Project(tracks=tuple(_track(id=str(k)) for k in range(MAX_TRACKS + 1))),
        "a project can have 256 tracks, got 257",
    ),
]


@pytest.mark.parametrize(("make", "sentence"), REFUSED, ids=[sentence for _, sentence in REFUSED])
def test_a_value_that_cannot_be_is_refused(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(InvalidValueError, match=f"^{re.escape(sentence)}$"):
        make()


def test_a_clip_may_reach_exactly_to_the_end_of_its_take() -> None:
    _project(replace(CLIP, offset=Frame(800)))


def test_two_tracks_may_not_share_a_clip() -> None:
    with pytest.raises(InvalidValueError, match="two clips have the same id"):
        Project(tracks=(_track(CLIP), _track(CLIP, id="other")), media=(MEDIA,))


def test_clips_of_a_track_are_in_order_of_start() -> None:
    late = replace(CLIP, clip_id=ClipId("late"), start=Tick(10))
    assert _track(late, CLIP).clips == (CLIP, late)
    assert _track().with_clips((late, CLIP)).clips == (CLIP, late)


def test_clips_that_start_together_stay_in_their_order() -> None:
    second = replace(CLIP, clip_id=ClipId("second"))
    assert _track(second, CLIP).clips == (second, CLIP)


def test_a_clip_of_a_whole_take_shows_all_of_it() -> None:
    clip = Clip.of_take(TAKE, Tick(7), Frame(1000), name="Rainy")
    assert (clip.start, clip.offset, clip.length, clip.name) == (7, 0, 1000, "Rainy")
    assert clip.moved_to(Tick(9)) == replace(clip, start=Tick(9))


def test_ids_are_never_given_twice() -> None:
    assert len({new_clip_id() for _ in range(100)}) == 100
    assert len({new_track_id() for _ in range(100)}) == 100


def test_what_is_not_there_is_said_by_name() -> None:
    project = _project(CLIP)
    with pytest.raises(EditError, match="the project has no track nowhere"):
        project.track(TrackId("nowhere"))
    with pytest.raises(EditError, match='the track "Piano" has no clip nothing'):
        project.tracks[0].clip(ClipId("nothing"))
    with pytest.raises(EditError, match="the project has no media lost"):
        project.media_of(TakeId("lost"))
    assert project.media_of(TAKE) is MEDIA


def test_a_clip_begins_and_ends_where_the_tempo_says() -> None:
    clip = replace(CLIP, start=Tick(TICKS_PER_QUARTER))
    project = replace(_project(clip), tempo=TempoMap.steady(60.0))
    assert project.clip_start(clip) == 48_000
    assert project.clip_end(clip) == 48_200
    assert project.end() == 48_200


def test_an_empty_project_ends_where_it_begins() -> None:
    assert Project().end() == 0


@given(values.projects())
def test_a_project_ends_behind_its_last_clip(project: Project) -> None:
    clips = [clip for track in project.tracks for clip in track.clips]
    assert all(project.clip_end(clip) <= project.end() for clip in clips)
    assert not clips or any(project.clip_end(clip) == project.end() for clip in clips)


@given(values.projects())
def test_every_clip_shows_frames_that_its_take_has(project: Project) -> None:
    for track in project.tracks:
        starts = [clip.start for clip in track.clips]
        assert starts == sorted(starts)
        for clip in track.clips:
            assert clip.offset + clip.length <= project.media_of(clip.take_id).frames
