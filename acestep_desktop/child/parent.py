"""What a child sees of the process that started it."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping

from acestep_desktop.child.channel import Channel
from acestep_desktop.child.errors import ChildError, ChildGoneError
from acestep_desktop.child.mailbox import Mailbox
from acestep_desktop.child.messages import Message, Payload
from acestep_desktop.domain.codec import Json

log = logging.getLogger(__name__)


class Parent:
    """The parent of this process. When it goes, this process goes with it, at once.

    A thread reads what the parent says: "ping" is answered there, "quit" ends
    `messages`, and kinds given to `at_once` are handled there while the main
    thread works.
    """

    def __init__(self, channel: Channel, *, leave: Callable[[int], object] = os._exit) -> None:
        self._channel = channel
        self._leave = leave
        self._handlers: dict[str, Callable[[Message], None]] = {"ping": self._answer}
        self._quitting = False
        self._mailbox = Mailbox(
            channel, first_look=self._first_look, at_end=self._follow, bounded=False
        )

    @property
    def quitting(self) -> bool:
        """Whether the parent has asked this process to quit."""
        return self._quitting

    def send(
        self, kind: str, fields: Mapping[str, Json] | None = None, payload: Payload = b""
    ) -> None:
        """Say something to the parent; from any thread."""
        self._channel.send(kind, fields, payload)

    def receive(self, timeout_s: float | None = None) -> Message | None:
        """Return the next message, or None when none comes in time."""
        return self._mailbox.receive(timeout_s)

    def messages(self) -> Iterator[Message]:
        """Return the messages as they come, until the parent asks this process to quit."""
        while not self._quitting:
            message = self._mailbox.receive()
            if message is None or message.kind == "quit":
                return
            yield message

    def at_once(self, kind: str, handler: Callable[[Message], None]) -> None:
        """Have messages of `kind` handled on the reading thread; `handler` must be quick.

        Only messages that come later are: set this up before the parent is told
        that it may send them.
        """
        self._handlers[kind] = handler

    def _first_look(self, message: Message) -> bool:
        if message.kind == "quit":
            self._quitting = True
            return False
        handler = self._handlers.get(message.kind)
        if handler is not None:
            handler(message)
        return handler is not None

    def _answer(self, message: Message) -> None:
        self._channel.send("pong", message.fields)

    def _follow(self, end: ChildError) -> None:
        """Leave when the parent has: no cleaning up, it could take forever."""
        gone = isinstance(end, ChildGoneError)
        if not gone:
            log.error("%s", end)
        self._leave(0 if gone else 1)
