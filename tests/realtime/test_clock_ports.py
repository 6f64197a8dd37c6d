"""What a port of JACK's writes, cycle by cycle."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from acestep_desktop.child.messages import Message
from acestep_desktop.domain.codec import Json
from acestep_desktop.realtime import clock_ports
from acestep_desktop.realtime.client import Notice
from acestep_desktop.realtime.clock_client import ClockClient, ClockPort
from acestep_desktop.realtime.clock_grammar import PULSE, START, STOP
from acestep_desktop.realtime.clock_ports import VIRTUAL, JackClock, JackPort, RtMidiPort
from acestep_desktop.realtime.errors import PortError

PERIOD = 256


class FakeOut:
    """A buffer of one cycle, which has room for `room` messages."""

    def __init__(self, room: int = 99) -> None:
        self.room = room
        self.written: list[tuple[int, bytes]] = []

    def clear_buffer(self) -> None:
        self.written = []

    def write_midi_event(self, at: int, data: bytes) -> None:
        if len(self.written) >= self.room or (self.written and at < self.written[-1][0]):
            raise RuntimeError
        self.written.append((at, data))


@pytest.fixture
def out() -> FakeOut:
    return FakeOut()


@pytest.fixture
def port(out: FakeOut) -> JackPort:
    made = JackPort(SimpleNamespace(is_gone=False), out, "there")  # type: ignore[arg-type]
    made.origin = 10_000
    return made


def test_events_go_out_on_their_frames_and_not_before(port: JackPort, out: FakeOut) -> None:
    port.send_at(0, START)
    port.send_at(300, PULSE)

    port.write_cycle(10_000 - PERIOD, PERIOD)
    assert out.written == []
    port.write_cycle(10_000, PERIOD)
    assert out.written == [(0, START)]
    port.write_cycle(10_000 + PERIOD, PERIOD)
    assert out.written == [(44, PULSE)]
    assert list(port.written) == [0]


def test_what_waits_moves_along_with_its_origin(port: JackPort, out: FakeOut) -> None:
    port.send_at(100, PULSE)
    port.origin += PERIOD

    port.write_cycle(10_000, PERIOD)
    assert out.written == []
    port.write_cycle(10_000 + PERIOD, PERIOD)
    assert out.written == [(100, PULSE)]


def test_what_is_late_goes_out_at_once_and_says_by_how_much(port: JackPort, out: FakeOut) -> None:
    port.send_at(-5, START)
    port.send_at(3, PULSE)
    port.send_at(20, PULSE)

    port.write_cycle(10_010, PERIOD)

    assert out.written == [(0, START), (0, PULSE), (10, PULSE)]
    assert list(port.written) == [7, 0]


def test_a_cycle_that_is_called_twice_keeps_what_it_was_given(port: JackPort, out: FakeOut) -> None:
    port.send_at(10, PULSE)
    port.write_cycle(10_000, PERIOD)
    port.write_cycle(10_000, PERIOD)

    assert out.written == [(10, PULSE)]


def test_a_stop_takes_back_all_that_was_to_come(port: JackPort, out: FakeOut) -> None:
    port.send_at(10, PULSE)
    port.send(STOP)
    port.write_cycle(10_000, PERIOD)

    assert out.written == [(0, STOP)]


def test_a_pulse_that_does_not_fit_is_lost_and_told(port: JackPort, out: FakeOut) -> None:
    out.room = 1
    port.send_at(10, PULSE)
    port.send_at(20, PULSE)
    port.write_cycle(10_000, PERIOD)

    assert list(port.written) == [0, None]


def test_frames_are_compared_where_their_count_wraps(port: JackPort, out: FakeOut) -> None:
    port.origin = 2**32 - 100
    port.send_at(150, PULSE)

    port.write_cycle(2**32 - 100, PERIOD)
    assert out.written == [(150, PULSE)]
    port.send_at(356, PULSE)
    port.write_cycle(156, PERIOD)
    assert out.written == [(100, PULSE)]


def test_a_server_that_has_ended_takes_no_more() -> None:
    port = JackPort(SimpleNamespace(is_gone=True), FakeOut(), "there")  # type: ignore[arg-type]

    with pytest.raises(PortError):
        port.send_at(0, PULSE)


def test_what_waits_for_its_frame_is_taken_back_and_counted(port: JackPort, out: FakeOut) -> None:
    for frame in (10, 300, 600):
        port.send_at(frame, PULSE)
    port.write_cycle(10_000, PERIOD)

    assert port.take_back() == 2
    port.write_cycle(10_000 + PERIOD, PERIOD)
    assert out.written == []


def test_a_stop_is_not_taken_back(port: JackPort, out: FakeOut) -> None:
    port.send(STOP)
    port.send_at(100, START)

    assert port.take_back() == 1
    port.write_cycle(10_000, PERIOD)
    assert out.written == [(0, STOP)]


def test_a_port_of_our_own_that_windows_cannot_offer_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock_ports, "_midi_out", lambda: SimpleNamespace())
    monkeypatch.setattr(clock_ports.sys, "platform", "win32")
    port = RtMidiPort(VIRTUAL)

    assert not port.look()
    assert "install loopMIDI" in port.reason


def test_why_a_port_is_not_there_is_what_a_person_reads() -> None:
    notices: list[Notice] = []
    client = ClockClient(Path("status"), [ClockPort()], notices.append)
    fields: dict[str, Json] = {"name": VIRTUAL, "there": False, "reason": "Install loopMIDI."}

    for _ in range(2):
        client._hear(Message("port", fields))

    assert notices == [Notice("port_lost", "Install loopMIDI.")]
    assert client.missing == {VIRTUAL}


class Refused(OSError):
    """What JACK says when it will not."""


def test_a_jack_that_refuses_is_a_port_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Refused("no more ports")

    clock = JackClock.__new__(JackClock)
    clock._ports = ()
    clock._client = SimpleNamespace(midi_outports=SimpleNamespace(register=refuse), activate=refuse)

    for act in (lambda: clock.add_port("there"), clock.activate):
        with pytest.raises(PortError, match="no more ports"):
            act()
