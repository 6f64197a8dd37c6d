"""A library with takes, and a sound that nobody hears."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.recipe import EngineIdentity, Music, Recipe, TakeId
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.time import Frame, Meter
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.realtime.audition import Audition
from acestep_desktop.realtime.status import Status
from acestep_desktop.session.audition import AuditionSession
from acestep_desktop.session.library import LibrarySession

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


class FakeSound:
    """Remembers what was to be heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[TakeId, Audition]] = []
        self.parts: list[tuple[TakeId, Frame]] = []
        self.ready: list[tuple[TakeId, Frame]] = []
        self.ended = 0
        self.started = self.closed = False
        self.status = Status()

    def start(self) -> None:
        self.started = True

    def close(self) -> None:
        self.closed = True

    def audition(self, take: TakeId, path: Path, wish: Audition) -> None:
        self.heard.append((take, wish))

    def audition_part(
        self, take: TakeId, path: Path, frames: Frame, channels: int, wish: Audition
    ) -> None:
        self.parts.append((take, frames))

    def part_ready(self, take: TakeId, frames: Frame) -> None:
        self.ready.append((take, frames))

    def end_audition(self, when: str = "now") -> None:
        self.ended += 1


@pytest.fixture(autouse=True)
def empty_clipboard(qapp: QGuiApplication) -> Iterator[None]:
    """Leave nothing on the clipboard: the offscreen one crashes at the end of the process."""
    yield
    qapp.clipboard().clear()


@pytest.fixture(autouse=True)
def nothing_left(qapp: QGuiApplication) -> Iterator[None]:
    """Delete the windows that a test has closed: a new style would be spread over all of them."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def sound() -> FakeSound:
    return FakeSound()


@pytest.fixture
def audition(qapp: QCoreApplication, sound: FakeSound) -> AuditionSession:
    return AuditionSession(sound)


@pytest.fixture
def takes(tmp_path: Path) -> Iterator[TakeLibrary]:
    library = TakeLibrary(folders_below(tmp_path))
    yield library
    library.close()


@pytest.fixture
def library(qapp: QCoreApplication, takes: TakeLibrary) -> Iterator[LibrarySession]:
    session = LibrarySession(takes)
    yield session
    session.close()


def keep(takes: TakeLibrary, words: str, *, bars: int | None = 1, level: float = 0.2) -> TakeId:
    """Keep a take of one bar at 120 bpm; without `bars` it is no loop."""
    noise = np.random.default_rng(len(words)).uniform(-level, level, (96_000, 2))
    recipe = Recipe(
        request=Request(Prompt(words)),
        engine=EngineIdentity("fake", "1"),
        music=Music(120.0, Key("A", "minor"), Meter(), bars),
    )
    return takes.commit(noise.astype(np.float32), (), recipe).take_id


@pytest.fixture(autouse=True)
def no_dialog_stays_open() -> Iterator[None]:
    """Close what a test left open: a modal dialog would keep the keys of the next test."""
    yield
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            widget.close()
