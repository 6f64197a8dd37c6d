"""How well MIDI clock keeps time: ours by time and by JACK frame, a QTimer's, a plain thread's.

Run as `python -m tests.bench.bench_clock [--seconds 60] [--load]`. Lateness is taken at
the call that sends; through JACK also where `jack_midi_dump` gets it.
"""

import argparse
import threading
import time
from collections.abc import Callable

import numpy as np

from acestep_desktop.domain.project import Project
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.realtime.client import RealtimeClient
from acestep_desktop.realtime.clock_client import ClockClient, ClockPort
from acestep_desktop.realtime.clock_grammar import PULSE
from tests.realtime.jack_server import DEVICE, JackServer, recorder
from tests.realtime.load import Load

TEMPOS = (60.0, 120.0, 174.3, 300.0)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--load", action="store_true")
    parser.add_argument("--bpm", type=float, nargs="*", default=TEMPOS)
    given = parser.parse_args()
    load = Load().__enter__() if given.load else None
    print(
        "sender        bpm     sent  late>1ms  lost  p50 ms  p99 ms  max ms  tempo error bpm  frames"
    )
    try:
        for bpm in given.bpm:
            print(_ours(bpm, given.seconds, jack=True))
            print(_ours(bpm, given.seconds, jack=False))
            print(_compared("QTimer", bpm, min(given.seconds, 10), _qtimer))
            print(_compared("thread", bpm, min(given.seconds, 10), _thread))
    finally:
        if load is not None:
            load.__exit__(None, None, None)


def _ours(bpm: float, seconds: int, *, jack: bool) -> str:
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
    name = "ours, JACK" if jack else "ours, time"
    return (
        f"{name:<12}{bpm:>6.1f}{report.sent:>8}{report.late:>10}{report.lost:>6}"
        f"{report.late_p50_ms:>8.3f}{report.late_p99_ms:>8.3f}{report.late_max_ms:>8.3f}"
        f"{tempo - bpm:>17.5f}  ±{np.abs(frames - ideal).max():.2f}"
    )


Sender = Callable[[float, int], list[int]]


def _compared(name: str, bpm: float, seconds: int, sender: Sender) -> str:
    late = np.array(sender(bpm, seconds), float) / 1e6
    p50, p99 = np.percentile(late, (50, 99))
    return (
        f"{name:<12}{bpm:>6.1f}{len(late):>8}{int((late > 1).sum()):>10}{0:>6}"
        f"{p50:>8.3f}{p99:>8.3f}{late.max():>8.3f}"
    )


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
    main()
