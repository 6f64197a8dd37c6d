"""How long an engine may be silent, and who listens to it meanwhile."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from acestep_desktop.child.errors import ChildError
from acestep_desktop.child.messages import Payload
from acestep_desktop.child.process import Child
from acestep_desktop.child.watch import Silence
from acestep_desktop.generation.abilities import Estimate
from acestep_desktop.generation.errors import EngineHungError
from acestep_desktop.generation.events import Stalled
from acestep_desktop.generation.generator import JobCancelled
from acestep_desktop.generation.wire import Reply, read_reply

log = logging.getLogger(__name__)

Heard = tuple[Reply | Stalled, Payload]
"""A reply with the audio behind it."""


@dataclass(frozen=True, slots=True)
class JobPatience:
    """When silence becomes a hang, and a cancel an end by force.

    `opening_s` is for a new engine, which may import and load for a while; a job
    may be silent for `silence_s` or `times_estimate` times its estimate,
    whichever is longer. An engine that is told to cancel has `cancel_s`.
    """

    opening_s: float = 120.0
    silence_s: float = 30.0
    times_estimate: float = 5.0
    cancel_s: float = 10.0
    look_every_s: float = 0.25

    def limit_s(self, estimate: Estimate) -> float:
        """Return how long a job with this estimate may be silent."""
        return max(self.silence_s, self.times_estimate * estimate.work_s)


class Listener:
    """Waits for an engine's replies, and ends it when it says nothing for too long.

    `limit_s` is how long it may be silent, `cancel_s` how long it may take to cancel.
    Whatever `hear` raises, the engine's process has ended.
    """

    def __init__(
        self,
        child: Child,
        *,
        limit_s: float,
        cancel_s: float,
        look_every_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit_s = limit_s
        self._child = child
        self._cancel_s = cancel_s
        self._look_every_s = look_every_s
        self._clock = clock
        self._silence = Silence(2 * look_every_s, clock)
        self._stalled = False
        self._cancel_by: float | None = None

    def hear(self, cancelled: Callable[[], bool]) -> Heard:
        """Return the next reply, or once, at half of `limit_s`, that there is none.

        Raises EngineHungError at `limit_s` of silence, JobCancelled when
        `cancelled()` was true for `cancel_s`, and ChildError when the engine ended
        or made no sense.
        """
        try:
            while True:
                self._insist(cancelled())
                message = self._child.receive(self._look_every_s)
                if message is not None:
                    self._silence.heard()
                    self._stalled = False
                    return read_reply(message), message.payload
                if stalled := self._stall():
                    return stalled, b""
        except (ChildError, EngineHungError, JobCancelled):
            self._child.kill()
            raise

    def _insist(self, cancelled: bool) -> None:
        """Raise JobCancelled if the engine was told to cancel and has not for too long."""
        if not cancelled:
            return
        if self._cancel_by is None:
            self._cancel_by = self._clock() + self._cancel_s
        if self._clock() >= self._cancel_by:
            log.warning("%s did not cancel within %g s", self._child.title, self._cancel_s)
            raise JobCancelled

    def _stall(self) -> Stalled | None:
        silent_s = self._silence.look()
        if silent_s >= self.limit_s:
            raise EngineHungError(
                f"{self._child.title} said nothing for {silent_s:.0f} s and was ended: "
                "try again, a new one is started."
            )
        if silent_s < self.limit_s / 2 or self._stalled:
            return None
        self._stalled = True
        log.warning("%s has said nothing for %.0f s", self._child.title, silent_s)
        return Stalled(silent_s, ends_in_s=self.limit_s - silent_s)
