"""Leaving: the question about unsaved work, a logout, and closing while music is made."""

import threading

import pytest
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from acestep_desktop.child.errors import ChildError
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.library.folders import Folders
from acestep_desktop.library.projects import load_project
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.jobs import JobState
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.session.sync import SyncSession
from acestep_desktop.ui.main_window import MainWindow
from tests.ui.conftest import keep
from tests.ui.window.conftest import (
    Answers,
    Button,
    FakeRealtime,
    MakeSessions,
    place,
    rename,
    whole_window,
)

WAIT_MS = 20_000


def test_nothing_is_asked_where_nothing_would_be_lost(window: MainWindow, answers: Answers) -> None:
    assert window.close()
    assert answers.asked == []
    assert not window.isVisible()


def test_cancel_keeps_the_window_and_the_work(
    window: MainWindow, sessions: Sessions, answers: Answers, realtime: FakeRealtime
) -> None:
    rename(sessions, "Song")
    answers.button = Button.Cancel
    assert not window.close()
    assert window.isVisible()
    assert sessions.document.modified
    assert not realtime.closed
    assert answers.asked == ["The project has changes that are not saved. Save them?"]


def test_discard_leaves_without_a_trace(
    window: MainWindow,
    sessions: Sessions,
    answers: Answers,
    new_sessions: MakeSessions,
    folders: Folders,
) -> None:
    rename(sessions, "Song")
    answers.button = Button.Discard
    assert window.close()
    assert new_sessions().projects.recoveries() == []
    assert not list(folders.root.rglob("*.acestep"))


def test_save_asks_for_a_name_and_then_leaves(
    window: MainWindow, sessions: Sessions, answers: Answers, folders: Folders
) -> None:
    rename(sessions, "Song")
    answers.button = Button.Save
    answers.file = str(folders.projects / "Song")
    assert window.close()
    assert load_project(folders.projects / "Song.acestep").name == "Song"
    assert sessions.settings.recent == [folders.projects / "Song.acestep"]


def test_a_name_that_is_not_given_after_all_keeps_the_window(
    window: MainWindow, sessions: Sessions, answers: Answers
) -> None:
    rename(sessions, "Song")
    answers.button, answers.file = Button.Save, ""
    assert not window.close()
    assert sessions.document.modified


def test_a_disk_that_refuses_keeps_the_window_and_says_why(
    window: MainWindow, sessions: Sessions, answers: Answers, folders: Folders, qtbot: QtBot
) -> None:
    rename(sessions, "Song")
    answers.button = Button.Save
    answers.file = str(folders.root / "no such folder" / "Song")
    with qtbot.waitSignal(sessions.projects.failed) as failed:
        assert not window.close()
    assert "Song.acestep" in failed.args[0] or "no such folder" in failed.args[0]
    assert window.isVisible()


def test_a_project_with_a_file_is_saved_without_asking_for_a_name(
    window: MainWindow,
    sessions: Sessions,
    answers: Answers,
    folders: Folders,
    folders_takes: TakeLibrary,
) -> None:
    folders.projects.mkdir(parents=True)
    sessions.projects.save(folders.projects / "Song.acestep")
    place(sessions, folders_takes.get(keep(folders_takes, "noise")), "Better")
    answers.button = Button.Save
    assert window.close()
    assert len(answers.asked) == 1
    (track,) = load_project(folders.projects / "Song.acestep").tracks
    assert track.name == "Better"


def test_logging_out_asks_nothing_and_the_work_is_offered_again(
    window: MainWindow, sessions: Sessions, answers: Answers, new_sessions: MakeSessions
) -> None:
    rename(sessions, "Song")
    window.log_out()
    assert answers.asked == []
    again = new_sessions()
    (found,) = again.projects.recoveries()
    assert again.projects.recover(found)
    assert again.document.project.name == "Song"
    assert again.document.modified


def test_logging_out_twice_is_logging_out_once(
    window: MainWindow, sessions: Sessions, new_sessions: MakeSessions
) -> None:
    rename(sessions, "Song")
    window.log_out()
    window.log_out()
    assert len(new_sessions().projects.recoveries()) == 1


def test_a_logout_while_the_question_is_open_keeps_the_work(
    window: MainWindow,
    sessions: Sessions,
    realtime: FakeRealtime,
    new_sessions: MakeSessions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def log_out_instead(parent: QWidget, *_: object) -> QMessageBox.StandardButton:
        window.log_out()
        return Button.NoButton

    monkeypatch.setattr(QMessageBox, "question", log_out_instead)
    rename(sessions, "Song")
    window.close()
    assert realtime.closed
    assert len(new_sessions().projects.recoveries()) == 1


@pytest.mark.parametrize("words", ["wait at step 1", "wait at chunk 2"])
def test_closing_while_music_is_made_ends_the_engine(
    window: MainWindow, sessions: Sessions, answers: Answers, qtbot: QtBot, words: str
) -> None:
    sessions.jobs.submit("sketch", Request(Prompt(words)))
    sessions.jobs.submit("sketch", Request(Prompt("later")))
    qtbot.waitUntil(lambda: sessions.jobs.jobs[0].fraction > 0, timeout=WAIT_MS)
    assert not window.close()
    assert window.isVisible() and sessions.jobs.jobs[0].state is JobState.RUNNING
    assert "break off 2 jobs of the queue." in answers.asked[0]
    answers.button = Button.Yes
    assert window.close()
    assert [job.state for job in sessions.jobs.jobs] == [JobState.CANCELLED] * 2


def test_logging_out_while_music_is_made_asks_nothing(
    window: MainWindow, sessions: Sessions, answers: Answers, qtbot: QtBot
) -> None:
    sessions.jobs.submit("sketch", Request(Prompt("wait at step 1")))
    qtbot.waitUntil(lambda: sessions.jobs.jobs[0].fraction > 0, timeout=WAIT_MS)
    window.log_out()
    assert answers.asked == [] and not window.isVisible()


def test_an_export_and_the_work_on_a_model_are_named_before_they_are_broken_off(
    window: MainWindow, sessions: Sessions, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(sessions.export), "running", True)
    monkeypatch.setattr(type(sessions.models), "busy", True)
    assert not window.close()
    assert "break off the export and the work on a model." in answers.asked[0]
    monkeypatch.undo()


def test_takes_that_were_finished_before_are_there_at_the_next_start(
    window: MainWindow,
    sessions: Sessions,
    answers: Answers,
    new_sessions: MakeSessions,
    qtbot: QtBot,
) -> None:
    answers.button = Button.Yes
    with qtbot.waitSignal(sessions.jobs.take_kept, timeout=WAIT_MS) as kept:
        sessions.jobs.submit("sketch", Request(Prompt("some noise"), variations=2))
    window.close()
    found = [take.take_id for take in new_sessions().library.search()]
    assert kept.args[0].take_id in found


def test_the_window_is_where_it_was(
    window: MainWindow, new_sessions: MakeSessions, qtbot: QtBot
) -> None:
    window.resize(window.width(), 711)  # the screen that tests have is narrow
    window.close()
    again = whole_window(new_sessions())
    qtbot.addWidget(again)
    again.restore_place()
    assert again.height() == 711


def test_the_first_time_it_has_a_size_that_suits_a_small_screen(window: MainWindow) -> None:
    room = window.screen().availableSize()
    least = window.minimumSizeHint()
    assert window.width() == max(min(1280, room.width()), least.width())
    assert window.height() <= max(min(800, room.height() - 20), least.height())


def test_closing_waits_for_no_import(
    window: MainWindow, sessions: Sessions, folders: Folders, qapp: QCoreApplication
) -> None:
    sessions.library.import_files([folders.root / f"{number}.wav" for number in range(500)])
    assert window.close()
    qapp.processEvents()
    assert not window.isVisible()


def test_a_sentence_that_is_due_later_finds_a_closed_window_harmless(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.say("Something happened.")
    window.close()
    done: list[bool] = []
    QTimer.singleShot(0, lambda: done.append(True))
    qtbot.waitUntil(lambda: bool(done))


def test_what_does_not_end_keeps_nothing_else_from_ending(
    sessions: Sessions,
    realtime: FakeRealtime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def stay(session: SyncSession) -> None:
        raise ChildError("The clock does not end.")

    monkeypatch.setattr(SyncSession, "close", stay)
    sessions.close()
    assert realtime.closed
    assert not any(thread.name == "autosave" for thread in threading.enumerate())
    assert "The clock does not end." in caplog.text
    monkeypatch.undo()
