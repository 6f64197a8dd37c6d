"""The clients of the engines: each made when first needed, and used by one thread at a time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from acestep_desktop.generation.client import EngineClient


class EngineClients:
    """All engines of the program, by name. Any thread.

    `make` returns a new client, or raises a UserError where the engine is missing.
    """

    def __init__(self, make: Callable[[str], EngineClient] = EngineClient) -> None:
        self._make = make
        self._guard = threading.Lock()
        self._clients: dict[str, EngineClient] = {}
        self._turns: dict[str, threading.Lock] = {}

    @contextmanager
    def using(self, engine: str) -> Iterator[EngineClient]:
        """Wait until nobody else uses an engine, and have it."""
        with self._turn(engine):
            yield self._client(engine)

    @contextmanager
    def if_free(self, engine: str) -> Iterator[EngineClient | None]:
        """Have an engine if nobody else uses it, else None."""
        turn = self._turn(engine)
        if not turn.acquire(blocking=False):
            yield None
            return
        try:
            yield self._client(engine)
        finally:
            turn.release()

    def find(self, engine: str) -> EngineClient | None:
        """Return the client of an engine that has been used, busy or not."""
        return self._clients.get(engine)

    def forget(self, engine: str) -> bool:
        """End an engine that nobody uses; what is known of it is asked anew the next time.

        Return whether nobody used it.
        """
        with self.if_free(engine) as client:
            if client is not None:
                with self._guard:
                    del self._clients[engine]
                client.close()
            return client is not None

    def end_all(self, grace_s: float) -> None:
        """Have all engines end, whatever they do, each by force after `grace_s`."""
        for client in tuple(self._clients.values()):
            client.close(grace_s=grace_s)

    def _turn(self, engine: str) -> threading.Lock:
        with self._guard:
            return self._turns.setdefault(engine, threading.Lock())

    def _client(self, engine: str) -> EngineClient:
        with self._guard:
            if engine not in self._clients:
                self._clients[engine] = self._make(engine)
            return self._clients[engine]
