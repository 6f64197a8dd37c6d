"""Processors that do not fall asleep while something is timed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SPIN = """
import os, sys
cpu, parent = map(int, sys.argv[1:])
os.sched_setaffinity(0, {cpu})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
print("ready", flush=True)
while os.getppid() == parent:
    sum(range(10_000))
"""


@contextmanager
def awake() -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Keep every processor awake, by the processes given, which run where nothing else would.

    A virtual machine's processor that sleeps is woken when its host finds the time: on
    a busy host milliseconds late, again and again, where one that a person sits at takes
    microseconds. That would be counted as a delay of what is measured. Linux only; elsewhere,
    and where the system does not let it, nothing is done.
    """
    cpus = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for cpu in cpus:
            command = [sys.executable, "-c", SPIN, str(cpu), str(os.getpid())]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            processes.append(process)
            assert process.stdout is not None
            process.stdout.readline()
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()
