"""The client of an engine: starts its process, gives it jobs, and tells what happens."""

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from acestep_desktop.child.errors import ChildError, ChildGoneError
from acestep_desktop.child.process import GRACE_S
from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.recipe import EngineIdentity
from acestep_desktop.domain.request import Request
from acestep_desktop.generation.abilities import Abilities, Estimate
from acestep_desktop.generation.errors import EngineBusyError, WorkFolderError
from acestep_desktop.generation.events import END_EVENTS, Cancelled, Event, Failed
from acestep_desktop.generation.generator import JobCancelled
from acestep_desktop.generation.patience import JobPatience
from acestep_desktop.generation.process import EngineJob, EngineProcess
from acestep_desktop.generation.registry import engine_entry, find_engine
from acestep_desktop.generation.run import Cancellation, Run
from acestep_desktop.generation.wire import (
    EngineOpened,
    EngineUnloaded,
    EstimateJob,
    JobEstimated,
    UnloadEngine,
)

log = logging.getLogger(__name__)

_TRY_AGAIN: Final = "Try again: a new engine is started."


class EngineClient:
    """One engine in its own process: started when first needed, kept warm, replaced when it dies.

    A context manager that closes it. One thread uses it at a time; `cancel` and
    `close` may come from any.

    Args:
        engine: a name of the registry; raises UnknownEngineError or EngineMissingError.
        entry: where the generator comes from ("module:function"), for an engine that
            is in no registry.
        environment: added to the environment of the engine's process, and to what the
            registry adds.
    """

    def __init__(
        self,
        engine: str,
        *,
        entry: str | None = None,
        environment: Mapping[str, str] | None = None,
        patience: JobPatience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._entry = entry or engine_entry(engine)
        usual = {} if entry else find_engine(engine).environment
        self._environment = {**usual, **(environment or {})}
        self._patience = patience or JobPatience()
        self._clock = clock
        self._busy = threading.Lock()
        self._process: EngineProcess | None = None
        self._opened: EngineOpened | None = None
        self._cancellation: Cancellation | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The number of the engine's process, or None where none was started."""
        return None if self._process is None else self._process.child.pid

    @property
    def is_known(self) -> bool:
        """Whether identity and abilities can be told at once, whatever the engine does."""
        return self._opened is not None

    def identity(self) -> EngineIdentity:
        """Return who the engine is; the first time, it is started and asked."""
        return self._known().identity

    def abilities(self) -> Abilities:
        """Return what the engine can do; the first time, it is started and asked."""
        return self._known().abilities

    def estimate(self, request: Request) -> Estimate:
        """Return what `request` would cost. Raises EngineBusyError while a job is done."""
        with self._claimed():
            return self._living_process().ask(EstimateJob(request), JobEstimated).estimate

    def run(self, request: Request, work_dir: Path) -> Run:
        """Return the events of doing `request`, whose files go into the folder `work_dir`.

        In order: at most one Started; Progress, AudioChunk, TakeReady and Stalled
        as they come; last, exactly one of Finished, Cancelled and Failed. A take
        that was ready stays ready. Events come on the thread that iterates, and so
        does the only error, EngineBusyError. `work_dir` is made if need be; it is
        the caller's, who deletes it when the takes were kept.
        """
        cancellation = Cancellation()
        return Run(self._events(cancellation, request, work_dir.absolute()), cancellation)

    def cancel(self) -> None:
        """Cancel the job that is being done, if any. Any thread."""
        if (cancellation := self._cancellation) is not None:
            cancellation.ask()

    def unload(self) -> None:
        """Have a started engine give memory back. Raises EngineBusyError while a job is done."""
        with self._claimed():
            if self._process is not None and self._process.child.is_alive:
                self._process.ask(UnloadEngine(), EngineUnloaded)

    def close(self, grace_s: float = GRACE_S) -> None:
        """Cancel what is being done and end the engine's process, if need be by force.

        It has `grace_s` to end by itself. Any thread.
        """
        self.cancel()
        if (process := self._process) is not None:
            try:
                process.child.end(grace_s)
            except ChildError as error:
                log.warning("%s", error)

    def _known(self) -> EngineOpened:
        if self._opened is None:
            with self._claimed():
                process = self._living_process()
                for _ in process.opening():
                    pass
                self._opened = process.opened
        return self._opened

    @contextmanager
    def _claimed(self) -> Iterator[None]:
        if not self._busy.acquire(blocking=False):
            raise EngineBusyError("The engine is busy with another job: wait for its end.")
        try:
            yield
        finally:
            self._busy.release()

    def _living_process(self) -> EngineProcess:
        """Return the engine's process, a new one if there is none that lives."""
        process = self._process
        if process is not None and not process.child.is_alive:
            if not process.child.was_made_to_end:
                log.warning("%s A new one is started.", process.child.death())
            process.child.end()
            process = None
        if process is None:
            process = EngineProcess(
                self._entry,
                environment=self._environment,
                patience=self._patience,
                clock=self._clock,
            )
            self._process = process
        return process

    def _events(
        self, cancellation: Cancellation, request: Request, work_dir: Path
    ) -> Generator[Event]:
        """Do the job; whatever goes wrong becomes its last event."""
        with self._claimed():
            self._cancellation = cancellation
            try:
                yield from self._job_events(cancellation, request, work_dir)
            except JobCancelled:
                yield Cancelled()
            except ChildError as error:
                yield (
                    Cancelled() if cancellation.wanted() else self._failed(error, " " + _TRY_AGAIN)
                )
            except UserError as error:
                yield self._failed(error)
            finally:
                self._cancellation = None

    def _job_events(
        self, cancellation: Cancellation, request: Request, work_dir: Path
    ) -> Generator[Event]:
        if cancellation.wanted():
            raise JobCancelled
        _make_folder(work_dir)
        process = self._living_process()
        was_warm = process.is_open
        yield from process.opening(cancellation.wanted)
        self._opened = process.opened
        try:
            job = process.begin(request, work_dir)
            cancellation.reaches(job.cancel)
            events = _until_end(job, cancellation)
            first = next(events)
        except ChildGoneError:
            if not was_warm:
                raise
            # It died between two jobs, a moment before this one.
            yield from self._job_events(cancellation, request, work_dir)
            return
        with closing(events):
            yield first
            yield from events

    def _failed(self, error: UserError, advice: str = "") -> Failed:
        """Return the event for `error`; the log also wants what the engine printed last."""
        printed = "" if self._process is None else self._process.child.printed
        return Failed(str(error) + advice, getattr(error, "detail", "") or printed)


def _until_end(job: EngineJob, cancellation: Cancellation) -> Generator[Event]:
    event: Event | None = None
    try:
        while not isinstance(event, END_EVENTS):
            event = job.next_event(cancellation.wanted)
            yield event
    except GeneratorExit:
        if not isinstance(event, END_EVENTS):
            job.let_go()
        raise
    except KeyboardInterrupt:
        job.cancel()
        raise


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkFolderError(
            f"The folder {folder} for new audio cannot be made ({error.strerror}): "
            "make room for it or choose another."
        ) from error
