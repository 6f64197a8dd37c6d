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


def hasten_this_thread(priority: int = PRIORITY) -> None:
    """Let the calling thread, which keeps time, run first and wake on time."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))
    elif sys.platform == "win32":
        import ctypes

        above_all = 15
        kernel = ctypes.windll.kernel32
        kernel.SetThreadPriority(kernel.GetCurrentThread(), above_all)
        ctypes.windll.winmm.timeBeginPeriod(1)
    elif sys.platform == "darwin":
        import ctypes

        user_interactive = 0x21
        ctypes.CDLL(None).pthread_set_qos_class_self_np(user_interactive, 0)


def hasten_threads() -> None:
    """Let every thread of this process run first."""
    if sys.platform == "linux":
        for task in Path("/proc/self/task").iterdir():
            hasten(int(task.name))
