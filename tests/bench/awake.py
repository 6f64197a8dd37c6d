"""Processors that do not fall asleep while something is timed."""

import os
import subprocess
import sys
from types import TracebackType
from typing import Self

SPIN = """
import os, sys
cpu, parent = map(int, sys.argv[1:])
os.sched_setaffinity(0, {cpu})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
print("ready", flush=True)
while os.getppid() == parent:
    sum(range(10_000))
"""


class Awake:
    """Keeps every processor awake, by processes that run only where nothing else would.

    A virtual machine's processor that sleeps is woken when its host finds the time: on
    a busy host milliseconds late, again and again, where one that a person sits at takes
    microseconds. That would be counted as a delay of what is measured. Linux only; elsewhere,
    and where the system does not let it, nothing is done.
    """

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        if sys.platform == "linux":
            for cpu in sorted(os.sched_getaffinity(0)):
                process = subprocess.Popen(
                    [sys.executable, "-c", SPIN, str(cpu), str(os.getpid())],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
                assert process.stdout is not None
                process.stdout.readline()
                self.processes.append(process)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()
