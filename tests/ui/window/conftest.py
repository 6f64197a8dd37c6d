"""A whole window, with real sessions over a folder of its own, and a sound that nobody hears."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.clip import Clip
from acestep_desktop.domain.edits import add_clip, add_media, add_track
from acestep_desktop.domain.project import Project, TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.generation.client import EngineClient
from acestep_desktop.library.folders import Folders, folders_below
from acestep_desktop.library.media import media_of_take
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.realtime.status import Status
from acestep_desktop.realtime.stream import Device
from acestep_desktop.session.assembly import make_sessions
from acestep_desktop.session.prompts import PromptShelf
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.main_window import MainWindow
from tests.generation.fake_engines import ENVIRONMENT
from tests.ui.conftest import FakeSound

Button = QMessageBox.StandardButton


class FakeRealtime(FakeSound):
    """An audio process that remembers what it was told, and does it at once."""

    def __init__(self) -> None:
        super().__init__()
        self.projects: list[tuple[Project, Mapping[TakeId, Path]]] = []
        self.loop: TickRange | None = None
        self.metronome = False
        self.device: str | None = None
        self.block = 0
        self.found: list[Device] = []

    def set_project(self, project: Project, paths: Mapping[TakeId, Path]) -> None:
        self.projects.append((project, dict(paths)))

    def play(self) -> None:
        self.status = replace(self.status, rolling=True)

    def stop(self) -> None:
        self.status = replace(self.status, rolling=False)

    def locate(self, frame: Frame) -> None:
        self.status = Status(frame=frame)

    def set_loop(self, loop: TickRange | None) -> None:
        self.loop = loop

    def set_metronome(self, on: bool) -> None:
        self.metronome = on

    def set_device(self, device: str | None, block: int | None = None) -> None:
        self.device = device
        self.block = self.block if block is None else block

    def set_block(self, block: int) -> None:
        self.block = block

    def devices(self) -> list[Device]:
        return self.found


class Answers:
    """What a person answers: to questions in a box, and to file dialogs; the questions asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.button = Button.Cancel
        self.file = ""
        self.folder = ""

    def question(self, parent: QWidget, title: str, text: str, *_: object) -> QMessageBox:
        self.asked.append(text)
        return self.button

    def file_name(self, parent: QWidget, title: str, place: str, *_: object) -> tuple[str, str]:
        self.asked.append(f"{title} {place}")
        return self.file, ""

    def directory(self, parent: QWidget, title: str, place: str) -> str:
        self.asked.append(f"{title} {place}")
        return self.folder


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    answers = Answers()
    monkeypatch.setattr(QMessageBox, "question", answers.question)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", answers.file_name)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", answers.file_name)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", answers.directory)
    return answers


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return folders_below(tmp_path / "home")


@pytest.fixture
def realtime() -> FakeRealtime:
    return FakeRealtime()


def fake_client(engine: str) -> EngineClient:
    return EngineClient(engine, entry="fake_engines:create", environment=ENVIRONMENT)


MakeSessions = Callable[[], Sessions]


@pytest.fixture
def new_sessions(qapp: QCoreApplication, folders: Folders) -> Iterator[MakeSessions]:
    """Make sessions as the program does at its start; all are closed at the end."""
    made: list[Sessions] = []

    def make(realtime: FakeRealtime | None = None) -> Sessions:
        sound = realtime or FakeRealtime()
        made.append(make_sessions(folders, realtime=sound, client_of=fake_client))
        return made[-1]

    yield make
    for sessions in made:
        sessions.close()


@pytest.fixture
def sessions(new_sessions: MakeSessions, realtime: FakeRealtime) -> Sessions:
    return new_sessions(realtime)


@pytest.fixture
def window(sessions: Sessions, answers: Answers, qtbot: QtBot) -> MainWindow:
    window = whole_window(sessions)
    window.restore_place()
    qtbot.addWidget(window, before_close_func=_without_a_question)
    window.show()
    return window


def whole_window(sessions: Sessions) -> MainWindow:
    """Return the window as it is once the program is loaded."""
    window = MainWindow(sessions.settings, PromptShelf(sessions.library.folders.data))
    window.furnish(sessions)
    return window


def _without_a_question(window: MainWindow) -> None:
    window.log_out()


def rename(sessions: Sessions, name: str) -> None:
    """Do an edit that can be undone."""
    assert sessions.document.apply("Rename", lambda project: replace(project, name=name))


def place(sessions: Sessions, take: StoredTake, name: str = "Drums") -> None:
    """Put a take at the start of a new track."""

    def edit(project: Project) -> Project:
        known = {media.take_id for media in project.media}
        if take.take_id not in known:
            project = add_media(project, media_of_take(take))
        project = add_track(project, name)
        clip = Clip.of_take(take.take_id, Tick(0), take.frames, name=name)
        return add_clip(project, project.tracks[-1].track_id, clip)

    assert sessions.document.apply("Place take", edit)


def named(parent: QWidget, kind: type, name: str):
    """Return the widget with this accessible name."""
    return next(w for w in parent.findChildren(kind) if w.accessibleName() == name)


@pytest.fixture
def folders_takes(folders: Folders) -> Iterator[TakeLibrary]:
    """The library of the window, for what others put into it."""
    library = TakeLibrary(folders)
    yield library
    library.close()
