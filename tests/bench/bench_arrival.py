"""How long a finished take needs from the engine to the tray and to the library's list.

The program runs in a process of its own, with a window, a real Sketch in its own process and
an audio server that has no sound card. "The last sample" is the moment before Sketch hands the
last audio of the mix to its host; "painted" the moment after a widget painted the take for the
first time, when its files must be whole under the names they keep. The time that this look at the
files takes in the window's thread is not counted.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import numpy as np  # noqa: E402
from PySide6.QtCore import QObject, QTimer, Slot  # noqa: E402
from stamps import ENVIRONMENT, STAMPS  # noqa: E402
from table import Row, at_most, holds, noted, run_alone  # noqa: E402

from acestep_desktop import app  # noqa: E402
from acestep_desktop.audiofile.wav import read_layout  # noqa: E402
from acestep_desktop.domain.request import Prompt, Request  # noqa: E402
from acestep_desktop.generation.client import EngineClient  # noqa: E402
from acestep_desktop.session import assembly  # noqa: E402
from acestep_desktop.session.library import StoredTake  # noqa: E402
from acestep_desktop.session.sessions import Sessions  # noqa: E402
from acestep_desktop.ui.main_window import MainWindow  # noqa: E402
from acestep_desktop.ui.take_face import TakeFace  # noqa: E402
from acestep_desktop.ui.take_list import TakeDelegate  # noqa: E402
from acestep_desktop.ui.take_model import TakeRole  # noqa: E402
from tests.realtime.jack_server import DEVICE, JackServer  # noqa: E402

SECONDS: Final = 30.0
GOAL_MS: Final = 100.0
REST_MS: Final = 700
"""Between two jobs: what follows a take, such as its first notes, is not to meet the next."""

WIDE: Final = (3_000, 900)
"""A window that shows all cards of a job of four: what is not seen is not painted."""

PLACES: Final = ("card", "row")


class Arrivals(QObject):
    """Asks for takes, one job after the other, and notes when each is painted where."""

    def __init__(self, sessions: Sessions, jobs: int, variations: int, window: MainWindow) -> None:
        super().__init__(window)
        if variations > 1:
            window.resize(*WIDE)
        self._sessions, self._left, self._variations = sessions, jobs, variations
        self._looked_s = 0.0
        self._seen: dict[str, dict[str, Any]] = {}
        sessions.audition.client.set_device(DEVICE)
        sessions.jobs.take_kept.connect(self._note_take)
        sessions.jobs.jobs_changed.connect(self._go_on)
        TakeFace.paintEvent = self._painting_card(TakeFace.paintEvent)  # type: ignore[method-assign]
        TakeDelegate.paint = self._painting_row(TakeDelegate.paint)  # type: ignore[method-assign]
        self._wish()

    def _painting_card(self, paint: Callable[..., None]) -> Callable[..., None]:
        def painted(face: TakeFace, event: object) -> None:
            paint(face, event)
            self._note(face._take, "card")

        return painted

    def _painting_row(self, paint: Callable[..., None]) -> Callable[..., None]:
        def painted(delegate: TakeDelegate, painter: object, option: object, index: Any) -> None:
            paint(delegate, painter, option, index)
            self._note(index.data(TakeRole), "row")

        return painted

    def _note(self, take: StoredTake, place: str) -> None:
        seen = self._seen.setdefault(take.take_id, {})
        if place not in seen:
            now = time.monotonic()
            looked_s = seen.setdefault("looked_s", self._looked_s)
            seen[place] = now - (self._looked_s - looked_s)
            seen["whole"] = seen.get("whole", True) and is_whole(take)
            self._looked_s += time.monotonic() - now

    @Slot(object, object)
    def _note_take(self, take: StoredTake, job: object) -> None:
        seen = self._seen.setdefault(take.take_id, {})
        seen.update(told=time.monotonic(), stems=len(take.stems))

    @Slot(tuple)
    def _go_on(self, jobs: tuple[Any, ...]) -> None:
        if all(job.state.ended for job in jobs):
            QTimer.singleShot(REST_MS, self, self._wish)
            self._sessions.jobs.jobs_changed.disconnect(self._go_on)

    @Slot()
    def _wish(self) -> None:
        if not self._left:
            print(json.dumps(list(self._seen.values())), flush=True)
            os._exit(0)
        wish = Request(
            Prompt(f"slow house {self._left}"),
            seconds=SECONDS,
            seed=1000 * self._left,
            variations=self._variations,
        )
        self._left -= 1
        self._sessions.jobs.submit("sketch", wish)
        self._sessions.jobs.jobs_changed.connect(self._go_on)


def is_whole(take: StoredTake) -> bool:
    """Return whether all files of a take are there with all their sound."""
    files = [take.path, *(stem.path for stem in take.stems)]
    return all(read_layout(file).whole for file in files)


class WaitingWindow(MainWindow):
    """The window, with takes on their way to it."""

    def furnish(self, sessions: Sessions) -> None:
        """Fill the window and begin."""
        super().furnish(sessions)
        QTimer.singleShot(1_000, self, self._begin)
        self._with = sessions

    @Slot()
    def _begin(self) -> None:
        self._arrivals = Arrivals(self._with, int(sys.argv[2]), int(sys.argv[3]), self)


def arrived(jobs: int, variations: int) -> list[dict[str, float]]:
    """Return each take of so many jobs: when it left the engine, was told, and was painted."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        stamps = Path(folder) / "stamps"
        run = subprocess.run(
            [sys.executable, __file__, "--work", str(jobs), str(variations)],
            env=os.environ
            | {
                "ACESTEP_HOME": f"{folder}/home",
                "QT_QPA_PLATFORM": "offscreen",
                STAMPS: str(stamps),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            check=True,
            timeout=120 + 15 * jobs * variations,
        )
        left = [json.loads(line) for line in stamps.read_text().splitlines()]
    seen = sorted(json.loads(run.stdout), key=lambda take: take["told"])
    return [
        take | {"made": made, "last": last, "handed": handed}
        for take, (made, last, handed) in zip(seen, left, strict=True)
    ]


def rows_of(name: str, takes: list[dict[str, float]]) -> list[Row]:
    """Return the rows of takes that came the same way."""
    rows = []
    for place in PLACES:
        late = np.array([(take[place] - take["last"]) * 1e3 for take in takes])
        rows += [
            noted(f"{name}: last sample → {place} painted, p50", float(np.median(late)), "ms"),
            at_most(
                f"{name}: last sample → {place} painted, p99",
                float(np.percentile(late, 99)),
                GOAL_MS,
                "ms",
            ),
        ]
    kept = np.array([(take["told"] - take["last"]) * 1e3 for take in takes])
    made = np.array([(max(take[place] for place in PLACES) - take["made"]) for take in takes])
    stems = np.array([take["stems"] for take in takes])
    whole = all(take["whole"] for take in takes)
    return [
        *rows,
        noted(f"{name}: of that until it is kept, p50", float(np.median(kept)), "ms"),
        noted(f"{name}: all sound made in memory → painted, p50", float(np.median(made)), "s"),
        noted(f"{name}: stems, on average", float(stems.mean()), ""),
        holds(f"{name}: its files were whole by then", str(whole), "True", reached=whole),
    ]


def measure(full: bool) -> list[Row]:
    """Return how late takes of 30 s appear, alone and while the next is being made."""
    with JackServer(256):
        return [
            *rows_of("alone", arrived(30 if full else 6, 1)),
            *rows_of("four of a job", arrived(8 if full else 2, 4)),
        ]


def stamping_client(engine: str) -> EngineClient:
    """Return a client of Sketch that writes down when takes leave it."""
    entry = "stamping_engine:create" if engine == "sketch" else None
    return EngineClient(engine, entry=entry, environment=ENVIRONMENT)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        app.MainWindow = WaitingWindow  # type: ignore[misc]
        assembly.make_sessions = partial(assembly.make_sessions, client_of=stamping_client)
        sys.exit(app.main())
    sys.exit(run_alone(measure, "arrival"))
