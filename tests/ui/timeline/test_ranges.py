"""Ranges of time: drawn over clips, copied, cut, doubled, and dragged out as files."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.project import TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Tick
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.clip_files import ClipFileSession
from acestep_desktop.ui.files_out import files_data
from acestep_desktop.ui.timeline import leaving
from tests.ui.timeline.conftest import BAR, KICK, LONG, SECOND, SNARE, TAKE, Stage

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
HALF = BAR // 2


def span_of(stage: Stage) -> tuple[int, int] | None:
    span = stage.view.editor.span
    return None if span is None else (span.start, span.end)


def select(stage: Stage, start: int, end: int, *tracks: str) -> None:
    stage.view.editor.select_span(TickRange(Tick(start), Tick(end)), tracks)


def placed(stage: Stage, row: int) -> list[tuple[int, int]]:
    """Return where each clip of a track starts, and how many frames it has."""
    return [(clip.start, clip.length) for clip in stage.project.tracks[row].clips]


def test_with_the_range_tool_a_drag_over_clips_selects_a_range_of_their_tracks(
    stage: Stage,
) -> None:
    stage.key(Qt.Key.Key_T)
    stage.drag(stage.point(1), stage.point(5, row=1))
    assert span_of(stage) == (HALF, 5 * HALF)
    assert stage.view.editor.span_tracks == ("drums", "keys")
    assert stage.labels == []


def test_ctrl_alt_drag_over_a_clip_selects_a_range_without_the_tool(stage: Stage) -> None:
    stage.drag(stage.point(1), stage.point(3), CTRL | ALT)
    assert span_of(stage) == (HALF, 3 * HALF)
    assert stage.view.editor.span_tracks == ("drums",)


def test_a_click_forgets_the_range(stage: Stage) -> None:
    select(stage, 0, BAR, "drums")
    stage.click(stage.point(1))
    assert span_of(stage) is None
    assert stage.view.selected == {KICK}


def test_the_button_of_the_range_tool_shows_whether_it_is_on(stage: Stage) -> None:
    button = next(b for b in stage.view.findChildren(QPushButton) if b.text() == "Range")
    stage.key(Qt.Key.Key_T)
    assert button.isChecked()
    button.click()
    assert not stage.view.viewport.ranges


def test_a_range_is_copied_with_the_silence_at_its_beginning(stage: Stage) -> None:
    select(stage, HALF, 5 * HALF, "drums")
    stage.key(Qt.Key.Key_C, CTRL)
    stage.view.editor.clear()
    stage.view.show_playhead(10 * SECOND)
    stage.key(Qt.Key.Key_V, CTRL)
    # The range began in the middle of the kick, and ended in the middle of the snare.
    assert placed(stage, 0)[2:] == [(5 * BAR, SECOND), (5 * BAR + 3 * HALF, SECOND)]


def test_what_is_copied_of_a_lower_track_is_pasted_with_its_distance(stage: Stage) -> None:
    select(stage, BAR, 2 * BAR, "drums", "keys")
    stage.key(Qt.Key.Key_C, CTRL)
    stage.view.editor.clear()
    stage.view.show_playhead(8 * SECOND)
    stage.key(Qt.Key.Key_V, CTRL)
    assert placed(stage, 0) == [(0, 2 * SECOND), (2 * BAR, 2 * SECOND)]
    assert placed(stage, 1) == [(BAR, 4 * SECOND), (4 * BAR, 2 * SECOND)]


def test_duplicating_a_range_again_and_again_goes_on_behind_it(stage: Stage) -> None:
    select(stage, 0, 4 * BAR, "drums")
    stage.key(Qt.Key.Key_D, CTRL)
    stage.key(Qt.Key.Key_D, CTRL)
    assert [start // BAR for start, _ in placed(stage, 0)] == [0, 2, 4, 6, 8, 10]
    assert span_of(stage) == (8 * BAR, 12 * BAR)


def test_cutting_a_range_leaves_a_gap_that_can_be_pasted_elsewhere(stage: Stage) -> None:
    select(stage, 0, BAR, "drums")
    stage.key(Qt.Key.Key_X, CTRL)
    assert [clip.clip_id for clip in stage.project.tracks[0].clips] == [SNARE]
    assert stage.view.editor.can_paste


def test_an_empty_range_is_not_copied_and_the_reason_is_said(stage: Stage) -> None:
    select(stage, 6 * BAR, 7 * BAR, "drums")
    stage.key(Qt.Key.Key_C, CTRL)
    assert not stage.view.editor.can_paste
    assert stage.said[-1].startswith("Select a clip first")


def test_only_the_tracks_of_a_range_belong_to_it(stage: Stage) -> None:
    select(stage, 0, BAR, "drums")
    assert stage.view.pointer.is_in_range(stage.point(1).toPointF())
    assert not stage.view.pointer.is_in_range(stage.point(1, row=1).toPointF())
    assert not stage.view.pointer.is_in_range(stage.point(3).toPointF())


@pytest.fixture
def recorded(takes: TakeLibrary) -> dict[TakeId, Path]:
    """Give the clips real files, so that they can leave."""
    paths: dict[TakeId, Path] = {}
    for name, frames in ((TAKE, 2 * SECOND), (LONG, 8 * SECOND)):
        noise = np.random.default_rng(frames).uniform(-0.2, 0.2, (frames, 2))
        paths[name] = takes.commit(noise.astype(np.float32)).path
    return paths


class Hands:
    """Notes what would be dragged."""

    def __init__(self) -> None:
        self.dragged: list[list[Path]] = []

    def drag(self, source: QWidget, paths: Sequence[Path]) -> None:
        self.dragged.append(list(paths))


@pytest.fixture
def out(
    stage: Stage, takes: TakeLibrary, recorded: dict[TakeId, Path]
) -> Iterator[tuple[ClipFileSession, Hands]]:
    files = ClipFileSession(stage.document, takes, lambda: recorded)
    hands = Hands()
    view = stage.view
    leaving.Leaving(files, view.editor, view.pointer, view.canvas, drag=hands.drag)
    yield files, hands
    files.close()


def test_a_drag_that_begins_in_a_range_carries_a_file_for_each_track(
    stage: Stage, qtbot: QtBot, out: tuple[ClipFileSession, Hands]
) -> None:
    files, hands = out
    with qtbot.waitSignal(files.ready, timeout=20_000):
        select(stage, HALF, 3 * BAR, "drums", "keys")
    stage.drag(stage.point(2), stage.point(2) + QPoint(0, 30))
    assert [[path.name.partition("_")[0] for path in paths] for paths in hands.dragged] == [
        ["Drums", "Keys"]
    ]
    assert all(path.is_file() for path in hands.dragged[0])
    assert span_of(stage) == (HALF, 3 * BAR), "it can be dragged once more"
    assert stage.labels == []


class OwnDrop(QDropEvent):
    """A drop of what the lanes themselves have let out."""

    def __init__(self, canvas: QWidget, at: QPoint, paths: Sequence[Path]) -> None:
        left, free = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        self.data = files_data(paths)
        super().__init__(at.toPointF(), Qt.DropAction.CopyAction, self.data, left, free)
        self._canvas = canvas

    def source(self) -> QWidget:
        return self._canvas


def test_a_range_that_is_dropped_back_on_the_lanes_is_placed_like_any_file(
    stage: Stage, qtbot: QtBot, out: tuple[ClipFileSession, Hands]
) -> None:
    files, hands = out
    with qtbot.waitSignal(files.ready, timeout=20_000):
        select(stage, HALF, 3 * HALF, "drums")
    stage.drag(stage.point(2), stage.point(2) + QPoint(0, 30), drop=False)
    event = OwnDrop(stage.view.canvas, stage.point(8, row=1), hands.dragged[0])
    with qtbot.waitSignal(stage.document.history_changed, timeout=20_000):
        stage.view.canvas.dragEnterEvent(event)
        stage.view.canvas.dragMoveEvent(event)
        stage.view.canvas.dropEvent(event)
    assert placed(stage, 1)[-1] == (4 * BAR, 2 * SECOND)
