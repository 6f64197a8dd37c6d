"""Projects on the disk: saved, autosaved, recovered, and open in one window only."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.audiofile.errors import DiskError
from acestep_desktop.domain.edits import add_track
from acestep_desktop.domain.project import Project
from acestep_desktop.library.autosave import Claim, recoveries
from acestep_desktop.library.projects import load_project, save_project
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.projects import ProjectSession


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "Autosaves"


@pytest.fixture
def document(qapp: QCoreApplication) -> DocumentSession:
    return DocumentSession()


@pytest.fixture
def projects(document: DocumentSession, folder: Path) -> Iterator[ProjectSession]:
    session = ProjectSession(document, folder)
    yield session
    session.close()


def add(document: DocumentSession, name: str) -> None:
    assert document.apply("Add track", lambda project: add_track(project, name))


def said(projects: ProjectSession) -> list[str]:
    sentences: list[str] = []
    projects.failed.connect(sentences.append)
    return sentences


def test_a_project_is_saved_and_opened_again(
    projects: ProjectSession, document: DocumentSession, tmp_path: Path
) -> None:
    add(document, "Drums")
    before = replace(document.project, name="Song")
    assert projects.save(tmp_path / "Song")
    assert projects.path == tmp_path / "Song.acestep"
    assert not document.modified
    projects.new()
    assert document.project != before
    assert projects.open(tmp_path / "Song.acestep")
    assert document.project == before


def test_every_step_is_written_aside_and_forgotten_when_saved(
    projects: ProjectSession, document: DocumentSession, folder: Path, tmp_path: Path
) -> None:
    add(document, "Drums")
    add(document, "Bass")
    projects.wait_until_written()
    aside = list(folder.glob("*.autosave"))
    assert [load_project(path) for path in aside] == [document.project]
    projects.save(tmp_path / "Song.acestep")
    assert not list(folder.glob("*.autosave"))


def test_undoing_to_what_is_saved_leaves_nothing_aside(
    projects: ProjectSession, document: DocumentSession, folder: Path
) -> None:
    add(document, "Drums")
    document.undo()
    assert not list(folder.glob("*.autosave"))
    document.redo()
    projects.wait_until_written()
    assert load_project(next(folder.glob("*.autosave"))) == document.project


def test_a_project_that_is_open_is_refused_kindly(
    projects: ProjectSession, folder: Path, tmp_path: Path
) -> None:
    projects.save(tmp_path / "Song.acestep")
    other = ProjectSession(DocumentSession(), folder)
    sentences = said(other)
    assert not other.open(tmp_path / "Song.acestep")
    assert sentences == ['"Song.acestep" is open in another window: close it there first.']
    projects.new()
    assert other.open(tmp_path / "Song.acestep")
    other.close()


def test_work_in_an_open_window_is_not_offered_to_another(
    projects: ProjectSession, document: DocumentSession, folder: Path
) -> None:
    add(document, "Drums")
    projects.wait_until_written()
    assert recoveries(folder) == []


def test_closing_for_a_logout_keeps_the_work(
    qapp: QCoreApplication, document: DocumentSession, folder: Path, tmp_path: Path
) -> None:
    closing = ProjectSession(document, folder)
    closing.save(tmp_path / "Song.acestep")
    add(document, "Drums")
    closing.close(keep_work=True)
    again = ProjectSession(DocumentSession(), folder)
    (found,) = again.recoveries()
    assert found.project_path == tmp_path / "Song.acestep"
    again.close()


def test_a_closed_project_is_not_saved_again_and_holds_up_nobody(
    qapp: QCoreApplication, document: DocumentSession, folder: Path, tmp_path: Path
) -> None:
    closed = ProjectSession(document, folder)
    closed.close()
    sentences = said(closed)
    add(document, "Drums")
    closed.wait_until_written()
    assert not closed.save(tmp_path / "Song.acestep")
    assert sentences == ["The project is closed, and was not saved again."]
    assert not (tmp_path / "Song.acestep").exists()
    other = ProjectSession(DocumentSession(), folder)
    assert other.save(tmp_path / "Song.acestep")
    other.close()


def test_what_a_crash_left_behind_is_offered_and_opened(
    projects: ProjectSession, document: DocumentSession, folder: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "Song.acestep"
    crash = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from acestep_desktop.domain.edits import add_track\n"
        "from acestep_desktop.session.document import DocumentSession\n"
        "from acestep_desktop.session.projects import ProjectSession\n"
        "document = DocumentSession()\n"
        f"projects = ProjectSession(document, Path({str(folder)!r}))\n"
        f"projects.save(Path({str(saved)!r}))\n"
        "document.apply('Add track', lambda project: add_track(project, 'Lost?'))\n"
        "projects.wait_until_written()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", crash], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    (found,) = projects.recoveries()
    assert found.project_path == saved
    assert projects.recover(found)
    assert [track.name for track in document.project.tracks] == ["Lost?"]
    assert document.modified
    assert projects.path == saved
    projects.wait_until_written()
    assert projects.recoveries() == []
    projects.save()
    assert load_project(saved) == replace(document.project, name="Song")


def test_recovered_work_without_a_file_can_be_discarded(
    projects: ProjectSession, document: DocumentSession, folder: Path
) -> None:
    claim = Claim(folder, None)
    claim.write(document.project)
    claim.release()
    (found,) = projects.recoveries()
    assert found.project_path is None
    found.discard()
    assert projects.recoveries() == []


def test_a_damaged_file_is_refused_and_what_is_open_stays(
    projects: ProjectSession, document: DocumentSession, tmp_path: Path
) -> None:
    add(document, "Drums")
    before, sentences = document.project, said(projects)
    (tmp_path / "bad.acestep").write_text("{")
    assert not projects.open(tmp_path / "bad.acestep")
    assert document.project is before
    assert len(sentences) == 1 and "bad.acestep" in sentences[0]


def test_a_folder_that_is_gone_is_a_sentence_and_the_work_stays_aside(
    projects: ProjectSession, document: DocumentSession, folder: Path, tmp_path: Path
) -> None:
    add(document, "Drums")
    sentences = said(projects)
    assert not projects.save(tmp_path / "gone" / "Song.acestep")
    assert len(sentences) == 1
    assert document.modified
    projects.wait_until_written()
    assert len(list(folder.glob("*.autosave"))) == 1


def test_a_name_that_could_not_be_saved_to_stays_free(
    projects: ProjectSession, document: DocumentSession, tmp_path: Path
) -> None:
    add(document, "Drums")
    song = tmp_path / "gone" / "Song.acestep"
    assert not projects.save(song)
    song.parent.mkdir()
    assert projects.save(song)


def test_saving_under_the_name_of_a_crashed_project_keeps_what_the_crash_left(
    projects: ProjectSession, document: DocumentSession, folder: Path, tmp_path: Path
) -> None:
    claim = Claim(folder, tmp_path / "Song.acestep")
    claim.write(replace(document.project, name="Lost?"))
    claim.release()
    add(document, "Drums")
    assert projects.save(tmp_path / "Song.acestep")
    (found,) = projects.recoveries(of=tmp_path / "Song.acestep")
    assert load_project(found.autosave).name == "Lost?"


def test_saving_without_a_name_is_a_mistake_of_the_caller(projects: ProjectSession) -> None:
    with pytest.raises(ValueError, match="needs a path"):
        projects.save()


class Disk:
    """A disk that takes projects when it is let."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.may_go_on = threading.Event()
        self.fails = False
        self._save = save_project
        monkeypatch.setattr("acestep_desktop.session.projects.save_project", self.take)

    def take(self, project: Project, path: Path) -> None:
        assert self.may_go_on.wait(30)
        if self.fails:
            raise DiskError("The disk is full. Make room.")
        self._save(project, path)


@pytest.fixture
def disk(
    projects: ProjectSession, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Disk]:
    assert projects.save(tmp_path / "Song")
    disk = Disk(monkeypatch)
    yield disk
    disk.may_go_on.set()


def test_saving_soon_waits_for_no_disk_and_says_when_it_is_done(
    projects: ProjectSession, document: DocumentSession, disk: Disk, tmp_path: Path, qtbot: QtBot
) -> None:
    add(document, "Drums")
    projects.save_soon()
    assert document.modified
    with qtbot.waitSignal(projects.saved):
        disk.may_go_on.set()
    assert not document.modified
    assert load_project(tmp_path / "Song.acestep") == replace(document.project, name="Song")
    projects.wait_until_written()
    assert projects.recoveries() == []


def test_what_is_changed_while_it_is_saved_is_still_to_be_saved(
    projects: ProjectSession, document: DocumentSession, disk: Disk, folder: Path, qtbot: QtBot
) -> None:
    add(document, "Drums")
    projects.save_soon()
    add(document, "Bass")
    with qtbot.waitSignal(projects.saved):
        disk.may_go_on.set()
    assert document.modified
    projects.wait_until_written()
    (aside,) = folder.glob("*.autosave")
    assert load_project(aside) == document.project


def test_a_save_that_fails_later_is_a_sentence_and_the_work_stays(
    projects: ProjectSession, document: DocumentSession, disk: Disk, qtbot: QtBot
) -> None:
    sentences, disk.fails = said(projects), True
    add(document, "Drums")
    projects.save_soon()
    with qtbot.waitSignal(projects.failed):
        disk.may_go_on.set()
    assert sentences == ["The disk is full. Make room."]
    assert document.modified
    disk.fails = False
    assert projects.save()


@pytest.mark.parametrize("leave", ["new", "open", "save", "close"])
def test_a_save_on_its_way_arrives_before_the_project_is_left(
    projects: ProjectSession, document: DocumentSession, disk: Disk, tmp_path: Path, leave: str
) -> None:
    add(document, "Drums")
    wanted = replace(document.project, name="Song")
    projects.save_soon()
    threading.Timer(0.05, disk.may_go_on.set).start()
    match leave:
        case "new":
            projects.new()
        case "open":
            assert projects.open(tmp_path / "Song.acestep")
        case "save":
            assert projects.save(tmp_path / "Other")
        case _:
            projects.close(keep_work=True)
            assert projects.recoveries() == []
    assert load_project(tmp_path / "Song.acestep") == wanted
    if leave == "save":
        assert projects.path == tmp_path / "Other.acestep"


def test_saves_arrive_in_their_order(
    projects: ProjectSession, document: DocumentSession, disk: Disk, tmp_path: Path
) -> None:
    for name in ("Drums", "Bass", "Keys"):
        add(document, name)
        projects.save_soon()
    disk.may_go_on.set()
    projects.wait_until_written()
    assert not document.modified
    assert load_project(tmp_path / "Song.acestep").tracks == document.project.tracks


def test_a_mistake_of_the_program_while_it_saves_is_a_sentence_and_holds_up_nobody(
    projects: ProjectSession, document: DocumentSession, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(project: Project, path: Path) -> None:
        raise ZeroDivisionError

    sentences = said(projects)
    with monkeypatch.context() as broken:
        broken.setattr("acestep_desktop.session.projects.save_project", stumble)
        add(document, "Drums")
        assert not projects.save()
    assert len(sentences) == 1 and "mistake" in sentences[0]
    assert document.modified
    disk.may_go_on.set()
    assert projects.save()
