"""Edits of clips, one or many at a time: move, copy, trim, slip, split, fade, cut."""

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from acestep_desktop.domain.clip import Clip, ClipId, Fade, new_clip_id
from acestep_desktop.domain.edits import split_clip
from acestep_desktop.domain.errors import EditError
from acestep_desktop.domain.level import MAX_GAIN_DB, MIN_GAIN_DB
from acestep_desktop.domain.project import Project, TickRange, Track, TrackId
from acestep_desktop.domain.time import TICKS_PER_QUARTER, Frame, Tick

Side = Literal["in", "out"]

_FINEST: Final = TICKS_PER_QUARTER // 24
"""The finest line on which a clip may be meant to end: of 1/32 notes and of their triplets."""


def find_clip(project: Project, clip_id: ClipId) -> tuple[Track, Clip]:
    """Return a clip and the track it lies on; EditError if there is none."""
    for track in project.tracks:
        for clip in track.clips:
            if clip.clip_id == clip_id:
                return track, clip
    raise EditError(f"the project has no clip {clip_id}")


def end_tick(project: Project, clip: Clip) -> Tick:
    """Return the tick behind a clip: the grid line that is meant, else the nearest tick.

    A take of whole bars ends within a frame of a line; the line keeps copies from drifting.
    """
    end = project.clip_end(clip)
    tick = project.tempo.tick_at(end)
    line = Tick(round(tick / _FINEST) * _FINEST)
    near = abs(project.tempo.frame_at(line) - end) <= 1
    return line if near and line > clip.start else tick


def extent(project: Project, clip_ids: Collection[ClipId]) -> TickRange:
    """Return the span from the first start to the last end; EditError for no clips."""
    clips = [clip for _, clip in _chosen(project, clip_ids)]
    if not clips:
        raise EditError("select a clip first")
    return TickRange(
        min(clip.start for clip in clips), max(end_tick(project, clip) for clip in clips)
    )


def change_clips(
    project: Project, clip_ids: Collection[ClipId], change: Callable[[Clip], Clip]
) -> Project:
    """Replace clips by `change` of them; tracks without any stay the same objects."""
    tracks = tuple(
        track.with_clips(tuple(change(c) if c.clip_id in clip_ids else c for c in track.clips))
        if track.has_any(clip_ids)
        else track
        for track in project.tracks
    )
    return replace(project, tracks=tracks)


def remove_clips(project: Project, clip_ids: Collection[ClipId]) -> Project:
    """Take clips off their tracks; their takes stay listed."""
    return _with_lanes(
        project,
        {
            track.track_id: tuple(c for c in track.clips if c.clip_id not in clip_ids)
            for track in project.tracks
            if track.has_any(clip_ids)
        },
    )


def rename_clip(project: Project, clip_id: ClipId, name: str) -> Project:
    """Give a clip another name."""
    return change_clips(project, {clip_id}, lambda clip: replace(clip, name=name))


def move_clips(
    project: Project, clip_ids: Collection[ClipId], by: Tick, *, lanes: int = 0
) -> Project:
    """Move clips by ticks and by tracks, as far as all of them can go together."""
    moved = _shifted(project, clip_ids, by, lanes)
    return _added(project, moved, without=clip_ids)


def copy_clips(
    project: Project,
    new_ids: Mapping[ClipId, ClipId],
    by: Tick,
    *,
    lanes: int = 0,
) -> Project:
    """Add copies, moved like `move_clips`; `new_ids` names each copy by its original."""
    copies = [
        (track_id, replace(clip, clip_id=new_ids[clip.clip_id]))
        for track_id, clip in _shifted(project, new_ids, by, lanes)
    ]
    return _added(project, copies)


def paste_clips(
    project: Project, clips: Sequence[tuple[int, Clip]], at: Tick, first_track: int
) -> Project:
    """Put clips with fresh ids where the earliest begins at `at`.

    Each comes with its distance, in tracks, from `first_track`; tracks that are
    missing below are the last one. Takes that the project does not list are refused.
    """
    if not clips or not project.tracks:
        raise EditError("there is nothing to paste, or no track to paste it on")
    known = {media.take_id for media in project.media}
    if any(clip.take_id not in known for _, clip in clips):
        raise EditError("what was copied belongs to another project: drag its file in instead")
    earliest = min(clip.start for _, clip in clips)
    last = len(project.tracks) - 1
    placed = [
        (
            project.tracks[min(first_track + lane, last)].track_id,
            replace(clip, clip_id=new_clip_id(), start=Tick(clip.start - earliest + at)),
        )
        for lane, clip in clips
    ]
    return _added(project, placed)


def trim_start(project: Project, clip_id: ClipId, start: Tick) -> Project:
    """Let a clip begin at `start`, what it shows staying in place; as far as its take goes."""
    _, clip = find_clip(project, clip_id)
    old = project.clip_start(clip)
    wished = project.tempo.frame_at(max(0, start)) - old
    by = max(-clip.offset, min(wished, clip.length - 1))
    at = start if by == wished else project.tempo.tick_at(old + by)
    trimmed = replace(
        clip,
        start=Tick(max(0, at)),
        offset=Frame(clip.offset + by),
        length=Frame(clip.length - by),
    )
    return change_clips(project, {clip_id}, lambda _: _with_fitting_fades(trimmed))


def trim_end(project: Project, clip_id: ClipId, end: Tick) -> Project:
    """Let a clip end at `end`, as far as its take goes."""
    _, clip = find_clip(project, clip_id)
    longest = project.media_of(clip.take_id).frames - clip.offset
    length = max(1, min(project.tempo.frame_at(end) - project.clip_start(clip), longest))
    trimmed = replace(clip, length=Frame(length))
    return change_clips(project, {clip_id}, lambda _: _with_fitting_fades(trimmed))


def slip_clips(project: Project, clip_ids: Collection[ClipId], by: int) -> Project:
    """Move what clips show by frames, to the right for positive ones; the clips stay."""
    frames = {media.take_id: media.frames for media in project.media}

    def slipped(clip: Clip) -> Clip:
        latest = frames[clip.take_id] - clip.length
        return replace(clip, offset=Frame(max(0, min(clip.offset - by, latest))))

    return change_clips(project, clip_ids, slipped)


def split_clips(project: Project, clip_ids: Collection[ClipId], at: Tick) -> Project:
    """Cut those clips in two that lie under `at`; EditError if none does."""
    frame = project.tempo.frame_at(at)
    cut = project
    for track, clip in _chosen(project, clip_ids):
        if project.clip_start(clip) < frame < project.clip_end(clip):
            cut = split_clip(cut, track.track_id, clip.clip_id, at)
    if cut is project:
        raise EditError("there is nothing to split here: put the playhead inside a clip")
    return cut


def set_fade(project: Project, clip_id: ClipId, side: Side, length: int) -> Project:
    """Fade a clip in or out over `length` frames, as far as its other fade leaves room."""
    _, clip = find_clip(project, clip_id)
    mine, other = (clip.fade_in, clip.fade_out) if side == "in" else (clip.fade_out, clip.fade_in)
    room = clip.length - (other.length - other.begun)
    fade = Fade(Frame(max(0, min(length, room))), mine.shape)
    changed = replace(clip, fade_in=fade) if side == "in" else replace(clip, fade_out=fade)
    return change_clips(project, {clip_id}, lambda _: changed)


def change_gain(project: Project, clip_ids: Collection[ClipId], by_db: float) -> Project:
    """Make clips louder or softer, within -120..24 dB."""
    return change_clips(
        project,
        clip_ids,
        lambda c: replace(c, gain_db=max(MIN_GAIN_DB, min(c.gain_db + by_db, MAX_GAIN_DB))),
    )


def toggle_clip_mute(project: Project, clip_ids: Collection[ClipId]) -> Project:
    """Mute clips; if all of them are muted, let them be heard again."""
    mute = not all(clip.muted for _, clip in _chosen(project, clip_ids))
    return change_clips(project, clip_ids, lambda clip: replace(clip, muted=mute))


def ripple_delete(project: Project, clip_ids: Collection[ClipId]) -> Project:
    """Remove clips; on their tracks, what follows closes the gap."""
    tracks = tuple(_rippled(project, track, clip_ids) for track in project.tracks)
    return replace(project, tracks=tracks)


def split_ends(project: Project, track_ids: Collection[TrackId], span: TickRange) -> Project:
    """Cut the clips of some tracks wherever a span begins or ends inside of one."""
    for at in (span.start, span.end):
        under = {
            clip.clip_id
            for track in project.tracks
            if track.track_id in track_ids
            for clip in track.clips
            if project.clip_start(clip) < project.tempo.frame_at(at) < project.clip_end(clip)
        }
        project = split_clips(project, under, at) if under else project
    return project


def cut_range(
    project: Project, track_ids: Collection[TrackId], span: TickRange, *, close: bool = False
) -> Project:
    """Remove what sounds within a span of some tracks; `close` moves up what follows."""
    project = split_ends(project, track_ids, span)
    lanes = {
        track.track_id: tuple(
            clip.moved_to(Tick(clip.start - (span.end - span.start)))
            if close and clip.start >= span.end
            else clip
            for clip in track.clips
            if not span.start <= clip.start < span.end
        )
        for track in project.tracks
        if track.track_id in track_ids
    }
    return _with_lanes(project, lanes)


def crossfade_neighbours(project: Project, clip_ids: Collection[ClipId], length: Frame) -> Project:
    """Let chosen neighbours overlap by `length`, by showing more of both takes.

    EditError where there are no neighbours, or their takes have no more to show.
    """
    pairs = 0
    changed = project
    for track in project.tracks:
        chosen = [clip for clip in track.clips if clip.clip_id in clip_ids]
        for left, right in itertools.pairwise(chosen):
            pairs += 1
            changed = _overlapped(changed, left.clip_id, right.clip_id, length)
    if not pairs:
        raise EditError("select two neighbours on one track to crossfade them")
    if changed is project:
        raise EditError(
            "these takes have no more to show: trim one clip, or drag it over the other"
        )
    return changed


def _overlapped(project: Project, left_id: ClipId, right_id: ClipId, length: Frame) -> Project:
    left, right = find_clip(project, left_id)[1], find_clip(project, right_id)[1]
    gap = project.clip_start(right) - project.clip_end(left)
    needed = gap + length
    if needed <= 0 or gap > length:
        return project
    behind = project.media_of(left.take_id).frames - left.offset - left.length
    later = min(behind, max(needed // 2, needed - right.offset))
    earlier = min(right.offset, needed - later)
    if later + earlier <= gap:
        return project
    extended = replace(left, length=Frame(left.length + later))
    start = project.tempo.tick_at(project.clip_start(right) - earlier)
    longer = change_clips(project, {left_id}, lambda _: extended)
    return trim_start(longer, right_id, start)


def _rippled(project: Project, track: Track, clip_ids: Collection[ClipId]) -> Track:
    if not track.has_any(clip_ids):
        return track
    kept: list[Clip] = []
    closed, reached = 0, 0
    clips = track.clips
    for index, clip in enumerate(clips):
        if clip.clip_id not in clip_ids:
            kept.append(clip.moved_to(Tick(clip.start - closed)))
            reached = max(reached, end_tick(project, clip))
            continue
        following = (c.start for c in clips[index + 1 :])
        end = min(end_tick(project, clip), next(following, end_tick(project, clip)))
        closed += max(0, end - max(clip.start, reached))
        reached = max(reached, end)
    return track.with_clips(tuple(kept))


def _chosen(project: Project, clip_ids: Collection[ClipId]) -> list[tuple[Track, Clip]]:
    return [
        (track, clip)
        for track in project.tracks
        if track.has_any(clip_ids)
        for clip in track.clips
        if clip.clip_id in clip_ids
    ]


def _shifted(
    project: Project, clip_ids: Collection[ClipId], by: Tick, lanes: int
) -> list[tuple[TrackId, Clip]]:
    rows = {track.track_id: row for row, track in enumerate(project.tracks)}
    chosen = _chosen(project, clip_ids)
    if not chosen:
        return []
    by = Tick(max(by, -min(clip.start for _, clip in chosen)))
    used = [rows[track.track_id] for track, _ in chosen]
    lanes = max(-min(used), min(lanes, len(rows) - 1 - max(used)))
    return [
        (
            project.tracks[rows[track.track_id] + lanes].track_id,
            clip.moved_to(Tick(clip.start + by)),
        )
        for track, clip in chosen
    ]


def _added(
    project: Project,
    clips: Sequence[tuple[TrackId, Clip]],
    *,
    without: Collection[ClipId] = (),
) -> Project:
    entered = {track_id for track_id, _ in clips}
    lanes = {
        track.track_id: [clip for clip in track.clips if clip.clip_id not in without]
        for track in project.tracks
        if track.track_id in entered or track.has_any(without)
    }
    for track_id, clip in clips:
        lanes[track_id].append(clip)
    return _with_lanes(project, {name: tuple(lane) for name, lane in lanes.items()})


def _with_lanes(project: Project, lanes: Mapping[TrackId, tuple[Clip, ...]]) -> Project:
    """Return the project with other clips on some tracks; unchanged ones stay the same objects."""
    tracks = tuple(
        track.with_clips(lanes[track.track_id])
        if track.track_id in lanes and lanes[track.track_id] != track.clips
        else track
        for track in project.tracks
    )
    return replace(project, tracks=tracks)


def _with_fitting_fades(clip: Clip) -> Clip:
    """Return the clip with fades no longer than itself, the fade-out first."""
    fade_out = _shortened(clip.fade_out, clip.length)
    left = clip.length - (fade_out.length - fade_out.begun)
    return replace(clip, fade_in=_shortened(clip.fade_in, left), fade_out=fade_out)


def _shortened(fade: Fade, most: int) -> Fade:
    return fade if fade.length - fade.begun <= most else Fade(Frame(most), fade.shape)
