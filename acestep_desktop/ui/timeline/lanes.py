"""Lanes: where the clips of every track lie in frames, and which of them are seen."""

import itertools
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.domain.clip import Clip, ClipId
from acestep_desktop.domain.project import Project, Track
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame

ROW_HEIGHT: Final = 60
"""Pixels of a track, the line beneath it included."""


@dataclass(frozen=True, slots=True)
class Span:
    """A clip where it lies: [start, end) in frames of the timeline."""

    clip: Clip
    start: Frame
    end: Frame


@dataclass(frozen=True, slots=True)
class Lane:
    """The clips of one track in order of their start. Equal lanes are the same object."""

    track: Track
    spans: tuple[Span, ...]
    starts: tuple[Frame, ...]
    reached: tuple[Frame, ...]
    crossings: tuple[tuple[Frame, Frame], ...]
    """Where one clip fades into the next."""

    bounds: npt.NDArray[np.float64] = field(repr=False, compare=False)
    """Starts and ends of the clips in two rows, for what draws all of them."""

    @classmethod
    def of(cls, track: Track, tempo: TempoMap) -> "Lane":
        """Return the lane of a track."""
        starts = tuple(tempo.frame_at(clip.start) for clip in track.clips)
        spans = tuple(
            Span(clip, start, Frame(start + clip.length))
            for clip, start in zip(track.clips, starts, strict=True)
        )
        reached = tuple(itertools.accumulate((span.end for span in spans), max))
        heard = [span for span in spans if not span.clip.muted]
        crossings = tuple(
            (b.start, min(a.end, b.end)) for a, b in itertools.pairwise(heard) if b.start < a.end
        )
        bounds = np.array((starts, [span.end for span in spans]), np.float64)
        return cls(track, spans, starts, reached, crossings, bounds)

    def within(self, first: float, last: float) -> tuple[Span, ...]:
        """Return the clips that touch first..last, and a few that do not where clips are nested."""
        return self.spans[self.range_within(first, last)]

    def range_within(self, first: float, last: float) -> slice:
        """Return which of the clips `within` gives."""
        return slice(bisect_right(self.reached, first), bisect_left(self.starts, last))

    def at(self, frame: float) -> Span | None:
        """Return the clip under a frame; of several, the one that is laid over the others."""
        under = (s for s in reversed(self.within(frame, frame + 1)) if s.start <= frame < s.end)
        return next(under, None)


class Lanes:
    """The lanes of a project; after an edit only tracks that changed are laid out anew."""

    def __init__(self) -> None:
        self.lanes: tuple[Lane, ...] = ()
        self.end = Frame(0)
        self._tempo: TempoMap | None = None

    def show_project(self, project: Project) -> None:
        """Lay out a project."""
        known = {id(lane.track): lane for lane in self.lanes}
        if project.tempo != self._tempo:
            known, self._tempo = {}, project.tempo
        lanes = tuple(
            known.get(id(track)) or Lane.of(track, project.tempo) for track in project.tracks
        )
        if len(lanes) != len(self.lanes) or any(
            a is not b for a, b in zip(lanes, self.lanes, strict=True)
        ):
            self.lanes = lanes
        self.end = max((lane.reached[-1] for lane in self.lanes if lane.reached), default=Frame(0))

    def find(self, clip_id: ClipId) -> tuple[int, Span] | None:
        """Return the row and the place of a clip, or None."""
        for row, lane in enumerate(self.lanes):
            for span in lane.spans:
                if span.clip.clip_id == clip_id:
                    return row, span
        return None

    def within(self, first: float, last: float, top: int, bottom: int) -> frozenset[ClipId]:
        """Return the clips that touch a rectangle of frames and rows, bottom included."""
        return frozenset(
            span.clip.clip_id
            for lane in self.lanes[max(0, top) : bottom + 1]
            for span in lane.within(first, last)
            if span.end > first and span.start < last
        )
