"""A child process that is always there, seen from the app: told, heard, and told anew."""

import contextlib
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from acestep_desktop.child.errors import ChildError, ChildGoneError, ChildProtocolError
from acestep_desktop.child.messages import Message
from acestep_desktop.child.process import Child
from acestep_desktop.child.watch import Patience, RestartPolicy, Supervisor

log = logging.getLogger(__name__)

_LAST_WORDS_S: Final = 1.0


class Companion(ABC):
    """Keeps a child alive; a subclass says what it must know and what it says back.

    Every method may be called from any thread. What changes what a new process is told
    holds `_lock`, so that none misses it.
    """

    def __init__(
        self, start: Callable[[], Child], restarts: RestartPolicy, patience: Patience
    ) -> None:
        self._lock: Final = threading.RLock()
        self._child: Child | None = None
        self._listener: threading.Thread | None = None
        self._supervisor = Supervisor(start, self, restarts=restarts, patience=patience)

    def start(self) -> None:
        """Start the process."""
        self._supervisor.start()

    def close(self) -> None:
        """End the process."""
        self._supervisor.stop()

    def started(self, child: Child) -> None:
        """Tell a new process all that the old one knew. Called by the supervisor."""
        with self._lock:
            self._child = child
            self._greet()
        listener = threading.Thread(
            target=self._listen, args=(child,), name="listener", daemon=True
        )
        self._listener = listener
        listener.start()

    def silent(self, silent_s: float) -> None:  # noqa: B027 - who cares overrides it
        """Take note that the process does not answer. Called by the supervisor."""

    def died(self, why: str, restart_in_s: float | None) -> None:
        """Take note of a death. Called by the supervisor."""
        if self._listener is not None:
            # What it said before, such as that its device went, comes first.
            self._listener.join(_LAST_WORDS_S)
        with self._lock:
            self._child = None
            self._mourn()
        self._tell_of_death(why, restarts=restart_in_s is not None)

    @abstractmethod
    def _greet(self) -> None:
        """Tell a new process all that it must know; `_lock` is held."""

    @abstractmethod
    def _hear(self, message: Message) -> None:
        """Take in what the process says, on the listening thread."""

    @abstractmethod
    def _mourn(self) -> None:
        """Remember where the process was; `_lock` is held."""

    @abstractmethod
    def _tell_of_death(self, why: str, *, restarts: bool) -> None:
        """Tell whoever must know."""

    def _listen(self, child: Child) -> None:
        while True:
            try:
                message = child.receive()
            except ChildGoneError:
                return
            except ChildProtocolError as error:
                log.warning("%s", error)
                with contextlib.suppress(ChildError):
                    child.kill()  # the supervisor starts another
                return
            if message is not None:
                self._take_in(message)

    def _take_in(self, message: Message) -> None:
        try:
            self._hear(message)
        except Exception:  # the edge of the thread: what comes next must be heard
            log.exception("%s was not understood", message.kind)

    def _send(self, message: Message) -> None:
        """Send, unless the process is dead: then the next one is told."""
        with self._lock:  # a new process is greeted first
            child = self._child
            if child is not None:
                with contextlib.suppress(ChildError):
                    child.send(message.kind, message.fields, message.payload)
