"""The timeline as a bus: the transport, its fades, and edits that arrive while it plays."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.bounce import Renderer
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime.audition import Place, When
from acestep_desktop.realtime.deck import Deck, Score
from acestep_desktop.realtime.gate import FADE, SWITCH, Gate, crossfade, raised_cosine
from acestep_desktop.realtime.metronome import Metronome, next_beat
from acestep_desktop.realtime.transport import Loop, Transport

MAX_BLOCK: Final = 8192
"""Longer blocks are rendered in pieces."""


class _Voice:
    """A deck being played: where its playhead is. Loops wrap on the frame."""

    def __init__(self, deck: Deck, transport: Transport) -> None:
        self.deck = deck
        self.transport = transport

    def render(self, out: Samples) -> None:
        """Fill `out` with what comes next, and move on."""
        at = 0
        for span in self.transport.spans(len(out)):
            self.deck.render(span.start, out[at : at + span.frames])
            at += span.frames
        self.transport = self.transport.advanced(len(out))


@dataclass(frozen=True, slots=True, eq=False)
class Handover:
    """Another deck, to take over where the roll of this `epoch` has `rolled` so far.

    It takes over at once where that is past, or the roll is over. `loop` is in frames of
    its own tempo map.
    """

    deck: Deck
    epoch: int = -1
    rolled: int = 0
    loop: Loop | None = None


Tap = Callable[[Frame, Samples], None]
"""Hears what is played before any fade, on the audio thread, with the frame it begins at."""


class Timeline:
    """Plays scores. All of it runs on the audio thread, between blocks or inside `render`.

    A roll begins `rolled` < 0 frames ahead; meanwhile what was heard fades out.
    When another score arrives while one is heard, the two crossfade. `under` is the
    gate that mutes it beneath an audition; the metronome is heard all the same.
    """

    def __init__(self, tap: Tap | None = None, *, epoch: int = 0) -> None:
        self.metronome_on = False
        self.under = Gate(is_open=True, frames=SWITCH)
        self._tap = tap
        self._deck = Deck(Score(), Score().renderer(Frame(0)))
        self._transport = Transport()
        self._voice: _Voice | None = None
        self._leaving: _Voice | None = None
        self._left = 0
        self._waiting: Handover | None = None
        self._gate = Gate()
        self._rise = raised_cosine(FADE)
        self._rolled = 0
        self._epoch = epoch
        self._scratch = np.zeros((MAX_BLOCK, 2), np.float32)
        self._metronome = Metronome()

    @property
    def transport(self) -> Transport:
        """Where the playhead is; while a roll is yet to begin, where it will begin."""
        return self._transport

    @property
    def rolled(self) -> int:
        """Frames since this roll began; negative before that."""
        return self._rolled

    @property
    def epoch(self) -> int:
        """The number of starts, stops and seeks so far."""
        return self._epoch

    @property
    def place(self) -> Place | None:
        """Where the timeline rolls; None while it stands still, or is yet to begin."""
        if not self._transport.rolling or self._rolled < 0:
            return None
        return Place(self._transport.frame, self._epoch)

    @property
    def score(self) -> Score:
        """What is heard, or fades in."""
        return self._deck.score

    @property
    def deck(self) -> Deck:
        """What plays the score."""
        return self._deck

    @property
    def is_limited(self) -> bool:
        """Whether all that is heard comes out of a master limiter."""
        heard = [voice for voice in (self._voice, self._leaving) if voice is not None]
        return not self._metronome.is_sounding and all(
            voice.deck.score.arrangement.limiter for voice in heard
        )

    def to_line(self, when: When) -> int:
        """Return in how many frames the next beat or bar line is; a wrap counts as one."""
        frame = self._transport.frame
        at, accented = next_beat(self._deck.score.tempo, frame)
        while when == "bar" and not accented:
            at, accented = next_beat(self._deck.score.tempo, Frame(at + 1))
        wrap = self._transport.to_wrap()
        return at - frame if wrap is None else min(at - frame, wrap)

    def play(self, pre_roll: int = 0) -> None:
        """Begin to roll in `pre_roll` frames, or when what fades out has faded."""
        if not self._transport.rolling:
            self._begin(self._transport.played(), pre_roll)

    def stop(self) -> None:
        """Stop here. What is heard fades out while the playhead stands still already."""
        if self._transport.rolling:
            self._transport = self._transport.stopped()
            self._epoch += 1
            self._rolled = 0
            self._gate.shut()

    def locate(self, frame: Frame, pre_roll: int = 0) -> None:
        """Put the playhead at `frame`; a roll goes on there."""
        moved = self._transport.located(frame)
        if moved.rolling:
            self._begin(moved, pre_roll)
        else:
            self._transport = moved
            self._epoch += 1

    def set_loop(self, loop: Loop | None) -> None:
        """Wrap elsewhere, or nowhere; while another tempo map waits, the frames are in that."""
        if self._waiting is not None:
            self._waiting = replace(self._waiting, loop=loop)
            if self._newest_deck.score.tempo is not self._deck.score.tempo:
                return
        self._transport = self._transport.looped(loop)
        if self._voice is not None and self._rolled >= 0:
            self._voice.transport = self._voice.transport.looped(loop)

    def update(self, score: Score) -> None:
        """Go over to a score that the last one given glides to."""
        self._newest_deck.update(score)

    def offer(self, renderer: Renderer, start: Frame, revision: int) -> None:
        """Have a renderer of the last score given ready for a jump to `start`."""
        self._newest_deck.offer(renderer, start, revision)

    def hand_over(self, handover: Handover) -> None:
        """Let another deck take over. A new tempo map keeps the bar, not the frame."""
        self._waiting = handover
        if self._voice is None:
            self._take_over(handover)

    def to_jump(self) -> int | None:
        """Return the frames until the playhead begins to move, or wraps; None if it never does."""
        if not self._transport.rolling:
            return None
        return -self._rolled if self._rolled < 0 else self._transport.to_wrap()

    def render(self, out: Samples) -> None:
        """Fill `out` with the next frames of the timeline, faded."""
        at = 0
        while at < len(out):
            self._turn()
            piece = out[at : at + self._piece(len(out) - at)]
            self._render_piece(piece)
            at += len(piece)

    @property
    def _newest_deck(self) -> Deck:
        return self._deck if self._waiting is None else self._waiting.deck

    def _begin(self, transport: Transport, pre_roll: int) -> None:
        self._gate.shut()
        self._transport = transport
        self._epoch += 1
        self._rolled = -max(pre_roll, self._gate.to_shut)

    def _piece(self, frames: int) -> int:
        """Return how many of the next frames are alike in what must be done."""
        count = min(frames, MAX_BLOCK)
        if self._transport.rolling and self._rolled < 0:
            count = min(count, -self._rolled)
        if self._leaving is not None:
            count = min(count, FADE - self._left)
        elif self._waiting is not None:
            count = min(count, max(1, self._to_handover(self._waiting)))
        return count

    def _turn(self) -> None:
        """Do what is due before the next frame."""
        waiting = self._waiting
        if waiting is not None and self._leaving is None and self._to_handover(waiting) <= 0:
            self._take_over(waiting)
        if self._transport.rolling and self._rolled == 0:
            self._voice, self._leaving = _Voice(self._deck, self._transport), None
            self._gate = Gate()
            self._gate.open()

    def _to_handover(self, handover: Handover) -> int:
        return handover.rolled - self._rolled if handover.epoch == self._epoch else 0

    def _take_over(self, handover: Handover) -> None:
        self._waiting = None
        before, self._deck = self._deck.score.tempo, handover.deck
        after = self._deck.score.tempo
        self._metronome.set_tempo(after)
        if before is not after:
            self._transport = _kept_in_bar(self._transport, before, after, handover.loop)
        if self._voice is not None:
            self._leaving, self._left = self._voice, 0
            heard = self._voice.transport
            if before is not after:
                heard = _kept_in_bar(heard, before, after, handover.loop)
            self._voice = _Voice(self._deck, heard)

    def _render_piece(self, out: Samples) -> None:
        rolls = self._transport.rolling and self._rolled >= 0
        if self._voice is None:
            out[:] = 0.0
        else:
            self._render_voice(self._voice, out, sounding=rolls)
            self._gate.apply(out)
            if self._gate.is_shut:
                self._voice = self._leaving = None
                if self._waiting is not None:
                    self._take_over(self._waiting)
        self.under.apply(out)
        self._click(out, rolls)
        if self._transport.rolling:
            self._rolled += len(out)
            if rolls:
                self._transport = self._transport.advanced(len(out))

    def _render_voice(self, voice: _Voice, out: Samples, *, sounding: bool) -> None:
        start, to_wrap = voice.transport.frame, voice.transport.to_wrap()
        voice.render(out)
        if self._leaving is not None:
            old = self._scratch[: len(out)]
            self._leaving.render(old)
            crossfade(old, out, self._rise[self._left : self._left + len(out)])
            self._left += len(out)
            if self._left >= FADE:
                self._leaving = None
        elif self._tap is not None and sounding:
            self._tell(self._tap, start, to_wrap, out)

    def _tell(self, tap: Tap, start: Frame, to_wrap: int | None, out: Samples) -> None:
        loop = self._transport.loop
        at = 0
        for span in Transport(start, True, loop if to_wrap is not None else None).spans(len(out)):
            tap(span.start, out[at : at + span.frames])
            at += span.frames

    def _click(self, out: Samples, rolls: bool) -> None:
        if not (rolls and self.metronome_on):
            self._metronome.ring_out(out)
            return
        at = 0
        for span in self._transport.spans(len(out)):
            self._metronome.add(span.start, out[at : at + span.frames])
            at += span.frames


def _kept_in_bar(
    transport: Transport, before: TempoMap, after: TempoMap, loop: Loop | None
) -> Transport:
    """Return the transport in another tempo map, in which its loop is `loop`."""

    def moved(frame: Frame) -> Frame:
        return after.frame_at(before.tick_at(frame))

    frame, old = moved(transport.frame), transport.loop
    if loop is None or old is None or transport.to_wrap() is None:
        return transport.looped(loop).located(frame)
    # Rounding must not put the playhead on the loop's end, from where it never wraps.
    rounded = loop.end <= frame <= moved(old.end)
    return transport.looped(loop).located(loop.start if rounded else frame)
