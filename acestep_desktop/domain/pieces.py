"""Pieces: parts of clips that are remembered, to be put down somewhere else."""

from collections.abc import Collection
from dataclasses import dataclass

from acestep_desktop.domain.clip import Clip, ClipId
from acestep_desktop.domain.clip_edits import extent, paste_clips, split_ends
from acestep_desktop.domain.project import Project, TickRange, TrackId
from acestep_desktop.domain.time import Tick


@dataclass(frozen=True, slots=True)
class Pieces:
    """Clips, each with its distance from the topmost track of them.

    They fill `length` ticks, of which the first `lead` are silent.
    """

    clips: tuple[tuple[int, Clip], ...] = ()
    lead: Tick = Tick(0)
    length: Tick = Tick(0)

    @classmethod
    def of_clips(cls, project: Project, clip_ids: Collection[ClipId]) -> "Pieces":
        """Return whole clips; none of them where none is chosen."""
        if not clip_ids:
            return cls()
        return _gathered(project, clip_ids, extent(project, clip_ids), frozenset())

    @classmethod
    def of_range(
        cls, project: Project, track_ids: Collection[TrackId], span: TickRange
    ) -> "Pieces":
        """Return what sounds within a span of some tracks, cut at its ends."""
        cut = split_ends(project, track_ids, span)
        inside = {
            clip.clip_id
            for track in cut.tracks
            if track.track_id in track_ids
            for clip in track.clips
            if span.start <= clip.start < span.end
        }
        return _gathered(cut, inside, span, frozenset(track_ids))

    def put(self, project: Project, at: Tick, first_track: int) -> Project:
        """Put them down, beginning at `at` on the row `first_track`, with fresh ids."""
        return paste_clips(project, self.clips, Tick(at + self.lead), first_track)


def _gathered(
    project: Project, clip_ids: Collection[ClipId], span: TickRange, tracks: frozenset[TrackId]
) -> Pieces:
    found = [
        (row, clip)
        for row, track in enumerate(project.tracks)
        for clip in track.clips
        if clip.clip_id in clip_ids
    ]
    if not found:
        return Pieces()
    rows = [row for row, track in enumerate(project.tracks) if track.track_id in tracks]
    first = min(rows) if rows else min(row for row, _ in found)
    lead = min(clip.start for _, clip in found) - span.start
    clips = tuple((row - first, clip) for row, clip in found)
    return Pieces(clips, Tick(lead), Tick(span.end - span.start))
