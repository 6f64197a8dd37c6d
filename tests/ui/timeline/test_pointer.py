"""The pointer in the lanes: move, trim, fade, slip, copy, select, cancel."""

import pytest
from PySide6.QtCore import QPoint, Qt

from acestep_desktop.domain.time import Frame
from tests.ui.timeline.conftest import BAR, KICK, PAD, SECOND, SNARE, Stage

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


def test_dragging_a_clip_moves_it_onto_the_grid(stage: Stage) -> None:
    stage.drag(stage.point(1), stage.point(3.03))
    assert stage.clip(KICK).start == BAR
    assert stage.labels == ["Move clip"]


def test_a_drag_is_one_step_of_undo(stage: Stage) -> None:
    before = stage.project
    stage.drag(stage.point(1), stage.point(5))
    stage.document.undo()
    assert stage.project is before


def test_shift_frees_the_drag_from_the_grid(stage: Stage) -> None:
    stage.drag(stage.point(1), stage.point(1.51), SHIFT)
    assert stage.project.clip_start(stage.clip(KICK)) == pytest.approx(0.51 * SECOND, abs=480)


def test_snapping_can_be_switched_off(stage: Stage) -> None:
    stage.key(Qt.Key.Key_N)
    stage.drag(stage.point(1), stage.point(1.51))
    assert stage.project.clip_start(stage.clip(KICK)) == pytest.approx(0.51 * SECOND, abs=480)


def test_dragging_down_moves_to_the_track_below(stage: Stage) -> None:
    stage.drag(stage.point(1), stage.point(1, row=1))
    assert KICK in [clip.clip_id for clip in stage.project.tracks[1].clips]


def test_a_drag_below_the_last_track_stays_on_it(stage: Stage) -> None:
    stage.drag(stage.point(1), stage.point(1, row=3))
    assert KICK in [clip.clip_id for clip in stage.project.tracks[1].clips]


def test_ctrl_drag_copies_and_selects_the_copy(stage: Stage) -> None:
    stage.drag(stage.point(1), stage.point(9), CTRL)
    clips = stage.project.tracks[0].clips
    assert [clip.start for clip in clips] == [0, 2 * BAR, 4 * BAR]
    assert stage.view.selected == {clips[2].clip_id}
    assert stage.labels == ["Copy clip"]


def test_alt_drag_slips_what_the_clip_shows(stage: Stage) -> None:
    stage.drag(stage.point(4, row=1), stage.point(4.5, row=1), ALT)
    pad = stage.clip(PAD)
    assert (pad.start, pad.length) == (BAR, 4 * SECOND)
    assert pad.offset == pytest.approx(1.5 * SECOND, abs=480)


def test_the_right_edge_trims(stage: Stage) -> None:
    stage.drag(stage.point(5.98, row=1), stage.point(4.98, row=1))
    assert stage.clip(PAD).length == 3 * SECOND
    assert stage.labels == ["Trim clip"]


def test_the_left_edge_trims_and_keeps_the_sound_in_place(stage: Stage) -> None:
    stage.drag(stage.point(2.02, row=1), stage.point(1.02, row=1))
    pad = stage.clip(PAD)
    assert stage.project.clip_start(pad) == SECOND
    assert (pad.offset, pad.length) == (SECOND, 5 * SECOND)


def test_an_edge_cannot_be_pulled_beyond_the_take(stage: Stage) -> None:
    stage.drag(stage.point(1.98), stage.point(6))
    assert stage.clip(KICK).length == 2 * SECOND


def test_the_upper_corners_fade(stage: Stage) -> None:
    stage.drag(stage.point(2.03, 1, 5), stage.point(3.03, 1, 5))
    stage.drag(stage.point(5.97, 1, 5), stage.point(5.47, 1, 5))
    pad = stage.clip(PAD)
    assert pad.fade_in.length == pytest.approx(SECOND, abs=480)
    assert pad.fade_out.length == pytest.approx(0.5 * SECOND, abs=480)
    assert stage.labels == ["Fade in", "Fade out"]


def test_a_fade_is_taken_hold_of_where_it_ends(stage: Stage) -> None:
    stage.drag(stage.point(2.03, 1, 5), stage.point(3.03, 1, 5))
    stage.drag(stage.point(3.0, 1, 5), stage.point(2.2, 1, 5))
    assert stage.clip(PAD).fade_in.length == pytest.approx(0.2 * SECOND, abs=480)


def test_a_click_selects_and_ctrl_click_adds_and_removes(stage: Stage) -> None:
    stage.click(stage.point(1))
    stage.click(stage.point(3, row=1), CTRL)
    assert stage.view.selected == {KICK, PAD}
    stage.click(stage.point(1), CTRL)
    assert stage.view.selected == {PAD}


def test_shift_click_adds(stage: Stage) -> None:
    stage.click(stage.point(1))
    stage.click(stage.point(5), SHIFT)
    assert stage.view.selected == {KICK, SNARE}


def test_a_click_beside_the_clips_clears_and_locates(stage: Stage) -> None:
    stage.click(stage.point(1))
    stage.click(stage.point(8.01))
    assert stage.view.selected == frozenset()
    assert stage.located == [4 * BAR]


def test_a_frame_selects_what_it_touches(stage: Stage) -> None:
    stage.drag(stage.point(8, row=0), stage.point(5, row=1))
    assert stage.view.selected == {SNARE, PAD}


def test_moving_a_group_keeps_its_distances(stage: Stage) -> None:
    stage.click(stage.point(1))
    stage.click(stage.point(5), SHIFT)
    stage.drag(stage.point(1), stage.point(3))
    assert [stage.clip(name).start for name in (KICK, SNARE)] == [BAR, 3 * BAR]
    assert stage.labels == ["Move 2 clips"]


def test_escape_cancels_a_drag(stage: Stage) -> None:
    before = stage.project
    stage.drag(stage.point(1), stage.point(5), drop=False)
    assert stage.project is not before
    stage.key(Qt.Key.Key_Escape)
    assert stage.project is before
    assert not stage.document.history.past


def test_a_press_without_a_move_changes_nothing(stage: Stage) -> None:
    stage.drag(stage.point(1), stage.point(1) + QPoint(1, 1))
    assert not stage.document.history.past


def test_alt_drag_over_nothing_selects_a_range(stage: Stage) -> None:
    stage.drag(stage.point(8), stage.point(6.9), ALT)
    span = stage.view.editor.span
    assert span is not None
    assert (span.start, span.end) == (7 * BAR // 2, 4 * BAR)
    assert stage.view.editor.span_tracks == ("drums",)


def test_overlapping_clips_cross(stage: Stage) -> None:
    stage.drag(stage.point(1), stage.point(4))
    lane = stage.view.viewport.lanes.lanes[0]
    assert lane.crossings == ((Frame(4 * SECOND), Frame(5 * SECOND)),)
