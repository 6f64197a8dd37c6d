"""MIDI ports that a clock is sent to: through rtmidi, sent at once, or through JACK, by frame."""

import contextlib
import logging
import sys
import time
from collections import deque
from typing import Any, Final, Protocol

from acestep_desktop.realtime.clock_grammar import PULSE
from acestep_desktop.realtime.errors import PortError
from acestep_desktop.realtime.jack_frames import jack_errors, signed

log = logging.getLogger(__name__)

CLIENT_NAME: Final = "ACE-Step Desktop Clock"
"""How other programs see our ports; it never changes, so that they can remember it."""

VIRTUAL: Final = "virtual"
"""The name of a port of our own, to which others connect."""


_REMEMBERED: Final = 4096


class Port(Protocol):
    """A way out, which may go away and come back; `reason` says why it was not there."""

    reason: str

    def send(self, data: bytes) -> None:
        """Send one message now; PortError if the port has gone."""

    def look(self) -> bool:
        """Return whether the port is there, and connect it again if it came back."""

    def close(self) -> None:
        """Let the port go."""


def midi_outputs() -> list[str]:
    """Return the names of the ports that a clock can be sent to."""
    try:
        out = _midi_out()
    except PortError:
        return []
    names = [str(name) for name in out.get_ports()]
    out.delete()
    return [name for name in names if CLIENT_NAME not in name]


class RtMidiPort:
    """A port by name, or one of our own, sent to at the moment of the call.

    `look` opens it.
    """

    def __init__(self, name: str) -> None:
        self.reason = _absent(name)
        self._name = name
        self._out: Any = None

    def send(self, data: bytes) -> None:
        """Send one message now; PortError if the port has gone."""
        if self._out is None:
            raise PortError(f'The MIDI port "{self._name}" is not there.')
        try:
            self._out.send_message(data)
        except _rtmidi_errors() as error:
            raise PortError(f'The MIDI port "{self._name}" went away.') from error

    def look(self) -> bool:
        """Return whether the port is there, and open it again if it came back."""
        try:
            if self._out is not None and (
                self._name == VIRTUAL or self._name in self._out.get_ports()
            ):
                return True
            self.close()
            self._open()
        except _rtmidi_errors() as error:
            self.reason = str(error) if isinstance(error, PortError) else _absent(self._name)
            self.close()
            return False
        return True

    def close(self) -> None:
        """Let the port go."""
        if self._out is not None:
            self._out.close_port()
            self._out.delete()
            self._out = None

    def _open(self) -> None:
        out = _midi_out()
        if self._name == VIRTUAL:
            if sys.platform == "win32":
                raise PortError("Windows has no virtual MIDI ports: install loopMIDI.")
            out.open_virtual_port("clock")
        else:
            names = out.get_ports()
            if self._name not in names:
                out.delete()
                raise PortError(_absent(self._name))
            out.open_port(names.index(self._name), "clock")
        self._out = out


class JackClock:
    """A JACK client whose events go out at exact frames, from JACK's own thread."""

    def __init__(self) -> None:
        try:
            import jack

            self._client: Any = jack.Client(CLIENT_NAME, no_start_server=True)
        except jack_errors() as error:
            raise PortError("JACK is not running.") from error
        self.is_gone = False
        self._ports: tuple[JackPort, ...] = ()
        self._client.set_shutdown_callback(self._gone)
        self._client.set_process_callback(self._process)

    @property
    def rate(self) -> int:
        """Frames a second."""
        return int(self._client.samplerate)

    @property
    def period(self) -> int:
        """Frames in a cycle."""
        return int(self._client.blocksize)

    def frame_at(self, time_ns: int) -> int:
        """Return the frame at a monotonic time near now."""
        before_ns = time.monotonic_ns()
        frame = int(self._client.frame_time)
        now_ns = (before_ns + time.monotonic_ns()) // 2
        return frame + round((time_ns - now_ns) * self.rate / 1e9)

    def add_port(self, name: str) -> "JackPort":
        """Return a port of ours, to be connected to the one called `name` unless `VIRTUAL`."""
        try:
            out = self._client.midi_outports.register(f"clock_{len(self._ports) + 1}")
        except jack_errors() as error:
            raise PortError(f"JACK gives out no port ({error}).") from error
        port = JackPort(self, out, name)
        self._ports = (*self._ports, port)
        return port

    def connect(self, out: Any, name: str) -> bool:
        """Connect a port of ours if it is not; return whether it is connected."""
        if self.is_gone:
            return False
        try:
            if any(port.name == name for port in self._client.get_all_connections(out)):
                return True
            self._client.connect(out, name)
        except jack_errors() as error:
            log.debug("cannot connect to %s: %s", name, error)
            return False
        return True

    def activate(self) -> None:
        """Begin to run; after that ports can be connected. PortError if JACK will not."""
        try:
            self._client.activate()
        except jack_errors() as error:
            raise PortError(f"JACK does not run the clock ({error}).") from error

    def close(self) -> None:
        """Leave JACK."""
        with contextlib.suppress(Exception):
            self._client.close()

    def _gone(self, status: object, reason: str) -> None:
        self.is_gone = True

    def _process(self, frames: int) -> None:
        # JACK's thread.
        begin = self._client.last_frame_time
        for port in self._ports:
            port.write_cycle(begin, frames)


Queue = deque[tuple[int | None, bytes]]


class JackPort:
    """One port of a `JackClock`. Events are given by their frame since the roll began.

    `origin` is the frame of JACK's clock at which that was; when it is moved, what
    waits moves along. `written` holds by how many frames each pulse that went out was
    late (0: on its frame), or None for one that did not fit.
    """

    def __init__(self, clock: JackClock, out: Any, name: str) -> None:
        self.origin = 0
        self.reason = _absent(name)
        self.written: deque[int | None] = deque(maxlen=_REMEMBERED)
        self._clock = clock
        self._out = out
        self._name = name
        self._begin = -1
        self._writing = False
        # The clock's thread replaces the queue whole, so that what it takes back stays away.
        self._queue: Queue = deque()

    def send(self, data: bytes) -> None:
        """Send one message in the next cycle, instead of all that was to come."""
        if self._clock.is_gone:
            raise PortError("JACK has ended.")
        self._queue = deque([(None, data)])

    def send_at(self, frame: int, data: bytes) -> None:
        """Send one message at a frame of the roll; what is past goes out in the next cycle."""
        if self._clock.is_gone:
            raise PortError("JACK has ended.")
        self._queue.append((frame, data))

    def look(self) -> bool:
        """Return whether the port is connected, and connect it again if it came back."""
        if self._name == VIRTUAL:
            return not self._clock.is_gone
        return self._clock.connect(self._out, self._name)

    def clear(self) -> None:
        """Take back all that was to come."""
        self._queue = deque()

    def take_back(self) -> int:
        """Take back the events that wait for their frame; return how many those were."""
        before, self._queue = self._queue, deque()
        while self._writing:
            time.sleep(0)
        # From here on JACK's thread has the new queue.
        self._queue.extend(event for event in before if event[0] is None)
        return sum(frame is not None for frame, _ in before)

    def close(self) -> None:
        """Send no more."""
        self.clear()

    def write_cycle(self, begin: int, frames: int) -> None:
        """Write what is due in the cycle that begins at `begin`. JACK's thread."""
        self._writing = True
        self._write(self._queue, begin, frames)
        self._writing = False

    def _write(self, queue: Queue, begin: int, frames: int) -> None:
        if begin == self._begin:
            # JACK makes up for a call that came too late; this cycle is written already.
            return
        self._begin = begin
        self._out.clear_buffer()
        at = 0
        while queue:
            due, data = queue[0]
            offset = at if due is None else signed(due + self.origin - begin)
            if offset >= frames:
                break
            # JACK refuses what goes back in time, and ends a client whose callback fails.
            at = max(offset, at)
            late: int | None = None
            queue.popleft()
            with contextlib.suppress(Exception):
                self._out.write_midi_event(at, data)
                late = at - offset
            if data == PULSE:
                self.written.append(late)


def _absent(name: str) -> str:
    return f'The MIDI port "{name}" is not there: connect it, and the clock goes on.'


def _rtmidi_errors() -> tuple[type[Exception], ...]:
    """Return what a MIDI port raises: ours, rtmidi's own, and the SystemError of its C++ side."""
    try:
        import rtmidi
    except (ImportError, OSError):
        return (PortError,)
    return (PortError, rtmidi.RtMidiError, rtmidi.SystemError, SystemError)


def _midi_out() -> Any:
    """Return an rtmidi output of the system's own kind, or of JACK's where that fails."""
    try:
        import rtmidi
    except (ImportError, OSError) as error:
        raise PortError("MIDI is not available on this system.") from error
    for api in (rtmidi.API_UNSPECIFIED, rtmidi.API_UNIX_JACK):
        try:
            return rtmidi.MidiOut(api, CLIENT_NAME)
        except (SystemError, rtmidi.RtMidiError, ValueError) as error:
            log.debug("no MIDI by way of %s: %s", api, error)
    raise PortError("This system offers no MIDI: on Linux, load snd-seq or start JACK.")
