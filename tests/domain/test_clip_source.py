"""The audio behind a clip."""

import pytest

from acestep_desktop.domain.clip import Clip
from acestep_desktop.domain.clip_source import ClipSource, source_of
from acestep_desktop.domain.edits import add_clip, add_media, add_track
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.project import Media, Project, TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame, Tick

TAKE = TakeId("0" * 32)
QUARTER = 960_000
"""Ticks; half a second at 120 bpm."""


def project() -> Project:
    """Two clips of one take on a track: 1.5 s from second 1 on, and 1 s at the fourth second."""
    found = add_track(add_media(Project(), Media(TAKE, "a.wav", Frame(480_000), 2)), "Drums")
    track = found.tracks[0].track_id
    for start, offset, length in ((1, 48_000, 72_000), (8, 0, 48_000)):
        clip = Clip.of_take(TAKE, Tick(start * QUARTER), Frame(length))
        moved = Clip(clip.clip_id, TAKE, clip.start, Frame(offset), Frame(length))
        found = add_clip(found, track, moved)
    return found


def test_a_clip_means_what_it_shows_of_its_take() -> None:
    whole = project()
    first = whole.tracks[0].clips[0].clip_id
    assert source_of(whole, {first}, None, ()) == ClipSource(TAKE, 1.0, 2.5)


def test_a_range_means_its_part_of_the_clip() -> None:
    whole = project()
    tracks = [whole.tracks[0].track_id]
    inside = TickRange(Tick(2 * QUARTER), Tick(3 * QUARTER))
    assert source_of(whole, (), inside, tracks) == ClipSource(TAKE, 1.5, 2.0)
    over = TickRange(Tick(0), Tick(2 * QUARTER))
    assert source_of(whole, (), over, tracks) == ClipSource(TAKE, 1.0, 1.5)


@pytest.mark.parametrize("end", [1, 20])
def test_no_clip_or_several_are_refused_in_words(end: int) -> None:
    whole = project()
    span = TickRange(Tick(0), Tick(end * QUARTER))
    with pytest.raises(InvalidValueError, match="Choose one clip"):
        source_of(whole, (), span, [whole.tracks[0].track_id])
    with pytest.raises(InvalidValueError, match="Choose one clip"):
        source_of(whole, [clip.clip_id for clip in whole.tracks[0].clips], None, ())
    with pytest.raises(InvalidValueError, match="Choose one clip"):
        source_of(whole, (), None, ())
