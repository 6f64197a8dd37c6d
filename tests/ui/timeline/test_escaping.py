"""Esc takes back whatever is being dragged: clips, edges, fades, frames, the loop, markers."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from acestep_desktop.domain.notes import Marker
from acestep_desktop.domain.project import Project, TickRange
from acestep_desktop.domain.song_edits import add_marker, set_loop
from acestep_desktop.domain.time import Tick
from acestep_desktop.ui.timeline.pointer import Doing
from tests.ui.timeline.conftest import BAR, KICK, PAD, SNARE, Stage

Keys = Qt.KeyboardModifier
LEFT = Qt.MouseButton.LeftButton
NONE, CTRL, SHIFT, ALT = (
    Keys.NoModifier,
    Keys.ControlModifier,
    Keys.ShiftModifier,
    Keys.AltModifier,
)
CORNER = 5

DRAGS = {
    "a clip": ((1.0, 0, 40), (5.0, 1, 40), NONE),
    "a clip, freely": ((1.0, 0, 40), (5.03, 0, 40), SHIFT),
    "a copy": ((1.0, 0, 40), (8.0, 1, 40), CTRL),
    "what a clip shows": ((3.0, 1, 40), (4.0, 1, 40), ALT),
    "a left edge": ((2.02, 1, 40), (3.0, 1, 40), NONE),
    "a right edge": ((5.98, 1, 40), (4.0, 1, 40), NONE),
    "a fade in": ((2.03, 1, CORNER), (3.0, 1, CORNER), NONE),
    "a fade out": ((5.97, 1, CORNER), (5.0, 1, CORNER), NONE),
}


@pytest.mark.parametrize("name", DRAGS)
def test_escape_brings_back_the_very_project_and_letting_go_then_does_nothing(
    stage: Stage, name: str
) -> None:
    (start, row, y), (end, to_row, to_y), keys = DRAGS[name]
    before, history = stage.project, stage.document.history
    stage.drag(stage.point(start, row, y), stage.point(end, to_row, to_y), keys, drop=False)
    assert stage.project != before, "the drag shows something"
    stage.key(Qt.Key.Key_Escape)
    assert stage.project is before
    QTest.mouseRelease(stage.view.canvas, LEFT, keys, stage.point(end, to_row, to_y))
    assert stage.document.history is history
    assert stage.view.pointer.doing is Doing.NOTHING


@pytest.mark.parametrize("name", DRAGS)
def test_what_is_let_go_is_one_step_that_undo_takes_back(stage: Stage, name: str) -> None:
    (start, row, y), (end, to_row, to_y), keys = DRAGS[name]
    before = stage.project
    stage.drag(stage.point(start, row, y), stage.point(end, to_row, to_y), keys)
    after = stage.project
    assert len(stage.labels) == 1
    stage.document.undo()
    assert stage.project is before
    stage.document.redo()
    assert stage.project is after


@pytest.mark.parametrize("name", DRAGS)
def test_back_where_it_began_a_drag_changes_nothing(stage: Stage, name: str) -> None:
    (start, row, y), (end, to_row, to_y), keys = DRAGS[name]
    if keys & CTRL:
        keys = NONE
    grip = stage.point(start, row, y)
    stage.drag(grip, stage.point(end, to_row, to_y), keys, drop=False)
    stage.hover(grip, keys)
    QTest.mouseRelease(stage.view.canvas, LEFT, keys, grip)
    assert stage.labels == []
    assert stage.document.project == stage.document.history.present


@pytest.mark.parametrize("keys", [NONE, ALT], ids=["a frame", "a range"])
def test_escape_brings_back_what_was_selected_before_a_frame_was_drawn(
    stage: Stage, keys: Keys
) -> None:
    stage.view.editor.select([PAD])
    bands: list[bool] = []
    stage.view.pointer.banded.connect(lambda band: bands.append(band.isEmpty()))
    stage.drag(stage.point(8), stage.point(5), keys | SHIFT, drop=False)
    assert stage.view.selected != {PAD}
    stage.key(Qt.Key.Key_Escape)
    assert stage.view.selected == {PAD}
    assert stage.view.editor.span is None
    assert bands[-1]


def test_without_a_drag_escape_selects_nothing_and_then_leaves_the_key_to_others(
    stage: Stage,
) -> None:
    stage.click(stage.point(1))
    stage.key(Qt.Key.Key_Escape)
    assert stage.view.selected == frozenset()
    assert not stage.view._escape()


def test_a_drag_that_meets_an_undo_ends_where_the_undo_left_the_project(stage: Stage) -> None:
    stage.drag(stage.point(1), stage.point(7))
    moved = stage.project
    stage.drag(stage.point(7), stage.point(9), drop=False)
    stage.key(Qt.Key.Key_Escape)
    assert stage.project is moved
    stage.document.undo()
    assert stage.clip(KICK).start == 0


def test_the_other_button_does_not_drag(stage: Stage) -> None:
    canvas = stage.view.canvas
    QTest.mousePress(canvas, Qt.MouseButton.RightButton, NONE, stage.point(1))
    assert stage.view.pointer.doing is Doing.NOTHING
    QTest.mouseRelease(canvas, Qt.MouseButton.RightButton, NONE, stage.point(5))
    assert stage.labels == []


LOOP = TickRange(Tick(BAR), Tick(3 * BAR))
MARKER = Marker(Tick(2 * BAR), "Break")


def with_signs(stage: Stage) -> Project:
    """Give the song a loop and a marker, as it was opened."""
    project = add_marker(set_loop(stage.project, LOOP), MARKER.at, MARKER.name)
    stage.document.open(project)
    return project


def hold(widget: QWidget, at: QPoint, keys: Keys = NONE) -> None:
    """Move the pointer with the button held, as `QTest.mouseMove` cannot."""
    place = widget.mapToGlobal(at)
    kind = QEvent.Type.MouseMove
    event = QMouseEvent(kind, QPointF(at), QPointF(place), LEFT, LEFT, keys)
    widget.mouseMoveEvent(event)


def pull(stage: Stage, start: QPoint, end: QPoint, keys: Keys = NONE, *, drop: bool = True) -> None:
    ruler = stage.view.ruler
    QTest.mousePress(ruler, LEFT, keys, start)
    hold(ruler, end, keys)
    if drop:
        QTest.mouseRelease(ruler, LEFT, keys, end)


def above(seconds: float) -> QPoint:
    return QPoint(round(seconds * 100), 10)


def below(seconds: float) -> QPoint:
    return QPoint(round(seconds * 100), 40)


def loop_of(stage: Stage) -> TickRange | None:
    return stage.project.loop


def marker_of(stage: Stage) -> tuple[Marker, ...]:
    return stage.project.markers


def loop(start: float, end: float) -> TickRange:
    return TickRange(Tick(round(start * BAR)), Tick(round(end * BAR)))


PULLS = {
    "a new loop": (above(7), above(9), NONE, "Set loop", loop_of, loop(3.5, 4.5)),
    "a loop drawn backwards": (above(9), above(7), NONE, "Set loop", loop_of, loop(3.5, 4.5)),
    "its start": (above(2), above(1), NONE, "Set loop", loop_of, loop(0.5, 3)),
    "its end": (above(6), above(8.02), NONE, "Set loop", loop_of, loop(1, 4)),
    "all of it": (above(3), above(5), NONE, "Set loop", loop_of, loop(2, 4)),
    "a marker": (
        *(below(4), below(5), NONE, "Move marker", marker_of),
        (replace(MARKER, at=Tick(5 * BAR // 2)),),
    ),
    "a marker, freely": (
        *(below(4), below(5.02), SHIFT, "Move marker", marker_of),
        (replace(MARKER, at=Tick(5 * BAR // 2 + BAR // 100)),),
    ),
}


@pytest.mark.parametrize("name", PULLS)
def test_what_is_pulled_on_the_ruler_is_one_step_that_undo_takes_back(
    stage: Stage, name: str
) -> None:
    start, end, keys, label, look, seen = PULLS[name]
    before = with_signs(stage)
    pull(stage, start, end, keys)
    assert look(stage) == seen
    assert stage.labels == [label]
    stage.document.undo()
    assert stage.project is before


@pytest.mark.parametrize("name", PULLS)
def test_escape_takes_back_what_is_pulled_on_the_ruler(stage: Stage, name: str) -> None:
    start, end, keys, _, look, seen = PULLS[name]
    before = with_signs(stage)
    pull(stage, start, end, keys, drop=False)
    assert look(stage) == seen, "the pull is shown"
    stage.key(Qt.Key.Key_Escape)
    assert stage.project is before
    QTest.mouseRelease(stage.view.ruler, LEFT, keys, end)
    assert stage.labels == []
    assert stage.located == []


@pytest.mark.parametrize(
    ("at", "keys", "tick"),
    [
        (above(7), NONE, 7 * BAR // 2),
        (above(7.02), NONE, 7 * BAR // 2),
        (above(7.02), SHIFT, 7 * BAR // 2 + BAR // 100),
        (below(8), NONE, 4 * BAR),
        (below(4.05), NONE, 2 * BAR),
        (above(0), NONE, 0),
    ],
)
def test_a_click_on_the_ruler_locates(stage: Stage, at: QPoint, keys: Keys, tick: int) -> None:
    with_signs(stage)
    QTest.mouseClick(stage.view.ruler, LEFT, keys, at)
    assert set(stage.located) == {tick}
    assert stage.labels == []


def test_pulling_below_the_bars_scrubs(stage: Stage) -> None:
    pull(stage, below(7), below(9))
    assert stage.located == [7 * BAR // 2, 9 * BAR // 2]
    assert stage.project.loop is None


def type_name(stage: Stage, text: str, key: Qt.Key) -> None:
    field = stage.view.ruler._name
    field.setText("")
    QTest.keyClicks(field, text)
    QTest.keyClick(field, key)


@pytest.mark.parametrize(
    ("key", "name", "labels"),
    [
        (Qt.Key.Key_Return, "Refrain", ["Add marker", "Rename marker"]),
        (Qt.Key.Key_Escape, "Marker 1", ["Add marker"]),
    ],
)
def test_a_double_click_adds_a_marker_whose_name_can_be_typed_at_once(
    stage: Stage, key: Qt.Key, name: str, labels: list[str]
) -> None:
    QTest.mouseDClick(stage.view.ruler, LEFT, NONE, below(4.02))
    assert stage.view.ruler._name.isVisible()
    type_name(stage, "Refrain", key)
    assert stage.project.markers == (Marker(Tick(2 * BAR), name),)
    assert stage.labels == labels
    assert stage.view.ruler._name.isHidden()


def test_a_double_click_on_a_marker_renames_it(stage: Stage) -> None:
    before = with_signs(stage)
    QTest.mouseDClick(stage.view.ruler, LEFT, NONE, below(4.05))
    type_name(stage, " Bridge ", Qt.Key.Key_Return)
    assert stage.project.markers == (Marker(MARKER.at, "Bridge"),)
    stage.document.undo()
    assert stage.project is before


def test_an_empty_name_is_not_taken(stage: Stage) -> None:
    with_signs(stage)
    QTest.mouseDClick(stage.view.ruler, LEFT, NONE, below(4.05))
    type_name(stage, "  ", Qt.Key.Key_Return)
    assert stage.project.markers == (MARKER,)
    assert stage.labels == []


def actions(stage: Stage, of: str) -> dict[str, Callable[[], object]]:
    menus = stage.view.menus
    menu = {
        "ruler": lambda: menus.of_ruler(Tick(BAR), None),
        "marker": lambda: menus.of_ruler(Tick(BAR), MARKER),
        "track": lambda: menus.of_track(stage.project.tracks[0].track_id),
        "clip": lambda: menus.of_clips(Tick(BAR // 2)),
        "nothing": lambda: menus.of_empty(Tick(4 * BAR)),
    }[of]()
    return {action.text().split("\t")[0]: action.trigger for action in menu.actions()}


LINES = [
    ("marker", "Delete marker", "Delete marker", lambda s: s.project.markers, ()),
    ("ruler", "Remove the loop", "Remove loop", loop_of, None),
    ("track", "Mute", "Mute track", lambda s: s.project.tracks[0].muted, True),
    ("track", "Solo", "Solo track", lambda s: s.project.tracks[0].soloed, True),
    ("track", "Move down", "Move track", lambda s: s.project.tracks[1].name, "Drums"),
    ("track", "Duplicate track", "Duplicate track", lambda s: len(s.project.tracks), 3),
    ("track", "Delete track", "Delete track", lambda s: len(s.project.tracks), 1),
    ("track", "Add a track", "Add track", lambda s: len(s.project.tracks), 3),
    ("clip", "Split here", "Split clip", lambda s: len(s.project.tracks[0].clips), 3),
    ("clip", "Louder", "Change gain of clip", lambda s: s.clip(KICK).gain_db, 1.0),
    ("nothing", "Add a marker here", "Add marker", lambda s: len(s.project.markers), 2),
]


@pytest.mark.parametrize(
    ("of", "line", "label", "look", "seen"), LINES, ids=[f"{of}: {line}" for of, line, *_ in LINES]
)
def test_a_line_of_a_menu_does_what_it_says_and_undo_takes_it_back(
    stage: Stage, of: str, line: str, label: str, look: Callable[[Stage], object], seen: object
) -> None:
    before = with_signs(stage)
    stage.view.editor.select([KICK])
    actions(stage, of)[line]()
    assert stage.labels == [label]
    assert look(stage) == seen
    stage.document.undo()
    assert stage.project is before


@pytest.mark.parametrize("of", ["ruler", "marker", "nothing"])
def test_a_menu_puts_the_playhead_where_it_was_opened(stage: Stage, of: str) -> None:
    with_signs(stage)
    actions(stage, of)["Put the playhead here"]()
    assert stage.located == [4 * BAR if of == "nothing" else BAR]


def test_a_menu_over_another_clip_selects_that_one_and_over_a_selected_one_keeps_all(
    stage: Stage,
) -> None:
    stage.view.editor.select([KICK, SNARE])
    stage.view._show_menu(stage.point(1).toPointF(), QPointF())
    assert stage.view.selected == {KICK, SNARE}
    stage.view._show_menu(stage.point(3, row=1).toPointF(), QPointF())
    assert stage.view.selected == {PAD}
