"""The app's side of the MIDI clock: ports and tempo maps go in, notices and counts come out."""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acestep_desktop.child.messages import Message
from acestep_desktop.child.process import Child, start_child
from acestep_desktop.child.watch import Patience, RestartPolicy
from acestep_desktop.domain.codec import Json
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.realtime.client import Notice
from acestep_desktop.realtime.clock_ports import VIRTUAL, midi_outputs
from acestep_desktop.realtime.clock_tally import ClockReport
from acestep_desktop.realtime.companion import Companion
from acestep_desktop.realtime.wire import KEPT_TEMPOS, tempo_message

MAX_DELAY_MS: Final = 100.0
_LEAD_MS: Final = 30.0
"""What the clock needs to prepare a slave before the first pulse."""

RESTARTS: Final = RestartPolicy(first_delay_s=0.05, longest_delay_s=1.0)
PATIENCE: Final = Patience(ask_every_s=0.25)

_REPORT_TIMEOUT_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class ClockPort:
    """A port that gets the clock, `delay_ms` later than the audio is at the device's input.

    Negative is earlier. `VIRTUAL` is a port of our own, for others to connect to.
    """

    name: str = VIRTUAL
    delay_ms: float = 0.0

    def __post_init__(self) -> None:
        if not -MAX_DELAY_MS <= self.delay_ms <= MAX_DELAY_MS:
            raise InvalidValueError(f"a delay must be within ±100 ms, got {self.delay_ms:g}")


class ClockClient(Companion):
    """Sends MIDI clock from a process of its own, restarted when it dies.

    Pulses go out when their frame is at the audio device's input, which is before
    it is heard by the audio's latency: a slave with the same latency is in time.
    """

    def __init__(
        self,
        status_path: Path,
        ports: Sequence[ClockPort],
        told: Callable[[Notice], None] = lambda notice: None,
        *,
        start: Callable[..., Child] = start_child,
        jack: bool = True,
    ) -> None:
        """Prepare a clock; it follows the transport whose status lies at `status_path`.

        `jack` False sends through the system's MIDI even where JACK runs.
        """
        super().__init__(lambda: start("clock"), RESTARTS, PATIENCE)
        self._hello: dict[str, Json] = {
            "status": str(status_path),
            "ports": [{"name": port.name, "delay_ms": port.delay_ms} for port in ports],
            "jack": jack,
        }
        earliest = min([0.0, *(port.delay_ms for port in ports)])
        self._pre_roll = round((_LEAD_MS - earliest) * SAMPLE_RATE / 1000)
        self._told = told
        self._tempos: dict[int, TempoMap] = {}
        self._missing: set[str] = set()
        self._reports: queue.Queue[ClockReport] = queue.Queue()
        self._running = threading.Event()
        self._through_jack = False

    @property
    def pre_roll(self) -> int:
        """The frames by which starts and jumps must wait for this clock."""
        return self._pre_roll

    @property
    def through_jack(self) -> bool:
        """Whether JACK sends the events, each at its frame."""
        return self._through_jack

    @property
    def missing(self) -> frozenset[str]:
        """The ports that are not there."""
        return frozenset(self._missing)

    def set_tempo(self, tempo: TempoMap, revision: int) -> None:
        """Give the tempo map that the audio process calls `revision`."""
        with self._lock:
            self._tempos[revision] = tempo
            for old in list(self._tempos)[:-KEPT_TEMPOS]:
                del self._tempos[old]
            self._send_tempo(revision)

    def wait_until_running(self, timeout_s: float = 5.0) -> bool:
        """Wait until the clock has its ports; return whether it does."""
        return self._running.wait(timeout_s)

    def report(self) -> ClockReport:
        """Return what was sent since the last report; nothing if the process is restarting."""
        self._send(Message("report"))
        try:
            return self._reports.get(timeout=_REPORT_TIMEOUT_S)
        except queue.Empty:
            return ClockReport()

    def _greet(self) -> None:
        self._send(Message("hello", self._hello))

    def _mourn(self) -> None:
        self._running.clear()

    def _tell_of_death(self, why: str, *, restarts: bool) -> None:
        if not restarts:
            self._told(Notice("problem", f"{why} Switch the MIDI clock off and on again."))

    def _hear(self, message: Message) -> None:
        fields = message.fields
        if message.kind == "ready":
            with self._lock:
                for revision in self._tempos:
                    self._send_tempo(revision)
        elif message.kind == "running":
            self._through_jack = fields["jack"] is True
            self._running.set()
        elif message.kind == "port":
            reason = str(fields["reason"])
            self._hear_of_port(str(fields["name"]), reason, there=fields["there"] is True)
        elif message.kind == "report":
            self._reports.put(ClockReport(**fields))  # type: ignore[arg-type]

    def _hear_of_port(self, name: str, reason: str, *, there: bool) -> None:
        if there:
            self._missing.discard(name)
        elif name not in self._missing:
            self._missing.add(name)
            self._told(Notice("port_lost", reason))

    def _send_tempo(self, revision: int) -> None:
        self._send(tempo_message(self._tempos[revision], revision))


def clock_ports() -> list[str]:
    """Return the names of the ports that can be given the clock."""
    return midi_outputs()
