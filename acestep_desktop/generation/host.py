"""The engine's process: makes the generator, does jobs one after the other, and says what comes."""

import errno
import logging
import traceback
from typing import Final, cast

from acestep_desktop.child.courtesy import give_way
from acestep_desktop.child.errors import ChildError
from acestep_desktop.child.memory import peak_memory_bytes
from acestep_desktop.child.messages import Message, Payload
from acestep_desktop.child.parent import Parent
from acestep_desktop.child.roles import load_entry
from acestep_desktop.domain.errors import UserError
from acestep_desktop.generation.delivery import Delivery
from acestep_desktop.generation.errors import EngineFaultError, RequestRefusedError
from acestep_desktop.generation.generator import Generator, JobCancelled
from acestep_desktop.generation.wire import (
    CancelJob,
    EngineOpened,
    EngineUnloaded,
    EstimateJob,
    JobDone,
    JobEstimated,
    JobStarted,
    JobStopped,
    OpenEngine,
    Order,
    OrderFailed,
    Reply,
    StartJob,
    UnloadEngine,
    read_order,
    say,
)

log = logging.getLogger(__name__)

NO_MEMORY: Final = (
    "There was not enough memory for this: close other programs, "
    "or ask for something shorter or for fewer variations."
)
DISK_FULL: Final = "The disk is full: free some space and try again."
_DISK_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_MAX_QUOTE: Final = 200


def serve(parent: Parent) -> None:
    """Do what the client asks until it says to quit."""
    give_way()
    host = Host(parent)
    parent.at_once(CancelJob.__name__, host.cancel)
    for message in parent.messages():
        host.obey(read_order(message))


class Host:
    """Obeys one order after the other; never raises but for a broken line."""

    def __init__(self, parent: Parent) -> None:
        self._parent = parent
        self._generator: Generator | None = None
        self._cancelled_job = 0
        """This job and all before it are cancelled. Written by the reading thread."""

    def cancel(self, message: Message) -> None:
        """Have the job stop at its next step. Reading thread."""
        order = read_order(message)
        if isinstance(order, CancelJob):
            self._cancelled_job = max(self._cancelled_job, order.job)

    def obey(self, order: Order) -> None:
        """Carry out `order`, and report it if that fails."""
        failure: OrderFailed | None = None
        job = order.job if isinstance(order, StartJob) else None
        try:
            self._carry_out(order)
        except JobCancelled:
            self._say(JobStopped(job or 0))
        except ChildError:
            raise
        except Exception as error:  # noqa: BLE001 (the edge of the process)
            failure = failure_from(error, job)
        # Out here nothing holds the failed job's memory any more.
        if failure is not None:
            log.error("%s\n%s", failure.reason, failure.detail)
            self._say(failure)

    def _carry_out(self, order: Order) -> None:
        match order:
            case OpenEngine():
                self._open(order)
            case EstimateJob():
                self._say(JobEstimated(self._opened().estimate(order.request)))
            case StartJob():
                self._do(order)
            case UnloadEngine():
                self._opened().unload()
                self._say(EngineUnloaded())
            case CancelJob():
                pass

    def _open(self, order: OpenEngine) -> None:
        generator = cast("Generator", load_entry(order.entry)())
        self._say(EngineOpened(generator.identity, generator.abilities()))
        self._generator = generator

    def _opened(self) -> Generator:
        if self._generator is None:
            raise EngineFaultError("The engine was not opened: try again.")
        return self._generator

    def _do(self, order: StartJob) -> None:
        generator = self._opened()
        refusal = generator.abilities().refusal(order.request)
        if refusal is not None:
            raise RequestRefusedError(refusal)
        self._say(JobStarted(order.job, generator.estimate(order.request)))
        with Delivery(order, self._say) as delivery:
            delivery.deliver_all(generator, lambda: self._is_cancelled(order.job))
        self._say(JobDone(order.job, peak_memory_bytes()))

    def _is_cancelled(self, job: int) -> bool:
        return job <= self._cancelled_job or self._parent.quitting

    def _say(self, reply: Reply, payload: Payload = b"") -> None:
        say(self._parent, reply, payload)


def failure_from(error: Exception, job: int | None) -> OrderFailed:
    """Return the report of `error`: words for a person, and for the log what they leave out."""
    if isinstance(error, UserError):
        return OrderFailed(job, str(error), getattr(error, "detail", ""))
    detail = "".join(traceback.format_exception(error))
    if isinstance(error, MemoryError):
        return OrderFailed(job, NO_MEMORY, detail)
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return OrderFailed(job, DISK_FULL, detail)
    what = " ".join(f"{type(error).__name__}: {error}".split())[:_MAX_QUOTE]
    return OrderFailed(
        job, f"The engine met an error that nobody expected ({what}): try another seed.", detail
    )
