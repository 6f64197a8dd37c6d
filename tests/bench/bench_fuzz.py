"""Ten minutes of play, stop, seek and edit at random: leaks, stuck sounds, clicks.

Run as `python -m tests.bench.bench_fuzz [--minutes 10]`. The real process plays by time
alone; clicks are measured on the same acts pulled from a player in this process.
"""

import argparse
import random
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from acestep_desktop.domain.time import Frame
from acestep_desktop.realtime.client import RealtimeClient
from acestep_desktop.realtime.transport import Loop
from tests.realtime.recordings import edited_far_away, piece
from tests.realtime.studio import Studio
from tests.realtime.test_player import MUSIC, SOURCES, clicks, project_of


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        _leaks(Path(folder), minutes)
    with tempfile.TemporaryDirectory() as folder:
        _clicks(Path(folder))


def _leaks(folder: Path, minutes: float) -> None:
    music = piece(folder, 8, 40, 120)
    client = RealtimeClient(print)
    client.start()
    client.set_project(music.project, music.paths)
    client.wait_until_open(30)
    dice = random.Random(1)
    acts = [
        client.play,
        client.stop,
        lambda: client.locate(Frame(dice.randrange(5_000_000))),
        lambda: client.set_loop(_loop(dice)),
        lambda: client.set_project(
            edited_far_away(music.project, dice.randrange(999)), music.paths
        ),
    ]
    child = client._child
    assert child is not None
    process = psutil.Process(child.pid)
    until = time.monotonic() + 60 * minutes
    memory: list[tuple[float, float]] = []
    count = 0
    while time.monotonic() < until:
        dice.choice(acts)()
        count += 1
        time.sleep(dice.random() * 0.05)
        if count % 50 == 0:
            memory.append((time.monotonic(), _anonymous(process)))
    client.stop()
    client.set_loop(None)
    client.wait_for(lambda status: not status.rolling, 5)
    silent = client.wait_for(lambda status: status.peak_left == status.peak_right == 0.0, 2)
    settled = memory[len(memory) // 4 :]
    hours = np.array([at for at, _ in settled]) / 60
    slope = np.polyfit(hours, [size for _, size in settled], 1)[0]
    print(f"acts                  {count}")
    print(f"anonymous memory      {settled[0][1]:.1f} -> {settled[-1][1]:.1f} MB")
    print(f"slope                 {slope:+.3f} MB a minute")
    print(f"silent after the stop {silent}")
    print(f"same process          {client._child is child}, xruns {client.status.xruns}")
    client.close()


def _clicks(folder: Path) -> None:
    """Print how starts, stops and seeks compare with the material's own steps."""
    studio = Studio(SOURCES, folder)
    studio.client.set_project(project_of(MUSIC), studio.paths)
    studio.pull(1_024)
    dice = random.Random(2)
    parts, marks, at = [], [], 0
    for _ in range(60):
        act = dice.choice((studio.client.play, studio.client.stop, None))
        if act is None:
            studio.client.locate(Frame(dice.randrange(300_000)))
        else:
            act()
        marks.append(at)
        parts.append(studio.pull(dice.randrange(4_800, 24_000), block=256))
        at += len(parts[-1])
    studio.close()
    audio = np.concatenate(parts)
    ratios = [clicks(audio, mark) for mark in marks[1:-1]]
    print(f"acts measured         {len(ratios)}")
    print(f"step ratio p50 / max  {np.median(ratios):.3f} / {max(ratios):.3f}")


def _loop(dice: random.Random) -> Loop | None:
    start = dice.randrange(1_000_000)
    return None if dice.random() < 0.5 else Loop(Frame(start), Frame(start + 48_000))


def _anonymous(process: psutil.Process) -> float:
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024
    return process.memory_info().rss / 1e6


if __name__ == "__main__":
    main()
