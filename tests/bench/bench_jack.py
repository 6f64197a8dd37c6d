"""A recording through JACK under load against the bounce: 256 and 512 frames, 60 s.

64 tracks of 100 clips, 20 edits a second, Sketch and a torch loop in processes of
their own, a busy thread in the app. The server runs as it does for people: it waits for
nobody. Where a host takes the processor away from a virtual machine, nobody in it is in
time: those spans are counted, told, and not judged.
"""

import itertools
import math
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import numpy as np  # noqa: E402
from table import Row, at_least, at_most, holds, noted, run_alone  # noqa: E402

from acestep_desktop.domain.time import Frame  # noqa: E402
from acestep_desktop.realtime.client import RealtimeClient  # noqa: E402
from acestep_desktop.realtime.status import Status  # noqa: E402
from tests.realtime.jack_server import DEVICE, JackServer, samples_of  # noqa: E402
from tests.realtime.load import Load, StallWatch  # noqa: E402
from tests.realtime.recordings import (  # noqa: E402
    Piece,
    edited_far_away,
    null_depth,
    piece,
    windows_that_null,
)

EDITS_PER_SECOND = 20


def measure(full: bool) -> list[Row]:
    """Return xruns and the worst difference for each period."""
    seconds = 60 if full else 10
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        music = piece(Path(folder), 64, 100, 2 * seconds)
        for period in (512, 256):
            rows += _measured(music, Path(folder), period, seconds)
    return rows


def _measured(music: Piece, folder: Path, period: int, seconds: int) -> list[Row]:
    over = threading.Event()
    path = folder / f"{period}.wav"
    watch = StallWatch(period)
    with JackServer(period) as server:
        client = RealtimeClient(print, device=DEVICE, block=period)
        client.start()
        client.set_project(music.project, music.paths)
        client.wait_for(lambda status: status.revision > 0, 30)
        heard_ms = _edits_heard(client, music, period)

        def edit() -> None:
            began_s = time.monotonic()
            for number in itertools.count():
                due_s = began_s + number / EDITS_PER_SECOND
                if over.wait(max(0.0, due_s - time.monotonic())):
                    return
                client.set_project(edited_far_away(music.project, number), music.paths)

        load = Load().__enter__()
        try:
            threading.Thread(target=edit, daemon=True).start()
            recording = server.record(path, seconds + 3, "PortAudio:out_0", "PortAudio:out_1")
            late, edits = _Xruns(client), client.revision
            with watch:
                client.play()
                client.wait_for(
                    lambda status: late.look(status).frame > seconds * 48_000, 2 * seconds + 30
                )
            edits = client.revision - edits
            recording.communicate()
        finally:
            over.set()
            load.__exit__(None, None, None)
            client.close()
    heard, bounced = samples_of(path), music.bounce(seconds * 48_000)
    nulls, windows = windows_that_null(heard, bounced)
    worst, frames = null_depth(heard, bounced)
    line = f"{period} frames, {seconds} s"
    ours = sum(not watch.disturbed(at_s) for at_s in late.times)
    disturbed = len({int(at_s) for first, last in watch.times for at_s in (first, last)})
    rows = [
        at_most(f"{line}: xruns while the machine ran", ours, 0, ""),
        at_least(f"{line}: seconds of {windows} that null", nulls, windows - disturbed, ""),
        noted(f"{line}: seconds in which the machine stood still", disturbed, ""),
        noted(f"{line}: xruns then", len(late.times) - ours, ""),
        noted(f"{line}: frames compared", frames, ""),
        at_least(f"{line}: edits", edits, 0.8 * EDITS_PER_SECOND * seconds, ""),
        at_most(
            f"{period} frames, without load: an edit is heard after, p99",
            float(np.percentile(heard_ms, 99)) if heard_ms else math.inf,
            50.0,
            "ms",
        ),
        noted(f"{period} frames: of 100 edits, heard while the machine ran", len(heard_ms), ""),
    ]
    if not watch.times:
        rows.append(
            holds(
                f"{line}: worst difference from the bounce",
                f"{worst:.1e}",
                "≤ 1e-6",
                reached=worst <= 1e-6,
            )
        )
    return rows


def _edits_heard(client: RealtimeClient, music: Piece, period: int) -> list[float]:
    """Return how long edits take to be heard, in milliseconds, where the machine ran."""
    edits = []
    client.wait_until_open(30)
    client.play()
    with StallWatch(period) as watch:
        for number in range(100):
            time.sleep(1 / EDITS_PER_SECOND)
            began_s = time.monotonic()
            client.set_project(edited_far_away(music.project, number), music.paths)
            client.wait_for(lambda status: status.revision >= client.revision, 1)
            status = client.status
            # A block may be rendered before it is given.
            given_s = max(time.monotonic(), status.time_ns * 1e-9)
            edits.append((began_s, given_s, status.latency_s))
    client.stop()
    client.locate(Frame(0))
    client.wait_for(lambda status: not status.rolling and status.frame == 0, 5)
    return [
        1_000 * (ended_s - began_s + latency_s)
        for began_s, ended_s, latency_s in edits
        if not any(first < ended_s and began_s < last for first, last in watch.times)
    ]


class _Xruns:
    """Writes down when the count of xruns rose."""

    def __init__(self, client: RealtimeClient) -> None:
        self._seen = client.status.xruns
        self.times: list[float] = []

    def look(self, status: Status) -> Status:
        """Look at a status, and return it."""
        self.times += [time.monotonic()] * (status.xruns - self._seen)
        self._seen = status.xruns
        return status


if __name__ == "__main__":
    sys.exit(run_alone(measure, "jack"))
