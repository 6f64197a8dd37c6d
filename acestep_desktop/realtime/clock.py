"""The clock process: sends MIDI clock that follows the audio process. Nothing else runs here."""

import gc
import logging
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from acestep_desktop.child.messages import Message
from acestep_desktop.child.parent import Parent
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.realtime.clock_follower import Follower, due_frame, due_ns
from acestep_desktop.realtime.clock_origin import Origin
from acestep_desktop.realtime.clock_ports import JackClock, JackPort, Port, RtMidiPort
from acestep_desktop.realtime.clock_tally import Pace, Tally
from acestep_desktop.realtime.errors import PortError
from acestep_desktop.realtime.jack_frames import signed
from acestep_desktop.realtime.precedence import hasten_this_thread
from acestep_desktop.realtime.status import Status, StatusBlock
from acestep_desktop.realtime.wire import KEPT_TEMPOS, read_tempo

log = logging.getLogger(__name__)

PRIORITY: Final = 40
POLL_NS: Final = 2_000_000
"""How often the clock looks where the audio process is."""

LOOK_NS: Final = 250_000_000
"""How often it looks whether its ports are there."""

HORIZON_MS: Final = 150
"""How far ahead events are handed to JACK: for so long nobody needs to wake this process."""

_SPIN_NS: Final = 1_500_000
_REALTIME_SPIN_NS: Final = 200_000
"""The last stretch before an event is waited for without sleeping."""

_SPACING_NS: Final = 1_000_000
"""Pulses that come late are sent this far apart: slaves drop what comes at once."""


class Line:
    """One port and what it is sent. Used by the clock's thread alone."""

    def __init__(
        self, name: str, port: Port, delay_ms: float, tally: Tally, pace: Pace | None = None
    ) -> None:
        self.name = name
        self.port = port
        self.is_there = False
        self._delay_ns = round(delay_ms * 1e6)
        self._tally = tally
        self._pace = pace
        self._follower = Follower()
        self._sent_ns = 0
        self._origin = Origin()

    def look(self) -> bool:
        """Look whether the port is there; return whether that changed."""
        there = self.port.look()
        changed = there != self.is_there
        if there and changed:
            self._follower.recue()
            if isinstance(self.port, JackPort):
                self.port.clear()
        self.is_there = there
        return changed

    def send_due(
        self, status: Status, tempos: Mapping[int, TempoMap], now_ns: int, spin_ns: int
    ) -> int:
        """Send what is due; return when to come back, in monotonic nanoseconds."""
        self._send_now(self._follower.observe(status, tempos, now_ns))
        while (event := self._follower.head) is not None:
            due = due_ns(event, status) + self._delay_ns
            at_ns = max(due, self._sent_ns + _SPACING_NS) if due < now_ns else due
            if at_ns > now_ns + spin_ns:
                return at_ns - spin_ns
            while (now_ns := time.monotonic_ns()) < at_ns:
                pass
            self._send(event.data)
            if event.pulse >= 0:
                self._sent_ns = now_ns
                self._count(now_ns - due)
                if self._pace is not None:
                    self._pace.sent(event.pulse, now_ns)
            self._follower.take()
        return now_ns + POLL_NS

    def plan(
        self, jack: JackClock, status: Status, tempos: Mapping[int, TempoMap], now_ns: int
    ) -> None:
        """Hand to JACK what is due soon."""
        port = self.port
        assert isinstance(port, JackPort)
        if self._follower.changes(status) and status.tempo_revision in tempos:
            self._follower.give_back(port.take_back())
        self._send_now(self._follower.observe(status, tempos, now_ns))
        rate = jack.rate
        while port.written:
            late = port.written.popleft()
            if late is None:
                self._tally.lost()
            else:
                self._count(late * 1_000_000_000 // rate)
        if self._follower.epoch is None:
            return
        port.origin = self._origin.follow(status, jack)
        now = signed(jack.frame_at(now_ns) - port.origin)
        horizon = now + 2 * jack.period + rate * HORIZON_MS // 1000
        delay = self._delay_ns * rate // 1_000_000_000
        while (event := self._follower.head) is not None:
            frame = due_frame(event, rate) + delay
            if frame >= horizon:
                return
            try:
                port.send_at(frame, event.data)
            except PortError:
                self.is_there = False
            self._follower.take()

    def _send_now(self, data: bytes) -> None:
        if data:
            if isinstance(self.port, JackPort):
                self.port.clear()
            self._send(data)

    def _send(self, data: bytes) -> None:
        if not self.is_there:
            return
        try:
            self.port.send(data)
        except PortError as error:
            log.info("%s", error)
            self.is_there = False

    def _count(self, late_ns: int) -> None:
        if self.is_there:
            self._tally.sent(late_ns)
        else:
            self._tally.lost()


class _Clock:
    """The process as a whole: messages come on the reading thread, the rest on the main one."""

    def __init__(self, parent: Parent, hello: Message) -> None:
        self._parent = parent
        self._block = StatusBlock(Path(str(hello.fields["status"])))
        self._tempos: dict[int, TempoMap] = {}
        self._tally = Tally()
        self._pace = Pace()
        self._asked = 0
        self._answered = 0
        self._looked_ns = 0
        self._ports = _named_ports(hello)
        self._wants_jack = hello.fields.get("jack") is not False
        parent.at_once("tempo", self._take_tempo)
        parent.at_once("report", self._ask)

    def run(self) -> None:
        """Send until told to quit; begin anew when JACK has ended."""
        had_jack = False
        while not self._parent.quitting:
            jack = self._jack() if self._wants_jack else None
            if jack is None and had_jack:
                time.sleep(LOOK_NS * 1e-9)
                continue
            try:
                lines = self._lines(jack)
            except PortError as error:
                assert jack is not None
                log.warning("%s The system's own MIDI is tried.", error)
                jack.close()
                # A server that ended just now may come back: it is waited for.
                self._wants_jack = had_jack
                time.sleep(LOOK_NS * 1e-9)
                continue
            had_jack = jack is not None
            if jack is None:
                self._send_by_time(lines)
            else:
                self._send_by_frame(jack, lines)
            for line in lines:
                line.port.close()

    def _jack(self) -> JackClock | None:
        try:
            return JackClock()
        except PortError:
            return None

    def _lines(self, jack: JackClock | None) -> Sequence[Line]:
        lines = []
        pace: Pace | None = self._pace
        for name, delay_ms in self._ports:
            port: Port = jack.add_port(name) if jack else RtMidiPort(name)
            lines.append(Line(name, port, delay_ms, self._tally, pace))
            pace = None
        if jack is not None:
            jack.activate()
        self._parent.send("running", {"jack": jack is not None})
        for line in lines:
            line.look()
            self._say_whether(line, there=line.is_there)
        return lines

    def _send_by_time(self, lines: Sequence[Line]) -> None:
        spin_ns = _REALTIME_SPIN_NS if _has_precedence() else _SPIN_NS
        while not self._parent.quitting:
            now_ns = time.monotonic_ns()
            self._answer()
            status = self._block.read()
            wake_ns = now_ns + POLL_NS
            for line in lines:
                wake_ns = min(wake_ns, line.send_due(status, self._tempos, now_ns, spin_ns))
            # Looking takes a while, so it is done right after an event and well before the next.
            if wake_ns - time.monotonic_ns() > POLL_NS // 2:
                self._look(lines)
            time.sleep(max(0, wake_ns - time.monotonic_ns()) * 1e-9)

    def _send_by_frame(self, jack: JackClock, lines: Sequence[Line]) -> None:
        while not self._parent.quitting and not jack.is_gone:
            now_ns = time.monotonic_ns()
            self._answer()
            status = self._block.read()
            for line in lines:
                line.plan(jack, status, self._tempos, now_ns)
            self._look(lines)
            time.sleep(POLL_NS * 1e-9)
        if jack.is_gone:
            for line in lines:
                self._say_whether(line, there=False)
        jack.close()

    def _look(self, lines: Sequence[Line]) -> None:
        now_ns = time.monotonic_ns()
        if now_ns - self._looked_ns < LOOK_NS:
            return
        self._looked_ns = now_ns
        for line in lines:
            if line.look():
                self._say_whether(line, there=line.is_there)

    def _say_whether(self, line: Line, *, there: bool) -> None:
        reason = line.port.reason
        self._parent.send("port", {"name": line.name, "there": there, "reason": reason})

    def _take_tempo(self, message: Message) -> None:
        revision, tempo = read_tempo(message.fields)
        kept = dict(list(self._tempos.items())[-KEPT_TEMPOS:])
        self._tempos = {**kept, revision: tempo}

    def _ask(self, message: Message) -> None:
        self._asked += 1

    def _answer(self) -> None:
        if self._asked == self._answered:
            return
        self._answered = self._asked
        report = replace(self._tally.report(), bpm=self._pace.bpm())
        self._parent.send("report", {name: getattr(report, name) for name in report.__slots__})


def serve(parent: Parent) -> None:
    """Send MIDI clock until told to quit: the role "clock"."""
    hello = parent.receive()
    if hello is None or hello.kind != "hello":
        return
    gc.collect()
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(0.0005)
    hasten_this_thread(PRIORITY)
    clock = _Clock(parent, hello)
    parent.send("ready")
    clock.run()


def _named_ports(hello: Message) -> list[tuple[str, float]]:
    ports = hello.fields["ports"]
    assert isinstance(ports, list)
    named = []
    for port in ports:
        assert isinstance(port, dict)
        delay = port["delay_ms"]
        assert isinstance(delay, int | float)
        named.append((str(port["name"]), float(delay)))
    return named


def _has_precedence() -> bool:
    return sys.platform == "linux" and os.sched_getscheduler(0) == os.SCHED_FIFO
