"""A recording through JACK under load against the bounce: 256 and 512 frames, 60 s.

64 tracks of 100 clips, 20 edits a second, Sketch and a torch loop in processes of
their own, a busy thread in the app. Run as `python -m tests.bench.bench_jack [--seconds 60]`.
"""

import argparse
import itertools
import tempfile
import threading
from pathlib import Path

from acestep_desktop.realtime.client import RealtimeClient
from tests.realtime.jack_server import DEVICE, JackServer, samples_of
from tests.realtime.load import Load
from tests.realtime.recordings import Piece, edited_far_away, null_depth, piece

EDITS_PER_SECOND = 20


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--period", type=int, nargs="*", default=[512, 256])
    parser.add_argument("--idle", action="store_true")
    given = parser.parse_args()
    print("period  seconds  edits  xruns  worst difference  frames compared")
    with tempfile.TemporaryDirectory() as folder:
        music = piece(Path(folder), 64, 100, 2 * given.seconds)
        for period in given.period:
            print(_measured(music, Path(folder), period, given.seconds, idle=given.idle))


def _measured(music: Piece, folder: Path, period: int, seconds: int, *, idle: bool) -> str:
    over = threading.Event()
    path = folder / f"{period}.wav"
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
    return (
        f"{period:>6}  {seconds:>7}  {status.revision:>5}  {status.xruns - before:>5}  "
        f"{worst:>16.2e}  {frames:>15,}"
    )


if __name__ == "__main__":
    main()
