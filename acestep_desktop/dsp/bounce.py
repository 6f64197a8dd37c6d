"""Bounce: an arrangement rendered to what leaves it, whole or bit by bit.

The renderer is the one path of sound: playing pulls it block by block, bouncing
pulls it to the end. parts -> tracks -> mix -> master gain -> limiter.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from acestep_desktop.dsp.arrangement import Arrangement
from acestep_desktop.dsp.lane import Lanes, Sources, lanes_of
from acestep_desktop.dsp.limiter import (
    CELL,
    CELLS_AHEAD,
    CELLS_BEHIND,
    cell_limits,
    frame_gains,
)
from acestep_desktop.dsp.mixer import Mixer
from acestep_desktop.dsp.ramp import RAMP_FRAMES, GainRamp
from acestep_desktop.dsp.samples import Samples, silence
from acestep_desktop.dsp.truepeak import REACH

BLOCK: Final = 4096
"""Frames that a renderer works on at a time, at most."""


class Renderer:
    """Renders the master of an arrangement from any frame on.

    Pulls that follow one another reuse what the limiter has seen; any other
    start begins with a pre-roll of `limiter.LOOK_BACK` frames (`prepare` does it
    ahead of time). Nothing is allocated for good after the constructor. One
    thread at a time may call it.
    """

    def __init__(self, arrangement: Arrangement, lanes: Lanes) -> None:
        self._mixer = Mixer(arrangement, lanes)
        self._master = GainRamp(arrangement.master_gain, arrangement.master_gain)
        self._limiter = arrangement.limiter
        behind = (CELLS_BEHIND + 1) * CELL + REACH
        self._mix = silence(behind + BLOCK + (CELLS_AHEAD + 1) * CELL + REACH)
        self._limits = np.ones(CELLS_BEHIND + BLOCK // CELL + CELLS_AHEAD + 2)
        self._next: int | None = None
        self._mix_start = self._mix_end = 0
        self._cells_start = self._cells_end = 0

    def update(
        self, arrangement: Arrangement, lanes: Lanes, ramp_frames: int = RAMP_FRAMES
    ) -> None:
        """Play another arrangement from the next block on; faders glide.

        What the limiter has already looked at, up to `limiter.LOOK_AHEAD`
        frames, still sounds as it was. Switching the limiter looks back again,
        as a jump does.
        """
        self._mixer.update(arrangement, lanes, ramp_frames)
        self._master.glide_to(arrangement.master_gain, arrangement.master_gain, ramp_frames)
        if self._limiter != arrangement.limiter:
            self._limiter, self._next = arrangement.limiter, None

    def prepare(self, start: int) -> None:
        """Do now the work that a first `render(start)` would do before it fills anything."""
        if start == self._next:
            return
        self._next = start
        if self._limiter:
            self._cells_start = self._cells_end = start // CELL - CELLS_BEHIND
            self._mix_start = self._mix_end = self._cells_start * CELL - REACH
            self._look_to(start // CELL)

    def render(self, start: int, out: Samples) -> None:
        """Fill stereo `out` with the master from frame `start` on."""
        self.prepare(start)
        for at in range(0, len(out), BLOCK):
            part = out[at : at + BLOCK]
            if self._limiter:
                self._limited(start + at, part)
            else:
                self._mixed(start + at, part)
        self._next = start + len(out)

    def _mixed(self, start: int, out: Samples) -> None:
        self._mixer.render(start, out)
        self._master.apply(out)

    def _limited(self, start: int, out: Samples) -> None:
        if not len(out):
            return
        end = start + len(out)
        first, last = start // CELL, (end - 1) // CELL
        self._forget(first)
        self._look_to(last)
        behind = first - CELLS_BEHIND - self._cells_start
        ahead = last + CELLS_AHEAD + 1 - self._cells_start
        gains = frame_gains(self._limits[behind:ahead])
        at = start - self._mix_start
        mix = self._mix[at : at + len(out)]
        if gains is None:
            np.copyto(out, mix)
        else:
            skip = start - first * CELL
            np.multiply(mix, gains[skip : skip + len(out), None], out)

    def _look_to(self, cell: int) -> None:
        """Mix, and find the limits of, all cells that decide the gains of `cell`."""
        while self._cells_end <= cell + CELLS_AHEAD:
            count = min(cell + CELLS_AHEAD + 1 - self._cells_end, BLOCK // CELL)
            end = (self._cells_end + count) * CELL + REACH
            self._mixed(
                self._mix_end, self._mix[self._mix_end - self._mix_start :][: end - self._mix_end]
            )
            self._mix_end = end
            at = self._cells_end - self._cells_start
            first = self._cells_end * CELL - self._mix_start
            self._limits[at : at + count] = cell_limits(self._mix, first, count)
            self._cells_end += count

    def _forget(self, cell: int) -> None:
        """Move what `cell` and those behind it need to the front of the buffers."""
        keep = cell * CELL - REACH
        length = self._mix_end - keep
        moved = self._mix[keep - self._mix_start :][:length].copy()
        self._mix[:length] = moved
        self._mix_start = keep
        first = cell - CELLS_BEHIND
        count = self._cells_end - first
        self._limits[:count] = self._limits[first - self._cells_start :][:count].copy()
        self._cells_start = first


def bounce(
    arrangement: Arrangement,
    sources: Sources,
    start: int = 0,
    end: int | None = None,
    *,
    block: int = BLOCK,
) -> Iterator[Samples]:
    """Yield the master from `start` to `end` (the last frame that sounds), block by block.

    The block size does not change a bit.
    """
    renderer = Renderer(arrangement, lanes_of(arrangement, sources))
    for at, frames in _blocks(start, arrangement.end if end is None else end, block):
        out = silence(frames)
        renderer.render(at, out)
        yield out


def bounce_stems(
    arrangement: Arrangement,
    sources: Sources,
    start: int = 0,
    end: int | None = None,
    *,
    block: int = BLOCK,
) -> Iterator[list[Samples]]:
    """Yield blocks of all tracks, in their order: with the master gain, before the limiter.

    They sum to the mix before the limiter within 1e-6 of its level.
    """
    mixer = Mixer(arrangement, lanes_of(arrangement, sources))
    gain = np.float32(arrangement.master_gain)
    for at, frames in _blocks(start, arrangement.end if end is None else end, block):
        stems = [silence(frames) for _ in arrangement.tracks]
        mixer.render_stems(at, stems)
        for stem in stems:
            np.multiply(stem, gain, stem)
        yield stems


def _blocks(start: int, end: int, block: int) -> Iterator[tuple[int, int]]:
    for at in range(start, end, block):
        yield at, min(block, end - at)
