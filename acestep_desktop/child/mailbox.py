"""Messages as they arrive: read by a thread of their own, kept in order until asked for."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from acestep_desktop.child.channel import Channel
from acestep_desktop.child.errors import ChildError, ChildGoneError, ChildProtocolError
from acestep_desktop.child.messages import Message

log = logging.getLogger(__name__)

MAX_WAITING_BYTES: Final = 96 * 1024
"""When more than this waits to be asked for, reading pauses, and so in time does the sender:
an engine that ran further ahead would only have its audio wait here instead of there."""


class Mailbox:
    """Reads `channel` from construction until its end.

    Args:
        first_look: called on the reading thread with each message; returns True
            for one that it has dealt with, which is then not kept.
        at_end: called once, on the reading thread, with the reason of the end.
        bounded: pause reading when `MAX_WAITING_BYTES` wait.
    """

    def __init__(
        self,
        channel: Channel,
        *,
        first_look: Callable[[Message], bool] = lambda message: False,
        at_end: Callable[[ChildError], None] = lambda error: None,
        bounded: bool = True,
    ) -> None:
        self._channel = channel
        self._first_look = first_look
        self._at_end = at_end
        self._bounded = bounded
        self._waiting: deque[Message] = deque()
        self._waiting_bytes = 0
        self._end: ChildError | None = None
        self._abandoned = False
        self._changed = threading.Condition()
        self._heard_at = time.monotonic()
        self._thread = threading.Thread(target=self._read, name="mailbox", daemon=True)
        self._thread.start()

    @property
    def heard_at(self) -> float:
        """When the last message came, in seconds of `time.monotonic`.

        While reading is paused this is now: it is not the sender that is silent.
        """
        with self._changed:
            return time.monotonic() if self._full() else self._heard_at

    def receive(self, timeout_s: float | None = None) -> Message | None:
        """Return the next message, or None when none comes within `timeout_s`.

        After the last one, raises what ended the channel.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting or self._end, timeout_s):
                return None
            if not self._waiting:
                assert self._end is not None
                raise type(self._end)(str(self._end)) from self._end
            message = self._waiting.popleft()
            self._waiting_bytes -= memoryview(message.payload).nbytes
            self._changed.notify_all()
            return message

    def close(self, timeout_s: float = 1.0) -> bool:
        """Stop keeping messages; return whether the reading thread has ended in time."""
        with self._changed:
            self._abandoned = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _full(self) -> bool:
        return self._bounded and self._waiting_bytes >= MAX_WAITING_BYTES and not self._abandoned

    def _read(self) -> None:
        end: ChildError = ChildGoneError("The other process is no longer listened to.")
        try:
            while True:
                self._keep(self._channel.receive())
        except ChildError as error:
            end = error
        except Exception as error:  # the edge of the thread
            log.exception("a message was not understood")
            end = ChildProtocolError(
                f"A process of the program made a mistake with a message ({error}): try again."
            )
        finally:
            with self._changed:
                self._end = end
                self._changed.notify_all()
            self._at_end(end)

    def _keep(self, message: Message) -> None:
        with self._changed:
            self._heard_at = time.monotonic()
        if self._first_look(message):
            return
        with self._changed:
            self._changed.wait_for(lambda: not self._full())
            self._heard_at = time.monotonic()
            if not self._abandoned:
                self._waiting.append(message)
                self._waiting_bytes += memoryview(message.payload).nbytes
                self._changed.notify_all()
