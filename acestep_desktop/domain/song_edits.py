"""Edits of what surrounds clips: takes that come in, tracks, markers and the loop."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from acestep_desktop.domain.clip import Clip, ClipId, new_clip_id
from acestep_desktop.domain.edits import add_clip, add_media, add_track, change_track
from acestep_desktop.domain.errors import EditError
from acestep_desktop.domain.notes import Marker
from acestep_desktop.domain.project import Media, Project, TickRange, TrackId, new_track_id
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.tempo import MAX_BPM, MIN_BPM, TempoMap
from acestep_desktop.domain.time import Tick

_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Arrival:
    """A take that comes onto the timeline: its media, its name, and what is known of its music."""

    media: Media
    name: str
    music: Music = Music()


def place_takes(
    project: Project,
    arrivals: Sequence[Arrival],
    at: Tick,
    *,
    track_id: TrackId | None = None,
    new_ids: Sequence[ClipId] = (),
) -> Project:
    """Put takes at `at`, one below the other from the track on; without one, on new tracks.

    New tracks are named after their take. The first take of a project whose tempo
    nobody touched brings its tempo, meter and key. `new_ids` names the clips.
    """
    if is_untouched(project) and arrivals:
        project = with_music(project, arrivals[0].music)
    rows = {track.track_id: row for row, track in enumerate(project.tracks)}
    if track_id is not None and track_id not in rows:
        raise EditError(f"the project has no track {track_id}")
    first = len(rows) if track_id is None else rows[track_id]
    for number, arrival in enumerate(arrivals):
        row = first + number
        if row >= len(project.tracks):
            project = add_track(project, arrival.name, track_id=new_track_id())
        name = new_ids[number] if number < len(new_ids) else new_clip_id()
        media = arrival.media
        whole = Clip.of_take(media.take_id, at, media.frames, name=arrival.name)
        clip = replace(whole, clip_id=name)
        lane = project.tracks[min(row, len(project.tracks) - 1)].track_id
        project = add_clip(add_media(project, media), lane, clip)
    return project


def is_untouched(project: Project) -> bool:
    """Return whether a project has neither takes nor a tempo of its own yet."""
    return not project.media and project.tempo == TempoMap() and project.key is None


def with_music(project: Project, music: Music) -> Project:
    """Return the project in the tempo, meter and key of some music, where those are known."""
    tempo = project.tempo
    bpm = music.bpm if music.bpm is not None else tempo.bpm_at(0)
    if MIN_BPM <= bpm <= MAX_BPM:
        tempo = TempoMap.steady(bpm, music.meter or tempo.meter_at(0))
    return replace(project, tempo=tempo, key=music.key or project.key)


def rename_track(project: Project, track_id: TrackId, name: str) -> Project:
    """Give a track another name."""
    return change_track(project, track_id, lambda t: replace(t, name=name.strip()[:_LONGEST_NAME]))


def move_track(project: Project, track_id: TrackId, by: int) -> Project:
    """Move a track down by `by` places, up for negative ones, as far as it goes."""
    tracks = list(project.tracks)
    old = tracks.index(project.track(track_id))
    tracks.insert(max(0, min(old + by, len(tracks) - 1)), tracks.pop(old))
    return replace(project, tracks=tuple(tracks))


def duplicate_track(project: Project, track_id: TrackId) -> Project:
    """Add a copy of a track, with its clips, right below it."""
    track = project.track(track_id)
    clips = tuple(replace(clip, clip_id=new_clip_id()) for clip in track.clips)
    copy = replace(track, track_id=new_track_id(), name=f"{track.name} copy", clips=clips)
    row = project.tracks.index(track) + 1
    return replace(project, tracks=(*project.tracks[:row], copy, *project.tracks[row:]))


def add_marker(project: Project, at: Tick, name: str) -> Project:
    """Add a marker; one that stands there already is replaced."""
    kept = tuple(marker for marker in project.markers if marker.at != at)
    return _with_markers(project, (*kept, Marker(Tick(max(0, at)), name)))


def rename_marker(project: Project, marker: Marker, name: str) -> Project:
    """Give a marker another name."""
    return _replaced(project, marker, Marker(marker.at, name.strip()[:_LONGEST_NAME]))


def move_marker(project: Project, marker: Marker, at: Tick) -> Project:
    """Let a marker stand somewhere else."""
    return _replaced(project, marker, Marker(Tick(max(0, at)), marker.name))


def remove_marker(project: Project, marker: Marker) -> Project:
    """Take a marker away."""
    kept = tuple(other for other in project.markers if other != marker)
    return replace(project, markers=kept)


def set_loop(project: Project, span: TickRange | None) -> Project:
    """Set the loop brace, or take it away."""
    return replace(project, loop=span)


def _replaced(project: Project, old: Marker, new: Marker) -> Project:
    if old not in project.markers:
        raise EditError("the project has no such marker")
    return _with_markers(project, tuple(new if m == old else m for m in project.markers))


def _with_markers(project: Project, markers: tuple[Marker, ...]) -> Project:
    return replace(project, markers=tuple(sorted(markers, key=lambda marker: marker.at)))
