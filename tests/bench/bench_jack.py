"""A recording through JACK under load against the bounce: 256 and 512 frames, 60 s.

64 tracks of 100 clips, 20 edits a second, Sketch and a torch loop in processes of
their own, a busy thread in the app.
"""

import itertools
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from table import Row, at_most, holds, noted, run_alone  # noqa: E402

from acestep_desktop.realtime.client import RealtimeClient  # noqa: E402
from tests.realtime.jack_server import DEVICE, JackServer, samples_of  # noqa: E402
from tests.realtime.load import Load, StallWatch  # noqa: E402
from tests.realtime.recordings import Piece, edited_far_away, null_depth, piece  # noqa: E402

EDITS_PER_SECOND = 20


def measure(full: bool) -> list[Row]:
    """Return xruns and the worst difference for each period."""
    seconds = 60 if full else 10
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        music = piece(Path(folder), 64, 100, 2 * seconds)
        for period in (512, 256):
            rows += _measured(music, Path(folder), period, seconds, idle=False)
    return rows


def _measured(music: Piece, folder: Path, period: int, seconds: int, *, idle: bool) -> list[Row]:
    over = threading.Event()
    path = folder / f"{period}.wav"
    watch = StallWatch(period)
    with JackServer(period) as server:
        client = RealtimeClient(print, device=DEVICE, block=period)
        client.start()
        client.set_project(music.project, music.paths)

        def edit() -> None:
            for number in itertools.count():
                if over.wait(1 / EDITS_PER_SECOND):
                    return
                client.set_project(edited_far_away(music.project, number), music.paths)

        load = None if idle else Load().__enter__()
        try:
            client.wait_for(lambda status: status.revision > 0, 30)
            threading.Thread(target=edit, daemon=True).start()
            recording = server.record(path, seconds + 3, "PortAudio:out_0", "PortAudio:out_1")
            before = client.status.xruns
            with watch:
                client.play()
                client.wait_for(lambda status: status.frame > seconds * 48_000, seconds + 30)
                status = client.status
            recording.communicate()
        finally:
            over.set()
            if load is not None:
                load.__exit__(None, None, None)
            client.close()
    worst, frames = null_depth(samples_of(path), music.bounce(seconds * 48_000))
    return [
        at_most(f"{period} frames, {seconds} s: xruns", status.xruns - before, 0, ""),
        holds(
            f"{period} frames: worst difference from the bounce",
            f"{worst:.1e}",
            "≤ 1e-6",
            reached=worst <= 1e-6,
        ),
        noted(f"{period} frames: times the machine itself stood still", watch.stalls, ""),
        noted(f"{period} frames: frames compared", frames, ""),
        noted(f"{period} frames: edits", status.revision, ""),
    ]


if __name__ == "__main__":
    sys.exit(run_alone(measure, "jack"))
