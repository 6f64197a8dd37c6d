"""Work beside the window's thread: done in the background, its outcome told on the window's."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from acestep_desktop.domain.errors import UserError

__all__ = ["Worker"]

log = logging.getLogger(__name__)

T = TypeVar("T")

_UNEXPECTED: Final = "The program made a mistake with this ({error}). Try it again."


def _nobody(outcome: object) -> None:
    """Take note of nothing."""


class Worker(QObject):
    """Does what it is given, in order where it has one thread. The window's thread only."""

    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None, *, threads: int = 1) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        # A signal carries what is to follow from a thread of the pool to the window's.
        self._ended.connect(self._follow)

    def do(
        self,
        work: Callable[[], T],
        done: Callable[[T], None] = _nobody,
        failed: Callable[[str], None] = _nobody,
    ) -> None:
        """Do `work` on a thread of the pool.

        Either `done` with its result or `failed` with a sentence follows on the window's
        thread, whatever `work` raises; neither if it is forgotten before it begins.
        """
        self._pool.start(_Task(work, done, failed, self._ended.emit))

    def forget(self) -> None:
        """Forget what has not begun."""
        self._pool.clear()

    def wait(self) -> None:
        """Wait until all is done."""
        self._pool.waitForDone()

    def close(self) -> None:
        """Forget what has not begun, and wait for what has."""
        self.forget()
        self.wait()

    @Slot(object)
    def _follow(self, then: Callable[[], None]) -> None:
        then()


class _Task(QRunnable):
    """A piece of work, and what is to follow from it."""

    def __init__(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[str], None],
        end: Callable[[Callable[[], None]], None],
    ) -> None:
        super().__init__()
        self._work: Callable[[], object] = work
        self._done: Callable[..., None] = done
        self._failed = failed
        self._end = end

    def run(self) -> None:
        """Work. A thread of the pool."""
        try:
            then = partial(self._done, self._work())
        except UserError as error:
            then = partial(self._failed, str(error))
        except Exception as error:  # the edge of the thread
            log.exception("work in the background failed")
            words = str(error) or type(error).__name__
            then = partial(self._failed, _UNEXPECTED.format(error=words))
        self._end(then)
