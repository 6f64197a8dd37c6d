"""A pipe to another process, carrying whole messages."""

import contextlib
import threading
from collections.abc import Mapping
from typing import Final, Protocol

from acestep_desktop.child.errors import ChildGoneError, ChildProtocolError
from acestep_desktop.child.messages import MAX_MESSAGE_BYTES, Message, Payload, decode, encode
from acestep_desktop.domain.codec import Json

_TOO_LARGE: Final = "bad message length"
"""How `Connection` words its refusal of a message beyond the cap; it has no errno."""


class Wire(Protocol):
    """What a channel needs of `multiprocessing.connection`'s pipes, on any system."""

    def send_bytes(self, buf: bytearray, /) -> None:
        """Send one message, waiting while the pipe is full."""

    def recv_bytes(self, maxlength: int, /) -> bytes:
        """Wait for one message; OSError for a longer one."""

    def fileno(self) -> int:
        """Return the system's handle of the pipe."""

    def close(self) -> None:
        """Close this end."""


class Channel:
    """Sends from any thread; receives on one. Owns its wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._sending = threading.Lock()

    def send(
        self, kind: str, fields: Mapping[str, Json] | None = None, payload: Payload = b""
    ) -> None:
        """Send one message, waiting for its reader; ChildGoneError if there is none."""
        self.write(encode(Message(kind, fields or {}, payload)))

    def write(self, data: bytearray) -> None:
        """Send a message that is encoded already, as `send` does."""
        with self._sending:
            try:
                self._wire.send_bytes(data)
            except (OSError, ValueError) as error:
                raise ChildGoneError("The other process has ended.") from error

    def receive(self) -> Message:
        """Wait for the next message and return it.

        Raises ChildGoneError at the end, and ChildProtocolError for a message
        that is beyond the cap (before memory is taken for it) or unreadable.
        """
        try:
            data = self._wire.recv_bytes(MAX_MESSAGE_BYTES)
        except EOFError as error:
            raise ChildGoneError("The other process has ended.") from error
        except OSError as error:
            if _TOO_LARGE in str(error):
                raise ChildProtocolError(
                    "Another process of the program said something too large: try again."
                ) from error
            raise ChildGoneError("The other process has ended.") from error
        return decode(data)

    def close(self) -> None:
        """Close this end; the other one sees it."""
        with contextlib.suppress(OSError):
            self._wire.close()
