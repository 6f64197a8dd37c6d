"""Lanes: the clips of one track, read frame by frame before its fader."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from acestep_desktop.domain.project import TrackId
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.dsp.arrangement import Arrangement, TrackArrangement
from acestep_desktop.dsp.fades import (
    SHAPES,
    crossfade_gains,
    fade_in_gains,
    fade_out_gains,
    gains_ahead,
)
from acestep_desktop.dsp.samples import MAX_LEVEL, Samples, is_tame, tame

Sources = Mapping[TakeId, Samples]
"""Audio by take: float32 of shape (frames, 1 or 2), in memory or memory-mapped."""


Gain = npt.NDArray[np.float32]
"""An amplitude, of shape ()."""


class _Row(NamedTuple):
    """One record of `arrangement.SEGMENT`."""

    start: int
    end: int
    offset: int
    rise_start: int
    rise_length: int
    fall_start: int
    fall_length: int
    cross_length: int
    gain: float
    media: int
    rise_shape: int
    fall_shape: int
    cross_shape: int
    spare: int


class Layer(NamedTuple):
    """A take that sounds with one gain; frame `origin` of the timeline is its first.

    `fade` has a gain for each frame of the stretch, if a fade is at work.

    While the sum of the squares of what it gives, before its fade, is below `surely_tame`,
    all of that is finite and within ±`MAX_LEVEL`.
    """

    source: Samples
    origin: int
    gain: float
    surely_tame: float
    values: memoryview | None = None
    """All values of a stereo source, one after the other."""

    fade: Samples | None = None

    def read_tamed(self, start: int, out: Samples) -> None:
        """Fill `out` from frame `start` on, before the fade, whatever the source holds."""
        _fetch(self.source, start - self.origin, np.array(self.gain, np.float32), out)


class Stretch(NamedTuple):
    """Frames [start, end) of a lane in which the same takes sound, each in one fade at most.

    The first of two layers lies beneath the other. Nothing sounds where there is none.
    """

    start: int
    end: int
    layers: tuple[Layer, ...] = ()


NO_STRETCH: Final = Stretch(1, 0)
"""Where more is at work than a stretch can say: no frame lies in it."""

_FOREVER: Final = 1 << 62

_FAINTEST: Final = 1e-4
"""Gains below it (-80 dB) make squares too small to tell a tame source from a wild one."""


class Lane:
    """One track's clips, before its fader. It never changes: any thread may build and share it."""

    def __init__(self, track: TrackArrangement, sources: Sources) -> None:
        self._track = track
        self._from = sources
        self._segments = track.segments
        self._starts: list[int] = track.segments["start"].tolist()
        self._ends: list[int] = track.segments["end"].tolist()
        self._given = [sources.get(take) for take in track.media]
        self._media = [_plain(source) for source in self._given]
        self._values = [_values(source) for source in self._media]

    def shows(self, track: TrackArrangement, sources: Sources) -> bool:
        """Return whether this lane already plays the clips of `track` from `sources`."""
        same = track is self._track or (
            track.media == self._track.media
            and track.segments.tobytes() == self._segments.tobytes()
        )
        return same and (sources is self._from or self._plays_from(track, sources))

    def _plays_from(self, track: TrackArrangement, sources: Sources) -> bool:
        return all(
            sources.get(take) is source
            for take, source in zip(track.media, self._given, strict=True)
        )

    def sounds_as(self, other: "Lane", start: int, end: int) -> bool:
        """Return whether this and another lane give the same in frames [start, end)."""
        mine, theirs = self._within(start, end), other._within(start, end)
        return len(mine) == len(theirs) and all(
            self._given[a.media] is other._given[b.media] and a == b._replace(media=a.media)
            for a, b in zip(mine, theirs, strict=True)
        )

    def sounding(self, start: int, end: int) -> Iterator[tuple[Samples | None, int, int]]:
        """Yield source, first and last frame of all that may sound in [start, end)."""
        for row in self._within(start, end):
            shift = row.offset - row.start
            heard_from, heard_to = max(start, row.start), min(end, row.end)
            yield self._given[row.media], heard_from + shift, heard_to + shift

    def stretch_at(self, frame: int) -> Stretch:
        """Return a stretch that holds `frame`; `NO_STRETCH` where more is at work."""
        first = bisect_right(self._ends, frame)
        behind = bisect_right(self._starts, frame, first)
        end = self._starts[behind] if behind < len(self._starts) else _FOREVER
        if first == behind:
            return Stretch(frame, end)
        layers: list[Layer] = []
        for row in self._rows(first, behind):
            source, origin = self._media[row.media], row.start - row.offset
            if source is None or row.gain < _FAINTEST or not 0 <= frame - origin < len(source):
                return NO_STRETCH
            fades = _fades(row, frame)
            end = min(end, row.end, origin + len(source), *_turns(row, frame))
            into = frame - row.start
            if into >= row.cross_length:
                layers.clear()
            else:
                rising, falling = gains_ahead(into, row.cross_length, SHAPES[row.cross_shape])
                fades.append(rising)
                if any(layer.fade is not None for layer in layers):
                    return NO_STRETCH
                layers = [layer._replace(fade=falling) for layer in layers]
            if len(fades) > 1 or len(layers) > 1:
                return NO_STRETCH
            if fades:
                end = min(end, frame + len(fades[0]))
            values, tame_below = self._values[row.media], _surely_tame(row.gain)
            layers.append(Layer(source, origin, row.gain, tame_below, values, *fades))
        return Stretch(frame, end, tuple(layers))

    def read(self, start: int, out: Samples, piece: Samples) -> bool:
        """Write the clips under `out` to it; return False, and write nothing, where none is.

        Args:
            start: Frame of the timeline at which `out` begins.
            out: Stereo block, overwritten.
            piece: Stereo scratch, at least as long as `out`.
        """
        rows = self._within(start, start + len(out))
        if not rows:
            return False
        out.fill(0.0)
        for row in rows:
            self._lay(row, start, out, piece)
        return True

    def _within(self, start: int, end: int) -> list[_Row]:
        """Return the segments that touch frames [start, end)."""
        first = bisect_right(self._ends, start)
        return self._rows(first, bisect_left(self._starts, end, first))

    def _rows(self, first: int, last: int) -> list[_Row]:
        """Return some segments, read only now: a lane has many, and is often built for one edit."""
        return [_Row._make(row) for row in self._segments[first:last].tolist()]

    def _lay(self, row: _Row, start: int, out: Samples, piece: Samples) -> None:
        """Lay one segment over what `out` holds."""
        begin, stop = max(row.start, start), min(row.end, start + len(out))
        part = out[begin - start : stop - start]
        alone = begin >= row.start + row.cross_length
        heard = part if alone else piece[: stop - begin]
        _fetch(self._media[row.media], row.offset + begin - row.start, _gain(row), heard)
        _fade(row, begin, heard)
        if not alone:
            _cross(row, begin, part, heard)
            np.add(part, heard, part)


Lanes = Mapping[TrackId, Lane]
"""The lane of every track of an arrangement."""


def lanes_of(
    arrangement: Arrangement, sources: Sources, before: Lanes = MappingProxyType({})
) -> Lanes:
    """Return the lanes of `arrangement`; those of `before` that sound the same are among them."""
    lanes = {}
    for track in arrangement.tracks:
        lane = before.get(track.track_id)
        if lane is None or not lane.shows(track, sources):
            lane = Lane(track, sources)
        lanes[track.track_id] = lane
    return lanes


def _fades(row: _Row, frame: int) -> list[Samples]:
    """Return the gains from `frame` on of those fades of a segment's own that are at work."""
    fades = []
    into = frame - row.rise_start
    if into < row.rise_length:
        fades.append(gains_ahead(into, row.rise_length, SHAPES[row.rise_shape])[0])
    into = frame - row.fall_start
    if row.fall_length and into >= 0:
        fades.append(gains_ahead(into, row.fall_length, SHAPES[row.fall_shape])[1])
    return fades


def _turns(row: _Row, frame: int) -> Iterator[int]:
    """Yield the frames behind `frame` at which a fade of a segment begins or ends."""
    for turn in (row.rise_start + row.rise_length, row.fall_start, row.start + row.cross_length):
        if turn > frame:
            yield turn


def _surely_tame(gain: float) -> float:
    """Return what the squares of a source times `gain` sum up to at most if none is too loud.

    A sample beyond ±`MAX_LEVEL` alone has a larger square, whichever way products round.
    """
    return 0.999 * (MAX_LEVEL * gain) ** 2


def _gain(row: _Row) -> Gain:
    """Return the gain of a segment; a product with an array takes half as long as with a number."""
    return np.array(row.gain, np.float32)


def _plain(source: Samples | None) -> Samples | None:
    """Return `source` as a bare array: slicing a memory map costs six times as much."""
    if source is None:
        return None
    if source.dtype != np.float32 or source.ndim != 2 or source.shape[1] not in (1, 2):
        raise ValueError(f"a source is float32 of 1 or 2 channels, got {source.dtype}")
    return np.asarray(source).view(np.ndarray)


def _values(source: Samples | None) -> memoryview | None:
    """Return the values of a stereo source in one row, if they lie so in memory."""
    if source is None or source.shape[1] != 2 or not source.flags.c_contiguous:
        return None
    return source.reshape(-1).data


def _fetch(source: Samples | None, offset: int, gain: Gain, out: Samples) -> None:
    """Fill `out` with a source from frame `offset` on; silence where it has none.

    Its last frame is heard for two: a seam may lie one frame behind the end of a take.
    """
    if source is None or offset + len(out) > len(source):
        out.fill(0.0)
        if source is None or not len(source) or offset > len(source):
            return
        left = len(source) - offset
        out, behind = out[:left], out[left:]
        _fetch(source, len(source) - 1, gain, behind[:1])
    heard = source[offset : offset + len(out)]
    if is_tame(heard):
        np.multiply(heard, gain, out)
    else:
        tame(heard, out)
        np.multiply(out, gain, out)


def _cross(row: _Row, begin: int, under: Samples, piece: Samples) -> None:
    """Fade out what lies beneath a segment, and the segment in, from frame `begin` on."""
    count = min(len(piece), row.start + row.cross_length - begin)
    shape = SHAPES[row.cross_shape]
    rising, falling = crossfade_gains(begin - row.start, count, row.cross_length, shape)
    np.multiply(under[:count], falling, under[:count])
    np.multiply(piece[:count], rising, piece[:count])


def _fade(row: _Row, begin: int, piece: Samples) -> None:
    """Apply a segment's own fades to its frames from `begin` on."""
    count = len(piece)
    rising = min(count, row.rise_start + row.rise_length - begin)
    if row.rise_length and rising > 0:
        gains = fade_in_gains(
            begin - row.rise_start, rising, row.rise_length, SHAPES[row.rise_shape]
        )
        np.multiply(piece[:rising], gains, piece[:rising])
    skip = max(0, row.fall_start - begin)
    if row.fall_length and skip < count:
        gains = fade_out_gains(
            begin + skip - row.fall_start, count - skip, row.fall_length, SHAPES[row.fall_shape]
        )
        np.multiply(piece[skip:], gains, piece[skip:])
