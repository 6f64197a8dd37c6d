"""What every child that is always there has in common: it is greeted first, and always heard."""

import threading
from typing import Any

from acestep_desktop.child.errors import ChildGoneError, ChildProtocolError
from acestep_desktop.child.messages import Message
from acestep_desktop.child.watch import Patience, RestartPolicy
from acestep_desktop.realtime.companion import Companion

WAIT_S = 20.0


class Friend(Companion):
    """Greets when it is let, and notes what it hears."""

    def __init__(self) -> None:
        super().__init__(lambda: None, RestartPolicy(), Patience())  # type: ignore[arg-type]
        self.greeting, self.may_greet = threading.Event(), threading.Event()
        self.noted: list[str] = []
        self.mourned = threading.Event()

    def _greet(self) -> None:
        self.greeting.set()
        assert self.may_greet.wait(WAIT_S)
        self._send(Message("hello"))

    def _hear(self, message: Message) -> None:
        self.noted.append(message.kind)

    def _mourn(self) -> None:
        self.noted.append("mourned")
        self.mourned.set()

    def _tell_of_death(self, why: str, *, restarts: bool) -> None:
        """Tell nobody."""


class FakeChild:
    """Notes what it is sent; says something unreadable, or that it has gone."""

    def __init__(self, last: Exception) -> None:
        self.kinds: list[str] = []
        self.killed = threading.Event()
        self._last = last

    def send(self, kind: str, fields: object, payload: object) -> None:
        self.kinds.append(kind)

    def receive(self) -> Message:
        raise self._last

    def kill(self) -> None:
        self.killed.set()


class DyingChild(FakeChild):
    """Has said one thing more, which is slow to arrive."""

    def __init__(self) -> None:
        super().__init__(ChildGoneError("It has gone."))
        self.arrives = threading.Event()

    def receive(self) -> Message:
        assert self.arrives.wait(WAIT_S)
        if self.kinds.count("heard"):
            raise self._last
        self.kinds.append("heard")
        return Message("lost")


def test_the_last_words_of_a_process_are_heard_before_its_death_is_told() -> None:
    friend, child = Friend(), DyingChild()
    friend.may_greet.set()
    fake: Any = child
    friend.started(fake)
    dying = threading.Thread(target=friend.died, args=("It has ended.", 0.0))
    dying.start()

    assert not friend.mourned.wait(0.1)
    child.arrives.set()
    dying.join(WAIT_S)
    assert friend.noted == ["lost", "mourned"]


def test_nothing_is_sent_to_a_new_process_before_it_is_greeted() -> None:
    friend, child = Friend(), FakeChild(ChildGoneError("It has gone."))
    fake: Any = child
    starting = threading.Thread(target=friend.started, args=(fake,))
    starting.start()
    assert friend.greeting.wait(WAIT_S)
    asking = threading.Thread(target=friend._send, args=(Message("report"),))
    asking.start()
    asking.join(0.05)
    friend.may_greet.set()
    starting.join(WAIT_S)
    asking.join(WAIT_S)

    assert child.kinds == ["hello", "report"]


def test_a_process_that_cannot_be_understood_is_ended_for_another_one() -> None:
    friend, child = Friend(), FakeChild(ChildProtocolError("It speaks in tongues."))
    friend.may_greet.set()
    fake: Any = child

    friend.started(fake)

    assert child.killed.wait(WAIT_S)
