"""What a child process and an engine in one cost, and what becomes of them when things go wrong."""

import logging
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from table import Row, at_most, holds, noted, run_alone  # noqa: E402

from acestep_desktop.child.process import start_child  # noqa: E402
from acestep_desktop.domain.request import Prompt, Request  # noqa: E402
from acestep_desktop.generation.client import EngineClient  # noqa: E402
from acestep_desktop.generation.events import Event, Failed, Finished, Started  # noqa: E402
from acestep_desktop.generation.generator import AudioChunk  # noqa: E402

PATHS = os.pathsep.join(str(ROOT / "tests" / room) for room in ("child", "generation", "bench"))
ENVIRONMENT = {"PYTHONPATH": PATHS}
WAIT_S = 30.0
PARENT = """
import threading
from acestep_desktop.child.process import start_child
child = start_child("fake_roles:busy")
child.receive(30)
print(child.pid, flush=True)
threading.Event().wait()
"""


def seconds(act: Callable[[], object]) -> float:
    """Return how long `act` takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


@contextmanager
def folder() -> Iterator[Path]:
    """A work folder for one job."""
    with tempfile.TemporaryDirectory(prefix="acestep-bench-") as name:
        yield Path(name)


def child_rows(times: int) -> list[Row]:
    """Measure a trivial child."""

    def start_and_hear() -> float:
        began = time.perf_counter()
        with start_child("fake_roles:echo", environment=ENVIRONMENT) as child:
            child.receive(WAIT_S)
            return time.perf_counter() - began

    def there_and_back() -> None:
        child.send("echo", {}, block)
        child.receive(WAIT_S)

    before = os.times()
    starts = [start_and_hear() for _ in range(times)]
    after = os.times()
    work_s = after.children_user + after.children_system
    work_s -= before.children_user + before.children_system
    block = bytes(1024 * 1024)
    with start_child("fake_roles:echo", environment=ENVIRONMENT) as child:
        child.receive(WAIT_S)
        echoes = [seconds(there_and_back) for _ in range(10 * times)]
    return [
        at_most(
            f"child: first message, median of {times}", 1e3 * statistics.median(starts), 250, "ms"
        ),
        noted("child: processor time of start and end, mean", 1e3 * work_s / times, "ms"),
        noted("child: 1 MiB there and back, median", 1e3 * statistics.median(echoes), "ms"),
    ]


def orphan_row(times: int) -> Row:
    """Measure how long a busy child outlives a parent that was killed."""
    worst = max(_orphaned_s() for _ in range(times))
    return at_most(f"busy child gone after its parent's SIGKILL, worst of {times}", worst, 2.0, "s")


def _orphaned_s() -> float:
    environment = {**os.environ, "PYTHONPATH": f"{PATHS}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        orphan = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        return seconds(lambda: _wait_for_end(orphan))


def _wait_for_end(process: psutil.Process) -> None:
    try:
        while process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.001)
    except psutil.NoSuchProcess:
        return


def client_of(entry: str) -> EngineClient:
    """Return the client of an engine for tests."""
    return EngineClient("bench", entry=entry, environment=ENVIRONMENT)


def job(client: EngineClient, request: Request) -> list[Event]:
    """Do a job and return its events."""
    with folder() as work:
        return list(client.run(request, work))


def engine_rows(times: int) -> list[Row]:
    """Measure all that surrounds an engine's own work."""
    half_minute = Request(Prompt("noise"), seconds=30.0)
    with client_of("tape_engine:create") as client:
        opening = seconds(client.abilities)
        job(client, half_minute)
        long = [seconds(lambda: job(client, half_minute)) for _ in range(times)]
        cancels = [_cancel_s(client) for _ in range(4 * times)]
    return [
        noted("engine: process up and open (imports NumPy)", 1e3 * opening, "ms"),
        at_most(
            "engine: 30 s and 6 stems by pipe and disk, median", statistics.median(long), 0.5, "s"
        ),
        at_most(f"cancel until Cancelled, worst of {4 * times}", 1e3 * max(cancels), 250, "ms"),
    ]


def _cancel_s(client: EngineClient) -> float:
    with folder() as work:
        run = client.run(Request(Prompt("noise"), seconds=30.0, variations=64), work)
        while not isinstance(next(run), AudioChunk):
            pass

        def cancel() -> None:
            run.cancel()
            for _ in run:
                pass

        return seconds(cancel)


def death_rows(times: int) -> list[Row]:
    """Measure how fast an engine's death is told, and the next job begun."""
    told, again = [], []
    with client_of("fake_engines:create") as client:
        for _ in range(times):
            with folder() as work:
                run = client.run(Request(Prompt("wait at chunk 1")), work)
                while not isinstance(next(run), AudioChunk):
                    pass
                os.kill(client.pid or 0, signal.SIGKILL)
                told.append(seconds(lambda: list(run)))  # noqa: B023 (called here and now)
            with folder() as work:
                run = client.run(Request(Prompt("play")), work)
                again.append(seconds(lambda: _until_started(run)))  # noqa: B023
                run.close()
    return [
        at_most(f"engine killed: told, worst of {times}", 1e3 * max(told), 1000, "ms"),
        noted("engine killed: next job begins, median", 1e3 * statistics.median(again), "ms"),
    ]


def _until_started(run: Iterator[Event]) -> None:
    while not isinstance(next(run), Started):
        pass


def fault_row(times: int) -> Row:
    """Kill, cancel or close jobs at random moments; every other job must be right."""
    dice = random.Random(2)
    wrong = 0
    with client_of("fake_engines:create") as client:
        for number in range(times):
            _disturbed_job(client, dice)
            last = job(client, Request(Prompt("play"), seed=number))[-1]
            wrong += not isinstance(last, Finished)
    return holds(
        f"{times} random kills, cancels and early closes: the job after each",
        f"{wrong} failed",
        "0 failed",
        reached=wrong == 0,
    )


def _disturbed_job(client: EngineClient, dice: random.Random) -> None:
    with folder() as work:
        run = client.run(Request(Prompt("play"), variations=8), work)
        next(run)
        deeds = (run.cancel, lambda: os.kill(client.pid or 0, signal.SIGKILL))
        timer = threading.Timer(dice.random() * 0.03, dice.choice(deeds))
        timer.start()
        for seen, event in enumerate(run):
            assert not isinstance(event, Failed) or "signal 9" in event.reason, event
            if seen == 30 and dice.random() < 0.3:
                run.close()
        timer.join()


def leak_row(jobs: int) -> Row:
    """Measure what an engine's process keeps of each of many jobs."""
    request = Request(Prompt("noise"), seconds=1.0)
    with client_of("tape_engine:create") as client:
        for _ in range(jobs // 4):
            job(client, request)
        process = psutil.Process(client.pid)
        sizes = []
        for _ in range(jobs):
            job(client, request)
            sizes.append(process.memory_info().rss / 1e6)
    half = len(sizes) // 2
    slopes = [(sizes[n + half] - sizes[n]) / half for n in range(half)]
    slope = max(0.0, statistics.median(slopes))
    return at_most(f"memory an engine keeps of a job, slope over {jobs}", slope, 0.05, "MB")


def measure(full: bool) -> list[Row]:
    """Measure children and engines."""
    logging.getLogger("acestep_desktop").setLevel(logging.ERROR)
    times = 20 if full else 5
    return [
        *child_rows(times),
        orphan_row(times),
        *engine_rows(times),
        *death_rows(times),
        fault_row(300 if full else 20),
        leak_row(400 if full else 100),
    ]


if __name__ == "__main__":
    sys.exit(run_alone(measure, "engine"))
