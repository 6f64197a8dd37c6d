"""What keeps a computer busy while it plays: engines in their children, and a busy event loop."""

import json
import os
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import Self

TORCH = """
import os, sys
import torch
parent = int(sys.argv[1])
torch.set_num_threads(max(1, (torch.get_num_threads() or 2) - 1))
a = torch.randn(1024, 1024)
print("ready", flush=True)
while os.getppid() == parent:
    a = torch.softmax(a @ a.T, -1)
"""

SKETCH = """
import os, sys
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.sketch.engine import create
print("ready", flush=True)
seed, parent = 0, int(sys.argv[1])
while os.getppid() == parent:
    for output in create().generate(Request(Prompt("house"), bars=4, seed=seed), lambda: False):
        pass
    seed += 1
"""


STALLS = """
import contextlib, json, os, sys, threading, time
limit_s = float(sys.argv[1])
over, late, stalls = threading.Event(), [], []

def watch(cpu):
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, {cpu})
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(80))
    before = time.monotonic()
    while not over.is_set():
        time.sleep(0.001)
        now = time.monotonic()
        late.append(now - before - 0.001)
        if late[-1] > limit_s:
            stalls.append((before, now))
        before = now

watches = [threading.Thread(target=watch, args=(cpu,)) for cpu in os.sched_getaffinity(0)]
for each in watches:
    each.start()
print("ready", flush=True)
sys.stdin.read()
over.set()
for each in watches:
    each.join()
late.sort()
print(json.dumps((stalls, late[int(0.99 * (len(late) - 1))], late[-1])))
"""


NOTICED_S = 0.3
"""What a stall has done shows within this time."""


class StallWatch:
    """Counts how often the machine itself stood still for longer than a device can wait.

    A process that only sleeps, before all others, is woken late when a host takes
    a processor away from a virtual machine: nobody on it could have been in time.
    How late that is goes with every figure of time.
    """

    def __init__(self, period: int) -> None:
        self._limit_s = 0.4 * period / 48_000
        self.times: list[tuple[float, float]] = []
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
        self.times, p99_s, max_s = json.loads(self._process.communicate()[0])
        self.late_p99_ms, self.late_max_ms = 1e3 * p99_s, 1e3 * max_s

    @property
    def stalls(self) -> int:
        """How often it stood still."""
        return len(self.times)

    def met(self, begin_s: float, end_s: float) -> bool:
        """Whether it stood still at any time between two monotonic times."""
        return any(first <= end_s and begin_s <= last for first, last in self.times)

    def disturbed(self, at_s: float) -> bool:
        """Whether it stood still shortly before or after a monotonic time."""
        return self.met(at_s - NOTICED_S, at_s + 0.1)


class Load:
    """Sketch and a torch loop in processes of their own, and a thread that never rests here."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        self._over = threading.Event()
        self.turns = 0

    def __enter__(self) -> Self:
        for script in (TORCH, SKETCH):
            # Each ends with this process, even if that is killed.
            command = [sys.executable, "-c", script, str(os.getpid())]
            process = subprocess.Popen(command, stdout=subprocess.PIPE)
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
