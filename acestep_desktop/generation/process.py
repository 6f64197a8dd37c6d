"""An engine's process as its client sees it: opened, asked, given jobs, listened to."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from acestep_desktop.child.errors import ChildError, ChildProtocolError
from acestep_desktop.child.process import Child, start_child
from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.recipe import Recipe
from acestep_desktop.domain.request import Request
from acestep_desktop.generation.abilities import Estimate
from acestep_desktop.generation.errors import EngineFaultError
from acestep_desktop.generation.events import END_EVENTS, Event, Stalled
from acestep_desktop.generation.generator import JobCancelled
from acestep_desktop.generation.patience import JobPatience, Listener
from acestep_desktop.generation.telling import event_from, misunderstood
from acestep_desktop.generation.wire import (
    CancelJob,
    EngineOpened,
    JobPlanned,
    JobStarted,
    JobTake,
    OpenEngine,
    Order,
    OrderFailed,
    StartJob,
    say,
)

Answer = TypeVar("Answer")


class EngineProcess:
    """One engine, from the start of its process to its end; used by one thread at a time.

    When a method raises anything but EngineFaultError, the process has ended.
    """

    def __init__(
        self,
        entry: str,
        *,
        environment: Mapping[str, str],
        patience: JobPatience,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._patience = patience
        self._clock = clock
        self._opened: EngineOpened | None = None
        self._jobs = 0
        self._child = start_child("engine", environment=environment)
        say(self._child, OpenEngine(entry))

    @property
    def child(self) -> Child:
        """The process itself."""
        return self._child

    @property
    def is_open(self) -> bool:
        """Whether the engine has been opened."""
        return self._opened is not None

    @property
    def opened(self) -> EngineOpened:
        """What the engine said of itself when it was opened."""
        if self._opened is None:
            raise EngineFaultError("The engine is not open yet: try again.")
        return self._opened

    def opening(self, cancelled: Callable[[], bool] = lambda: False) -> Iterator[Stalled]:
        """Wait until the engine is open, and tell when that takes long.

        An engine cannot be interrupted while it opens: one that is not wanted any
        more, or cannot be opened, is ended; that is JobCancelled or EngineFaultError.
        """
        listener = self._listener(self._patience.opening_s, cancel_s=0.0)
        while self._opened is None:
            reply, _ = listener.hear(cancelled)
            match reply:
                case Stalled():
                    yield reply
                case EngineOpened():
                    self._opened = reply
                case OrderFailed():
                    self._child.end()
                    raise EngineFaultError(reply.reason, reply.detail)
                case _:
                    self._child.kill()
                    raise misunderstood(reply)

    def ask(self, order: Order, answer: type[Answer]) -> Answer:
        """Return the `answer` to `order`; EngineFaultError if the engine cannot give it."""
        for _ in self.opening():
            pass
        listener = self._listener(self._patience.silence_s, self._patience.cancel_s)
        say(self._child, order)
        while True:
            reply, _ = listener.hear(lambda: False)
            if isinstance(reply, OrderFailed):
                raise EngineFaultError(reply.reason, reply.detail)
            if isinstance(reply, answer):
                return reply
            if not isinstance(reply, Stalled):
                self._child.kill()
                raise misunderstood(reply)

    def begin(self, request: Request, work_dir: Path) -> "EngineJob":
        """Have an open engine begin a job."""
        self._jobs += 1
        say(self._child, StartJob(self._jobs, request, str(work_dir)))
        listener = self._listener(self._patience.silence_s, self._patience.cancel_s)
        return EngineJob(
            self._jobs,
            self._child,
            listener,
            limit_of=self._patience.limit_s,
            work_dir=work_dir,
            clock=self._clock,
        )

    def _listener(self, limit_s: float, cancel_s: float) -> Listener:
        return Listener(
            self._child,
            limit_s=limit_s,
            cancel_s=cancel_s,
            look_every_s=self._patience.look_every_s,
            clock=self._clock,
        )


class EngineJob:
    """A job that an engine is doing; its events, one after the other."""

    def __init__(
        self,
        number: int,
        child: Child,
        listener: Listener,
        *,
        limit_of: Callable[[Estimate], float],
        work_dir: Path,
        clock: Callable[[], float],
    ) -> None:
        self._number = number
        self._child = child
        self._listener = listener
        self._limit_of = limit_of
        self._work_dir = work_dir
        self._clock = clock
        self._begun = clock()
        self._planned: dict[int, Recipe] = {}

    def cancel(self) -> None:
        """Tell the engine to stop. Any thread."""
        with contextlib.suppress(ChildError):  # an engine that is gone has stopped
            say(self._child, CancelJob(self._number))

    def next_event(self, cancelled: Callable[[], bool]) -> Event:
        """Wait for the next event of this job and return it."""
        while True:
            reply, payload = self._listener.hear(cancelled)
            if isinstance(reply, JobStarted):
                self._listener.limit_s = self._limit_of(reply.estimate)
            if getattr(reply, "job", None) not in (self._number, None):
                continue
            if isinstance(reply, JobPlanned):
                self._planned[reply.variation] = reply.recipe
                continue
            if isinstance(reply, JobTake) and reply.recipe is None:
                reply = replace(reply, recipe=self._planned.pop(reply.variation, None))
            try:
                return event_from(reply, payload, self._work_dir, self._clock() - self._begun)
            except ChildProtocolError:
                self._child.kill()
                raise

    def let_go(self) -> None:
        """Cancel the job and wait until the engine has; what it still says is not wanted."""
        self.cancel()
        with contextlib.suppress(JobCancelled, UserError):  # the engine has ended instead
            while not isinstance(self.next_event(lambda: True), END_EVENTS):
                pass
