"""Every task of ACE-Step through the window: the real engine, tiny weights, kept takes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.request import Repaint, TextToMusic
from acestep_desktop.generation.client import EngineClient
from acestep_desktop.generation.patience import JobPatience
from acestep_desktop.library.folders import Folders
from acestep_desktop.library.preferences import Preferences
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.assembly import make_sessions
from acestep_desktop.session.prompts import PromptShelf
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.session.settings import SettingsSession
from acestep_desktop.ui.main_window import MainWindow
from acestep_desktop.ui.prompt_panel import PromptPanel
from acestep_desktop.ui.task_choice import TASKS
from acestep_desktop.ui.task_zone import SourceZone
from tests.acestep import tiny
from tests.ui.conftest import keep
from tests.ui.test_task_page import drop
from tests.ui.window.conftest import FakeRealtime, named

WAIT_MS = 240_000
"""The engine imports torch first, on a machine that may be busy."""

OF_ANY_MODEL = ("new", "reference", "cover", "repaint", "extend", "variation")
OF_BASE_MODELS = ("add_layer", "complete", "extract")


def patient_client(engine: str) -> EngineClient:
    """Return the real engine, which may take its time to load on a busy machine."""
    return EngineClient(engine, patience=JobPatience(silence_s=WAIT_MS / 1000))


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv("ACESTEP_MODELS", str(folder))
    tiny.installed(folder, "small", kind="turbo", fast=True)
    tiny.installed(folder, "whole", kind="base", fast=True)
    return folder


@pytest.fixture
def real(
    qapp: QCoreApplication, folders: Folders, models: Path, qtbot: QtBot
) -> Iterator[tuple[MainWindow, Sessions]]:
    """A window with the real engines, and ACE-Step chosen."""
    settings = SettingsSession(Preferences(folders.preferences))
    sessions = make_sessions(
        folders, settings=settings, realtime=FakeRealtime(), client_of=patient_client
    )
    window = MainWindow(settings, PromptShelf(folders.data))
    qtbot.addWidget(window, before_close_func=lambda shown: shown.log_out())
    window.resize(1280, 800)
    window.show()
    window.furnish(sessions)
    choose(window.findChild(PromptPanel), "Engine", "acestep")
    qtbot.waitUntil(lambda: sessions.engines.state("acestep").is_known, timeout=WAIT_MS)
    yield window, sessions
    sessions.close()


def choose(prompt: PromptPanel, box: str, key: object) -> None:
    found = named(prompt, QComboBox, box)
    found.setCurrentIndex(found.findData(key))
    found.activated.emit(found.currentIndex())


def made(prompt: PromptPanel, sessions: Sessions, qtbot: QtBot) -> StoredTake:
    failed: list[str] = []
    kept: list[StoredTake] = []
    sessions.jobs.job_failed.connect(lambda job: failed.append(job.reason))
    sessions.jobs.take_kept.connect(lambda take, job: kept.append(take))
    named(prompt, QAbstractButton, "Generate").click()
    qtbot.waitUntil(lambda: bool(kept or failed), timeout=WAIT_MS)
    assert failed == []
    qtbot.waitUntil(lambda: all(j.state.ended for j in sessions.jobs.jobs), timeout=WAIT_MS)
    return kept[0]


@pytest.mark.parametrize("tasks", [OF_ANY_MODEL, OF_BASE_MODELS], ids=["any model", "base"])
def test_every_task_makes_a_take_from_the_window(
    real: tuple[MainWindow, Sessions],
    folders_takes: TakeLibrary,
    tasks: tuple[str, ...],
    qtbot: QtBot,
) -> None:
    window, sessions = real
    prompt = window.findChild(PromptPanel)
    zone = window.findChild(SourceZone)
    source = folders_takes.get(keep(folders_takes, "warm house"))
    prompt.set_words("warm house with strings, 120 bpm, 1 bar")
    prompt.options.toggle_lyrics()
    named(prompt, QPlainTextEdit, "Lyrics").setPlainText("[verse]\nla la la")
    prompt.options.open_page("advanced")
    steps = next(w for w in prompt.findChildren(QLabel) if w.text() == "&Steps").buddy()
    steps.setValue(2)
    for key in tasks:
        choose(prompt, "Task", key)
        if key != "new" and zone.source is None:
            assert drop(zone, source.path)
            qtbot.waitUntil(lambda: zone.source is not None and zone.source.facts is not None)
        take = made(prompt, sessions, qtbot)
        request = sessions.library.request_of(take)
        assert take.engine == "acestep" and request is not None
        assert type(request.task).__name__ == TASKS[key].kind
        assert request.sampling.steps == 2 and request.prompt.lyrics == "[verse]\nla la la"
        lasts = source.frames if key not in ("new", "reference", "extend") else None
        assert lasts is None or take.frames == lasts
        if isinstance(request.task, TextToMusic):
            assert take.frames == 96_000
            assert request.reference == (str(source.path) if key == "reference" else None)
        if isinstance(request.task, Repaint):
            assert (request.task.from_s, request.task.to_s) == (0.5, 1.5)


def test_a_model_is_chosen_and_refuses_what_it_cannot_do(
    real: tuple[MainWindow, Sessions], qtbot: QtBot
) -> None:
    window, _ = real
    prompt = window.findChild(PromptPanel)
    tasks = named(prompt, QComboBox, "Task")
    row = tasks.findData("extract")
    assert tasks.model().item(row).isEnabled()
    choose(prompt, "Model", "small")
    assert not tasks.model().item(row).isEnabled()
    assert "Only a base model" in tasks.itemData(row, Qt.ItemDataRole.ToolTipRole)
    assert prompt.request().model == "small"
    choose(prompt, "Model", None)
    assert tasks.model().item(row).isEnabled()
    choose(prompt, "Task", "extract")
    zone = window.findChild(SourceZone)
    drop(zone, Path(__file__).with_suffix(".wav"))
    assert zone.source is not None
