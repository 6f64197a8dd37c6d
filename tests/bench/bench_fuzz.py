"""Ten minutes of play, stop, seek and edit at random: leaks, stuck sounds, clicks.

The real process plays by time
alone; clicks are measured on the same acts pulled from a player in this process.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import numpy as np  # noqa: E402
import psutil  # noqa: E402
from table import Row, at_most, holds, noted, run_alone  # noqa: E402

from acestep_desktop.domain.project import Project, TickRange  # noqa: E402
from acestep_desktop.domain.time import Frame  # noqa: E402
from acestep_desktop.dsp.samples import Samples  # noqa: E402
from acestep_desktop.realtime.client import RealtimeClient  # noqa: E402
from acestep_desktop.realtime.gate import FADE  # noqa: E402
from acestep_desktop.realtime.safety import DELAY  # noqa: E402
from tests.realtime.recordings import edited_far_away, piece  # noqa: E402
from tests.realtime.studio import Studio, brace  # noqa: E402
from tests.realtime.test_player import MUSIC, SOURCES, project_of, steps  # noqa: E402


def measure(full: bool) -> list[Row]:
    """Return the slope of memory, whether a stop is silent, and the worst step."""
    with tempfile.TemporaryDirectory() as folder:
        rows = _leaks(Path(folder), 10.0 if full else 0.5)
    tone = 0.3 * np.sin(2 * np.pi * 1_000 * np.arange(len(SOURCES[MUSIC])) / 48_000)
    takes = {"music": SOURCES[MUSIC], "a tone": np.stack((tone, tone), 1).astype(np.float32)}
    for what, take in takes.items():
        with tempfile.TemporaryDirectory() as folder:
            rows += _clicks(Path(folder), what, take)
    return rows


def _leaks(folder: Path, minutes: float) -> list[Row]:
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
        lambda: client.set_loop(_loop(dice, music.project)),
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
    same, xruns = client._child is child, client.status.xruns
    client.close()
    return [
        noted("acts", count, ""),
        at_most(f"memory slope over {minutes:g} minutes", float(slope), 0.5, "MB a minute"),
        holds("silent after the last stop", str(silent), "True", reached=silent),
        holds("no restart", str(same), "True", reached=same),
        at_most("xruns", xruns, 0, ""),
    ]


def _clicks(folder: Path, what: str, take: Samples) -> list[Row]:
    """Return how starts, stops and seeks, many in mid-fade, compare with the material's own."""
    studio = Studio({MUSIC: take}, folder)
    studio.client.set_project(project_of(MUSIC), studio.paths)
    studio.pull(1_024)
    dice = random.Random(2)
    parts, marks, at = [], [], 0
    for _ in range(200):
        act = dice.choice((studio.client.play, studio.client.stop, None))
        if act is None:
            studio.client.locate(Frame(dice.randrange(300_000)))
        else:
            act()
        marks.append(at)
        parts.append(studio.pull(dice.choice((77, 200, 480, 900, 5_000, 20_000)), block=64))
        at += len(parts[-1])
    studio.close()
    heard, own = steps(np.concatenate(parts)), float(steps(take).max())
    ratios = [float(heard[at : at + DELAY + 3 * FADE].max()) / own for at in marks]
    return [
        noted(f"{what}: starts, stops and seeks measured", len(ratios), ""),
        at_most(f"{what}: largest step against the material's own", round(max(ratios), 2), 1.0, ""),
    ]


def _loop(dice: random.Random, project: Project) -> TickRange | None:
    start = dice.randrange(1_000_000)
    return None if dice.random() < 0.5 else brace(project, start, start + 48_000)


def _anonymous(process: psutil.Process) -> float:
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024
    return process.memory_info().rss / 1e6


if __name__ == "__main__":
    sys.exit(run_alone(measure, "fuzz"))
