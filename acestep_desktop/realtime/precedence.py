"""Running before other programs, where the system allows it."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Final

PRIORITY: Final = 10
"""Below that of audio servers, above everything that does not play."""


def hasten(pid: int) -> None:
    """Let a process that was just started run first: while the music stands still, it imports."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(pid, os.SCHED_RR, os.sched_param(PRIORITY))


def hasten_threads() -> None:
    """Let every thread of this process run first."""
    if sys.platform == "linux":
        for task in Path("/proc/self/task").iterdir():
            hasten(int(task.name))
