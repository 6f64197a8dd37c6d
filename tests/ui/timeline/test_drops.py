"""Takes and files that are dropped onto the lanes."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from pytestqt.qtbot import QtBot

from acestep_desktop.audiofile.wav import write_wav
from acestep_desktop.domain.project import Project
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.document import DocumentSession
from tests.ui.conftest import keep
from tests.ui.timeline.conftest import BAR, SECOND, Stage, sine

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
COPY = Qt.DropAction.CopyAction


def files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def hold(stage: Stage, data: QMimeData, at: QPoint) -> QDragEnterEvent:
    event = QDragEnterEvent(at, COPY, data, LEFT, NONE)
    stage.view.canvas.dragEnterEvent(event)
    stage.view.canvas.dragMoveEvent(QDragMoveEvent(at, COPY, data, LEFT, NONE))
    return event


def drop(stage: Stage, data: QMimeData, at: QPoint) -> None:
    hold(stage, data, at)
    stage.view.canvas.dropEvent(QDropEvent(at.toPointF(), COPY, data, LEFT, NONE))


@pytest.fixture
def take(takes: TakeLibrary) -> Path:
    return takes.get(keep(takes, "rain")).path


def test_a_take_lands_on_the_bar_and_the_track_under_the_pointer(stage: Stage, take: Path) -> None:
    drop(stage, files(take), stage.point(6.3, row=1))
    clip = stage.project.tracks[1].clips[1]
    assert (clip.start, clip.length, clip.name) == (3 * BAR, 2 * SECOND, "Rain")
    assert stage.view.selected == {clip.clip_id}
    assert stage.labels == ["Add clip"]


def test_below_the_last_track_a_new_one_is_named_after_the_take(stage: Stage, take: Path) -> None:
    drop(stage, files(take), stage.point(0, row=3))
    assert [track.name for track in stage.project.tracks] == ["Drums", "Keys", "Rain"]
    stage.document.undo()
    assert len(stage.project.tracks) == 2


def test_the_ghost_has_the_true_length_and_goes_when_the_drag_leaves(
    stage: Stage, take: Path
) -> None:
    ghosts: list[tuple[object, ...]] = []
    stage.view.drops.ghosted.connect(ghosts.append)
    hold(stage, files(take), stage.point(6.3, row=1))
    assert ghosts[-1][0].width() == pytest.approx(200)
    assert ghosts[-1][0].x() == pytest.approx(600)
    stage.view.drops.leave()
    assert ghosts[-1] == ()


def test_the_first_take_of_an_untouched_project_brings_tempo_and_key(
    stage: Stage, document: DocumentSession, takes: TakeLibrary, take: Path
) -> None:
    document.open(Project())
    drop(stage, files(take), stage.point(0))
    assert document.project.tempo == TempoMap.steady(120)
    assert str(document.project.key) == "A minor"


def test_a_project_with_a_tempo_of_its_own_keeps_it(
    stage: Stage, document: DocumentSession, take: Path
) -> None:
    document.open(Project(tempo=TempoMap.steady(97)))
    drop(stage, files(take), stage.point(0))
    assert document.project.tempo == TempoMap.steady(97)


def test_several_takes_lie_one_below_the_other(stage: Stage, takes: TakeLibrary) -> None:
    paths = [takes.get(keep(takes, words)).path for words in ("one", "three")]
    drop(stage, files(*paths), stage.point(8, row=1))
    assert [len(track.clips) for track in stage.project.tracks] == [2, 2, 1]
    assert stage.labels == ["Add 2 clips"]


def test_a_file_from_outside_is_imported_first(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "été à la mer.wav"
    write_wav(path, sine(1.5))
    with qtbot.waitSignal(stage.document.history_changed):
        drop(stage, files(path), stage.point(8, row=0))
    clip = stage.project.tracks[0].clips[-1]
    assert clip.length == 1.5 * SECOND
    assert "mer" in clip.name


def test_what_is_no_audio_is_refused_in_words(stage: Stage, tmp_path: Path) -> None:
    drop(stage, files(tmp_path / "film.mp4"), stage.point(1))
    assert not stage.document.history.past
    assert "film.mp4" in stage.said[0]


def test_a_damaged_file_is_refused_in_words(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(b"RIFF....")
    with qtbot.waitSignal(stage.view.said):
        drop(stage, files(path), stage.point(1))
    assert not stage.document.history.past


def test_text_is_not_taken(stage: Stage) -> None:
    data = QMimeData()
    data.setText("words")
    event = hold(stage, data, stage.point(1))
    assert not event.isAccepted() or event.dropAction() != COPY
