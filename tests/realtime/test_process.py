"""The audio process at home: what it says of its device, and when it leaves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from acestep_desktop.child.messages import Message
from acestep_desktop.domain.codec import Json
from acestep_desktop.realtime import process
from acestep_desktop.realtime.client import RealtimeClient
from acestep_desktop.realtime.errors import DeviceError
from acestep_desktop.realtime.process import _Room
from acestep_desktop.realtime.status import StatusBlock


@dataclass
class FakeOutput:
    name: str
    ahead_s: float = 0.0
    is_lost: bool = False
    failure: BaseException | None = None

    def close(self) -> None:
        pass


@dataclass
class FakeParent:
    said: list[Message] = field(default_factory=list)

    def send(self, kind: str, fields: Mapping[str, Json] | None = None) -> None:
        self.said.append(Message(kind, fields or {}))


class Left(Exception):
    """The process has left."""


@dataclass
class House:
    room: _Room
    parent: FakeParent

    @property
    def opened(self) -> Message:
        return [message for message in self.parent.said if message.kind == "opened"][-1]

    def open(self, device: str | None, *, wait: bool = False) -> None:
        self.room.obey(Message("open", {"device": device, "block": 512, "wait": wait}))


@pytest.fixture
def block() -> Iterator[StatusBlock]:
    made = StatusBlock.create()
    yield made
    made.unlink()


@pytest.fixture
def house(block: StatusBlock, monkeypatch: pytest.MonkeyPatch) -> House:
    """A room on a machine whose only device is called "Speaker"."""

    def open_output(player: object, device: str | None, frames: int = 512) -> FakeOutput:
        if device not in (None, "Speaker"):
            raise DeviceError(f"{device} is not there: connect it.")
        return FakeOutput("Speaker")

    def leave(code: int) -> None:
        raise Left(code)

    monkeypatch.setattr(process, "open_output", open_output)
    monkeypatch.setattr(process, "DeviceOutput", open_output)
    monkeypatch.setattr(process.os, "_exit", leave)
    monkeypatch.setattr(process.logging, "shutdown", lambda: None)
    parent: Any = FakeParent()
    return House(_Room(parent, block), parent)


@pytest.mark.parametrize(("device", "waits"), [("Speaker", True), (None, True), ("Phones", False)])
def test_only_a_wished_device_that_was_there_is_waited_for_after_a_crash(
    house: House, device: str | None, waits: bool
) -> None:
    house.open(device)
    client = RealtimeClient(device=device)
    try:
        client._hear(Message("opened", {**house.opened.fields, "rate": 48_000, "latency_s": 0.01}))
        assert client.open_device.name == "Speaker"
        assert client._wishes.had_device == waits
    finally:
        client.close()


def test_what_fails_on_the_audio_thread_is_logged_and_ends_the_process(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.open(None)
    output: Any = house.room._output
    output.failure = ZeroDivisionError("no such gain")

    with pytest.raises(Left, match="1"):
        house.room._look_after_device()

    assert "no such gain" in caplog.text


def test_a_device_that_is_lost_is_said_before_the_process_ends(house: House) -> None:
    house.open("Speaker")
    output: Any = house.room._output
    output.is_lost = True

    with pytest.raises(Left, match="0"):
        house.room._look_after_device()

    assert house.parent.said[-1] == Message("lost", {"device": "Speaker"})
