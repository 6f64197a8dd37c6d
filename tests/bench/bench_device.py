"""Devices, ports and processes that vanish, 20 times each: what is lost and how long it takes."""

import math
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import numpy as np  # noqa: E402
from table import Row, at_most, run_alone  # noqa: E402

from acestep_desktop.realtime.client import Notice, RealtimeClient  # noqa: E402
from acestep_desktop.realtime.clock_client import ClockClient, ClockPort  # noqa: E402
from acestep_desktop.realtime.clock_grammar import CONTINUE  # noqa: E402
from tests.realtime.jack_server import DEVICE, JackServer, recorder  # noqa: E402
from tests.realtime.recordings import piece  # noqa: E402


def measure(full: bool) -> list[Row]:
    """Return how long each kind of loss lasts, and what it costs."""
    times = 20 if full else 3
    with tempfile.TemporaryDirectory() as folder, JackServer(256) as server:
        music = piece(Path(folder), 4, 20, 600)
        notices: list[Notice] = []
        client = RealtimeClient(notices.append, device=DEVICE, block=256)
        client.start()
        client.set_project(music.project, music.paths)
        client.wait_until_open(30)
        client.play()
        rows = _rows("audio server", _device(client, server, times), notices, times)
        rows.append(_switched(client, times))
        notices.clear()
        rows += _rows("audio process", _process(client, times), notices, times)
        rows += _ports(client, music.project.tempo, times)
        client.close()
    return rows


def _rows(
    what: str, measured: list[tuple[float, int]], notices: list[Notice], times: int
) -> list[Row]:
    seconds, frames = np.array(measured).T
    return [
        at_most(f"{what}, {times} times: resumed after, at most", seconds.max(), 2.0, "s"),
        at_most(f"{what}: position off by, at most", frames.max(), 1_024, "frames"),
        at_most(f"{what}: notices", len(notices), times, ""),
    ]


def _device(client: RealtimeClient, server: JackServer, times: int) -> list[tuple[float, int]]:
    measured = []
    for _ in range(times):
        _play_on(client)
        server.kill()
        before = client.status.frame
        client.wait_for(lambda status: not client.open_device.name, 10)
        server.start()
        measured.append(_resumed(client, before))
    return measured


def _switched(client: RealtimeClient, times: int) -> Row:
    """Return how long another buffer of the device takes to play."""
    seconds = []
    for number in range(times):
        block = 512 if number % 2 == 0 else 256
        began = time.monotonic()
        client.set_device(DEVICE, block)
        frame = client.status.frame
        came = client.wait_for(lambda s, at=frame, n=block: s.block == n and s.frame > at, 10)  # type: ignore[misc]
        seconds.append(time.monotonic() - began if came else math.inf)
    client.set_device(DEVICE, 256)
    client.wait_until_open(10)
    return at_most(f"another buffer, {times} times: playing after, at most", max(seconds), 2.0, "s")


def _process(client: RealtimeClient, times: int) -> list[tuple[float, int]]:
    measured = []
    for _ in range(times):
        _play_on(client)
        child = client._child
        assert child is not None
        os.kill(child.pid, signal.SIGKILL)
        measured.append(_resumed(client, client.status.frame))
    return measured


def _ports(client: RealtimeClient, tempo: object, times: int) -> list[Row]:
    notices: list[Notice] = []
    seconds = []
    with recorder("there") as first:
        clock = ClockClient(client.status_path, [ClockPort(first.port)], notices.append)
        clock.start()
        clock.set_tempo(tempo, client.tempo_revision)  # type: ignore[arg-type]
        clock.wait_until_running(30)
        client.wait_for(lambda status: not clock.missing, 30)
    for _ in range(times):
        client.wait_for(lambda status: bool(clock.missing), 10)
        with recorder("there") as back:
            began = time.monotonic()
            client.wait_for(lambda s: any(d == CONTINUE for _, d in back.events), 10)
            seconds.append(time.monotonic() - began)
    clock.close()
    row = [(second, 0) for second in seconds]
    return _rows("MIDI port", row, notices, times)


def _play_on(client: RealtimeClient) -> None:
    epoch, frame = client.status.epoch, client.status.frame
    client.wait_for(lambda s: s.epoch == epoch and s.frame > frame + 9_600, 20)


def _resumed(client: RealtimeClient, before: int) -> tuple[float, int]:
    began = time.monotonic()
    epoch = client.status.epoch
    client.wait_for(lambda s: s.epoch != epoch and s.rolling and s.rolled > 0, 20)
    status = client.status
    return time.monotonic() - began, abs(status.frame - status.rolled - before)


if __name__ == "__main__":
    sys.exit(run_alone(measure, "device"))
