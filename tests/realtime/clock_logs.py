"""Clock logs: what a port is sent, one line an event, as golden files keep it."""

from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path

from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame
from acestep_desktop.realtime.clock_follower import Follower, due_frame
from acestep_desktop.realtime.clock_grammar import Event
from acestep_desktop.realtime.status import Status
from acestep_desktop.realtime.transport import Transport

GOLDEN = Path(__file__).parent / "golden"
PRE_ROLL = 1_440
BLOCK = 256
Log = list[tuple[int, bytes]]


def log_of(events: Iterable[Event], until: int) -> Log:
    """Return the events before frame `until` of a roll, each with its nearest frame."""
    return [(round(e.at), e.data) for e in takewhile(lambda e: e.at < until, events)]


def text_of(log: Log) -> str:
    """Return a log as a golden file holds it."""
    return "".join(f"{frame:>8} {data.hex(' ').upper()}\n" for frame, data in log)


class Performance:
    """A transport that is played by hand, block by block, with a follower that writes a log.

    Frames of the log count from the first block on.
    """

    def __init__(self, tempo: TempoMap) -> None:
        self.log: Log = []
        self._tempos = {1: tempo}
        self._transport = Transport()
        self._rolled = 0
        self._epoch = 0
        self._now = 0
        self._follower = Follower()

    def play(self) -> None:
        """Roll, after the pre-roll that a clock asks for."""
        self._transport = self._transport.played()
        self._epoch += 1
        self._rolled = -PRE_ROLL

    def stop(self) -> None:
        """Stop."""
        self._transport = self._transport.stopped()
        self._epoch += 1
        self._rolled = 0

    def locate(self, frame: Frame) -> None:
        """Jump."""
        self._transport = self._transport.located(frame)
        self._epoch += 1
        self._rolled = -PRE_ROLL if self._transport.rolling else 0

    def loop(self, transport: Transport) -> None:
        """Take over the loop of another transport."""
        self._transport = self._transport.looped(transport.loop)

    def change_tempo(self, tempo: TempoMap) -> None:
        """Go on in the same bar, at another tempo."""
        before = self._tempos[max(self._tempos)]
        self._tempos[max(self._tempos) + 1] = tempo
        frame = tempo.frame_at(before.tick_at(self._transport.frame))
        self._transport = self._transport.located(frame)

    def run(self, frames: int) -> None:
        """Let time pass, in blocks as a device does."""
        for _ in range(-(-frames // BLOCK)):
            self._look()
            rolls = self._transport.rolling
            moved = max(0, min(BLOCK, self._rolled + BLOCK)) if rolls else 0
            self._transport = self._transport.advanced(moved)
            self._rolled += BLOCK if rolls else 0
            self._now += BLOCK

    def _look(self) -> None:
        loop = self._transport.loop
        status = Status(
            rolling=self._transport.rolling,
            frame=self._transport.frame,
            rolled=self._rolled,
            epoch=self._epoch,
            tempo_revision=max(self._tempos),
            loop_start=loop.start if loop else Frame(0),
            loop_end=loop.end if loop else Frame(0),
        )
        at_once = self._follower.observe(status, self._tempos, 0)
        if at_once:
            self.log.append((self._now, at_once))
        origin = self._now - self._rolled
        while self._follower.head is not None:
            frame = origin + due_frame(self._follower.head, 48_000)
            if frame >= self._now + BLOCK:
                break
            self.log.append((frame, self._follower.take().data))
