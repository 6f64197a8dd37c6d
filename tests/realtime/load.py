"""What keeps a computer busy while it plays: engines in their children, and a busy event loop."""

import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import Self

TORCH = """
import torch
torch.set_num_threads(max(1, (torch.get_num_threads() or 2) - 1))
a = torch.randn(1024, 1024)
print("ready", flush=True)
while True:
    a = torch.softmax(a @ a.T, -1)
"""

SKETCH = """
import numpy as np
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.sketch.engine import create
print("ready", flush=True)
seed = 0
while True:
    for output in create().generate(Request(Prompt("house"), bars=4, seed=seed), lambda: False):
        pass
    seed += 1
"""


STALLS = """
import contextlib, os, sys, threading, time
with contextlib.suppress(OSError):
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(80))
limit_s = float(sys.argv[1])
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
print("ready", flush=True)
late, before = [], time.monotonic()
while not over.is_set():
    time.sleep(0.001)
    now = time.monotonic()
    late.append(now - before - 0.001)
    before = now
late.sort()
print(sum(l > limit_s for l in late), late[int(0.99 * (len(late) - 1))], late[-1])
"""


class StallWatch:
    """Counts how often the machine itself stood still for longer than a device can wait.

    A process that only sleeps, before all others, is woken late when a host takes
    the processor away from a virtual machine: nobody in it could have been in time.
    How late that is goes with every figure of time.
    """

    def __init__(self, period: int) -> None:
        self._limit_s = 0.4 * period / 48_000
        self.stalls = 0
        self.late_p99_ms = self.late_max_ms = 0.0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-c", STALLS, str(self._limit_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        stalls, p99_s, max_s = self._process.communicate()[0].split()
        self.stalls = int(stalls)
        self.late_p99_ms, self.late_max_ms = 1e3 * float(p99_s), 1e3 * float(max_s)


class Load:
    """Sketch and a torch loop in processes of their own, and a thread that never rests here."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        self._over = threading.Event()
        self.turns = 0

    def __enter__(self) -> Self:
        for script in (TORCH, SKETCH):
            process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
            self._processes.append(process)
            assert process.stdout is not None
            if process.stdout.readline() != b"ready\n":
                self._end()
                raise RuntimeError("a load does not start")
        threading.Thread(target=self._spin, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()

    @property
    def is_working(self) -> bool:
        """Whether both engines still run."""
        return all(process.poll() is None for process in self._processes)

    def _end(self) -> None:
        self._over.set()
        for process in self._processes:
            process.kill()
            process.communicate()

    def _spin(self) -> None:
        """Do what a window that repaints does: 12 of every 16 ms of pure Python."""
        while not self._over.is_set():
            until = time.monotonic() + 0.012
            while time.monotonic() < until:
                self.turns += sum(range(100)) > 0
            self._over.wait(0.004)
