"""The audio behind a clip: the seconds that it shows, or those of a range over it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from acestep_desktop.domain.clip import Clip, ClipId
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.project import Project, TickRange, TrackId
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import SAMPLE_RATE

_ONE: Final = "Choose one clip, or draw a range over one: a task is made from one sound."


@dataclass(frozen=True, slots=True)
class ClipSource:
    """A take, and the seconds of it that are meant."""

    take_id: TakeId
    from_s: float
    to_s: float


def source_of(
    project: Project,
    selected: Collection[ClipId],
    span: TickRange | None,
    span_tracks: Collection[TrackId],
) -> ClipSource:
    """Return the audio behind the one clip that is selected, or that a range lies over.

    With a range, the seconds are those of it; else those that the clip shows.
    InvalidValueError says that there are several clips, or none.
    """
    if span is None:
        chosen = [c for track in project.tracks for c in track.clips if c.clip_id in selected]
    else:
        tracks = [track for track in project.tracks if track.track_id in span_tracks]
        chosen = [c for track in tracks for c in track.clips if _meets(project, c, span)]
    if len(chosen) != 1:
        raise InvalidValueError(_ONE)
    clip = chosen[0]
    begin = project.tempo.frame_at(clip.start)
    first, last = 0, int(clip.length)
    if span is not None:
        first = max(0, project.tempo.frame_at(span.start) - begin)
        last = min(last, project.tempo.frame_at(span.end) - begin)
    return ClipSource(
        clip.take_id, (clip.offset + first) / SAMPLE_RATE, (clip.offset + last) / SAMPLE_RATE
    )


def _meets(project: Project, clip: Clip, span: TickRange) -> bool:
    begin = project.tempo.frame_at(clip.start)
    return project.tempo.frame_at(
        span.start
    ) < begin + clip.length and begin < project.tempo.frame_at(span.end)
