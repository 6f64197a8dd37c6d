"""Arrangements: a project compiled to what the mixer reads, frame by frame.

The law of overlaps, track by track. Muted clips are not there at all. The rest
stand in order of their start (those that start together keep their order):

- A clip that begins before its forerunner has ended is laid over all that sounds
  on its track. Over [its start, the earlier of the two ends) it fades in and what
  lies beneath fades out, by complementary shapes (its own fade-in's shape
  decides). Both clips' own fades at those edges are replaced.
- When a clip ends, whatever still lay beneath it ends as well: of two clips that
  begin one after the other, the later one wins.

- A clip that ends within one frame of where the next begins ends there: the length of
  a take and the places of bar lines are rounded apart, and a seam is what is meant.

So three and more clips at a time follow from two: each newcomer covers the sum of
all before it, and equal-power shares sum to one in power, however many there are.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.domain.clip import Clip
from acestep_desktop.domain.level import amplitude_from_db
from acestep_desktop.domain.project import Project, Track, TrackId
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.fades import SHAPES

SEGMENT: Final = np.dtype(
    [
        ("start", "<i8"),
        ("end", "<i8"),
        ("offset", "<i8"),
        ("rise_start", "<i8"),
        ("rise_length", "<i8"),
        ("fall_start", "<i8"),
        ("fall_length", "<i8"),
        ("cross_length", "<i8"),
        ("gain", "<f4"),
        ("media", "<i4"),
        ("rise_shape", "<u2"),
        ("fall_shape", "<u2"),
        ("cross_shape", "<u2"),
        ("spare", "<u2"),
    ]
)
"""One audible clip.

start, end      frames of the timeline; `end` is where it is cut by the law of overlaps
offset          the frame of the source that is heard at `start`
rise_*, fall_*  its own fade-in and fade-out, by the frame of the timeline where each begins
cross_length    frames from `start` over which it is laid over what lies beneath
gain            amplitude
media           index into the track's media
*_shape         index into `fades.SHAPES`
A length of 0 means that there is no such fade. Starts ascend, and so do ends.
"""

Segments = npt.NDArray[Any]

_HEAD: Final = struct.Struct("<4sHIdd??")
_MAGIC: Final = b"ACTA"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Fader:
    """How loud a track is: amplitude, pan (-1 left .. 1 right), mute and solo."""

    gain: float = 1.0
    pan: float = 0.0
    muted: bool = False
    soloed: bool = False

    def sides(self) -> tuple[float, float]:
        """Return the amplitudes of left and right.

        A balance: 0 dB on both sides at the centre; panning takes the far side
        down in a straight line, to nothing at the end.
        """
        return self.gain * min(1.0, 1.0 - self.pan), self.gain * min(1.0, 1.0 + self.pan)


@dataclass(frozen=True, slots=True, eq=False)
class TrackArrangement:
    """A track as the mixer reads it: its fader, its takes and its segments.

    It stands alone (`media` is its own table), so that a change to one track
    sends one track. `segments` has dtype `SEGMENT` and is not to be written.
    """

    track_id: TrackId
    fader: Fader
    media: tuple[TakeId, ...]
    segments: Segments

    @property
    def end(self) -> Frame:
        """The frame behind the last one that sounds."""
        return Frame(int(self.segments["end"][-1]) if len(self.segments) else 0)

    def to_bytes(self) -> bytes:
        """Return this track for a pipe; `from_bytes` reads it."""
        names = json.dumps((self.track_id, *self.media)).encode()
        fader = self.fader
        head = _HEAD.pack(
            _MAGIC,
            _VERSION,
            len(names),
            fader.gain,
            fader.pan,
            fader.muted,
            fader.soloed,
        )
        return head + names + self.segments.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> "TrackArrangement":
        """Return the track that `to_bytes` wrote; ValueError for anything else."""
        if len(data) < _HEAD.size:
            raise ValueError("the bytes of a track arrangement are cut short")
        magic, version, length, gain, pan, muted, soloed = _HEAD.unpack_from(data)
        if (magic, version) != (_MAGIC, _VERSION):
            raise ValueError("these bytes are no track arrangement of this version")
        behind = _HEAD.size + length
        if len(data) < behind or (len(data) - behind) % SEGMENT.itemsize:
            raise ValueError("the bytes of a track arrangement are cut short")
        names: list[str] = json.loads(data[_HEAD.size : behind])
        takes = tuple(TakeId(name) for name in names[1:])
        segments = np.frombuffer(data, SEGMENT, offset=behind)
        media = segments["media"]
        if len(media) and not 0 <= media.min() <= media.max() < len(takes):
            raise ValueError("a segment names media that its track does not list")
        return cls(TrackId(names[0]), Fader(gain, pan, muted, soloed), takes, segments)


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """A project as the mixer reads it. `master_gain` is an amplitude."""

    tracks: tuple[TrackArrangement, ...] = ()
    master_gain: float = 1.0
    limiter: bool = True

    @property
    def end(self) -> Frame:
        """The frame behind the last one that sounds."""
        return max((track.end for track in self.tracks), default=Frame(0))

    def levels(self) -> list[tuple[float, float]]:
        """Return the amplitudes of every track's sides, mute and solo resolved.

        While any track is soloed, only soloed ones are heard; mute beats solo.
        """
        solo = any(track.fader.soloed for track in self.tracks)
        return [
            (0.0, 0.0)
            if track.fader.muted or (solo and not track.fader.soloed)
            else track.fader.sides()
            for track in self.tracks
        ]


def compile_project(project: Project) -> Arrangement:
    """Return the arrangement of a whole project."""
    tracks = tuple(compile_track(track, project.tempo) for track in project.tracks)
    return _with_master(project, tracks)


def recompile(project: Project, before: Project, arrangement: Arrangement) -> Arrangement:
    """Return the arrangement of `project`, reusing that of `before` where nothing changed.

    Tracks that are the same objects as before keep their `TrackArrangement`, so
    a caller can tell by identity what to send on.
    """
    if project.tempo != before.tempo:
        return compile_project(project)
    known = {
        id(track): compiled
        for track, compiled in zip(before.tracks, arrangement.tracks, strict=True)
    }
    tracks = tuple(
        known.get(id(track)) or compile_track(track, project.tempo) for track in project.tracks
    )
    return _with_master(project, tracks)


def compile_track(track: Track, tempo: TempoMap) -> TrackArrangement:
    """Return one track as the mixer reads it, by the law of overlaps above."""
    clips = [clip for clip in track.clips if not clip.muted]
    starts = [tempo.frame_at(clip.start) for clip in clips]
    media: dict[TakeId, int] = {}
    rows = [
        _row(clip, start, media.setdefault(clip.take_id, len(media)))
        for clip, start in zip(clips, starts, strict=True)
    ]
    segments = np.array(rows, SEGMENT)
    _lay_over(segments, clips)
    segments.flags.writeable = False
    fader = Fader(_amplitude(track.gain_db), track.pan, track.muted, track.soloed)
    return TrackArrangement(track.track_id, fader, tuple(media), segments)


def _with_master(project: Project, tracks: tuple[TrackArrangement, ...]) -> Arrangement:
    master = project.master
    return Arrangement(tracks, _amplitude(master.gain_db), master.limiter)


_amplitude = lru_cache(maxsize=1024)(amplitude_from_db)


def _row(clip: Clip, start: int, media: int) -> tuple[object, ...]:
    """Return the segment of a clip that nothing overlaps."""
    rise, fall = clip.fade_in, clip.fade_out
    end = start + clip.length
    return (
        start,
        end,
        clip.offset,
        start - rise.begun,
        rise.length,
        end + fall.begun - fall.length,
        fall.length,
        0,
        _amplitude(clip.gain_db),
        media,
        SHAPES.index(rise.shape),
        SHAPES.index(fall.shape),
        0,
        0,
    )


def _lay_over(segments: Segments, clips: Sequence[Clip]) -> None:
    """Apply the law of overlaps to segments that stand in order of their start."""
    starts, ends = segments["start"], segments["end"].copy()
    gaps = starts[1:] - ends[:-1]
    gaps[(np.abs(gaps) != 1) | (starts[1:] <= starts[:-1])] = 0
    ends[:-1] += gaps
    segments["fall_start"][:-1] += gaps
    over = np.flatnonzero(starts[1:] < ends[:-1]) + 1
    segments["cross_length"][over] = np.minimum(ends[over - 1], ends[over]) - starts[over]
    segments["cross_shape"][over] = segments["rise_shape"][over]
    segments["rise_length"][over] = 0
    segments["fall_length"][over - 1] = 0
    segments["end"] = np.minimum.accumulate(ends[::-1])[::-1]
