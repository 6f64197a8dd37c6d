"""Edits: pure functions from one project to the next."""

from collections.abc import Callable
from dataclasses import replace

from acestep_desktop.domain.clip import Clip, ClipId, Fade, new_clip_id
from acestep_desktop.domain.errors import EditError
from acestep_desktop.domain.project import (
    TRACK_COLOURS,
    Media,
    Project,
    Track,
    TrackId,
    new_track_id,
)
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame, Tick

Edit = Callable[[Project], Project]


def add_track(project: Project, name: str, *, track_id: TrackId | None = None) -> Project:
    """Add an empty track below the others, in the next colour."""
    colour = TRACK_COLOURS[len(project.tracks) % len(TRACK_COLOURS)]
    track = Track(track_id or new_track_id(), name, colour)
    return replace(project, tracks=(*project.tracks, track))


def remove_track(project: Project, track_id: TrackId) -> Project:
    """Remove a track and its clips."""
    project.track(track_id)
    kept = tuple(track for track in project.tracks if track.track_id != track_id)
    return replace(project, tracks=kept)


def change_track(project: Project, track_id: TrackId, change: Callable[[Track], Track]) -> Project:
    """Replace one track by `change` of it; the others stay the same objects."""
    project.track(track_id)
    tracks = tuple(change(t) if t.track_id == track_id else t for t in project.tracks)
    return replace(project, tracks=tracks)


def change_clip(
    project: Project, track_id: TrackId, clip_id: ClipId, change: Callable[[Clip], Clip]
) -> Project:
    """Replace one clip by `change` of it."""
    track = project.track(track_id)
    track.clip(clip_id)
    clips = tuple(change(c) if c.clip_id == clip_id else c for c in track.clips)
    return change_track(project, track_id, lambda t: t.with_clips(clips))


def add_media(project: Project, media: Media) -> Project:
    """List a take, unless the project has it already."""
    if any(listed.take_id == media.take_id for listed in project.media):
        return project
    return replace(project, media=(*project.media, media))


def add_clip(project: Project, track_id: TrackId, clip: Clip) -> Project:
    """Put a clip of a listed take on a track."""
    return change_track(project, track_id, lambda t: t.with_clips((*t.clips, clip)))


def remove_clip(project: Project, track_id: TrackId, clip_id: ClipId) -> Project:
    """Take a clip off its track; its take stays listed, so that undo finds it."""
    track = project.track(track_id)
    track.clip(clip_id)
    kept = tuple(clip for clip in track.clips if clip.clip_id != clip_id)
    return change_track(project, track_id, lambda t: t.with_clips(kept))


def move_clip(
    project: Project,
    track_id: TrackId,
    clip_id: ClipId,
    start: Tick,
    *,
    to_track: TrackId | None = None,
) -> Project:
    """Let a clip begin at `start`, on its track or on another."""
    clip = project.track(track_id).clip(clip_id).moved_to(start)
    removed = remove_clip(project, track_id, clip_id)
    return add_clip(removed, to_track or track_id, clip)


def split_clip(
    project: Project,
    track_id: TrackId,
    clip_id: ClipId,
    at: Tick,
    *,
    right_id: ClipId | None = None,
) -> Project:
    """Cut a clip in two at `at`; what is heard does not change.

    The left half keeps the id. A fade that is cut goes on in both halves, unless a
    crossfade has taken its place. (Within a crossfade, both halves are heard anew.)
    """
    clip = project.track(track_id).clip(clip_id)
    left_length = project.tempo.frame_at(at) - project.clip_start(clip)
    if not 0 < left_length < clip.length:
        raise EditError(f'the clip "{clip.name}" can be split only between its ends')
    right_length = clip.length - left_length
    covered_start, covered_end = _crossfaded_ends(project, project.track(track_id), clip)
    left = replace(
        clip,
        length=Frame(left_length),
        fade_out=Fade() if covered_end else _cut(clip.fade_out, right_length),
    )
    right = replace(
        clip,
        clip_id=right_id or new_clip_id(),
        start=at,
        offset=Frame(clip.offset + left_length),
        length=Frame(right_length),
        fade_in=Fade() if covered_start else _cut(clip.fade_in, left_length),
    )
    track = project.track(track_id)
    # In the same place: of clips that start together, the later one is laid over the other.
    clips = tuple(
        part for c in track.clips for part in ((left, right) if c.clip_id == clip_id else (c,))
    )
    return change_track(project, track_id, lambda t: t.with_clips(clips))


def join_clips(project: Project, track_id: TrackId, left_id: ClipId, right_id: ClipId) -> Project:
    """Undo a split: join two clips that show adjoining frames side by side."""
    track = project.track(track_id)
    left, right = track.clip(left_id), track.clip(right_id)
    adjoining = (
        left.take_id == right.take_id
        and left.offset + left.length == right.offset
        and project.clip_end(left) == project.clip_start(right)
        and (left.gain_db, left.muted) == (right.gain_db, right.muted)
    )
    if not adjoining:
        raise EditError("only neighbours that show adjoining parts of one take can be joined")
    joined = replace(left, length=Frame(left.length + right.length), fade_out=right.fade_out)
    clips = tuple(
        joined if c.clip_id == left_id else c for c in track.clips if c.clip_id != right_id
    )
    return change_track(project, track_id, lambda t: t.with_clips(clips))


def set_tempo(project: Project, tempo: TempoMap) -> Project:
    """Give the project another tempo map; clips keep their ticks and their frames."""
    return replace(project, tempo=tempo)


def _crossfaded_ends(project: Project, track: Track, clip: Clip) -> tuple[bool, bool]:
    """Return where a crossfade stands in for the clip's own fades: at its start, at its end."""
    if clip.muted:
        return False, False
    heard = [other for other in track.clips if not other.muted]
    index = heard.index(clip)
    start, end = project.clip_start(clip), project.clip_end(clip)
    return (
        index > 0 and project.clip_end(heard[index - 1]) > start,
        index + 1 < len(heard) and project.clip_start(heard[index + 1]) < end,
    )


def _cut(fade: Fade, frames: int) -> Fade:
    """Return what is left of a fade behind a cut that lies `frames` from its edge."""
    left = Frame(min(fade.length, fade.begun + frames))
    return Fade() if left == fade.length else replace(fade, begun=left)
