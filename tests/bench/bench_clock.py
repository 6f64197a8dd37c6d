"""How well MIDI clock keeps time: ours by time and by JACK frame, a QTimer's, a plain thread's.

Lateness is taken at
the call that sends; through JACK also where `jack_midi_dump` gets it.
"""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import numpy as np  # noqa: E402
from table import Row, at_most, noted, run_alone  # noqa: E402

from acestep_desktop.domain.project import Project  # noqa: E402
from acestep_desktop.domain.tempo import TempoMap  # noqa: E402
from acestep_desktop.realtime.client import RealtimeClient  # noqa: E402
from acestep_desktop.realtime.clock_client import ClockClient, ClockPort  # noqa: E402
from acestep_desktop.realtime.clock_grammar import PULSE  # noqa: E402
from tests.realtime.jack_server import DEVICE, JackServer, recorder  # noqa: E402
from tests.realtime.load import Load  # noqa: E402

TEMPOS = (60.0, 120.0, 174.3, 300.0)


def measure(full: bool) -> list[Row]:
    """Return rows for each tempo, idle and under load."""
    seconds = 60 if full else 6
    rows = _table("idle", 1.0, seconds)
    with Load():
        return rows + _table("load", 2.0, seconds)


def _table(state: str, limit_ms: float, seconds: int) -> list[Row]:
    rows = []
    for bpm in TEMPOS:
        rows += _ours(f"{state} {bpm:g}", bpm, seconds, limit_ms, jack=True)
        rows += _ours(f"{state} {bpm:g}", bpm, seconds, limit_ms, jack=False)
    rows += _compared(f"{state} 120, QTimer", 120.0, min(seconds, 10), _qtimer)
    rows += _compared(f"{state} 120, thread", 120.0, min(seconds, 10), _thread)
    return rows


def _ours(line: str, bpm: float, seconds: int, limit_ms: float, *, jack: bool) -> list[Row]:
    with JackServer(256 if jack else 64) as server, recorder() as midi:
        client = RealtimeClient(device=DEVICE, block=server.period)
        client.start()
        project = Project(tempo=TempoMap.steady(bpm))
        client.set_project(project, {})
        clock = ClockClient(client.status_path, [ClockPort(midi.port)], jack=jack)
        clock.start()
        clock.set_tempo(project.tempo, client.tempo_revision)
        client.wait_until_open(30)
        clock.wait_until_running(30)
        client.wait_for(lambda status: not clock.missing, 30)
        client.set_pre_roll(clock.pre_roll)
        clock.report()
        client.play()
        client.wait_for(lambda status: status.rolled > seconds * 48_000, seconds + 30)
        report = clock.report()
        clock.close()
        client.close()
    frames = np.array([frame for frame, data in midi.events if data == PULSE], float)
    tempo = 60 * 48_000 / 24 / np.polyfit(np.arange(len(frames)), frames, 1)[0]
    ideal = frames[0] + np.arange(len(frames)) * 48_000 * 60 / bpm / 24
    if jack:
        worst = float(np.abs(frames - ideal).max())
        return [
            at_most(f"{line}, JACK: off the frame", worst, 1.0, "frames"),
            at_most(f"{line}, JACK: tempo error", abs(tempo - bpm), 0.005, "bpm"),
            at_most(f"{line}, JACK: pulses lost", report.lost, 0, ""),
        ]
    return [
        at_most(f"{line}, time: lateness p99", report.late_p99_ms, limit_ms, "ms"),
        noted(f"{line}, time: lateness max", report.late_max_ms, "ms"),
        at_most(f"{line}, time: tempo error", abs(tempo - bpm), 0.005, "bpm"),
        at_most(f"{line}, time: pulses lost", report.lost, 0, ""),
    ]


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
