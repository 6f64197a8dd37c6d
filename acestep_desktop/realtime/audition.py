"""The audition bus: a take beside the timeline, switched on a beat with a short crossfade."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Literal

import numpy as np

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.samples import Samples, is_tame, tame
from acestep_desktop.realtime.gate import SWITCH, Gate, raised_cosine

When = Literal["now", "beat", "bar"]

MAX_GAIN: Final = 4.0
"""+12 dB: no level match makes noise out of near silence."""


RESUME: Final = 12_000
"""A take that waits for its decoder goes on when 0.25 s of it lie ahead."""


@dataclass(frozen=True, slots=True)
class Audition:
    """A wish to hear a take.

    With an `anchor`, the take's first frame belongs to that frame of the timeline,
    and is heard where the timeline rolls; without, it plays by itself from
    `offset` on. `when` names the line to wait for: of the timeline where that
    rolls, else of the take that is heard (`beat`: its frames to a beat, `beats`
    to a bar), else none. One that `goes_on` takes over at the very frame that is
    heard then: the finished take of a part that was decoded while it played.
    """

    gain: float = 1.0
    offset: Frame = Frame(0)
    when: When = "now"
    loops: bool = False
    anchor: Frame | None = None
    mutes_timeline: bool = True
    beat: Fraction = Fraction(0)
    beats: int = 4
    goes_on: bool = False

    def __post_init__(self) -> None:
        if not 0.0 <= self.gain <= MAX_GAIN:
            raise InvalidValueError(f"an audition's gain must be within 0..4, got {self.gain:g}")
        if self.offset < 0 or self.beat < 0 or self.beats < 1:
            raise InvalidValueError(
                "an audition needs an offset, a beat and beats that are not < 0"
            )
        if self.when not in ("now", "beat", "bar"):
            raise InvalidValueError('an audition begins "now", on the "beat" or on the "bar"')


class TakeAudio:
    """The audio of a take, of which `ready` frames can be played. One writer: the reader thread.

    `source` is what it was made of: a memory map has a file to read ahead in.
    """

    def __init__(self, samples: Samples, ready: int | None = None) -> None:
        self.source = samples
        self.samples = np.asarray(samples).view(np.ndarray)
        self.ready = len(samples) if ready is None else ready

    def read(self, start: int, out: Samples) -> int:
        """Fill `out` from frame `start` on; return how many frames there were. The rest is 0."""
        heard = self.samples[max(0, start) : max(0, min(start + len(out), self.ready))]
        skip = min(max(0, -start), len(out))
        part = out[skip : skip + len(heard)]
        out[:skip] = 0.0
        if is_tame(heard):
            part[:] = heard
        else:
            tame(heard, part)
        out[skip + len(part) :] = 0.0
        return skip + len(part)


@dataclass(frozen=True, slots=True)
class Ahead:
    """The frames [start, end) of a take, which will be heard soon."""

    audio: TakeAudio
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where the timeline is as it rolls, and in which roll."""

    frame: Frame
    epoch: int


class _Voice:
    """A take as it plays: `position` is its next frame, which may lie before its first."""

    def __init__(self, audio: TakeAudio, wish: Audition, lead: int) -> None:
        self.wish = wish
        self.position = wish.offset - lead
        self.buffering = False
        self._audio = audio
        self._length = len(audio.samples)
        self._loops = wish.loops and self._length > 0
        self._gate = Gate(is_open=True, frames=SWITCH)
        self._epoch: int | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether it is the silence to which the bus goes over."""
        return self._audio is _NOTHING

    @property
    def is_over(self) -> bool:
        """Whether it has nothing more to say, ever."""
        return self.wish.anchor is None and not self._loops and self.position >= self._length

    def render(self, out: Samples, place: Place | None) -> None:
        """Fill `out`; `place` is None where the timeline stands still.

        What is not decoded yet is silence. A take that plays by itself waits for
        it; an anchored one keeps its place on the timeline.
        """
        anchored = self.wish.anchor is not None
        heard = self._follow(place) if anchored else True
        self.buffering = self._is_short(len(out))
        if heard and not self.buffering:
            self._gate.open()
        else:
            self._gate.shut()
        moving = len(out) if heard and not self.buffering else self._gate.to_shut
        done = 0
        while done < len(out):
            done += self._read(out[done:], max(0, moving - done))
        np.multiply(out, np.float32(self.wish.gain), out=out)
        self._gate.apply(out)

    def ahead(self, frames: int) -> Iterator[Ahead]:
        """Yield what is read within the next `frames`; from any thread, give or take a block."""
        start = max(0, self.position)
        if self._loops:
            start %= self._length
        end = start + frames
        yield Ahead(self._audio, start, min(end, self._audio.ready))
        if self._loops and end > self._length:
            yield Ahead(self._audio, 0, min(end - self._length, self._audio.ready))

    def _follow(self, place: Place | None) -> bool:
        """Go where the timeline is; return False while what was heard before must fade."""
        if place is None:
            return False
        if place.epoch != self._epoch and self._epoch is not None and not self._gate.is_shut:
            return False
        assert self.wish.anchor is not None
        self._epoch = place.epoch
        self.position = place.frame - self.wish.anchor
        return True

    def _is_short(self, frames: int) -> bool:
        """Whether the decoder is about to be overtaken, or has too little of a lead."""
        ready = self._audio.ready
        if ready >= self._length:
            return False
        margin = RESUME if self.buffering else frames + SWITCH
        return self.position + margin > ready

    def _read(self, out: Samples, moving: int) -> int:
        """Fill the beginning of `out`, of which `moving` frames are heard; return how far."""
        if self._loops and self.position >= self._length:
            self.position %= self._length
        count = min(len(out), self._length - self.position) if self._loops else len(out)
        self._audio.read(self.position, out[:count])
        self.position += min(count, moving)
        return count


Line = Callable[[When], int]
"""Returns in how many frames the timeline's next beat or bar line is."""


class AuditionBus:
    """Plays one audition at a time; the next takes over with a crossfade. Audio thread only."""

    def __init__(self) -> None:
        self._voice: _Voice | None = None
        self._leaving: _Voice | None = None
        self._next: _Voice | None = None
        self._wait = 0
        self._switched = SWITCH
        self._rise = raised_cosine(SWITCH)
        self._fall = self._rise[::-1].copy()

    @property
    def mutes_timeline(self) -> bool:
        """Whether the timeline is to be silent under what is heard."""
        return self._voice is not None and self._voice.wish.mutes_timeline

    @property
    def buffering(self) -> bool:
        """Whether what is to be heard is still being decoded."""
        return self._voice is not None and self._voice.buffering

    @property
    def is_silent(self) -> bool:
        """Whether nothing is heard, nor waits to be."""
        return self._voice is None and self._leaving is None and self._next is None

    def ahead(self, frames: int) -> list[Ahead]:
        """Return what is read soon of what is heard, or waits to be; from any thread."""
        voices = (self._voice, self._next)
        return [part for voice in voices if voice is not None for part in voice.ahead(frames)]

    def begin(self, audio: TakeAudio, wish: Audition, line: Line | None) -> None:
        """Switch to a take; `line` is the timeline's where that rolls.

        The crossfade ends at the line, where the take's `offset` is heard at full
        level: a first beat keeps its attack. One that `goes_on` from a take that still
        waits for its line takes its turn.
        """
        waiting = self._next
        if wish.goes_on and waiting is not None and not waiting.is_nothing:
            self._next = _Voice(audio, replace(wish, goes_on=waiting.wish.goes_on), 0)
            self._next.position = waiting.position
            return
        to_line = self._frames_to_line(wish.when, line)
        self._next = _Voice(audio, wish, min(to_line, SWITCH))
        self._wait = max(0, to_line - SWITCH)

    def end(self, when: When, line: Line | None) -> None:
        """Fade out what is heard, at once or at a line."""
        self._wait = max(0, self._frames_to_line(when, line) - SWITCH)
        nothing = _Voice(_NOTHING, Audition(mutes_timeline=False), SWITCH)
        self._next = None if self.is_silent else nothing

    def to_switch(self) -> int | None:
        """Return the frames until a take begins or ends; blocks must be cut there."""
        return self._wait if self._next is not None else None

    def turn(self) -> None:
        """Switch now, if it is time."""
        if self._next is not None and self._wait <= 0:
            if self._next.wish.goes_on and self._voice is not None:
                self._next.position = self._voice.position
            self._leaving, self._voice = self._voice, self._next
            self._next, self._switched = None, 0

    def add(self, out: Samples, scratch: Samples, place: Place | None) -> None:
        """Add the bus to `out`, which crosses no switch and no jump of the timeline."""
        self._wait -= len(out)
        for voice, gains in ((self._leaving, self._fall), (self._voice, self._rise)):
            if voice is None:
                continue
            part = scratch[: len(out)]
            voice.render(part, place)
            moving = min(len(out), SWITCH - self._switched)
            if moving > 0:
                part[:moving] *= gains[self._switched : self._switched + moving]
            if voice is self._leaving:
                part[max(0, moving) :] = 0.0
            np.add(out, part, out=out)
        self._switched = min(SWITCH, self._switched + len(out))
        self._tidy()

    def _tidy(self) -> None:
        if self._switched >= SWITCH:
            self._leaving = None
            if self._voice is not None and self._voice.is_over:
                self._voice = None

    def _frames_to_line(self, when: When, line: Line | None) -> int:
        if when == "now":
            return SWITCH
        if line is not None:
            return line(when)
        voice = self._voice
        if voice is None or not voice.wish.beat:
            return SWITCH
        step = voice.wish.beat * (voice.wish.beats if when == "bar" else 1)
        number = -(-voice.position // step)
        return max(0, round(number * step) - voice.position)


_NOTHING: Final = TakeAudio(np.zeros((0, 2), np.float32))
