"""How fast the timeline is drawn: 64 tracks of 100 clips over three hours."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import numpy as np  # noqa: E402
from PySide6.QtCore import QAbstractEventDispatcher, QEventLoop, Qt, QTimer  # noqa: E402
from PySide6.QtGui import QPaintEvent  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402
from table import Row, at_most, noted, run_alone  # noqa: E402

from acestep_desktop.domain.clip import Clip, ClipId  # noqa: E402
from acestep_desktop.domain.clip_edits import move_clips  # noqa: E402
from acestep_desktop.domain.project import TRACK_COLOURS, Media, Project, Track, TrackId  # noqa: E402
from acestep_desktop.domain.recipe import TakeId  # noqa: E402
from acestep_desktop.domain.tempo import TempoMap  # noqa: E402
from acestep_desktop.domain.time import SAMPLE_RATE, TICKS_PER_QUARTER, Frame, Tick  # noqa: E402
from acestep_desktop.library.folders import folders_below  # noqa: E402
from acestep_desktop.library.takes import TakeLibrary  # noqa: E402
from acestep_desktop.session.arrivals import ArrivalSession  # noqa: E402
from acestep_desktop.session.document import DocumentSession  # noqa: E402
from acestep_desktop.session.waveforms import WaveformSession  # noqa: E402
from acestep_desktop.ui.theme import load_theme, palette_of, style_sheet  # noqa: E402
from acestep_desktop.ui.timeline.canvas import Canvas  # noqa: E402
from acestep_desktop.ui.timeline.view import TimelineView  # noqa: E402

TRACKS, CLIPS, TAKES = 64, 100, 40
HOURS = 3
BAR = 4 * TICKS_PER_QUARTER


PAINTS: list[float] = []


def time_paints() -> None:
    """Note how long each paint of the lanes takes, from now on."""
    paint = Canvas.paintEvent

    def timed(self: Canvas, event: QPaintEvent) -> None:
        began = time.thread_time()
        paint(self, event)
        PAINTS.append(time.thread_time() - began)

    # Qt looks a method up once for each widget: this must stand before there is one.
    Canvas.paintEvent = timed  # type: ignore[method-assign]


def measure(full: bool) -> list[Row]:
    """Scroll, zoom and drag, and return what the paints and the event loop took."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    time_paints()
    application = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        return _measured(application, Path(folder), 400 if full else 120)


def _measured(application: QApplication, folder: Path, steps: int) -> list[Row]:
    theme = load_theme("dark")
    application.setStyle("Fusion")
    application.setPalette(palette_of(theme))
    application.setStyleSheet(style_sheet(theme))
    takes = TakeLibrary(folders_below(folder))
    project, document = large_project(), DocumentSession()
    waveforms = WaveformSession(lambda project: {})
    fill(waveforms, project)
    arrivals = ArrivalSession(takes)
    view = TimelineView(document, waveforms, arrivals, theme)
    view.resize(1920, 1000)
    view.show()
    began = time.perf_counter()
    document.open(project)
    application.processEvents()
    opened = time.perf_counter() - began
    rows = [noted("open 64 × 100 clips over 3 h", opened * 1e3, "ms")]
    port = view.viewport

    def scroll(step: int) -> None:
        port.scroll_by(37)

    def scroll_down(step: int) -> None:
        port.scroll_to_top((step * 23) % max(1, port.most_top))

    def zoom(step: int) -> None:
        port.zoom(1 if step // 24 % 2 == 0 else -1, 700)

    def drag(step: int) -> None:
        name = ClipId("clip-5-50")
        document.preview(lambda p: move_clips(p, {name}, Tick(step * BAR // 8)))

    def roll(step: int) -> None:
        view.show_playhead(SAMPLE_RATE * 60 + step * 800, True)

    port.fit()
    for name, act in (
        ("scrolling all of it", scroll),
        ("scrolling down all of it", scroll_down),
        ("zooming", zoom),
        ("dragging a clip", drag),
        ("rolling", roll),
    ):
        rows += _timed(name, act, steps)
    port.scale = port.scale.fitted(0, SAMPLE_RATE * 120, port.width)
    rows += _timed("scrolling two minutes", scroll, steps)
    waveforms.close()
    arrivals.close()
    takes.close()
    view.close()
    return rows


def _timed(name: str, act: Callable[[int], None], steps: int) -> list[Row]:
    """Act every 16 ms; time paints, spells of work, and how late an 8 ms timer comes."""
    PAINTS.clear()
    delays: list[float] = []
    spells: list[float] = []
    rested = [time.thread_time()]
    done = [0]
    clock = [time.perf_counter()]

    def beat() -> None:
        now = time.perf_counter()
        delays.append(max(0.0, now - clock[0] - 0.008))
        clock[0] = now

    def step() -> None:
        act(done[0])
        done[0] += 1
        if done[0] >= steps:
            loop.quit()

    def rest() -> None:
        now = time.thread_time()
        spells.append(now - rested[0])
        rested[0] = now

    dispatcher = QAbstractEventDispatcher.instance()
    dispatcher.aboutToBlock.connect(rest)
    beats, moves = QTimer(), QTimer()
    for timer, interval, slot in ((beats, 8, beat), (moves, 16, step)):
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(interval)
        timer.timeout.connect(slot)
    loop = QEventLoop()
    clock[0] = time.perf_counter()
    beats.start()
    moves.start()
    loop.exec()
    dispatcher.aboutToBlock.disconnect(rest)
    beats.stop()
    moves.stop()
    return [
        at_most(f"{name}: paint p95", float(np.percentile(PAINTS, 95)) * 1e3, 8.0, "ms"),
        at_most(f"{name}: event loop p99", float(np.percentile(delays, 99)) * 1e3, 16.7, "ms"),
        noted(f"{name}: of processor in one go, p99", float(np.percentile(spells, 99)) * 1e3, "ms"),
    ]


def large_project() -> Project:
    """Return 64 tracks of 100 clips, spread over three hours."""
    media = tuple(
        Media(TakeId(f"{number:032x}"), f"{number}.wav", Frame(SAMPLE_RATE * 100), 2)
        for number in range(TAKES)
    )
    every = HOURS * 3600 * 2 * TICKS_PER_QUARTER // CLIPS
    tracks = tuple(
        Track(
            TrackId(f"track-{row}"),
            f"Track {row + 1}",
            TRACK_COLOURS[row % len(TRACK_COLOURS)],
            clips=tuple(
                Clip(
                    ClipId(f"clip-{row}-{number}"),
                    media[(row + number) % TAKES].take_id,
                    Tick(number * every),
                    Frame(0),
                    Frame(SAMPLE_RATE * 100),
                    f"Take {number + 1}",
                )
                for number in range(CLIPS)
            ),
        )
        for row in range(TRACKS)
    )
    return Project(tempo=TempoMap.steady(120), media=media, tracks=tracks)


def fill(waveforms: WaveformSession, project: Project) -> None:
    """Give the session the waveforms of all takes, so that no file is read."""
    noise = np.random.default_rng(1).uniform(0, 0.8, SAMPLE_RATE * 100 // 256).astype(np.float32)
    levels = []
    while len(levels) < 5:
        levels.append(np.stack((-noise, noise)))
        noise = noise[: len(noise) // 4 * 4].reshape(-1, 4).max(axis=1)
    for media in project.media:
        waveforms._looked_for.add(media.take_id)
        waveforms._paths[media.take_id] = Path("nowhere")
        waveforms._levels[media.take_id] = tuple(levels)


if __name__ == "__main__":
    sys.exit(run_alone(measure, "timeline"))
