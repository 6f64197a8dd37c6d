"""Watching over a child that should always be there: noticing silence, ending, restarting."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from acestep_desktop.child.errors import ChildError, ChildGoneError
from acestep_desktop.child.process import Child

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """Restart after a delay that doubles, until more than `most` deaths fall within `window_s`.

    A child that has answered, and then left with exit code 0, has not died of a fault: it is
    back after the first delay, however often it leaves.
    """

    most: int = 5
    window_s: float = 60.0
    first_delay_s: float = 0.1
    longest_delay_s: float = 5.0

    def delay_s(self, deaths: Sequence[float]) -> float | None:
        """Return how long to wait after the last of `deaths` (times, in order); None: give up."""
        recent = [death for death in deaths if deaths[-1] - death <= self.window_s]
        if len(recent) > self.most:
            return None
        return min(self.longest_delay_s, self.first_delay_s * 2.0 ** (len(recent) - 1))


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to ask for a sign of life, and how long to do without one.

    The first may take `starting_s`: a new process has much to import.
    """

    ask_every_s: float = 1.0
    starting_s: float = 60.0
    warn_after_s: float = 3.0
    kill_after_s: float = 6.0


class Silence:
    """How long a child has said nothing, summed over looks.

    A look adds at most `longest_s`, however late it comes: while the computer or
    this program slept, the child could not speak either.
    """

    def __init__(self, longest_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._longest_s = longest_s
        self._clock = clock
        self._looked_at = clock()
        self._silent_s = 0.0

    def heard(self) -> None:
        """Begin again, because the child said something."""
        self._looked_at = self._clock()
        self._silent_s = 0.0

    def look(self) -> float:
        """Return the seconds of silence up to now."""
        now = self._clock()
        self._silent_s += min(now - self._looked_at, self._longest_s)
        self._looked_at = now
        return self._silent_s


class Witness(Protocol):
    """Who is told what happens to a supervised child, on the supervisor's thread."""

    def started(self, child: Child) -> None:
        """Take over a new child, and give it again what the old one knew."""

    def silent(self, silent_s: float) -> None:
        """Take notice that the child has not answered for a while."""

    def died(self, why: str, restart_in_s: float | None) -> None:
        """Take notice of a death and its reason; None: it will not be started again."""


class Supervisor:
    """Keeps one child alive: asks it for signs of life, ends it when it hangs, restarts it.

    Call `look` now and then, or `start` a thread that does.
    """

    def __init__(
        self,
        start: Callable[[], Child],
        witness: Witness,
        *,
        restarts: RestartPolicy | None = None,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._start = start
        self._witness = witness
        self._restarts = restarts or RestartPolicy()
        self._patience = patience or Patience()
        self._clock = clock
        self._child: Child | None = None
        self._deaths: list[float] = []
        self._restart_at: float | None = clock()
        self._silence = Silence(2 * self._patience.ask_every_s, clock)
        self._heard_at = 0.0
        self._spoke = False
        self._warned = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def child(self) -> Child | None:
        """The child that lives now; None between a death and the restart."""
        return self._child

    def start(self) -> None:
        """Start the child and a thread that looks after it."""
        self.look()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking, then end the child."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        if self._child is not None:
            _let_go(self._child.end)
            self._child = None

    def look(self) -> None:
        """Look at the child once and do what must be done."""
        child = self._child
        if child is None:
            if self._restart_at is not None and self._clock() >= self._restart_at:
                self._begin()
        elif child.poll() is not None:
            self._bury(child, child.death())
        else:
            self._ask(child)

    def _begin(self) -> None:
        self._restart_at = None
        try:
            child = self._start()
        except ChildError as error:
            self._mourn(str(error))
            return
        self._child = child
        self._silence.heard()
        self._heard_at = child.heard_at
        self._spoke = False
        self._warned = False
        self._witness.started(child)

    def _ask(self, child: Child) -> None:
        silent_s = self._silent_s(child)
        kill_after_s = self._patience.kill_after_s if self._spoke else self._patience.starting_s
        if silent_s >= kill_after_s:
            _let_go(child.kill)
            self._bury(child, f"{child.title} did not answer for {silent_s:.0f} s and was ended.")
            return
        if self._spoke and silent_s >= self._patience.warn_after_s and not self._warned:
            self._warned = True
            log.warning("%s has not answered for %.0f s", child.title, silent_s)
            self._witness.silent(silent_s)
        try:
            child.ping()
        except ChildGoneError as error:
            self._bury(child, str(error))
        except ChildError as error:
            log.debug("%s", error)  # its silence is counted as any other

    def _silent_s(self, child: Child) -> float:
        """Return for how long the child has said nothing; after a word of it, begin again."""
        heard_at = child.heard_at
        if heard_at != self._heard_at:
            self._heard_at = heard_at
            self._silence.heard()
            self._spoke = True
            self._warned = False
        return self._silence.look()

    def _bury(self, child: Child, why: str) -> None:
        _let_go(child.end)
        self._child = None
        self._mourn(why, left=self._spoke and child.poll() == 0)

    def _mourn(self, why: str, *, left: bool = False) -> None:
        """Plan what follows a death; a child that `left` has worked and has its reasons."""
        now = self._clock()
        window_s = self._restarts.window_s
        recent = [death for death in self._deaths if now - death <= window_s]
        delay_s = self._restarts.first_delay_s if left else self._restarts.delay_s([*recent, now])
        self._deaths = recent if left else [*recent, now]
        self._restart_at = None if delay_s is None else now + delay_s
        log.warning("%s", why)
        self._witness.died(why, delay_s)

    def _watch(self) -> None:
        while not self._stopping.wait(self._pause_s()):
            self.look()

    def _pause_s(self) -> float:
        """Return how long to wait for the next look."""
        if self._child is None and self._restart_at is not None:
            return max(0.0, min(self._patience.ask_every_s, self._restart_at - self._clock()))
        return self._patience.ask_every_s


def _let_go(end: Callable[[], int]) -> None:
    """End a child, or go on without one that the system does not end."""
    try:
        end()
    except ChildError as error:
        log.warning("%s", error)
