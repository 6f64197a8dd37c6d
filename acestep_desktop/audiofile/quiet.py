"""Keeping C libraries quiet: the MP3 decoder prints its opinion of damaged files."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_GUARD = threading.Lock()


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Send what is printed to the process's stderr nowhere, for the time of a short block.

    One thread at a time: two that overlapped would restore each other's silence.
    """
    with _GUARD:
        try:
            kept = os.dup(2)
        except OSError:  # a window without a console has no stderr
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)
