"""The mixer: an arrangement and its sources, turned into a stereo mix frame by frame.

What is heard at a frame depends on the frame alone. Tracks are added in their
order, clips in the order of their start, every step is elementwise, so blocks of
any size give the same bits.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.dsp.arrangement import Arrangement, Segments, TrackArrangement
from acestep_desktop.dsp.fades import SHAPES, crossfade_gains, fade_in_gains, fade_out_gains
from acestep_desktop.dsp.ramp import RAMP_FRAMES, GainRamp
from acestep_desktop.dsp.samples import Samples, is_tame, silence, tame

Sources = Mapping[TakeId, Samples]
"""Audio by take: float32 of shape (frames, 1 or 2), in memory or memory-mapped."""

MAX_BLOCK: Final = 4096
"""Longer blocks are mixed in pieces of this many frames."""

Row = tuple[int, int, int, int, int, int, int, int, float, int, int, int, int, int]


class Lane:
    """One track's clips, before its fader."""

    def __init__(self, track: TrackArrangement, sources: Sources) -> None:
        self._segments = track.segments
        self._starts: list[int] = track.segments["start"].tolist()
        self._ends: list[int] = track.segments["end"].tolist()
        self._media = [_plain(sources.get(take)) for take in track.media]
        self._gains: list[np.float32] = list(track.segments["gain"])
        self._sources = [self._media[index] for index in track.segments["media"].tolist()]
        self._origins: list[int] = (track.segments["start"] - track.segments["offset"]).tolist()
        self._plain_from, self._plain_to = _plain_spans(track.segments)

    def read(self, start: int, out: Samples, piece: Samples) -> bool:
        """Write the clips under `out` to it; return False, and write nothing, where none is.

        Args:
            start: Frame of the timeline at which `out` begins.
            out: Stereo block, overwritten.
            piece: Stereo scratch, at least as long as `out`.
        """
        end = start + len(out)
        first = bisect_right(self._ends, start)
        last = bisect_left(self._starts, end, first)
        if first >= last:
            return False
        if last - first == 1 and self._plain_from[first] <= start and end <= self._plain_to[first]:
            _fetch(self._sources[first], start - self._origins[first], self._gains[first], out)
            return True
        out.fill(0.0)
        rows: list[Row] = self._segments[first:last].tolist()
        for row, gain in zip(rows, self._gains[first:last], strict=True):
            self._lay(row, gain, start, out, piece)
        return True

    def _lay(self, row: Row, gain: np.float32, start: int, out: Samples, piece: Samples) -> None:
        """Lay one segment over what `out` holds."""
        begin, stop = max(row[0], start), min(row[1], start + len(out))
        piece, part = piece[: stop - begin], out[begin - start : stop - start]
        _fetch(self._media[row[9]], row[2] + begin - row[0], gain, piece)
        _fade(row, begin, piece)
        if row[7]:
            _cross(row, begin, part, piece)
        np.add(part, piece, part)


class Strip:
    """One track with its fader."""

    def __init__(self, lane: Lane, left: float, right: float) -> None:
        self.lane = lane
        self.ramp = GainRamp(left, right)

    def read(self, start: int, out: Samples, piece: Samples) -> bool:
        """Write what the track adds to the mix; return False, and write nothing, where silent."""
        if self.ramp.silent:
            return False
        if not self.lane.read(start, out, piece):
            if not self.ramp.settled:
                out.fill(0.0)
                self.ramp.apply(out)
            return False
        self.ramp.apply(out)
        return True


class Mixer:
    """Mixes an arrangement; faders may glide while it runs.

    Until `update` is called, and again when its ramps are done, `render` is a
    pure function of the frame. One thread at a time may call it.
    """

    def __init__(self, arrangement: Arrangement, sources: Sources) -> None:
        self._arrangement = arrangement
        self._strips = [
            Strip(Lane(track, sources), *sides)
            for track, sides in zip(arrangement.tracks, arrangement.levels(), strict=True)
        ]
        self._track = silence(MAX_BLOCK)
        self._piece = silence(MAX_BLOCK)

    def update(
        self, arrangement: Arrangement, sources: Sources, ramp_frames: int = RAMP_FRAMES
    ) -> None:
        """Play another arrangement from the next block on.

        Tracks that are the same objects keep their place; faders of tracks with
        the same id glide over `ramp_frames`.
        """
        before = {
            track.track_id: (track, strip)
            for track, strip in zip(self._arrangement.tracks, self._strips, strict=True)
        }
        strips = []
        for track, sides in zip(arrangement.tracks, arrangement.levels(), strict=True):
            old_track, strip = before.get(track.track_id, (None, None))
            if strip is None:
                strip = Strip(Lane(track, sources), *sides)
            elif old_track is not track:
                strip.lane = Lane(track, sources)
            strip.ramp.glide_to(*sides, ramp_frames)
            strips.append(strip)
        self._arrangement, self._strips = arrangement, strips

    def render(self, start: int, out: Samples) -> None:
        """Fill stereo `out` with the mix from frame `start` on (before the master)."""
        for at in range(0, len(out), MAX_BLOCK):
            part = out[at : at + MAX_BLOCK]
            part.fill(0.0)
            track = self._track[: len(part)]
            for strip in self._strips:
                if strip.read(start + at, track, self._piece):
                    np.add(part, track, out=part)

    def render_stems(self, start: int, outs: Sequence[Samples]) -> None:
        """Fill one stereo block a track; added in order, they are the mix, bit for bit.

        Adding 0 turns -0 into 0, which a lone segment may hold and a sum may not.
        """
        for strip, out in zip(self._strips, outs, strict=True):
            for at in range(0, len(out), MAX_BLOCK):
                part = out[at : at + MAX_BLOCK]
                if strip.read(start + at, part, self._piece):
                    np.add(part, 0.0, out=part)
                else:
                    part.fill(0.0)


def _plain_spans(segments: Segments) -> tuple[list[int], list[int]]:
    """Return for each segment the span, if any, where none of its fades is at work."""
    risen = segments["rise_start"] + segments["rise_length"]
    laid = segments["start"] + segments["cross_length"]
    falls = segments["fall_length"] > 0
    begin = np.maximum(laid, np.where(segments["rise_length"] > 0, risen, laid))
    stop = np.where(falls, np.minimum(segments["fall_start"], segments["end"]), segments["end"])
    return begin.tolist(), stop.tolist()


def _plain(source: Samples | None) -> Samples | None:
    """Return `source` as a bare array: slicing a memory map costs six times as much."""
    if source is None:
        return None
    if source.dtype != np.float32 or source.ndim != 2 or source.shape[1] not in (1, 2):
        raise ValueError(f"a source is float32 of 1 or 2 channels, got {source.dtype}")
    return np.asarray(source).view(np.ndarray)


def _fetch(source: Samples | None, offset: int, gain: np.float32, out: Samples) -> None:
    """Fill `out` with a source from frame `offset` on; silence where it has none."""
    if source is None or offset + len(out) > len(source):
        out.fill(0.0)
        if source is None or offset >= len(source):
            return
    heard = source[offset : offset + len(out)]
    out = out[: len(heard)]
    if is_tame(heard):
        np.multiply(heard, gain, out)
    else:
        tame(heard, out)
        np.multiply(out, gain, out)


def _cross(row: Row, begin: int, under: Samples, piece: Samples) -> None:
    """Fade out what lies beneath a segment, and the segment in, from frame `begin` on."""
    count = min(len(piece), row[0] + row[7] - begin)
    if count > 0:
        rising, falling = crossfade_gains(begin - row[0], count, row[7], SHAPES[row[12]])
        np.multiply(under[:count], falling, under[:count])
        np.multiply(piece[:count], rising, piece[:count])


def _fade(row: Row, begin: int, piece: Samples) -> None:
    """Apply a segment's own fades to its frames from `begin` on."""
    count = len(piece)
    rising = min(count, row[3] + row[4] - begin)
    if row[4] and rising > 0:
        gains = fade_in_gains(begin - row[3], rising, row[4], SHAPES[row[10]])
        np.multiply(piece[:rising], gains, piece[:rising])
    skip = max(0, row[5] - begin)
    if row[6] and skip < count:
        gains = fade_out_gains(begin + skip - row[5], count - skip, row[6], SHAPES[row[11]])
        np.multiply(piece[skip:], gains, piece[skip:])
