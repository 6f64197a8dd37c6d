"""Tempo and meter along a piece, and all conversions between ticks, frames and bars."""

import itertools
import math
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from operator import itemgetter
from typing import Final

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.time import (
    PPQN,
    SAMPLE_RATE,
    TICKS_PER_QUARTER,
    Frame,
    Meter,
    Tick,
)

MIN_REQUEST_BPM: Final = 30.0
MAX_REQUEST_BPM: Final = 300.0
MIN_BPM: Final = 20.0
MAX_BPM: Final = 999.0
"""Engines take 30..300 bpm; projects and sync 20..999."""


def checked_bpm(bpm: float, low: float = MIN_REQUEST_BPM, high: float = MAX_REQUEST_BPM) -> float:
    """Return `bpm`, or raise InvalidValueError unless it is within low..high."""
    if not (math.isfinite(bpm) and low <= bpm <= high):
        raise InvalidValueError(f"bpm must be within {low:g}..{high:g}, got {bpm:g}")
    return float(bpm)


def exact_bpm(bpm: float) -> Fraction:
    """Return the decimal number a person wrote: 174.3 is 1743/10, not its binary neighbour."""
    return Fraction(repr(float(bpm)))


def frames_of_quarters(quarters: Fraction | int, bpm: float) -> Fraction:
    """Return the exact, unrounded number of frames that `quarters` last at a steady tempo."""
    return Fraction(quarters) * 60 * SAMPLE_RATE / exact_bpm(bpm)


def frames_of_bars(bars: Fraction | int, meter: Meter, bpm: float) -> Frame:
    """Return round(bars * quarters_per_bar * 60 / bpm * 48000)."""
    return Frame(round(frames_of_quarters(bars * meter.quarters_per_bar, bpm)))


@dataclass(frozen=True, slots=True)
class TempoChange:
    """From tick `at` on, the tempo is `bpm` quarter notes a minute."""

    at: Tick
    bpm: float

    def __post_init__(self) -> None:
        if self.at < 0:
            raise InvalidValueError(
                f"a tempo change cannot be before the start, got tick {self.at}"
            )
        object.__setattr__(self, "bpm", checked_bpm(self.bpm, MIN_BPM, MAX_BPM))


@dataclass(frozen=True, slots=True)
class MeterChange:
    """From tick `at` on, which must be a bar line, bars have `meter`."""

    at: Tick
    meter: Meter


@dataclass(frozen=True, slots=True)
class BarPosition:
    """A position as people write it: bar and beat from 1, tick from 0 in 1/960 of a quarter."""

    bar: int
    beat: int
    tick: int

    def __str__(self) -> str:
        return f"{self.bar}.{self.beat}.{self.tick:03d}"


@dataclass(frozen=True, slots=True)
class TempoMap:
    """Tempo and meter over time; the one converter between ticks, frames and bars.

    Tempo is steady between changes. Frames are computed exactly (rational
    arithmetic) and rounded once, so no position drifts.
    """

    tempos: tuple[TempoChange, ...] = (TempoChange(Tick(0), 120.0),)
    meters: tuple[MeterChange, ...] = (MeterChange(Tick(0), Meter()),)
    _segments: tuple[tuple[int, Fraction, Fraction], ...] = field(
        init=False, repr=False, compare=False
    )
    _starts: tuple[Fraction, ...] = field(init=False, repr=False, compare=False)
    _bars: tuple[tuple[int, int, Meter], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check_order("tempo", [change.at for change in self.tempos])
        _check_order("meter", [change.at for change in self.meters])
        segments = _tempo_segments(self.tempos)
        object.__setattr__(self, "_segments", segments)
        object.__setattr__(self, "_starts", tuple(start for _, start, _ in segments))
        object.__setattr__(self, "_bars", _meter_segments(self.meters))

    @classmethod
    def steady(cls, bpm: float, meter: Meter | None = None) -> "TempoMap":
        """Return a map with one tempo and one meter."""
        meters = (MeterChange(Tick(0), meter or Meter()),)
        return cls((TempoChange(Tick(0), bpm),), meters)

    def exact_frame_at(self, tick: int) -> Fraction:
        """Return the exact, unrounded frame of `tick`; before the start the first tempo holds."""
        index = max(0, bisect_right(self._segments, tick, key=lambda s: s[0]) - 1)
        at, frame, frames_per_tick = self._segments[index]
        return frame + (tick - at) * frames_per_tick

    def frame_at(self, tick: int) -> Frame:
        """Return the frame nearest to `tick`: `round(exact_frame_at(tick))`, five times as fast."""
        index = max(0, bisect_right(self._segments, tick, key=_tick_of) - 1)
        at, frame, frames_per_tick = self._segments[index]
        top, bottom = frame.as_integer_ratio()
        step, divisor = frames_per_tick.as_integer_ratio()
        whole, rest = divmod(top * divisor + (tick - at) * step * bottom, bottom * divisor)
        half = 2 * rest - bottom * divisor
        return Frame(whole + (half > 0 or (half == 0 and whole % 2 == 1)))

    def tick_at(self, frame: int) -> Tick:
        """Return the tick nearest to `frame`; `frame_at(tick_at(frame)) == frame`."""
        index = max(0, bisect_right(self._starts, frame) - 1)
        at, start, frames_per_tick = self._segments[index]
        return Tick(round(at + (frame - start) / frames_per_tick))

    def bpm_at(self, tick: int) -> float:
        """Return the tempo in force at `tick`."""
        return self.tempos[max(0, bisect_right(self.tempos, tick, key=lambda t: t.at) - 1)].bpm

    def meter_at(self, tick: int) -> Meter:
        """Return the meter in force at `tick`."""
        return self._bars[self._bar_index_at(tick)][2]

    def tick_of_bar(self, bar: int) -> Tick:
        """Return the tick of the line before `bar`, counted from 1; bars below 1 extrapolate."""
        index = max(0, bisect_right(self._bars, bar, key=lambda b: b[1]) - 1)
        at, first, meter = self._bars[index]
        return Tick(at + (bar - first) * meter.ticks_per_bar)

    def bar_at(self, tick: int) -> int:
        """Return the number, from 1, of the bar that holds `tick`."""
        at, first, meter = self._bars[self._bar_index_at(tick)]
        return first + (tick - at) // meter.ticks_per_bar

    def position_at(self, tick: int) -> BarPosition:
        """Return `tick` as bar.beat.tick; the tick is floored to 1/960 of a quarter."""
        at, first, meter = self._bars[self._bar_index_at(tick)]
        bars, rest = divmod(tick - at, meter.ticks_per_bar)
        beats, rest = divmod(rest, meter.ticks_per_beat)
        return BarPosition(first + bars, beats + 1, rest * PPQN // TICKS_PER_QUARTER)

    def tick_of_position(self, text: str) -> Tick:
        """Return the tick of `17`, `17.3` or `17.3.480`; InvalidValueError for anything else."""
        match = re.fullmatch(r"\s*(\d{1,6})(?:\.(\d{1,3})(?:\.(\d{1,4}))?)?\s*", text)
        if match is None or int(match[1]) < 1 or int(match[2] or 1) < 1:
            raise InvalidValueError(f'a position is written like 17 or 17.3.480, got "{text[:40]}"')
        start = self.tick_of_bar(int(match[1]))
        beat = self.meter_at(start).ticks_per_beat * (int(match[2] or 1) - 1)
        return Tick(start + beat + int(match[3] or 0) * TICKS_PER_QUARTER // PPQN)

    def _bar_index_at(self, tick: int) -> int:
        return max(0, bisect_right(self._bars, tick, key=lambda b: b[0]) - 1)


_tick_of = itemgetter(0)


def _check_order(what: str, ticks: list[Tick]) -> None:
    if not ticks or ticks[0] != 0:
        raise InvalidValueError(f"the first {what} must stand at the start")
    if any(b <= a for a, b in itertools.pairwise(ticks)):
        raise InvalidValueError(f"{what} changes must follow one another in time")


def _tempo_segments(tempos: tuple[TempoChange, ...]) -> tuple[tuple[int, Fraction, Fraction], ...]:
    segments: list[tuple[int, Fraction, Fraction]] = []
    frame = Fraction(0)
    for change in tempos:
        if segments:
            at, start, frames_per_tick = segments[-1]
            frame = start + (change.at - at) * frames_per_tick
        per_tick = frames_of_quarters(Fraction(1, TICKS_PER_QUARTER), change.bpm)
        segments.append((change.at, frame, per_tick))
    return tuple(segments)


def _meter_segments(meters: tuple[MeterChange, ...]) -> tuple[tuple[int, int, Meter], ...]:
    bars: list[tuple[int, int, Meter]] = []
    for change in meters:
        first = 1
        if bars:
            at, number, meter = bars[-1]
            whole, rest = divmod(change.at - at, meter.ticks_per_bar)
            if rest:
                raise InvalidValueError(
                    f"a meter can change only at a bar line, not at {change.at}"
                )
            first = number + whole
        bars.append((change.at, first, change.meter))
    return tuple(bars)
