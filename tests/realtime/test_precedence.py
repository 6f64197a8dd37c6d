import os
import subprocess
import sys
import threading

from acestep_desktop.realtime.precedence import PRIORITY, hasten, hasten_this_thread
from tests.needs import needs


@needs("linux", "root")
def test_a_process_that_is_hastened_runs_before_others() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        hasten(process.pid)

        policy, given = os.sched_getscheduler(process.pid), os.sched_getparam(process.pid)
        process.kill()
    assert (policy, given.sched_priority) == (os.SCHED_RR, PRIORITY)


def test_a_process_that_has_ended_already_is_no_trouble() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    hasten(process.pid)


@needs("linux", "root")
def test_a_thread_hastens_itself_alone() -> None:
    seen = []

    def look() -> None:
        hasten_this_thread(PRIORITY + 1)
        seen.append((os.sched_getscheduler(0), os.sched_getparam(0).sched_priority))

    before = os.sched_getscheduler(0)
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == [(os.SCHED_FIFO, PRIORITY + 1)]
    assert os.sched_getscheduler(0) == before
