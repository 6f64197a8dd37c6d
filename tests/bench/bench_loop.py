"""How long the window keeps a person waiting while the whole program works.

The program runs in a process of its own, as it is started by everyone, with an audio server
that has no sound card. A timer of 8 ms says how late the event loop is; how much
processor it takes in one go shows the program's own share of that on a busy machine. A loop
that does nothing, right before and right after, shows the machine's.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import numpy as np  # noqa: E402
from PySide6.QtCore import (  # noqa: E402
    QAbstractEventDispatcher,
    QCoreApplication,
    QObject,
    Qt,
    QTimer,
    Slot,
)
from table import Row, at_most, holds, noted, run_alone  # noqa: E402

from acestep_desktop import app  # noqa: E402
from acestep_desktop.domain.clip import Clip  # noqa: E402
from acestep_desktop.domain.edits import add_clip, add_media, add_track  # noqa: E402
from acestep_desktop.domain.project import Project, TickRange  # noqa: E402
from acestep_desktop.domain.request import Prompt, Request  # noqa: E402
from acestep_desktop.domain.time import SAMPLE_RATE, Tick  # noqa: E402
from acestep_desktop.library.media import media_of_take  # noqa: E402
from acestep_desktop.session.library import StoredTake  # noqa: E402
from acestep_desktop.session.sessions import Sessions  # noqa: E402
from acestep_desktop.ui.main_window import MainWindow  # noqa: E402
from tests.realtime.jack_server import DEVICE, JackServer  # noqa: E402

BEAT_MS: Final = 8
LATE_MS: Final = 16.7
SAVE_MS: Final = 200

Report = dict[str, dict[str, list[float]]]


class Meter(QObject):
    """Notes how late a timer comes, and how much processor the event loop takes in one go."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.late_ms: list[float] = []
        self.busy_ms: list[float] = []
        self._last = time.perf_counter()
        self._rested = time.thread_time()
        self._beat = QTimer(self)
        self._beat.setTimerType(Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(self._note_beat)
        # Whatever was done since the loop rested last was done in one go.
        QAbstractEventDispatcher.instance().aboutToBlock.connect(self._note_rest)

    def start(self) -> None:
        """Begin anew."""
        self.late_ms, self.busy_ms = [], []
        self._last = time.perf_counter()
        self._beat.start(BEAT_MS)

    @Slot()
    def _note_beat(self) -> None:
        now = time.perf_counter()
        self.late_ms.append(max(0.0, (now - self._last) * 1e3 - BEAT_MS))
        self._last = now

    @Slot()
    def _note_rest(self) -> None:
        now = time.thread_time()
        self.busy_ms.append((now - self._rested) * 1e3)
        self._rested = now


class Work(QObject):
    """Makes the program work in one way after the other, and reports of each."""

    def __init__(self, sessions: Sessions, window: MainWindow, seconds: float, audio: Path) -> None:
        super().__init__(window)
        self._with, self._window = sessions, window
        self._seconds, self._audio = seconds, audio
        self._meter = Meter(self)
        self._report: Report = {}
        self._take: StoredTake | None = None
        self._jobs = self._saved = 0
        self._saves = QTimer(self)
        self._saves.setInterval(SAVE_MS)
        self._saves.timeout.connect(self._save)
        self._steps = self._all_steps()
        sessions.audition.client.set_device(DEVICE)
        sessions.jobs.take_kept.connect(self._begin)
        self._wish()

    @Slot(object, object)
    def _begin(self, take: StoredTake, _: object) -> None:
        if self._take is None:
            self._take = take
            self._with.document.apply("Place take", self._placed)
            folder = self._with.music_folder / "Projects"
            folder.mkdir(parents=True, exist_ok=True)
            self._with.projects.save(folder / "Song.acestep")
            QTimer.singleShot(1_000, self, self._next)

    def _placed(self, project: Project) -> Project:
        assert self._take is not None
        project = add_track(add_media(project, media_of_take(self._take)), "Drums")
        clip = Clip.of_take(self._take.take_id, Tick(0), self._take.frames)
        project = add_clip(project, project.tracks[0].track_id, clip)
        return replace(project, loop=TickRange(Tick(0), project.tempo.tick_at(self._take.frames)))

    @Slot()
    def _next(self) -> None:
        wait_s = next(self._steps, None)
        if wait_s is None:
            self._report["sound"] = {"rolled": [float(self._with.transport.status.rolling)]}
            print(json.dumps(self._report), flush=True)
            os._exit(0)
        QTimer.singleShot(round(wait_s * 1e3), self, self._next)

    def _all_steps(self) -> Iterator[float]:
        self._with.transport.set_loop(True)
        self._with.transport.toggle()
        yield 1.0
        phases: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "it plays": (lambda: None, lambda: None),
            "it plays and two jobs run": (self._generate, self._with.jobs.cancel_all),
            "it plays and saves": (self._saves.start, self._saves.stop),
            "it plays and imports": (self._import, lambda: None),
        }
        for name, (begin, end) in phases.items():
            begin()
            self._meter.start()
            yield self._seconds
            self._report[name] = {"late": self._meter.late_ms, "busy": self._meter.busy_ms}
            end()
            yield 0.5

    def _generate(self) -> None:
        self._with.jobs.jobs_changed.connect(self._keep_busy)
        self._wish()
        self._wish()

    @Slot(tuple)
    def _keep_busy(self, jobs: tuple[object, ...]) -> None:
        if self._report.keys() == {"it plays"} and all(job.state.ended for job in jobs):  # type: ignore[attr-defined]
            QTimer.singleShot(0, self, self._wish)

    @Slot()
    def _wish(self) -> None:
        self._jobs += 1
        wish = Request(Prompt(f"slow house {self._jobs}"), bars=8, seed=self._jobs)
        self._with.jobs.submit("sketch", wish)

    @Slot()
    def _save(self) -> None:
        self._saved += 1
        name = str(self._saved)
        self._with.document.apply("Rename", lambda project: replace(project, name=name))
        self._with.projects.save_soon()

    def _import(self) -> None:
        self._with.library.import_files([self._audio])


class BusyWindow(MainWindow):
    """The window, with work to do."""

    def furnish(self, sessions: Sessions) -> None:
        super().furnish(sessions)
        seconds, audio = float(sys.argv[2]), Path(sys.argv[3])
        self._work = Work(sessions, self, seconds, audio)


def measure(full: bool) -> list[Row]:
    """Return how late the event loop is while the program plays, generates, saves and imports."""
    seconds, minutes = (20.0, 60) if full else (4.0, 5)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, JackServer(256):
        audio = Path(folder) / "long.wav"
        noise_file(audio, minutes)
        bare = bare_late_ms(seconds / 2)
        run = subprocess.run(
            [sys.executable, __file__, "--work", str(seconds), str(audio)],
            env=os.environ | {"ACESTEP_HOME": f"{folder}/home", "QT_QPA_PLATFORM": "offscreen"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            check=True,
            timeout=60 + 8 * seconds,
        )
        bare += bare_late_ms(seconds / 2)
    report: Report = json.loads(run.stdout)
    rolled = bool(report.pop("sound")["rolled"][0])
    rows = [
        noted("a loop that does nothing: late, p99", float(np.percentile(bare, 99)), "ms"),
        noted("a loop that does nothing: late, at most", max(bare), "ms"),
        holds("the project is heard all the time", str(rolled), "True", reached=rolled),
    ]
    for name, figures in report.items():
        late, busy = np.array(figures["late"]), np.array(figures["busy"])
        rows += [
            at_most(f"{name}: late, p99", float(np.percentile(late, 99)), LATE_MS, "ms"),
            noted(f"{name}: late, at most", float(late.max()), "ms"),
            at_most(f"{name}: busy in one go, p99", float(np.percentile(busy, 99)), LATE_MS, "ms"),
            noted(f"{name}: busy in one go, at most", float(busy.max()), "ms"),
        ]
    return rows


def bare_late_ms(seconds: float) -> list[float]:
    """Return how late an event loop was that had nothing to do, in a process of its own."""
    run = subprocess.run(
        [sys.executable, __file__, "--bare", str(seconds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        check=True,
        timeout=60 + 2 * seconds,
    )
    late: list[float] = json.loads(run.stdout)
    return late


def do_nothing(seconds: float) -> None:
    """Print how late a bare event loop is."""
    loop = QCoreApplication(sys.argv[:1])
    meter = Meter(loop)
    QTimer.singleShot(round(seconds * 1e3), loop.quit)
    meter.start()
    loop.exec()
    print(json.dumps(meter.late_ms), flush=True)


def noise_file(path: Path, minutes: int) -> None:
    """Write a file of low noise, so that nothing about it is a special case."""
    minute = np.random.default_rng(3).integers(-200, 200, (SAMPLE_RATE * 60, 2)).astype("<i2")
    with contextlib.closing(wave.open(str(path), "wb")) as file:
        file.setparams((2, 2, SAMPLE_RATE, 0, "NONE", ""))
        for _ in range(minutes):
            file.writeframesraw(minute.tobytes())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        app.MainWindow = BusyWindow  # type: ignore[misc]
        sys.exit(app.main())
    if sys.argv[1:2] == ["--bare"]:
        do_nothing(float(sys.argv[2]))
        sys.exit(0)
    sys.exit(run_alone(measure, "loop"))
