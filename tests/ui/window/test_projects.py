"""The File menu: new, open, recent, save, save as, and what a crash left behind."""

from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.project import Project
from acestep_desktop.library.autosave import Claim
from acestep_desktop.library.folders import Folders
from acestep_desktop.library.projects import load_project, save_project
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.main_window import MainWindow
from tests.ui.window.conftest import Answers, Button, MakeSessions, rename


@pytest.fixture
def saved(folders: Folders) -> Path:
    """A project on the disk."""
    folders.projects.mkdir(parents=True, exist_ok=True)
    path = folders.projects / "Sunset.acestep"
    save_project(Project(name="Sunset"), path)
    return path


def action(window: MainWindow, text: str) -> QAction:
    """Return the entry of the File menu with this text."""
    found = {a.text().replace("&", "").rstrip("…"): a for a in window.files.actions()}
    return found[text]


def menu_called(window: MainWindow, title: str) -> QMenu:
    return next(menu for menu in window.findChildren(QMenu) if menu.title() == title)


def recent_menu(window: MainWindow) -> QMenu:
    menu = menu_called(window, "Open &recent")
    menu.aboutToShow.emit()
    return menu


def test_the_title_says_which_project_and_whether_it_is_saved(
    window: MainWindow, sessions: Sessions, saved: Path
) -> None:
    assert window.windowTitle().startswith("Untitled[*]")
    assert not window.isWindowModified()
    window.files.open(saved)
    assert window.windowTitle().startswith("Sunset[*]")
    rename(sessions, "Sunrise")
    assert window.isWindowModified()
    window.files.save()
    assert not window.isWindowModified()
    rename(sessions, "Noon")
    assert window.isWindowModified()
    sessions.document.undo()
    assert not window.isWindowModified()


def test_new_begins_with_nothing(window: MainWindow, sessions: Sessions, saved: Path) -> None:
    window.files.open(saved)
    action(window, "New").trigger()
    assert sessions.document.project == Project()
    assert sessions.projects.path is None
    assert window.windowTitle().startswith("Untitled[*]")


@pytest.mark.parametrize("entry", ["New", "Open"])
def test_unsaved_work_is_not_given_up_without_an_answer(
    window: MainWindow, sessions: Sessions, answers: Answers, saved: Path, entry: str
) -> None:
    rename(sessions, "Precious")
    answers.button, answers.file = Button.Cancel, str(saved)
    action(window, entry).trigger()
    assert sessions.document.project.name == "Precious"
    answers.button = Button.Discard
    action(window, entry).trigger()
    assert sessions.document.project.name != "Precious"


def test_open_asks_for_a_file_and_opens_it(
    window: MainWindow, sessions: Sessions, answers: Answers, saved: Path
) -> None:
    answers.file = str(saved)
    action(window, "Open").trigger()
    assert sessions.document.project.name == "Sunset"
    assert answers.asked == [f"Open {saved.parent}"]


def test_no_file_chosen_opens_nothing(
    window: MainWindow, sessions: Sessions, answers: Answers
) -> None:
    before = sessions.document.project
    action(window, "Open").trigger()
    assert sessions.document.project is before


def test_the_file_dialog_begins_where_the_project_lies(
    window: MainWindow, answers: Answers, saved: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.acestep"
    save_project(Project(), elsewhere)
    window.files.open(elsewhere)
    action(window, "Open").trigger()
    assert answers.asked == [f"Open {tmp_path}"]


def test_save_without_a_file_asks_for_one_below_the_music_folder(
    window: MainWindow, sessions: Sessions, answers: Answers, folders: Folders, qtbot: QtBot
) -> None:
    rename(sessions, "Song")
    answers.file = str(folders.projects / "Song.acestep")
    action(window, "Save").trigger()
    assert answers.asked == [f"Save as {folders.projects / 'Song.acestep'}"]
    assert load_project(folders.projects / "Song.acestep").name == "Song"
    rename(sessions, "Song, again")
    with qtbot.waitSignal(sessions.projects.saved):
        action(window, "Save").trigger()
    assert len(answers.asked) == 1
    assert not sessions.document.modified


def test_who_saves_and_goes_on_at_once_is_not_asked_whether_to_save(
    window: MainWindow, sessions: Sessions, answers: Answers, saved: Path
) -> None:
    window.files.open(saved)
    rename(sessions, "Sunrise")
    action(window, "Save").trigger()
    action(window, "New").trigger()
    assert sessions.projects.path is None
    assert answers.asked == []
    window.files.open(saved)
    assert sessions.projects.path == saved


def test_a_folder_for_projects_that_cannot_be_made_leaves_the_choice_of_another(
    window: MainWindow, sessions: Sessions, answers: Answers, folders: Folders, tmp_path: Path
) -> None:
    folders.projects.parent.mkdir(parents=True, exist_ok=True)
    folders.projects.write_text("in the way")
    rename(sessions, "Song")
    answers.file = str(tmp_path / "Song.acestep")
    action(window, "Save").trigger()
    assert load_project(tmp_path / "Song.acestep").name == "Song"


def test_a_project_has_the_name_of_its_file(
    window: MainWindow, sessions: Sessions, answers: Answers, saved: Path, tmp_path: Path
) -> None:
    window.files.open(saved)
    answers.file = str(tmp_path / "Sunrise")
    action(window, "Save as").trigger()
    assert sessions.projects.title == "Sunrise"
    assert load_project(tmp_path / "Sunrise.acestep").name == "Sunrise"
    assert not sessions.document.history.past


def test_save_as_goes_on_with_the_new_file(
    window: MainWindow, sessions: Sessions, answers: Answers, saved: Path, tmp_path: Path
) -> None:
    window.files.open(saved)
    rename(sessions, "Other")
    answers.file = str(tmp_path / "Other")
    action(window, "Save as").trigger()
    assert sessions.projects.path == tmp_path / "Other.acestep"
    assert load_project(saved).name == "Sunset"
    assert sessions.settings.recent[0] == tmp_path / "Other.acestep"


def test_a_name_without_suffix_does_not_replace_a_file_unasked(
    window: MainWindow, sessions: Sessions, answers: Answers, saved: Path
) -> None:
    rename(sessions, "Newer")
    answers.file, answers.button = str(saved.with_suffix("")), Button.Cancel
    assert not window.files.save_as()
    assert load_project(saved).name == "Sunset"
    assert answers.asked[-1] == '"Sunset.acestep" is there already. Replace it?'
    answers.button = Button.Yes
    assert window.files.save_as()
    assert sessions.projects.path == saved and not sessions.document.modified


def test_a_name_that_the_file_dialog_asked_about_is_not_asked_about_again(
    window: MainWindow, sessions: Sessions, answers: Answers, saved: Path
) -> None:
    rename(sessions, "Newer")
    answers.file = str(saved)
    assert window.files.save_as()
    assert len(answers.asked) == 1


def test_a_project_that_another_window_has_open_is_refused_kindly(
    window: MainWindow,
    sessions: Sessions,
    new_sessions: MakeSessions,
    saved: Path,
    qtbot: QtBot,
) -> None:
    new_sessions().projects.open(saved)
    with qtbot.waitSignal(sessions.projects.failed) as failed:
        window.files.open(saved)
    assert failed.args == ['"Sunset.acestep" is open in another window: close it there first.']
    assert sessions.projects.path is None
    assert sessions.settings.recent == []


def test_saving_over_a_project_that_another_window_has_open_is_refused(
    window: MainWindow,
    sessions: Sessions,
    new_sessions: MakeSessions,
    answers: Answers,
    saved: Path,
) -> None:
    new_sessions().projects.open(saved)
    rename(sessions, "Mine")
    answers.file = str(saved)
    assert not window.files.save_as()
    assert load_project(saved).name == "Sunset"
    assert sessions.document.modified


def test_opening_the_open_project_again_reads_it_anew(
    window: MainWindow, sessions: Sessions, saved: Path
) -> None:
    window.files.open(saved)
    rename(sessions, "Changed")
    window.files.open(saved)
    assert sessions.document.project.name == "Sunset"
    assert not sessions.document.modified


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe\x00", b'{"version": 999}', b"[" * 5_000, b"RIFF\0\0\0\0WAVE"]
)
def test_a_damaged_project_is_one_sentence_and_what_is_open_stays(
    window: MainWindow, sessions: Sessions, tmp_path: Path, content: bytes, qtbot: QtBot
) -> None:
    rename(sessions, "Precious")
    bad = tmp_path / "bad.acestep"
    bad.write_bytes(content)
    with qtbot.waitSignal(sessions.projects.failed) as failed:
        window.files.open(bad)
    assert "bad.acestep" in failed.args[0]
    assert "\n" not in failed.args[0]
    assert sessions.document.project.name == "Precious"


def test_recent_projects_are_in_the_menu_and_open(
    window: MainWindow, sessions: Sessions, saved: Path, tmp_path: Path
) -> None:
    other = tmp_path / "Rock & Roll.acestep"
    save_project(Project(name="Rock"), other)
    window.files.open(saved)
    window.files.open(other)
    entries = recent_menu(window).actions()
    assert [entry.text() for entry in entries] == ["Rock && Roll", "Sunset"]
    assert [entry.toolTip() for entry in entries] == [str(other), str(saved)]
    entries[1].trigger()
    assert sessions.projects.path == saved


def test_without_recent_projects_the_menu_says_so(window: MainWindow) -> None:
    (entry,) = recent_menu(window).actions()
    assert entry.text() == "No project was open yet"
    assert not entry.isEnabled()


def test_a_recent_project_that_vanished_is_said(
    window: MainWindow, sessions: Sessions, saved: Path, qtbot: QtBot
) -> None:
    window.files.open(saved)
    window.files.new()
    (entry,) = recent_menu(window).actions()
    saved.unlink()
    with qtbot.waitSignal(sessions.projects.failed) as failed:
        entry.trigger()
    assert "Sunset.acestep" in failed.args[0]
    assert recent_menu(window).actions()[0].text() == "No project was open yet"


def test_a_recent_project_waits_for_the_question(
    window: MainWindow, sessions: Sessions, answers: Answers, saved: Path
) -> None:
    window.files.open(saved)
    window.files.new()
    rename(sessions, "Precious")
    recent_menu(window).actions()[0].trigger()
    assert sessions.document.project.name == "Precious"
    assert len(answers.asked) == 1


def left_behind(folders: Folders, project: Project, path: Path | None) -> None:
    """Leave work behind as a crash does."""
    claim = Claim(folders.data / "Autosaves", path)
    claim.write(project)
    claim.release()


def test_without_a_crash_nothing_is_offered(window: MainWindow, answers: Answers) -> None:
    window.files.offer_recovery()
    assert answers.asked == []


@pytest.mark.parametrize(
    ("name", "said"), [(None, "an unsaved project"), ("Sunset.acestep", "Sunset.acestep")]
)
def test_recovered_work_is_open_and_still_to_be_saved(
    window: MainWindow,
    sessions: Sessions,
    answers: Answers,
    folders: Folders,
    name: str | None,
    said: str,
) -> None:
    path = None if name is None else folders.projects / name
    left_behind(folders, Project(name="Lost?"), path)
    answers.button = Button.Yes
    window.files.offer_recovery()
    assert said in answers.asked[0]
    assert sessions.document.project.name == "Lost?"
    assert sessions.projects.path == path
    assert window.isWindowModified()


def test_work_that_is_not_wanted_now_is_offered_again(
    window: MainWindow, sessions: Sessions, answers: Answers, folders: Folders
) -> None:
    left_behind(folders, Project(name="Lost?"), None)
    answers.button = Button.No
    window.files.offer_recovery()
    assert sessions.document.project.name == "Untitled"
    assert len(sessions.projects.recoveries()) == 1


def test_work_that_is_not_wanted_now_outlives_the_opening_of_its_project(
    window: MainWindow, sessions: Sessions, answers: Answers, folders: Folders, saved: Path
) -> None:
    left_behind(folders, Project(name="Lost?"), saved)
    answers.button = Button.No
    assert not window.files.offer_recovery()
    window.files.open(saved)
    assert len(answers.asked) == 1  # not twice in a row
    assert sessions.document.project.name == "Sunset"
    (kept,) = sessions.projects.recoveries()
    assert kept.project_path == saved
    answers.button = Button.Yes
    window.files.open(saved)
    assert sessions.document.project.name == "Lost?"
    assert sessions.projects.path == saved
    sessions.projects.wait_until_written()
    assert sessions.projects.recoveries() == []


def test_opening_a_project_asks_for_the_work_that_a_crash_left_on_it(
    window: MainWindow, sessions: Sessions, answers: Answers, folders: Folders, saved: Path
) -> None:
    left_behind(folders, Project(name="Lost?"), saved)
    answers.button = Button.Yes
    window.files.open(saved)
    assert "Sunset.acestep" in answers.asked[0]
    assert sessions.document.project.name == "Lost?"
    assert window.isWindowModified()
    assert sessions.settings.recent == [saved]


def test_all_that_crashes_left_behind_is_offered(
    window: MainWindow, sessions: Sessions, answers: Answers, folders: Folders, saved: Path
) -> None:
    left_behind(folders, Project(name="One"), saved)
    left_behind(folders, Project(name="Other"), None)
    answers.button = Button.Discard
    assert not window.files.offer_recovery()
    assert len(answers.asked) == 2
    assert sessions.projects.recoveries() == []


def test_work_that_is_discarded_is_gone(
    window: MainWindow, sessions: Sessions, answers: Answers, folders: Folders
) -> None:
    left_behind(folders, Project(name="Lost?"), None)
    answers.button = Button.Discard
    window.files.offer_recovery()
    assert sessions.projects.recoveries() == []
    assert sessions.document.project.name == "Untitled"


def test_recovered_work_of_a_project_that_is_open_elsewhere_is_refused_and_kept(
    window: MainWindow,
    sessions: Sessions,
    answers: Answers,
    folders: Folders,
    saved: Path,
    new_sessions: MakeSessions,
) -> None:
    left_behind(folders, Project(name="Lost?"), saved)
    answers.button = Button.Yes
    other = new_sessions()
    found = sessions.projects.recoveries()
    assert other.projects.open(saved)
    assert not sessions.projects.recover(found[0])
    assert sessions.document.project.name == "Untitled"


def test_undo_and_redo_name_their_step(window: MainWindow, sessions: Sessions) -> None:
    undo, redo = menu_called(window, "&Edit").actions()[:2]
    assert (undo.text(), undo.isEnabled(), redo.isEnabled()) == ("Undo", False, False)
    rename(sessions, "Song")
    assert (undo.text(), undo.isEnabled()) == ("Undo rename", True)
    undo.trigger()
    assert sessions.document.project.name == "Untitled"
    assert (redo.text(), redo.isEnabled(), undo.isEnabled()) == ("Redo rename", True, False)
    redo.trigger()
    assert sessions.document.project.name == "Song"


def test_quit_asks_like_the_windows_cross(
    window: MainWindow, sessions: Sessions, answers: Answers
) -> None:
    rename(sessions, "Song")
    action(window, "Quit").trigger()
    assert window.isVisible() and len(answers.asked) == 1
    answers.button = Button.Discard
    action(window, "Quit").trigger()
    assert not window.isVisible()


def test_every_verb_of_the_menu_has_a_key_of_its_own(window: MainWindow) -> None:
    keys = [a.shortcut().toString() for a in window.files.actions() if not a.isSeparator()]
    given = [key for key in keys if key]
    assert len(given) == len(set(given)) == 7
