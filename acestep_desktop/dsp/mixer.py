"""The mixer: an arrangement and its sources, turned into a stereo mix frame by frame.

What is heard at a frame depends on the frame alone. Tracks are added in their
order, clips in the order of their start, every step is elementwise, so blocks of
any size give the same bits.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from acestep_desktop.dsp.arrangement import Arrangement
from acestep_desktop.dsp.fades import crossfade_gains
from acestep_desktop.dsp.lane import Lane, Lanes
from acestep_desktop.dsp.ramp import RAMP_FRAMES, GainRamp
from acestep_desktop.dsp.samples import Samples, silence

MAX_BLOCK: Final = 4096
"""Longer blocks are mixed in pieces of this many frames."""


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
        self._track = silence(MAX_BLOCK)
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
            track = self._track[: len(part)]
            for strip in self._strips.values():
                if strip.read(start + at, track, self._scratch):
                    np.add(part, track, part)

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
        self._lane = lane
        self._before: Lane | None = None
        self._waiting: Lane | None = None
        self._passed = 0
        self._length = RAMP_FRAMES

    def show(self, lane: Lane, ramp_frames: int) -> None:
        """Go over to other clips."""
        if lane is not (self._waiting or self._lane):
            self._waiting = lane
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
