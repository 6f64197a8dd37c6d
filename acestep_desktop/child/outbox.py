"""Messages on their way out: sent by a thread of their own, so that nobody waits for a reader."""

import threading
from collections import deque
from typing import Final

from acestep_desktop.child.channel import Channel
from acestep_desktop.child.errors import ChildError, ChildGoneError
from acestep_desktop.child.messages import Message, encode

MAX_UNSENT_BYTES: Final = 64 * 1024 * 1024
"""When more than this waits to be sent, the reader has hung and new messages are refused."""


class Outbox:
    """Sends messages through `channel` in the order in which they were posted."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._unsent: deque[bytearray] = deque()
        self._unsent_bytes = 0
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._send, name="outbox", daemon=True)
        self._thread.start()

    def post(self, message: Message) -> None:
        """Take `message` for sending and return at once; its payload is copied.

        Raises ChildGoneError once the reader is known to have ended, and
        ChildError when it takes nothing any more.
        """
        data = encode(message)
        with self._changed:
            if self._ended:
                raise ChildGoneError("The other process has ended.")
            if self._unsent_bytes + len(data) > MAX_UNSENT_BYTES:
                raise ChildError("Another process of the program has stopped listening: try again.")
            self._unsent.append(data)
            self._unsent_bytes += len(data)
            self._changed.notify_all()

    def close(self, timeout_s: float = 1.0) -> bool:
        """Drop what is unsent; return whether the sending thread has ended in time."""
        with self._changed:
            self._ended = True
            self._unsent.clear()
            self._changed.notify_all()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _send(self) -> None:
        try:
            while (data := self._next()) is not None:
                self._channel.write(data)
        except ChildGoneError:
            with self._changed:
                self._ended = True

    def _next(self) -> bytearray | None:
        with self._changed:
            self._changed.wait_for(lambda: self._unsent or self._ended)
            if not self._unsent:
                return None
            data = self._unsent.popleft()
            self._unsent_bytes -= len(data)
            return data
