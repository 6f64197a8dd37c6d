"""The grid: lines that adapt to the zoom, and what snaps to them."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import TICKS_PER_QUARTER, Tick
from acestep_desktop.ui.timeline.scale import Scale

_CLOSEST: Final = 14.0
"""Pixels that lie at least between two lines."""

_FINEST: Final = TICKS_PER_QUARTER // 8
"""A 1/32 note."""

_MAGNET: Final = 7.0
"""Pixels from which the end of a clip, a marker or the playhead pulls."""


class Rank(IntEnum):
    """What a line of the grid stands for."""

    BAR = 0
    BEAT = 1
    FINER = 2


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines every `bars` bars, or, where `bars` is 0, every `step` ticks from each bar on."""

    bars: int
    step: Tick

    def lines(self, tempo: TempoMap, first: int, last: int) -> Iterator[tuple[Tick, Rank]]:
        """Yield the lines within first..last, in order."""
        bar = max(1, tempo.bar_at(max(0, first)))
        stride = max(1, self.bars)
        bar -= (bar - 1) % stride
        while (start := tempo.tick_of_bar(bar)) <= last:
            if start >= first:
                yield start, Rank.BAR
            if not self.bars:
                yield from self._within(tempo, start, tempo.tick_of_bar(bar + 1), first, last)
            bar += stride

    def _within(
        self, tempo: TempoMap, start: Tick, end: Tick, first: int, last: int
    ) -> Iterator[tuple[Tick, Rank]]:
        beat = tempo.meter_at(start).ticks_per_beat
        skipped = max(1, -(-(first - start) // self.step))
        for at in range(start + skipped * self.step, min(end, last + 1), self.step):
            yield Tick(at), Rank.FINER if (at - start) % beat else Rank.BEAT

    def nearest(self, tempo: TempoMap, tick: int) -> Tick:
        """Return the line nearest to a tick."""
        low, high = self.around(tempo, tick)
        return low if tick - low <= high - tick else high

    def around(self, tempo: TempoMap, tick: int) -> tuple[Tick, Tick]:
        """Return the last line at or before a tick, and the first one behind it."""
        bar = max(1, tempo.bar_at(max(0, tick)))
        stride = max(1, self.bars)
        bar -= (bar - 1) % stride
        start, end = tempo.tick_of_bar(bar), tempo.tick_of_bar(bar + stride)
        if self.bars:
            return start, end
        low = start + (max(0, tick) - start) // self.step * self.step
        return Tick(low), Tick(min(end, low + self.step))

    def before(self, tempo: TempoMap, tick: int) -> Tick:
        """Return the last line that is really before a tick, or the start."""
        return self.around(tempo, max(0, tick - 1))[0]

    def after(self, tempo: TempoMap, tick: int) -> Tick:
        """Return the first line that is really behind a tick."""
        return self.around(tempo, tick)[1]


def grid_for(scale: Scale, at: int = 0) -> Grid:
    """Return the finest grid, from 1/32 notes to many bars, whose lines are not too close."""
    meter = scale.tempo.meter_at(at)
    steps = [meter.ticks_per_beat]
    while steps[-1] // 2 >= _FINEST:
        steps.append(Tick(steps[-1] // 2))
    for step in reversed(steps):
        if scale.pixels_of(step, at) >= _CLOSEST:
            return Grid(0, step)
    bar = scale.pixels_of(meter.ticks_per_bar, at)
    bars = 1
    while bar * bars < _CLOSEST:
        bars *= 2
    return Grid(bars, meter.ticks_per_bar)


def label_every(scale: Scale, at: int, room: float) -> int:
    """Return after how many bars a number fits, `room` pixels each: 1, 2, 4, 8 …"""
    bar = max(1e-9, scale.pixels_of(scale.tempo.meter_at(at).ticks_per_bar, at))
    bars = 1
    while bar * bars < room:
        bars *= 2
    return bars


@dataclass(frozen=True, slots=True)
class Snap:
    """Where things come to rest: on the grid, or nearer still on a magnet (ticks, in order)."""

    scale: Scale
    grid: Grid
    magnets: Sequence[Tick] = ()
    enabled: bool = True

    def near(self, tick: int) -> Tick:
        """Return the resting place for a tick; itself where snapping is off."""
        tick = max(0, tick)
        if not self.enabled:
            return Tick(tick)
        line = self.grid.nearest(self.scale.tempo, tick)
        magnet = self._magnet(tick)
        if magnet is not None and abs(magnet - tick) < abs(line - tick):
            return magnet
        return line

    def _magnet(self, tick: int) -> Tick | None:
        index = bisect_left(self.magnets, tick)
        near = self.magnets[max(0, index - 1) : index + 1]
        if not near:
            return None
        best = min(near, key=lambda magnet: abs(magnet - tick))
        distance = abs(self.scale.x_of_tick(best) - self.scale.x_of_tick(tick))
        return best if distance <= _MAGNET else None
