"""A project: tracks of clips on one tempo map, and the takes that they show."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NewType, NoReturn
from uuid import uuid4

from acestep_desktop.domain.clip import Clip, ClipId
from acestep_desktop.domain.errors import EditError, InvalidValueError
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.level import checked_gain_db, checked_pan
from acestep_desktop.domain.notes import Marker
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame, Tick

TrackId = NewType("TrackId", str)

TRACK_COLOURS: Final = (
    "#4A90D9",
    "#E8913A",
    "#3DBFA5",
    "#E8636E",
    "#9B6EC6",
    "#D4A843",
    "#45B8D4",
    "#D46B8A",
)

MAX_TRACKS: Final = 256
MAX_CLIPS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Media:
    """A take that a project shows: its identity, where its file was, and its shape.

    `path` is relative to the project's folder where the file lies below or
    beside it, else absolute; the library finds moved files by `take_id`.
    """

    take_id: TakeId
    path: str
    frames: Frame
    channels: int

    def __post_init__(self) -> None:
        if self.frames < 1 or not 1 <= self.channels <= 2:
            raise InvalidValueError(
                f"media needs frames and 1 or 2 channels, got {self.frames} and {self.channels}"
            )


@dataclass(frozen=True, slots=True)
class Track:
    """A lane of clips, in order of start, with its fader.

    While any track of a project is soloed, only soloed ones are heard.
    """

    track_id: TrackId
    name: str
    colour: str = TRACK_COLOURS[0]
    gain_db: float = 0.0
    pan: float = 0.0
    muted: bool = False
    soloed: bool = False
    clips: tuple[Clip, ...] = ()
    _clip_ids: frozenset[ClipId] = field(init=False, repr=False, compare=False)
    _used: Mapping[TakeId, Frame] = field(init=False, repr=False, compare=False)
    """How far into each take its clips reach; a project asks its tracks at every edit."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "gain_db", checked_gain_db(self.gain_db))
        object.__setattr__(self, "pan", checked_pan(self.pan))
        starts = [clip.start for clip in self.clips]
        if any(b < a for a, b in itertools.pairwise(starts)):
            object.__setattr__(self, "clips", tuple(sorted(self.clips, key=lambda c: c.start)))
        object.__setattr__(self, "_clip_ids", frozenset(clip.clip_id for clip in self.clips))
        used: dict[TakeId, Frame] = {}
        for clip in self.clips:
            end = clip.offset + clip.length
            if end > used.get(clip.take_id, 0):
                used[clip.take_id] = Frame(end)
        object.__setattr__(self, "_used", used)

    def clip(self, clip_id: ClipId) -> Clip:
        """Return the clip with this id; EditError if there is none."""
        for clip in self.clips:
            if clip.clip_id == clip_id:
                return clip
        raise EditError(f'the track "{self.name}" has no clip {clip_id}')

    def has_any(self, clip_ids: Iterable[ClipId]) -> bool:
        """Return whether at least one of these clips lies on this track."""
        return not self._clip_ids.isdisjoint(clip_ids)

    def with_clips(self, clips: tuple[Clip, ...]) -> "Track":
        """Return this track with exactly these clips, put in order."""
        return replace(self, clips=tuple(sorted(clips, key=lambda clip: clip.start)))


@dataclass(frozen=True, slots=True)
class Master:
    """The last fader, and whether a limiter (ceiling -1 dBTP) follows it."""

    gain_db: float = 0.0
    limiter: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "gain_db", checked_gain_db(self.gain_db))


@dataclass(frozen=True, slots=True)
class TickRange:
    """A span of the timeline: [start, end)."""

    start: Tick
    end: Tick

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise InvalidValueError(f"a range needs 0 <= start < end, got {self.start}..{self.end}")


@dataclass(frozen=True, slots=True)
class Project:
    """All that is undone, saved and heard. Audio is not in it: clips name takes."""

    name: str = "Untitled"
    tempo: TempoMap = field(default_factory=TempoMap)
    key: Key | None = None
    tracks: tuple[Track, ...] = ()
    media: tuple[Media, ...] = ()
    master: Master = field(default_factory=Master)
    markers: tuple[Marker, ...] = ()
    loop: TickRange | None = None

    def __post_init__(self) -> None:
        if len(self.tracks) > MAX_TRACKS:
            raise InvalidValueError(
                f"a project can have {MAX_TRACKS} tracks, got {len(self.tracks)}"
            )
        clips = sum(len(track.clips) for track in self.tracks)
        if clips > MAX_CLIPS:
            raise InvalidValueError(f"a project can have {MAX_CLIPS:,} clips")
        _check_unique("track", [track.track_id for track in self.tracks])
        if clips > len(frozenset().union(*(track._clip_ids for track in self.tracks))):
            raise InvalidValueError("two clips have the same id")
        _check_unique("take", [media.take_id for media in self.media])
        frames = {media.take_id: media.frames for media in self.media}
        for track in self.tracks:
            for take_id, end in track._used.items():
                if end > frames.get(take_id, 0):
                    _refuse_window(track, frames)

    def track(self, track_id: TrackId) -> Track:
        """Return the track with this id; EditError if there is none."""
        for track in self.tracks:
            if track.track_id == track_id:
                return track
        raise EditError(f"the project has no track {track_id}")

    def media_of(self, take_id: TakeId) -> Media:
        """Return the media with this id; EditError if there is none."""
        for media in self.media:
            if media.take_id == take_id:
                return media
        raise EditError(f"the project has no media {take_id}")

    def clip_start(self, clip: Clip) -> Frame:
        """Return the frame at which `clip` begins."""
        return self.tempo.frame_at(clip.start)

    def clip_end(self, clip: Clip) -> Frame:
        """Return the frame behind the last one of `clip`."""
        return Frame(self.clip_start(clip) + clip.length)

    def end(self) -> Frame:
        """Return the frame behind the last clip; 0 for an empty project."""
        ends = [self.clip_end(clip) for track in self.tracks for clip in track.clips]
        return max(ends, default=Frame(0))


def new_track_id() -> TrackId:
    """Return a fresh, unique id."""
    return TrackId(str(uuid4()))


def _check_unique(what: str, ids: list[TrackId] | list[TakeId]) -> None:
    if len(set(ids)) != len(ids):
        raise InvalidValueError(f"two {what}s have the same id")


def _refuse_window(track: Track, frames: dict[TakeId, Frame]) -> NoReturn:
    clip = next(c for c in track.clips if c.offset + c.length > frames.get(c.take_id, 0))
    if clip.take_id not in frames:
        raise InvalidValueError(
            f'the clip "{clip.name}" shows a take that the project does not list'
        )
    raise InvalidValueError(f'the clip "{clip.name}" reaches beyond the end of its take')
