"""The one door through which a project changes."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication

from acestep_desktop.domain.edits import add_track, remove_track
from acestep_desktop.domain.project import Project, TrackId
from acestep_desktop.session.document import DocumentSession


@pytest.fixture
def document(qapp: QCoreApplication) -> DocumentSession:
    return DocumentSession()


def named(name: str) -> Project:
    return Project(name=name)


def shown(document: DocumentSession) -> list[Project]:
    projects: list[Project] = []
    document.project_changed.connect(projects.append)
    return projects


def test_an_edit_is_shown_and_can_be_undone(document: DocumentSession) -> None:
    before, seen = document.project, shown(document)
    assert document.apply("Add track", lambda p: add_track(p, "Drums"))
    assert [track.name for track in document.project.tracks] == ["Drums"]
    document.undo()
    assert document.project is before
    document.redo()
    assert seen[0] is document.project


def test_a_preview_is_shown_but_not_recorded(document: DocumentSession) -> None:
    before = document.project
    document.preview(lambda p: replace(p, name="dragged"))
    assert document.project.name == "dragged"
    assert document.history.present is before
    document.end_preview()
    assert document.project is before
    assert not document.history.past


def test_previews_do_not_add_up(document: DocumentSession) -> None:
    document.preview(lambda p: add_track(p, "one"))
    document.preview(lambda p: add_track(p, "two"))
    assert [track.name for track in document.project.tracks] == ["two"]


def test_applying_ends_the_preview(document: DocumentSession) -> None:
    document.preview(lambda p: replace(p, name="dragged"))
    document.apply("Rename", lambda p: replace(p, name="dropped"))
    assert document.project.name == "dropped"
    document.undo()
    assert document.project.name == "Untitled"


def test_a_refused_edit_changes_nothing_and_is_said(document: DocumentSession) -> None:
    said: list[str] = []
    document.refused.connect(said.append)
    before, seen = document.project, shown(document)
    assert not document.apply("Remove track", lambda p: remove_track(p, TrackId("none")))
    assert document.project is before
    assert said == ["the project has no track none"]
    assert seen == []


def test_a_preview_that_cannot_be_leaves_what_is_shown(document: DocumentSession) -> None:
    document.preview(lambda p: replace(p, name="dragged"))
    document.preview(lambda p: remove_track(p, TrackId("none")))
    assert document.project.name == "dragged"


def test_an_edit_that_changes_nothing_is_no_step(document: DocumentSession) -> None:
    steps: list[None] = []
    document.history_changed.connect(lambda: steps.append(None))
    document.apply("Nothing", lambda p: replace(p))
    assert not document.history.past
    assert steps == []


def test_a_project_is_modified_until_it_is_saved_and_again_when_undone(
    document: DocumentSession,
) -> None:
    assert not document.modified
    document.apply("Rename", lambda p: replace(p, name="song"))
    assert document.modified
    document.mark_saved(document.project)
    assert not document.modified
    document.undo()
    assert document.modified
    document.redo()
    assert not document.modified


def test_opening_forgets_the_history(document: DocumentSession) -> None:
    document.apply("Rename", lambda p: replace(p, name="song"))
    document.open(named("other"))
    document.undo()
    assert document.project.name == "other"
    assert not document.modified
