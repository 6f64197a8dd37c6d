"""MIDI clock as a pure function: which bytes, at which moment of a roll.

The grammar follows what Logic and Ardour send. A roll from bar 1 begins with
Start; from anywhere else with a song position pointer and Continue, on the
first sixteenth at or behind the playhead. A stop, a jump and a wrapped loop
send Stop, and what rolls on begins anew. 24 pulses to the quarter note, the
first of them where the slave shall begin.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import TICKS_PER_QUARTER, Frame, Tick
from acestep_desktop.realtime.transport import Loop

PULSE: Final = b"\xf8"
START: Final = b"\xfa"
CONTINUE: Final = b"\xfb"
STOP: Final = b"\xfc"

TICKS_PER_PULSE: Final = TICKS_PER_QUARTER // 24
TICKS_PER_SIXTEENTH: Final = TICKS_PER_QUARTER // 4
MAX_SIXTEENTH: Final = (1 << 14) - 1
"""What a song position pointer can say: 1,024 bars of 4/4."""

CUE_LEAD: Final = Frame(48)
"""Start and Continue go out 1 ms before their first pulse: some slaves need it, and at
999 bpm pulses are still 2.5 ms apart."""


@dataclass(frozen=True, slots=True)
class Event:
    """`data` at `at`: frames since the roll began, exact; below 0 is before its first frame.

    `pulse` numbers a pulse, from 0 at bar 1; -1 for anything else.
    """

    at: Fraction
    data: bytes
    pulse: int = -1


def tick_of_pulse(pulse: int) -> Tick:
    """Return the tick at which the pulse with this number (0 at bar 1) is due."""
    return Tick(pulse * TICKS_PER_PULSE)


def song_position(sixteenth: int) -> bytes:
    """Return the song position pointer to a sixteenth note counted from 0.

    Nothing if it lies behind what a pointer can say: the slave then rolls on
    from where it is, which is less wrong than any number that could be sent.
    """
    if not 0 <= sixteenth <= MAX_SIXTEENTH:
        return b""
    return bytes((0xF2, sixteenth & 0x7F, sixteenth >> 7))


def first_sixteenth(tempo: TempoMap, frame: Frame) -> int:
    """Return the number of the first sixteenth at or behind `frame`.

    The frame of a sixteenth is that of its tick, rounded, so a playhead that was
    set on a bar line is on it.
    """
    sixteenth = max(0, tempo.tick_at(frame) // TICKS_PER_SIXTEENTH)
    while tempo.frame_at(sixteenth * TICKS_PER_SIXTEENTH) < frame:
        sixteenth += 1
    return sixteenth


def roll(
    tempo: TempoMap, frame: Frame, loop: Loop | None, *, at: int = 0, pre_roll: int = 0
) -> Iterator[Event]:
    """Return the events of a roll from `frame` on, in order of time; endless.

    The playhead begins to move at `at`; in the `pre_roll` frames before, what
    prepares the slave is sent. The Stop that ends a roll is the sender's, because
    nobody knows when it comes.
    """
    while True:
        end = loop.end if loop is not None and frame < loop.end else None
        yield from _cue(tempo, frame, end, at, pre_roll)
        yield from _pulses(tempo, frame, end, at, first_sixteenth(tempo, frame) * 6)
        if end is None or loop is None:
            return
        at, frame, pre_roll = at + end - frame, loop.start, CUE_LEAD
        yield Event(Fraction(at - CUE_LEAD), STOP)


def joined(
    tempo: TempoMap, frame: Frame, loop: Loop | None, *, at: int, after: int
) -> Iterator[Event]:
    """Return the events of a roll that goes on: at `at` the playhead is at `frame`.

    The slave rolls already and is told nothing new; the pulses behind the one
    numbered `after`, which was the last one sent, follow. For a new tempo map or
    a new loop under the playhead.
    """
    end = loop.end if loop is not None and frame < loop.end else None
    yield from _pulses(tempo, frame, end, at, after + 1)
    if end is not None and loop is not None:
        wrap = at + end - frame
        yield Event(Fraction(wrap - CUE_LEAD), STOP)
        yield from roll(tempo, loop.start, loop, at=wrap, pre_roll=CUE_LEAD)


def _cue(
    tempo: TempoMap, frame: Frame, end: Frame | None, at: int, pre_roll: int
) -> Iterator[Event]:
    """Yield what makes a slave begin with the first sixteenth at or behind `frame`."""
    sixteenth = first_sixteenth(tempo, frame)
    tick = Tick(sixteenth * TICKS_PER_SIXTEENTH)
    if end is not None and tempo.frame_at(tick) >= end - CUE_LEAD:
        return
    earliest = Fraction(at - pre_roll)
    due = max(earliest, at + _behind(tempo, tick, frame) - CUE_LEAD)
    if sixteenth == 0:
        yield Event(due, START)
        return
    pointer = song_position(sixteenth)
    if pointer:
        yield Event(earliest, pointer)
    yield Event(due, CONTINUE)


def _pulses(
    tempo: TempoMap, frame: Frame, end: Frame | None, at: int, first: int
) -> Iterator[Event]:
    """Yield the pulses from number `first` on; those that would follow the wrap's Stop not."""
    for pulse in itertools.count(first):
        tick = tick_of_pulse(pulse)
        if end is not None and tempo.frame_at(tick) >= end - CUE_LEAD:
            return
        yield Event(at + _behind(tempo, tick, frame), PULSE, pulse)


def _behind(tempo: TempoMap, tick: Tick, frame: Frame) -> Fraction:
    """Return how far `tick` lies behind `frame`; 0 for the tick that rounds to it."""
    return max(Fraction(0), tempo.exact_frame_at(tick) - frame)
