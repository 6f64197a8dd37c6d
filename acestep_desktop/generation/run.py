"""One job on its way: an iterator of its events, which any thread can cancel."""

from collections.abc import Callable, Generator, Iterator
from typing import Self

from acestep_desktop.generation.events import Event


class Cancellation:
    """The wish that a job should stop, from any thread, before or while it runs."""

    def __init__(self) -> None:
        self._wanted = False
        self._tell_engine: Callable[[], None] | None = None

    def wanted(self) -> bool:
        """Return whether the job should stop."""
        return self._wanted

    def ask(self) -> None:
        """Have the job stop at its next step, or never start."""
        self._wanted = True
        if self._tell_engine is not None:
            self._tell_engine()

    def reaches(self, tell_engine: Callable[[], None]) -> None:
        """Take note of how the engine is told; tell it at once if that is wanted already."""
        # This order, and the opposite one in `ask`, leave no moment for a wish to be lost.
        self._tell_engine = tell_engine
        if self._wanted:
            tell_engine()


class Run(Iterator[Event]):
    """The events of one job, made by `EngineClient.run`.

    Iterate on one thread. Nothing happens before the first event is asked for.
    One that is closed, or left and forgotten, before its end cancels its job and
    waits until the engine has let go of it.
    """

    def __init__(self, events: Generator[Event], cancellation: Cancellation) -> None:
        # The events must not know this object: a cycle would keep it alive when it is left.
        self._events = events
        self._cancellation = cancellation

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        return next(self._events)

    def cancel(self) -> None:
        """Have the job stop at its next step, or never start. Any thread, at any time."""
        self._cancellation.ask()

    def close(self) -> None:
        """Cancel the job unless it has ended. The iterating thread only."""
        self._events.close()
