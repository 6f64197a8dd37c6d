"""The player: everything between the master and the device, one block at a time."""

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

import numpy as np

from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.bounce import Renderer
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime.audition import Ahead, Audition, AuditionBus, Line, TakeAudio, When
from acestep_desktop.realtime.block_clock import BlockClock
from acestep_desktop.realtime.deck import Score
from acestep_desktop.realtime.safety import SafetyLimiter
from acestep_desktop.realtime.status import Status
from acestep_desktop.realtime.timeline import MAX_BLOCK, Handover, Tap, Timeline
from acestep_desktop.realtime.transport import Loop


class StatusPort(Protocol):
    """Where the player says how it is: a `StatusBlock`, or a list in a test."""

    def publish(self, status: Status) -> None:
        """Take the newest status; never wait."""


class Player:
    """Plays the timeline and the audition bus. `pull` is the body of the audio callback.

    Every other method may be called from one other thread; it takes effect with
    the next block, in order.
    """

    def __init__(self, port: StatusPort, *, tap: Tap | None = None, epoch: int = 0) -> None:
        self.xruns = 0
        self.latency_s = 0.0
        self.device_rate = 0
        self.device_block = 0
        self._port = port
        self._commands: deque[Callable[[], None]] = deque()
        self._timeline = Timeline(tap, epoch=epoch)
        self._bus = AuditionBus()
        self._safety = SafetyLimiter()
        self._clock = BlockClock()
        self._scratch = np.zeros((MAX_BLOCK, 2), np.float32)
        self._pre_roll = 0
        self._done = 0
        self._posted = 0
        self._carried = 0
        self._shown = 0
        self._is_limited = True
        self._status = Status()

    @property
    def status(self) -> Status:
        """The status of the last block."""
        return self._status

    @property
    def is_settled(self) -> bool:
        """Whether `status` shows all that was asked for."""
        return self._shown == self._posted

    @property
    def ready_at(self) -> Frame:
        """The frame to which a jump is prepared; -1 for none."""
        return self._timeline.deck.ready_at

    def play(self) -> None:
        """Roll from the playhead on."""
        self._post(lambda: self._timeline.play(self._pre_roll))

    def stop(self) -> None:
        """Stop where the playhead is."""
        self._post(self._timeline.stop)

    def locate(self, frame: Frame) -> None:
        """Put the playhead at `frame`."""
        self._post(lambda: self._timeline.locate(frame, self._pre_roll))

    def set_loop(self, loop: Loop | None) -> None:
        """Wrap at the end of `loop` from now on."""
        self._post(lambda: self._timeline.set_loop(loop))

    def set_metronome(self, on: bool) -> None:
        """Click on every beat while the timeline rolls."""
        self._post(lambda: setattr(self._timeline, "metronome_on", on))

    def set_pre_roll(self, frames: int) -> None:
        """Begin starts and jumps that much later, so that a MIDI clock can go ahead."""
        self._post(lambda: setattr(self, "_pre_roll", max(0, frames)))

    def update(self, score: Score) -> None:
        """Go over to a score that the last one given glides to."""
        self._post(lambda: self._timeline.update(score))

    def hand_over(self, handover: Handover) -> None:
        """Play another deck from where it was prepared on."""
        self._post(lambda: self._timeline.hand_over(handover))

    def offer(self, renderer: Renderer, start: Frame, revision: int) -> None:
        """Have a renderer ready for a jump to `start`."""
        self._post(lambda: self._timeline.offer(renderer, start, revision))

    def audition_ahead(self, frames: int) -> list[Ahead]:
        """Return what is read within the next `frames` for the audition bus."""
        return self._bus.ahead(frames)

    def audition(self, audio: TakeAudio, wish: Audition) -> None:
        """Play a take on the audition bus."""
        self._post(lambda: self._bus.begin(audio, wish, self._line()))

    def end_audition(self, when: When = "now") -> None:
        """Let the audition bus fall silent."""
        self._post(lambda: self._bus.end(when, self._line()))

    def mark(self, number: int) -> None:
        """Have the status say that all before this was carried out."""
        self._post(lambda: setattr(self, "_done", number))

    def pull(self, out: Samples, called_ns: int | None = None, device_frame: int = -1) -> None:
        """Fill stereo `out` with what the device plays next. The audio thread's only call.

        `called_ns` is the monotonic time at which the device asked, `device_frame` the
        frame of JACK's clock.
        """
        now_ns = time.monotonic_ns() if called_ns is None else called_ns
        time_ns = self._clock.block(now_ns, len(out))
        while self._commands:
            self._commands.popleft()()
            self._carried += 1
        timeline = self._timeline
        before = (timeline.transport, timeline.rolled)
        self._is_limited = True
        at = 0
        while at < len(out):
            piece = out[at : at + self._piece(len(out) - at)]
            self._render(piece)
            at += len(piece)
        self._safety.process(out, limited=self._is_limited)
        self._publish(before[0].frame, before[1], time_ns, device_frame, out)

    def _post(self, command: Callable[[], None]) -> None:
        self._posted += 1
        self._commands.append(command)

    def _piece(self, frames: int) -> int:
        """Return how many frames can be rendered without a switch or a jump of the timeline."""
        self._bus.turn()
        count = min(frames, MAX_BLOCK)
        if self._bus.is_silent:
            return count
        for turn in (self._bus.to_switch(), self._timeline.to_jump()):
            if turn is not None and turn > 0:
                count = min(count, turn)
        return count

    def _render(self, out: Samples) -> None:
        timeline, bus = self._timeline, self._bus
        if bus.mutes_timeline:
            timeline.under.shut()
        else:
            timeline.under.open()
        place = timeline.place
        timeline.render(out)
        self._is_limited &= timeline.is_limited and bus.is_silent
        if not bus.is_silent:
            bus.add(out, self._scratch, place)

    def _line(self) -> Line | None:
        return None if self._timeline.place is None else self._timeline.to_line

    def _publish(
        self, frame: Frame, rolled: int, time_ns: int, device_frame: int, out: Samples
    ) -> None:
        timeline = self._timeline
        transport, score = timeline.transport, timeline.score
        loop = transport.loop
        peaks = np.abs(out).max(axis=0, initial=0.0).tolist()
        powers = np.einsum("ij,ij->j", out, out).tolist()
        count = max(1, len(out))
        self._status = Status(
            rolling=transport.rolling,
            frame=frame,
            rolled=rolled,
            time_ns=time_ns,
            rate=self._clock.rate,
            epoch=timeline.epoch,
            loop_start=loop.start if loop else Frame(0),
            loop_end=loop.end if loop else Frame(0),
            revision=score.revision,
            tempo_revision=score.tempo_revision,
            done=self._done,
            xruns=self.xruns,
            bpm=_bpm(score.tempo, frame),
            latency_s=self.latency_s + self._safety.latency_s,
            peak_left=peaks[0],
            peak_right=peaks[1],
            rms_left=(powers[0] / count) ** 0.5,
            rms_right=(powers[1] / count) ** 0.5,
            buffering=self._bus.buffering,
            has_device=self.device_rate > 0,
            device_rate=self.device_rate,
            block=self.device_block,
            device_frame=device_frame,
        )
        self._shown = self._carried
        self._port.publish(self._status)


def _bpm(tempo: TempoMap, frame: Frame) -> float:
    if len(tempo.tempos) == 1:
        return tempo.tempos[0].bpm
    return tempo.bpm_at(tempo.tick_at(frame))
