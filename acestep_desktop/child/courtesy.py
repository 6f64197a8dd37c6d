"""Giving way: work that nobody waits for by the millisecond lets others run first."""

import contextlib
import os
import sys
from typing import Final

STEPS: Final = 10
"""Of niceness: a tenth of a processor that others want, all of one that nobody does."""


def give_way() -> None:
    """Let the window, the sound and the DAW run before this thread and those it starts."""
    if sys.platform == "win32":
        import ctypes

        below_normal = 0x4000
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), below_normal)
    else:
        with contextlib.suppress(OSError):
            os.nice(STEPS)
