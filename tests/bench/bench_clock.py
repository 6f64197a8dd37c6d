"""How well MIDI clock keeps time: ours by time and by JACK frame, a QTimer's, a plain thread's.

By time, lateness is that of the call that sends, and the tempo is the mean of the calls by
the computer's clock; the audio keeps time alone, as a dummy server's crystal would be judged
with ours. A host may take a virtual machine's processors away: pulses that were due, or waited,
while a sleeper before all others was not woken either are counted, and judged no further.
Through JACK all is judged by the server's own frames: pulses against an even grid
and against the music that a click track plays. A server that waits for its clients drops
nothing where the machine stands still; how often it did is told beside each figure.
"""

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import numpy as np  # noqa: E402
from stamps import ENVIRONMENT, STAMPS  # noqa: E402
from table import Row, at_most, noted, run_alone  # noqa: E402

from acestep_desktop.child.process import Child, start_child  # noqa: E402
from acestep_desktop.domain.project import Project  # noqa: E402
from acestep_desktop.domain.recipe import TakeId  # noqa: E402
from acestep_desktop.domain.tempo import TempoMap  # noqa: E402
from acestep_desktop.realtime.client import RealtimeClient  # noqa: E402
from acestep_desktop.realtime.clock_client import ClockClient, ClockPort  # noqa: E402
from acestep_desktop.realtime.clock_tally import ClockReport  # noqa: E402
from acestep_desktop.realtime.safety import DELAY  # noqa: E402
from tests.realtime.ear import Ear  # noqa: E402
from tests.realtime.jack_server import DEVICE, JackServer  # noqa: E402
from tests.realtime.load import Load, StallWatch  # noqa: E402
from tests.realtime.recordings import beats  # noqa: E402

TEMPOS = (60.0, 120.0, 174.3, 300.0)
PERIOD = 256
BY_TIME = 60
"""A sleeper that is half a millisecond late counts where lateness is judged."""


def measure(full: bool) -> list[Row]:
    """Return rows for each tempo, idle and under load."""
    seconds = 60 if full else 6
    rows = _table("idle", 1.0, seconds)
    with Load():
        return rows + _table("load", 2.0, seconds)


def _table(state: str, limit_ms: float, seconds: int) -> list[Row]:
    rows = []
    for bpm in TEMPOS:
        rows += _through_jack(f"{state} {bpm:g}, JACK", bpm, seconds)
        rows += _by_time(f"{state} {bpm:g}, time", bpm, seconds, limit_ms)
    rows += _compared(f"{state} 120, QTimer", 120.0, min(seconds, 10), _qtimer)
    rows += _compared(f"{state} 120, thread", 120.0, min(seconds, 10), _thread)
    return rows


def _through_jack(line: str, bpm: float, seconds: int) -> list[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        JackServer(PERIOD, patient=True),
        Ear() as ear,
    ):
        music = beats(Path(folder), TempoMap.steady(bpm), seconds + 2)
        client = RealtimeClient(device=DEVICE, block=PERIOD)
        report, watch = _played(
            client, music.project, music.paths, ear, seconds, lambda: ear.hears("PortAudio:out_0")
        )
    pulses = np.array(ear.pulses, float)
    ideal = pulses[0] + np.arange(len(pulses)) * 48_000 * 60 / bpm / 24
    tempo = 60 * 48_000 / 24 / np.polyfit(np.arange(len(pulses)), pulses, 1)[0]
    later = pulses[24::24]
    count = min(len(ear.beats), len(later))
    music_off = np.abs(np.array(ear.beats[:count]) - later[:count] - DELAY)
    return [
        at_most(f"{line}: off an even grid", float(np.abs(pulses - ideal).max()), 1.0, "frames"),
        at_most(f"{line}: off the music", float(music_off.max()), 1.0, "frames"),
        at_most(f"{line}: tempo error", abs(float(tempo) - bpm), 0.005, "bpm"),
        at_most(f"{line}: pulses lost of {len(pulses):,}", report.lost, 0, ""),
        noted(f"{line}: cycles that the server had late", ear.xruns, ""),
        noted(f"{line}: times the machine stood still", watch.stalls, ""),
    ]


def _by_time(line: str, bpm: float, seconds: int, limit_ms: float) -> list[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        JackServer(PERIOD, patient=True),
        Ear() as ear,
    ):
        stamps = Path(folder) / "stamps"
        project = Project(tempo=TempoMap.steady(bpm))
        client = RealtimeClient(start=_without_device)
        report, watch = _played(client, project, {}, ear, seconds, lambda: None, stamps)
        sent = np.array(json.loads(stamps.read_text()))
    late_ms = (sent[:, 1] - sent[:, 0]) * 1e3
    ran = late_ms[[not watch.met(due, at) for due, at in sent]]
    return [
        noted(f"{line}: lateness p50", report.late_p50_ms, "ms"),
        noted(f"{line}: lateness p99", report.late_p99_ms, "ms"),
        at_most(
            f"{line}: lateness p99 while the machine ran",
            float(np.percentile(ran, 99)),
            limit_ms,
            "ms",
        ),
        noted(f"{line}: pulses while it stood still", len(late_ms) - len(ran), ""),
        noted(f"{line}: lateness max", report.late_max_ms, "ms"),
        noted(f"{line}: a sleeper before all others, lateness max", watch.late_max_ms, "ms"),
        at_most(f"{line}: tempo error", abs(report.bpm - bpm), 0.005, "bpm"),
        at_most(f"{line}: pulses lost of {report.sent:,}", report.lost, 0, ""),
    ]


def _played(
    client: RealtimeClient,
    project: Project,
    paths: Mapping[TakeId, Path],
    ear: Ear,
    seconds: int,
    ready: Callable[[], None],
    stamps: Path | None = None,
) -> tuple[ClockReport, StallWatch]:
    """Play for a while with a clock for the ear; return what the clock says of itself.

    With `stamps`, a file to be written, it sends by time.
    """
    jack = stamps is None
    client.start()
    client.set_project(project, paths)
    start = start_child if jack else partial(_stamping, stamps)
    clock = ClockClient(client.status_path, [ClockPort(ear.midi)], start=start, jack=jack)
    clock.start()
    clock.set_tempo(project.tempo, client.tempo_revision)
    client.wait_until_open(30)
    clock.wait_until_running(30)
    client.wait_for(lambda status: not clock.missing, 30)
    client.set_pre_roll(clock.pre_roll)
    ready()
    clock.report()
    with StallWatch(PERIOD if jack else BY_TIME) as watch:
        client.play()
        client.wait_for(lambda status: status.rolled > seconds * 48_000, 2 * seconds + 30)
        report = clock.report()
    clock.close()
    client.close()
    return report, watch


def _stamping(stamps: Path, role: str) -> Child:
    """Start a clock that writes down when it sent what."""
    return start_child(f"stamping_{role}:serve", environment=ENVIRONMENT | {STAMPS: str(stamps)})


def _without_device(role: str, environment: Mapping[str, str]) -> Child:
    return start_child(role, environment={**environment, "JACK_DEFAULT_SERVER": "nobody"})


Sender = Callable[[float, int], list[int]]


def _compared(line: str, bpm: float, seconds: int, sender: Sender) -> list[Row]:
    late = np.array(sender(bpm, seconds), float) / 1e6
    return [
        noted(f"{line}: lateness p99", float(np.percentile(late, 99)), "ms"),
        noted(f"{line}: lateness max", float(late.max()), "ms"),
    ]


def _thread(bpm: float, seconds: int) -> list[int]:
    """Return the lateness of a thread of this process that sleeps to absolute times."""
    late: list[int] = []

    def run() -> None:
        period_ns = 60e9 / bpm / 24
        start_ns = time.monotonic_ns()
        for number in range(round(seconds * 1e9 / period_ns)):
            due = start_ns + round(number * period_ns)
            time.sleep(max(0, due - time.monotonic_ns()) * 1e-9)
            late.append(time.monotonic_ns() - due)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return late


def _qtimer(bpm: float, seconds: int) -> list[int]:
    """Return the lateness of a precise QTimer of this process."""
    from PySide6.QtCore import QCoreApplication, Qt, QTimer

    app = QCoreApplication.instance() or QCoreApplication([])
    late: list[int] = []
    period_ns = 60e9 / bpm / 24
    start_ns = time.monotonic_ns()
    timer = QTimer()
    timer.setSingleShot(True)
    timer.setTimerType(Qt.TimerType.PreciseTimer)

    def tick() -> None:
        now = time.monotonic_ns()
        late.append(now - start_ns - round(len(late) * period_ns))
        if now - start_ns > seconds * 1e9:
            app.quit()
            return
        due = start_ns + round(len(late) * period_ns)
        timer.start(max(0, (due - now) // 1_000_000))

    timer.timeout.connect(tick)
    timer.start(0)
    app.exec()
    return late


if __name__ == "__main__":
    sys.exit(run_alone(measure, "clock"))
