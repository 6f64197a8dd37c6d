"""A timeline on a fake screen: one track with two takes of a bar at 120 bpm, and another track."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.clip import Clip, ClipId
from acestep_desktop.domain.project import Media, Project, Track, TrackId
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import TICKS_PER_QUARTER, Frame, Tick
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.arrivals import ArrivalSession
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.waveforms import WaveformSession
from acestep_desktop.ui.theme import load_theme
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT
from acestep_desktop.ui.timeline.view import TimelineView

BAR = 4 * TICKS_PER_QUARTER
SECOND = 48_000
TAKE = TakeId("a" * 32)
LONG = TakeId("b" * 32)
KICK, SNARE, PAD = ClipId("kick"), ClipId("snare"), ClipId("pad")


def song() -> Project:
    """Two clips of a bar, a bar apart, on Drums; the middle of a longer take on Keys."""
    media = (Media(TAKE, "a.wav", Frame(2 * SECOND), 2), Media(LONG, "b.wav", Frame(8 * SECOND), 2))
    kick = Clip(KICK, TAKE, Tick(0), Frame(0), Frame(2 * SECOND), "Kick")
    snare = Clip(SNARE, TAKE, Tick(2 * BAR), Frame(0), Frame(2 * SECOND), "Snare")
    pad = Clip(PAD, LONG, Tick(BAR), Frame(2 * SECOND), Frame(4 * SECOND), "Pad")
    drums = Track(TrackId("drums"), "Drums", clips=(kick, snare))
    keys = Track(TrackId("keys"), "Keys", "#E8913A", clips=(pad,))
    return Project(tempo=TempoMap.steady(120), media=media, tracks=(drums, keys))


class Stage:
    """A timeline of 1000 pixels for 10 seconds, and hands for it."""

    def __init__(self, view: TimelineView, document: DocumentSession) -> None:
        self.view = view
        self.document = document
        self.located: list[int] = []
        self.said: list[str] = []
        view.located.connect(self.located.append)
        view.said.connect(self.said.append)

    @property
    def project(self) -> Project:
        return self.document.project

    @property
    def labels(self) -> list[str]:
        return [step.label for step in self.document.history.past]

    def clip(self, clip_id: ClipId) -> Clip:
        return next(c for t in self.project.tracks for c in t.clips if c.clip_id == clip_id)

    def point(self, seconds: float, row: int = 0, y: int = ROW_HEIGHT // 2) -> QPoint:
        x = round(self.view.viewport.scale.x_of_frame(seconds * SECOND))
        return QPoint(x, row * ROW_HEIGHT + y - self.view.viewport.top)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.view.canvas, key, keys)

    def click(self, at: QPoint, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.mouseClick(self.view.canvas, Qt.MouseButton.LeftButton, keys, at)

    def drag(
        self,
        start: QPoint,
        end: QPoint,
        keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        *,
        drop: bool = True,
    ) -> None:
        canvas = self.view.canvas
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, keys, start)
        for at in ((start + end) / 2, end):
            self.hover(at, keys)
        if drop:
            QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, keys, end)

    def hover(self, at: QPoint, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.view.pointer.move(at.toPointF(), keys)


@pytest.fixture
def document(qtbot: QtBot) -> DocumentSession:
    return DocumentSession(song())


@pytest.fixture
def waveforms(qtbot: QtBot, tmp_path: Path) -> Iterator[WaveformSession]:
    session = WaveformSession(lambda project: {})
    yield session
    session.close()


@pytest.fixture
def arrivals(qtbot: QtBot, takes: TakeLibrary) -> Iterator[ArrivalSession]:
    session = ArrivalSession(takes)
    yield session
    session.close()


@pytest.fixture
def stage(
    qtbot: QtBot,
    document: DocumentSession,
    waveforms: WaveformSession,
    arrivals: ArrivalSession,
) -> Stage:
    view = TimelineView(document, waveforms, arrivals, load_theme("dark"))
    qtbot.addWidget(view)
    view.resize(1224, 420)
    view.show()
    view.canvas.setFocus()
    viewport = view.viewport
    viewport.scale = replace(viewport.scale, frames_per_pixel=480.0)
    viewport.changed.emit()
    return Stage(view, document)


def sine(seconds: float) -> np.ndarray:
    """A tone in stereo."""
    at = np.arange(round(seconds * SECOND)) / SECOND
    tone = (0.5 * np.sin(2 * np.pi * 110 * at)).astype(np.float32)
    return np.stack((tone, tone), axis=1)
