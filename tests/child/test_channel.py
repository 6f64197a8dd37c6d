"""Channels, mailboxes and outboxes, on real pipes within this process."""

import os
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Pipe

import pytest

from acestep_desktop.child import mailbox as mailbox_module
from acestep_desktop.child import outbox as outbox_module
from acestep_desktop.child.channel import Channel
from acestep_desktop.child.errors import ChildError, ChildGoneError, ChildProtocolError
from acestep_desktop.child.mailbox import Mailbox
from acestep_desktop.child.messages import Message
from acestep_desktop.child.outbox import Outbox
from acestep_desktop.child.parent import Parent

WAIT_S = 10.0
Post = tuple[Channel, Mailbox]


@contextmanager
def pair() -> Iterator[tuple[Channel, Channel]]:
    here, there = (Channel(wire) for wire in Pipe())
    try:
        yield here, there
    finally:
        here.close()
        there.close()


@contextmanager
def post(first_look: Callable[[Message], bool] = lambda message: False) -> Iterator[Post]:
    """A channel to send through, and a mailbox where what is sent arrives."""
    with pair() as (here, there):
        mailbox = Mailbox(there, first_look=first_look)
        try:
            yield here, mailbox
        finally:
            here.close()
            assert mailbox.close(WAIT_S)


def test_messages_arrive_in_order_with_their_payload() -> None:
    with pair() as (here, there):
        for number in range(3):
            here.send("note", {"number": number}, b"sound" * number)

        received = [there.receive() for _ in range(3)]

    assert received == [Message("note", {"number": n}, b"sound" * n) for n in range(3)]


def test_a_channel_whose_other_end_is_closed_says_so() -> None:
    with pair() as (here, there):
        there.close()

        with pytest.raises(ChildGoneError):
            here.receive()
        with pytest.raises(ChildGoneError):
            here.send("anybody?")


def test_a_closed_channel_says_so() -> None:
    with pair() as (here, _):
        here.close()
        here.close()

        with pytest.raises(ChildGoneError):
            here.receive()
        with pytest.raises(ChildGoneError):
            here.send("anybody?")


def test_a_message_beyond_the_cap_is_refused_before_it_is_read() -> None:
    wire, other = Pipe()
    with other:
        os.write(other.fileno(), struct.pack("!i", 2**30))

        with pytest.raises(ChildProtocolError, match="too large"):
            Channel(wire).receive()
    wire.close()


def test_an_end_in_the_middle_of_a_message_is_an_end() -> None:
    wire, other = Pipe()
    os.write(other.fileno(), struct.pack("!i", 1000) + b"only the beginning")
    other.close()

    with pytest.raises(ChildGoneError):
        Channel(wire).receive()
    wire.close()


def test_many_threads_can_send_large_messages_at_once() -> None:
    with pair() as (here, there):
        threads = [
            threading.Thread(target=here.send, args=("part", {"n": n}, bytes([n]) * 300_000))
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        received = [there.receive() for _ in threads]
        for thread in threads:
            thread.join()

    assert {message.fields["n"]: bytes(message.payload[:1]) for message in received} == {
        n: bytes([n]) for n in range(8)
    }
    assert all(len(set(message.payload)) == 1 for message in received)


def test_a_mailbox_keeps_messages_in_order_until_asked() -> None:
    with post() as (here, mailbox):
        for number in range(5):
            here.send("note", {"number": number})

        kept = [mailbox.receive(WAIT_S) for _ in range(5)]

        assert [message.fields["number"] for message in kept if message] == [0, 1, 2, 3, 4]
        assert mailbox.receive(0.0) is None


def test_a_mailbox_gives_all_that_came_before_it_says_that_the_end_came() -> None:
    with post() as (here, mailbox):
        here.send("last")
        here.close()

        assert mailbox.receive(WAIT_S) == Message("last")
        for _ in range(2):
            with pytest.raises(ChildGoneError):
                mailbox.receive(WAIT_S)


def test_a_mailbox_says_that_it_cannot_understand() -> None:
    with post() as (here, mailbox):
        here.write(bytearray(b"gibberish"))

        with pytest.raises(ChildProtocolError):
            mailbox.receive(WAIT_S)


def test_a_first_look_takes_a_message_away_from_the_queue() -> None:
    seen: list[str] = []

    def look(message: Message) -> bool:
        seen.append(message.kind)
        return message.kind == "cancel"

    with post(look) as (here, mailbox):
        here.send("cancel")
        here.send("note")

        assert mailbox.receive(WAIT_S) == Message("note")
    assert seen == ["cancel", "note"]


def test_a_full_mailbox_lets_the_sender_wait_and_calls_it_alive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mailbox_module, "MAX_WAITING_BYTES", 1000)
    with post() as (here, mailbox):
        sender = threading.Thread(
            target=lambda: [here.send("note", {"n": n}, bytes(600_000)) for n in range(10)]
        )
        sender.start()
        first = mailbox.receive(WAIT_S)
        before = mailbox.heard_at
        waiting = sender.is_alive()
        kept = [first] + [mailbox.receive(WAIT_S) for _ in range(9)]
        sender.join()

        assert waiting
        assert mailbox.heard_at >= before
        assert [message.fields["n"] for message in kept if message] == list(range(10))


def test_a_full_mailbox_can_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox_module, "MAX_WAITING_BYTES", 1)
    with pair() as (here, there):
        mailbox = Mailbox(there)
        here.send("note", {}, b"sound")
        here.send("note", {}, b"sound")
        here.close()

        assert mailbox.close(WAIT_S)


def test_an_outbox_sends_in_order() -> None:
    with pair() as (here, there):
        outbox = Outbox(here)
        for number in range(5):
            outbox.post(Message("note", {"number": number}))

        assert [there.receive().fields["number"] for _ in range(5)] == [0, 1, 2, 3, 4]
        assert outbox.close(WAIT_S)


def test_an_outbox_never_waits_for_its_reader() -> None:
    with pair() as (here, there):
        outbox = Outbox(here)
        for _ in range(20):
            outbox.post(Message("arrangement", {}, bytes(1_000_000)))

        assert there.receive().kind == "arrangement"
        there.close()
        assert outbox.close(WAIT_S)


def test_an_outbox_refuses_when_its_reader_takes_nothing_for_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_module, "MAX_UNSENT_BYTES", 2_000_000)
    with pair() as (here, there):
        outbox = Outbox(here)

        with pytest.raises(ChildError, match="stopped listening"):
            for _ in range(10):
                outbox.post(Message("arrangement", {}, bytes(1_000_000)))
        there.close()
        assert outbox.close(WAIT_S)


def test_an_outbox_whose_reader_has_gone_says_so() -> None:
    with pair() as (here, there):
        there.close()
        outbox = Outbox(here)
        outbox.post(Message("anybody?"))
        outbox._thread.join(WAIT_S)

        with pytest.raises(ChildGoneError):
            outbox.post(Message("anybody?"))


def test_a_child_leaves_when_its_parent_does() -> None:
    with pair() as (here, there):
        left: list[int] = []
        gone = threading.Event()

        def leave(code: int) -> None:
            left.append(code)
            gone.set()

        Parent(there, leave=leave)
        here.close()

        assert gone.wait(WAIT_S)
        assert left == [0]


def test_a_child_that_cannot_understand_its_parent_says_so_and_leaves(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pair() as (here, there):
        left: list[int] = []
        gone = threading.Event()

        def leave(code: int) -> None:
            left.append(code)
            gone.set()

        Parent(there, leave=leave)
        here.write(bytearray(b"gibberish"))

        assert gone.wait(WAIT_S)
        assert left == [1]
        assert "unreadable" in caplog.text


def test_a_child_answers_a_ping_while_it_works() -> None:
    with pair() as (here, there):
        Parent(there, leave=lambda code: None)
        here.send("ping", {"number": 7})

        assert here.receive() == Message("pong", {"number": 7})


def test_a_child_whose_handler_fails_says_so_and_leaves(caplog: pytest.LogCaptureFixture) -> None:
    with pair() as (here, there):
        left: list[int] = []
        gone = threading.Event()

        def leave(code: int) -> None:
            left.append(code)
            gone.set()

        def broken(message: Message) -> None:
            raise ZeroDivisionError("no such tempo")

        Parent(there, leave=leave).at_once("tempo", broken)
        here.send("tempo")

        assert gone.wait(WAIT_S)
        assert left == [1]
        assert "no such tempo" in caplog.text
        assert any(record.exc_info for record in caplog.records)
