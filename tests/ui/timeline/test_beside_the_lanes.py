"""What stands beside the lanes: headers of tracks, the overview, scroll bars and the wheel."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QStyle, QStyleOptionSlider, QWidget

from acestep_desktop.domain.edits import change_track
from acestep_desktop.domain.project import Track
from acestep_desktop.domain.time import Tick
from acestep_desktop.ui.timeline.headers import (
    Slider,
    TrackHeader,
    decibels,
    meter_fraction,
    panned,
)
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT
from tests.ui.timeline.conftest import BAR, KICK, PAD, SECOND, Stage

LEFT = Qt.MouseButton.LeftButton
Keys = Qt.KeyboardModifier


def header(stage: Stage, row: int = 0) -> TrackHeader:
    return stage.view.headers.headers[row]


def part(stage: Stage, name: str, row: int = 0) -> QWidget:
    """Return the control that a screen reader calls by this name."""
    kinds = (QPushButton, Slider, QLineEdit)
    controls = [control for kind in kinds for control in header(stage, row).findChildren(kind)]
    return next(control for control in controls if control.accessibleName() == name)


def drums(stage: Stage) -> Track:
    return stage.project.tracks[0]


@pytest.mark.parametrize(
    ("button", "field", "labels"),
    [
        ("Mute Drums", "muted", ["Mute track", "Unmute track"]),
        ("Solo Drums", "soloed", ["Solo track", "Unsolo track"]),
    ],
)
def test_a_switch_of_a_track_is_an_edit_that_undo_takes_back(
    stage: Stage, button: str, field: str, labels: list[str]
) -> None:
    before = stage.project
    control = part(stage, button)
    QTest.mouseClick(control, LEFT)
    assert getattr(drums(stage), field)
    QTest.keyClick(control, Qt.Key.Key_Space)
    assert not getattr(drums(stage), field)
    assert stage.labels == labels
    stage.document.undo()
    assert control.isChecked()
    stage.document.undo()
    assert not control.isChecked()
    assert stage.project is before


@pytest.mark.parametrize(
    ("name", "position", "field", "value", "label"),
    [
        ("Gain of Drums", -12, "gain_db", -6.0, "Change gain of track"),
        ("Gain of Drums", 24, "gain_db", 12.0, "Change gain of track"),
        ("Gain of Drums", -120, "gain_db", -120.0, "Change gain of track"),
        ("Pan of Drums", -30, "pan", -0.3, "Pan track"),
        ("Pan of Drums", 100, "pan", 1.0, "Pan track"),
    ],
)
def test_pulling_a_fader_is_heard_on_the_way_and_is_one_step_at_the_end(
    stage: Stage, name: str, position: int, field: str, value: float, label: str
) -> None:
    before = stage.project
    slider = part(stage, name)
    slider.setSliderDown(True)
    for place in (position // 2, position):
        slider.setValue(place)
    assert getattr(drums(stage), field) == value
    assert stage.labels == []
    slider.setSliderDown(False)
    assert getattr(drums(stage), field) == value
    assert stage.labels == [label]
    stage.document.undo()
    assert stage.project is before
    assert slider.value() == 0


@pytest.mark.parametrize("name", ["Gain of Drums", "Pan of Drums"])
def test_esc_gives_a_held_fader_up(stage: Stage, name: str) -> None:
    before, slider = stage.project, part(stage, name)
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    grip = QStyle.SubControl.SC_SliderHandle
    handle = slider.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, grip, slider)
    QTest.mousePress(slider, LEFT, pos=handle.center())
    QTest.mouseMove(slider, slider.rect().topLeft())
    assert slider.isSliderDown() and stage.project is not before

    QTest.keyClick(slider, Qt.Key.Key_Escape)
    assert stage.project is before
    QTest.mouseMove(slider, slider.rect().center())
    QTest.mouseRelease(slider, LEFT, pos=slider.rect().center())

    assert (stage.project, stage.labels, slider.value()) == (before, [], 0)


@pytest.mark.parametrize("name", ["Gain of Drums", "Pan of Drums"])
def test_a_fader_goes_by_keys_one_step_each(stage: Stage, name: str) -> None:
    slider = part(stage, name)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert len(stage.labels) == 2
    assert slider.value() == 2 * slider.singleStep()


@pytest.mark.parametrize(
    ("name", "field", "moved", "label"),
    [
        ("Gain of Drums", "gain_db", -20.0, "Reset gain of track"),
        ("Pan of Drums", "pan", 0.5, "Reset pan of track"),
    ],
)
def test_a_double_click_puts_a_fader_back(
    stage: Stage, name: str, field: str, moved: float, label: str
) -> None:
    move = partial(
        change_track,
        track_id=drums(stage).track_id,
        change=lambda track: replace(track, **{field: moved}),
    )
    stage.document.apply("Moved", move)
    QTest.mouseDClick(part(stage, name), LEFT)
    assert getattr(drums(stage), field) == 0.0
    assert stage.labels == ["Moved", label]


def test_the_wheel_over_a_fader_scrolls_and_does_not_turn_it(stage: Stage) -> None:
    slider = part(stage, "Gain of Drums")
    event = wheel(slider, -120)
    slider.wheelEvent(event)
    assert not event.isAccepted()
    assert stage.labels == []


@pytest.mark.parametrize(
    ("typed", "name", "labels"),
    [
        ("Kit", "Kit", ["Rename track"]),
        ("  Kit  ", "Kit", ["Rename track"]),
        ("", "Drums", []),
        ("Drums", "Drums", []),
        ("x" * 300, "x" * 200, ["Rename track"]),
    ],
)
def test_a_track_has_the_name_that_is_typed(
    stage: Stage, typed: str, name: str, labels: list[str]
) -> None:
    field = part(stage, "Name of track Drums")
    header(stage).edit_name()
    field.setText(typed)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert drums(stage).name == name
    assert stage.labels == labels


def test_a_name_that_is_being_typed_is_not_overwritten_by_an_edit(stage: Stage) -> None:
    stage.view.activateWindow()
    field = part(stage, "Name of track Drums")
    header(stage).edit_name()
    field.setText("Half ty")
    header(stage).show_track(replace(drums(stage), muted=True))
    assert field.hasFocus()
    assert field.text() == "Half ty"


def test_every_control_of_a_track_can_be_named_and_reached(stage: Stage) -> None:
    kinds = (QPushButton, Slider, QLineEdit)
    controls = [control for kind in kinds for control in header(stage).findChildren(kind)]
    assert len(controls) == 5
    for control in controls:
        assert "Drums" in control.accessibleName()
        assert control.toolTip()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_an_edit_of_the_clips_keeps_what_a_held_fader_shows_apart_from_them(stage: Stage) -> None:
    slider = part(stage, "Gain of Drums")
    slider.setSliderDown(True)
    slider.setValue(-12)
    slider.setSliderDown(False)
    stage.view.editor.select([KICK])
    stage.view.editor.delete()
    assert drums(stage).gain_db == -6.0
    assert len(drums(stage).clips) == 1


def test_a_few_headers_serve_many_tracks(stage: Stage) -> None:
    for _ in range(40):
        stage.view.verbs[-3].call()
    view = stage.view.viewport
    made = len(stage.view.headers._headers)
    assert made <= view.height // ROW_HEIGHT + 2
    for top in (0, 500, 1_111, view.most_top):
        view.scroll_to_top(top)
        names = {h.y(): h.track.name for h in stage.view.headers.headers}
        for row, track in enumerate(stage.project.tracks):
            y = row * ROW_HEIGHT - top
            if -ROW_HEIGHT < y < view.height:
                assert names[y] == track.name
    assert len(stage.view.headers._headers) == made


def on_screen(stage: Stage, part: QWidget) -> QImage:
    """Return what a person sees of a part of the window, not what it would paint anew."""
    QTest.qWait(50)
    picture = stage.view.screen().grabWindow(stage.view.winId()).toImage()
    return picture.copy(part.geometry())


def test_headers_that_were_scrolled_look_as_if_painted_anew(stage: Stage) -> None:
    for _ in range(40):
        stage.view.verbs[-3].call()
    view, headers = stage.view.viewport, stage.view.headers
    for top in (0, 7, 300, 290, 1_111, view.most_top, 0):
        view.scroll_to_top(top)
        scrolled = on_screen(stage, headers)
        headers.repaint()
        assert on_screen(stage, headers) == scrolled
    view.scroll_to_top(7)
    assert on_screen(stage, headers) != scrolled


def test_the_overview_after_edits_is_that_of_the_song_as_it_is(stage: Stage) -> None:
    minimap, editor = stage.view.minimap, stage.view.editor

    def drawn() -> QImage:
        return minimap._song().toImage()

    for _ in range(30):
        stage.view.verbs[-3].call()
    pictures = [drawn()]
    editor.select([KICK])
    for act in (partial(editor.nudge, Tick(BAR), lanes=7), editor.delete, stage.document.undo):
        act()
        pictures.append(drawn())
        minimap._forget()
        assert drawn() == pictures[-1]
    assert pictures[0] != pictures[1] != pictures[2] != pictures[3] == pictures[1]


class Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


@pytest.mark.parametrize("part", ["ruler", "minimap"])
def test_what_shows_time_alone_rests_while_lanes_scroll_up_and_down(
    stage: Stage, part: str
) -> None:
    for _ in range(40):
        stage.view.verbs[-3].call()
    QTest.qWait(50)
    painted = Paints(getattr(stage.view, part))
    stage.view.viewport.scroll_to_top(100)
    QTest.qWait(50)
    assert not painted.count
    stage.view.viewport.zoom(1, 100)
    QTest.qWait(50)
    assert painted.count


@pytest.mark.parametrize(
    ("gain_db", "shown"), [(0.0, "0.0 dB"), (-6.0, "-6.0 dB"), (3.5, "+3.5 dB"), (-120.0, "off")]
)
def test_a_gain_is_written_as_on_a_desk(gain_db: float, shown: str) -> None:
    assert decibels(gain_db) == shown


@pytest.mark.parametrize(
    ("pan", "shown"), [(0.0, "centre"), (0.004, "centre"), (-0.3, "30 left"), (1.0, "100 right")]
)
def test_a_pan_is_written_in_words(pan: float, shown: str) -> None:
    assert panned(pan) == shown


@given(st.floats(0, 8), st.floats(0, 8))
def test_a_louder_track_never_has_a_shorter_meter(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= meter_fraction(low) <= meter_fraction(high) <= 1


@pytest.mark.parametrize(("level", "full"), [(1.0, 1.0), (0.001, 0.0), (0.0, 0.0), (0.0316, 0.5)])
def test_a_meter_covers_sixty_decibels(level: float, full: float) -> None:
    assert meter_fraction(level) == pytest.approx(full, abs=0.01)


def wheel(widget: QWidget, turned: int, keys: Keys = Keys.NoModifier, x: int = 100) -> QWheelEvent:
    at = QPointF(x, 10)
    return QWheelEvent(
        at,
        QPointF(widget.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, turned),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )


@pytest.mark.parametrize("place", ["canvas", "ruler"])
@pytest.mark.parametrize("turned", [120, -120])
def test_the_wheel_zooms_around_the_pointer(stage: Stage, place: str, turned: int) -> None:
    widget = getattr(stage.view, place)
    view = stage.view.viewport
    view.scroll_to(4 * SECOND)
    fixed = view.scale.frame_at(300)
    keys = Keys.ControlModifier if place == "canvas" else Keys.NoModifier
    widget.wheelEvent(wheel(widget, turned, keys, 300))
    assert view.scale.frames_per_pixel == pytest.approx(480 * 2 ** (-turned / 480))
    assert view.scale.x_of_frame(fixed) == pytest.approx(300, abs=0.01)


@pytest.mark.parametrize("place", ["canvas", "ruler"])
def test_the_wheel_with_shift_scrolls_through_time(stage: Stage, place: str) -> None:
    widget = getattr(stage.view, place)
    widget.wheelEvent(wheel(widget, -120, Keys.ShiftModifier))
    assert stage.view.viewport.scale.origin == 60 * 480
    widget.wheelEvent(wheel(widget, 240, Keys.ShiftModifier))
    assert stage.view.viewport.scale.origin == 0


@pytest.mark.parametrize("place", ["canvas", "headers"])
def test_the_wheel_scrolls_through_the_tracks(stage: Stage, place: str) -> None:
    for _ in range(10):
        stage.view.verbs[-3].call()
    widget = getattr(stage.view, place)
    widget.wheelEvent(wheel(widget, -120))
    assert stage.view.viewport.top == 60
    widget.wheelEvent(wheel(widget, 1_200))
    assert stage.view.viewport.top == 0


def test_pressing_on_the_overview_brings_that_place_into_the_middle(stage: Stage) -> None:
    view, minimap = stage.view.viewport, stage.view.minimap
    QTest.mouseClick(minimap, LEFT, pos=QPoint(minimap.width() // 2, 10))
    middle = view.scale.origin + view.visible_frames / 2
    assert middle == pytest.approx(minimap._end / 2, rel=0.01)


def test_pressing_at_the_left_end_of_the_overview_goes_to_the_start(stage: Stage) -> None:
    stage.view.viewport.scroll_to(30 * SECOND)
    QTest.mouseClick(stage.view.minimap, LEFT, pos=QPoint(1, 10))
    assert stage.view.viewport.scale.origin == 0


def test_a_double_click_on_the_overview_shows_everything(stage: Stage) -> None:
    QTest.mouseDClick(stage.view.minimap, LEFT, pos=QPoint(5, 10))
    view = stage.view.viewport
    assert view.scale.origin == 0
    assert view.visible_frames == pytest.approx(6 * SECOND * 1.04, rel=0.01)


def test_the_scroll_bar_and_what_is_seen_agree_both_ways(stage: Stage) -> None:
    bar, view = stage.view._across, stage.view.viewport
    view.scroll_to(12 * SECOND)
    assert bar.value() == 12 * SECOND // 1_000
    bar.setValue(3 * SECOND // 1_000)
    assert view.scale.origin == 3 * SECOND
    view.scroll_to(1_234_567)
    assert view.scale.origin == 1_234_567, "the bar's rounding moves nothing"


@pytest.mark.parametrize(
    ("follows", "rolling", "turned"),
    [(True, True, True), (False, True, False), (True, False, False)],
)
def test_the_page_turns_with_a_rolling_playhead_that_is_followed(
    stage: Stage, follows: bool, rolling: bool, turned: bool
) -> None:
    stage.view._follow.setChecked(follows)
    view = stage.view.viewport
    stage.view.show_playhead(round(view.visible_frames * 0.9), rolling)
    assert view.scale.origin == 0
    stage.view.show_playhead(round(view.visible_frames * 0.97), rolling)
    assert (view.scale.origin > 0) is turned
    if turned:
        assert 0 <= view.scale.x_of_frame(view.playhead) < view.width * 0.1


def test_no_page_turns_under_a_clip_that_is_being_dragged(stage: Stage) -> None:
    stage.drag(stage.point(3, row=1), stage.point(4, row=1), drop=False)
    stage.view.show_playhead(50 * SECOND, rolling=True)
    assert stage.view.viewport.scale.origin == 0
    stage.key(Qt.Key.Key_Escape)
    assert stage.clip(PAD).start == BAR


def test_the_snap_button_and_its_key_are_one_switch(stage: Stage) -> None:
    button = stage.view._snap
    stage.key(Qt.Key.Key_N)
    assert not button.isChecked()
    QTest.mouseClick(button, LEFT)
    assert button.isChecked()
    assert stage.view.viewport.snaps


def test_the_add_button_adds_a_track_at_the_bottom(stage: Stage) -> None:
    QTest.mouseClick(stage.view._add, LEFT)
    assert [track.name for track in stage.project.tracks] == ["Drums", "Keys", "Track 3"]
    assert stage.labels == ["Add track"]


@pytest.mark.parametrize(
    ("second", "rolling", "levels"),
    [(1, True, [0.5, 0.0]), (5, True, [0.5, 0.5]), (9, True, [0.0, 0.0]), (1, False, [0.0, 0.0])],
)
def test_meters_show_what_the_playhead_passes_while_it_rolls(
    stage: Stage, second: int, rolling: bool, levels: list[float]
) -> None:
    stage.view._waveforms = Steady()
    stage.view.show_playhead(second * SECOND)
    stage.view.show_levels(rolling)
    assert [header(stage, row)._level for row in (0, 1)] == levels


class Steady:
    """Waveforms of takes that are all a steady tone at half of full scale."""

    def extremes(self, take_id: str, first: float, step: float, columns: int) -> np.ndarray:
        return np.repeat(np.float32([[-0.5], [0.5]]), columns, axis=1)
