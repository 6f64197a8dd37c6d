"""The line of status, and files that are dropped onto the window."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.session.jobs import Job, JobId
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui import main_window
from acestep_desktop.ui.drops import MOST, dropped_files
from acestep_desktop.ui.main_window import MainWindow
from acestep_desktop.ui.prompt_panel import PromptPanel
from tests.ui.window.conftest import rename


def said(window: MainWindow) -> list[str]:
    return [label.text() for label in window.findChildren(QLabel)]


def drop(window: MainWindow, *paths: Path) -> QDropEvent:
    """Drop files as a file manager does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.MoveAction | Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    return event


def test_a_later_sentence_has_its_own_time(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(main_window, "_NOTICE_MS", 50)
    window.say("one")
    monkeypatch.setattr(main_window, "_NOTICE_MS", 60_000)
    window.say("two")
    over: list[None] = []
    QTimer.singleShot(100, lambda: over.append(None))  # the time of the first one is over
    qtbot.waitUntil(lambda: bool(over))
    assert "two" in said(window)


def test_a_sentence_goes_away_by_itself(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(main_window, "_NOTICE_MS", 20)
    window.say("one")
    assert "one" in said(window)
    qtbot.waitUntil(lambda: "one" not in said(window))


def test_failures_of_every_session_are_said(window: MainWindow, sessions: Sessions) -> None:
    for number, signal in enumerate(
        (
            sessions.projects.failed,
            sessions.settings.failed,
            sessions.audition.noticed,
            sessions.models.failed,
            sessions.models.said,
        )
    ):
        signal.emit(f"Sentence {number}.")
        assert f"Sentence {number}." in said(window)


@pytest.mark.parametrize("act", ["an edit", "a wish"])
def test_what_went_wrong_is_shown_until_the_person_goes_on(
    window: MainWindow, sessions: Sessions, act: str
) -> None:
    sessions.projects.failed.emit("The disk is full.")
    shown = next(w for w in window.findChildren(QLabel, "bad") if w.text() == "The disk is full.")
    window.say("A take has arrived.")
    assert shown.isVisible() and "A take has arrived." in said(window)
    if act == "an edit":
        rename(sessions, "Song")
    else:
        window.findChild(PromptPanel).generate()
    assert not shown.isVisible()


def test_a_job_that_fails_is_a_warning(window: MainWindow, sessions: Sessions) -> None:
    sessions.jobs.job_failed.emit(Job(JobId(1), "sketch", Request(Prompt("")), reason="Too large."))
    shown = [w.text() for w in window.findChildren(QLabel, "bad") if w.isVisible()]
    assert "Too large. (Retry is in the tray)" in shown


def test_too_many_jobs_are_refused_in_a_sentence(window: MainWindow, sessions: Sessions) -> None:
    sessions.jobs.refused.emit("50 jobs are waiting.")
    assert "50 jobs are waiting." in said(window)


def test_dropped_files_become_takes_and_stay_where_they_are(
    window: MainWindow, sessions: Sessions, tmp_path: Path, qtbot: QtBot
) -> None:
    loop = tmp_path / "Loop_100bpm.wav"
    soundfile.write(loop, np.full((4_410, 1), 0.1), 44_100)
    with qtbot.waitSignal(sessions.library.imported) as imported:
        event = drop(window, loop)
    assert event.dropAction() == Qt.DropAction.CopyAction
    assert imported.args[0].title == "Loop"
    assert loop.is_file()


@pytest.mark.parametrize("name", ["film.mp4", "folder", "notes.txt", "archive.zip"])
def test_what_is_no_audio_is_named(window: MainWindow, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    drop(window, tmp_path / name)
    assert any(f'"{name}" is not an audio file' in text for text in said(window))


def test_more_files_than_are_taken_at_once_are_said(tmp_path: Path) -> None:
    data = QMimeData()
    names = [tmp_path / f"{number}.wav" for number in range(MOST + 1)]
    data.setUrls([QUrl.fromLocalFile(str(name)) for name in names])
    files, sentence = dropped_files(data)
    assert files == names[:MOST]
    assert "not an audio file" not in sentence
    assert f"the first {MOST}" in sentence
