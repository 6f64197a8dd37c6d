"""The mixer: an arrangement and its sources, turned into a stereo mix frame by frame.

What is heard at a frame depends on the frame alone. Tracks are added in their
order, clips in the order of their start, every step is elementwise, so blocks of
any size give the same bits.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.dsp.arrangement import Arrangement
from acestep_desktop.dsp.fades import crossfade_gains
from acestep_desktop.dsp.lane import NO_STRETCH, Lane, Lanes, Layer, Stretch
from acestep_desktop.dsp.ramp import RAMP_FRAMES, GainRamp
from acestep_desktop.dsp.samples import Samples, silence

MAX_BLOCK: Final = 1024
"""Longer blocks are mixed in pieces of this many frames: they stay in the processor's cache."""

_ROWS: Final = 33
"""Memory for the sum so far, and for what is checked and added to it at once."""


class Mixer:
    """Mixes an arrangement, which may change while it runs.

    Until `update` is called, and again when its ramps are done, `render` is a
    pure function of the frame. One thread at a time may call it. Nothing is
    allocated for good but by the constructor and `update`.
    """

    def __init__(self, arrangement: Arrangement, lanes: Lanes) -> None:
        self._strips = {
            track.track_id: _Strip(lanes[track.track_id], *sides)
            for track, sides in zip(arrangement.tracks, arrangement.levels(), strict=True)
        }
        self._memory = np.zeros(_ROWS * 2 * MAX_BLOCK, np.float32)
        self._scratch = _Scratch()

    def update(
        self, arrangement: Arrangement, lanes: Lanes, ramp_frames: int = RAMP_FRAMES
    ) -> None:
        """Play another arrangement from the next block on.

        Faders glide, and lanes that are other objects crossfade with what they were,
        for `ramp_frames`. A new track fades in; one that is gone stops at once.
        """
        strips = {}
        for track, sides in zip(arrangement.tracks, arrangement.levels(), strict=True):
            strip = self._strips.get(track.track_id)
            lane = lanes[track.track_id]
            if strip is None:
                strip = _Strip(lane, 0.0, 0.0)
            else:
                strip.show(lane, ramp_frames)
            strip.fader.glide_to(*sides, ramp_frames)
            strips[track.track_id] = strip
        self._strips = strips

    def render(self, start: int, out: Samples) -> None:
        """Fill stereo `out` with the mix from frame `start` on (before the master)."""
        for at in range(0, len(out), MAX_BLOCK):
            part = out[at : at + MAX_BLOCK]
            part.fill(0.0)
            self._add_tracks(start + at, part)

    def _add_tracks(self, start: int, out: Samples) -> None:
        """Add all tracks to `out`, many at a time: most calls cost more than their work."""
        end = start + len(out)
        batch = _Batch(self._memory, start, out)
        for strip in self._strips.values():
            stretch = strip.stretch
            if stretch.start <= start and end <= stretch.end:
                if stretch.layers or not strip.fader.settled:
                    batch.add(strip, stretch, start, end)
            else:
                batch.add_pieces(strip, self._scratch)
        batch.finish()

    def render_stems(self, start: int, outs: Sequence[Samples]) -> None:
        """Fill one stereo block a track; added in order, they are the mix, bit for bit.

        Adding 0 turns -0 into 0, which a lone segment may hold and a sum may not.
        """
        for strip, out in zip(self._strips.values(), outs, strict=True):
            for at in range(0, len(out), MAX_BLOCK):
                part = out[at : at + MAX_BLOCK]
                if strip.read(start + at, part, self._scratch):
                    np.add(part, 0.0, out=part)
                else:
                    part.fill(0.0)


class _Batch:
    """Rows that tracks write to, which are checked, faded and added to a block together.

    The sum is the same, bit for bit, however the tracks share the rows.
    """

    def __init__(self, memory: npt.NDArray[np.float32], start: int, out: Samples) -> None:
        self._values = memory.data
        self._flat = memory[: _ROWS * 2 * len(out)].reshape(_ROWS, 2 * len(out))
        self._rows = self._flat.reshape(_ROWS, len(out), 2)
        self._start = start
        self._out = out
        self._gains = [1.0]
        """What each filled row is still to be multiplied by; the first one is the sum so far."""
        self._raw: list[_Raw] = []

    def add_pieces(self, strip: "_Strip", scratch: "_Scratch") -> None:
        """Add a track that is not in one stretch all the time."""
        at, end = self._start, self._start + len(self._out)
        while at < end:
            stretch = strip.stretch
            if not stretch.start <= at < stretch.end:
                stretch = strip.stretch = strip.stretch_at(at)
            if stretch is NO_STRETCH:
                self._add_whole(strip, at, end, scratch)
                return
            stop = min(end, stretch.end)
            if stretch.layers or not strip.fader.settled:
                self.add(strip, stretch, at, stop)
            at = stop

    def add(self, strip: "_Strip", stretch: Stretch, start: int, end: int) -> None:
        """Add frames [start, end) of a track, all within one stretch."""
        layers = stretch.layers
        if len(self._gains) + 1 + len(layers) > _ROWS:
            self.finish()
        first = len(self._gains)
        for layer in layers:
            self._copy(layer, start, end)
        if not layers:
            self._row(start, end).fill(0.0)
            self._gains.append(1.0)
        self._raw.append((first, strip.fader, stretch, start, end))

    def finish(self) -> None:
        """Add what was written to the block, in its order, and begin anew."""
        filled = len(self._gains)
        if filled == 1:
            return
        if self._raw:
            flat = self._flat[:filled]
            with np.errstate(over="ignore", invalid="ignore"):
                _multiply(flat, self._gains)
                powers = np.vecdot(flat, flat).tolist()
            levels = [1.0] * filled
            for raw in self._raw:
                self._finish(raw, powers, levels)
            _multiply(flat, levels)
        np.copyto(self._rows[0], self._out)
        np.add.reduce(self._rows[:filled], axis=0, out=self._out)
        self._gains = [1.0]
        self._raw.clear()

    def _copy(self, layer: Layer, start: int, end: int) -> None:
        """Copy frames [start, end) of a take to the next row; all get their gains at once, later.

        Bare memory is copied without letting another thread of the interpreter in between:
        waiting for its turn again, track after track, would take longer than the work.
        """
        first, last = start - layer.origin, end - layer.origin
        row = self._row(start, end)
        if layer.values is None:
            np.copyto(row, layer.source[first:last])
        else:
            at = 2 * (len(self._gains) * len(self._out) + start - self._start)
            self._values[at : at + 2 * (end - start)] = layer.values[2 * first : 2 * last]
        self._gains.append(layer.gain)

    def _add_whole(self, strip: "_Strip", start: int, end: int, scratch: "_Scratch") -> None:
        """Add frames [start, end) of a track of which no stretch is known."""
        if len(self._gains) == _ROWS or not strip.fader.settled:
            # What of it was added before must move its fader before.
            self.finish()
        if strip.read(start, self._row(start, end), scratch):
            self._gains.append(1.0)

    def _finish(self, raw: "_Raw", powers: list[float], levels: list[float]) -> None:
        """Check and fade the layers of a track, and bring them together in its first row.

        Where a fader stands still, it goes to `levels`, for all rows at once.
        """
        first, fader, stretch, start, end = raw
        skip, stop = start - self._start, end - self._start
        for number, layer in enumerate(stretch.layers, first):
            row = self._rows[number, skip:stop]
            if not powers[number] < layer.surely_tame:
                layer.read_tamed(start, row)
            if layer.fade is not None:
                np.multiply(row, layer.fade[start - stretch.start : end - stretch.start], row)
        if len(stretch.layers) > 1:
            np.add(self._rows[first], self._rows[first + 1], self._rows[first])
            self._rows[first + 1].fill(0.0)
        level = fader.level
        if level is None:
            fader.apply(self._rows[first, skip:stop])
        else:
            levels[first] = level

    def _row(self, start: int, end: int) -> Samples:
        """Return the place of frames [start, end) in the next row; the rest of it is silent."""
        row: Samples = self._rows[len(self._gains)]
        if end - start == len(row):
            return row
        row.fill(0.0)
        return row[start - self._start : end - self._start]


def _multiply(rows: npt.NDArray[np.float32], gains: list[float]) -> None:
    """Multiply each row by its gain, in place."""
    if gains.count(1.0) < len(gains):
        np.multiply(rows, np.array(gains, np.float32)[:, None], rows)


_Raw = tuple[int, GainRamp, Stretch, int, int]
"""The first row of a track, its fader, its stretch, and which frames are there."""


class _Scratch:
    """Blocks that strips write to and forget."""

    def __init__(self) -> None:
        self.piece = silence(MAX_BLOCK)
        self.before = silence(MAX_BLOCK)


class _Strip:
    """One track with its fader. Changed clips take over by a crossfade.

    A change that comes during the crossfade of another waits until that is done.
    """

    def __init__(self, lane: Lane, left: float, right: float) -> None:
        self.fader = GainRamp(left, right)
        self.stretch = NO_STRETCH
        self._lane = lane
        self._before: Lane | None = None
        self._waiting: Lane | None = None
        self._passed = 0
        self._length = RAMP_FRAMES

    def stretch_at(self, start: int) -> Stretch:
        """Return what of its clips is simple at `start`; `NO_STRETCH` while they change.

        A change that is not heard here is over at once.
        """
        while (
            self._before is not None
            and self._passed == 0
            and self._lane.sounds_as(self._before, start, start + self._length)
        ):
            self._before = None
            self._begin()
        if self._before is not None or self.fader.silent:
            return NO_STRETCH
        return self._lane.stretch_at(start)

    def show(self, lane: Lane, ramp_frames: int) -> None:
        """Go over to other clips."""
        if lane is not (self._waiting or self._lane):
            self._waiting = lane
        if self._waiting is None and self._before is None:
            return
        self.stretch = NO_STRETCH
        if ramp_frames < 1:
            self._settle()
        elif self._before is None:
            self._length = ramp_frames
            self._begin()

    def read(self, start: int, out: Samples, scratch: _Scratch) -> bool:
        """Write what the track adds to the mix; return False, and write nothing, where silent."""
        if self.fader.silent:
            self._settle()
            return False
        left = self._length - self._passed
        if self._before is not None and left < len(out):
            self.read(start, out[:left], scratch)
            if not self.read(start + left, out[left:], scratch):
                out[left:].fill(0.0)
            return True
        heard = self._lane.read(start, out, scratch.piece)
        if not heard and (self._before is not None or not self.fader.settled):
            out.fill(0.0)
            heard = True
        if self._before is not None:
            self._blend(self._before, start, out, scratch)
        if heard:
            self.fader.apply(out)
        return heard

    def _blend(self, before: Lane, start: int, out: Samples, scratch: _Scratch) -> None:
        rising, falling = crossfade_gains(self._passed, len(out), self._length, "linear")
        np.multiply(out, rising, out)
        old = scratch.before[: len(out)]
        if before.read(start, old, scratch.piece):
            np.multiply(old, falling, old)
            np.add(out, old, out)
        self._passed += len(out)
        if self._passed >= self._length:
            self._before = None
            self._begin()

    def _begin(self) -> None:
        if self._waiting is not None:
            self._before, self._lane, self._waiting = self._lane, self._waiting, None
            self._passed = 0

    def _settle(self) -> None:
        self._lane, self._before, self._waiting = self._waiting or self._lane, None, None
