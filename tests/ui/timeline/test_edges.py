"""The lanes scroll while something is dragged at their border."""

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.clip import ClipId
from tests.ui.timeline.conftest import KICK, Stage

WAIT_MS = 20_000


def pull(stage: Stage, x: int, y: int = 40) -> None:
    """Hold the button and let the pointer rest at a point, as the canvas is told of it."""
    canvas = stage.view.canvas
    start = stage.point(1)
    canvas.mousePressEvent(_event("press", start.x(), start.y()))
    for at in (start.x() + 10, x):
        canvas.mouseMoveEvent(_event("move", at, y))


def _event(kind: str, x: int, y: int) -> QMouseEvent:
    left = Qt.MouseButton.LeftButton
    types = {
        "press": QEvent.Type.MouseButtonPress,
        "move": QEvent.Type.MouseMove,
        "release": QEvent.Type.MouseButtonRelease,
    }
    at = QPointF(x, y)
    return QMouseEvent(types[kind], at, at, left, left, Qt.KeyboardModifier.NoModifier)


def start_of(stage: Stage, clip_id: ClipId) -> int:
    return stage.project.clip_start(stage.clip(clip_id))


def test_a_clip_that_is_held_at_the_right_edge_goes_on_to_the_right(
    stage: Stage, qtbot: QtBot
) -> None:
    view = stage.view.viewport
    pull(stage, view.width - 4)
    reached = start_of(stage, KICK)
    qtbot.waitUntil(lambda: view.scale.origin > 0, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: start_of(stage, KICK) > reached, timeout=WAIT_MS)
    stage.view.canvas.mouseReleaseEvent(_event("release", view.width - 4, 40))
    assert stage.labels == ["Move clip"]


def test_the_lanes_rest_when_the_pointer_is_inside_again(stage: Stage, qtbot: QtBot) -> None:
    view = stage.view.viewport
    pull(stage, view.width - 4)
    qtbot.waitUntil(lambda: view.scale.origin > 0, timeout=WAIT_MS)
    stage.view.canvas.mouseMoveEvent(_event("move", view.width // 2, 40))
    assert not stage.view.canvas.scrolls


def test_a_drag_that_begins_at_the_edge_scrolls_only_farther_out(stage: Stage) -> None:
    canvas, right = stage.view.canvas, stage.view.viewport.width - 10
    canvas.mousePressEvent(_event("press", right, 40))
    canvas.mouseMoveEvent(_event("move", right - 8, 40))
    assert not canvas.scrolls
    canvas.mouseMoveEvent(_event("move", right + 8, 40))
    assert canvas.scrolls


def test_esc_lets_the_lanes_rest(stage: Stage, qtbot: QtBot) -> None:
    pull(stage, stage.view.viewport.width - 4)
    stage.key(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not stage.view.canvas.scrolls, timeout=WAIT_MS)
    assert stage.labels == []


def test_letting_go_lets_the_lanes_rest(stage: Stage) -> None:
    right = stage.view.viewport.width - 4
    pull(stage, right)
    assert stage.view.canvas.scrolls
    stage.view.canvas.mouseReleaseEvent(_event("release", right, 40))
    assert not stage.view.canvas.scrolls
