"""The timeline by keyboard alone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from acestep_desktop.domain.time import Frame
from tests.ui.timeline.conftest import BAR, KICK, PAD, SECOND, SNARE, Stage

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key


def at(stage: Stage, seconds: float) -> None:
    stage.view.show_playhead(Frame(round(seconds * SECOND)))


def select(stage: Stage, *names: str) -> None:
    stage.view.editor.select(names)


def starts(stage: Stage, row: int = 0) -> list[int]:
    return [clip.start for clip in stage.project.tracks[row].clips]


def test_tab_walks_from_clip_to_clip_and_then_on(stage: Stage) -> None:
    seen = []
    for _ in range(3):
        stage.key(Key.Key_Tab)
        seen.append(stage.view.selected)
    assert seen == [{KICK}, {SNARE}, {PAD}]
    stage.key(Key.Key_Backtab, SHIFT)
    assert stage.view.selected == {SNARE}
    assert not stage.view._verbs.select_next(2)


def test_up_and_down_go_to_the_clip_that_is_nearest_in_time(stage: Stage) -> None:
    select(stage, SNARE)
    stage.key(Key.Key_Down)
    assert stage.view.selected == {PAD}
    stage.key(Key.Key_Up)
    assert stage.view.selected == {KICK}


@pytest.mark.parametrize(
    ("key", "keys", "start"),
    [
        (Key.Key_Right, NONE, 2 * BAR + BAR // 16),
        (Key.Key_Left, NONE, 2 * BAR - BAR // 16),
        (Key.Key_Right, ALT, 2 * BAR + BAR // 200),
        (Key.Key_Left, ALT, 2 * BAR - BAR // 200),
    ],
)
def test_arrows_nudge_by_the_grid_and_with_alt_by_a_pixel(
    stage: Stage, key: Qt.Key, keys: Qt.KeyboardModifier, start: int
) -> None:
    assert stage.view.viewport.grid.step <= BAR // 4
    step = stage.view.viewport.grid.step
    expected = start if keys == ALT else 2 * BAR + (step if start > 2 * BAR else -step)
    select(stage, SNARE)
    stage.key(key, keys)
    assert stage.clip(SNARE).start == expected


def test_without_a_selection_arrows_move_the_playhead(stage: Stage) -> None:
    at(stage, 2)
    stage.key(Key.Key_Right)
    assert stage.located == [BAR + stage.view.viewport.grid.step]


def test_ctrl_down_moves_to_the_track_below(stage: Stage) -> None:
    select(stage, KICK)
    stage.key(Key.Key_Down, CTRL)
    assert KICK in [clip.clip_id for clip in stage.project.tracks[1].clips]


def test_s_splits_at_the_playhead(stage: Stage) -> None:
    at(stage, 5)
    stage.key(Key.Key_S)
    assert starts(stage) == [0, 2 * BAR, 5 * BAR // 2]
    assert starts(stage, 1) == [BAR, 5 * BAR // 2]
    assert stage.labels == ["Split clip"]


def test_a_split_where_nothing_lies_is_said(stage: Stage) -> None:
    at(stage, 9)
    stage.key(Key.Key_S)
    assert not stage.labels
    assert "nothing to split" in stage.said[0]


def test_ctrl_d_duplicates_behind_the_selection(stage: Stage) -> None:
    select(stage, KICK)
    stage.key(Key.Key_D, CTRL)
    stage.key(Key.Key_D, CTRL)
    assert starts(stage) == [0, BAR, 2 * BAR, 2 * BAR]


def test_cut_and_paste_go_to_the_playhead_and_then_on(stage: Stage) -> None:
    select(stage, KICK)
    stage.key(Key.Key_X, CTRL)
    at(stage, 8)
    stage.key(Key.Key_V, CTRL)
    stage.key(Key.Key_V, CTRL)
    assert starts(stage) == [2 * BAR, 4 * BAR, 5 * BAR]
    assert stage.labels == ["Cut clip", "Paste clip", "Paste clip"]


def test_delete_leaves_a_gap_and_ripple_delete_closes_it(stage: Stage) -> None:
    select(stage, KICK)
    stage.key(Key.Key_Delete)
    assert starts(stage) == [2 * BAR]
    stage.document.undo()
    select(stage, KICK)
    stage.key(Key.Key_Delete, CTRL | SHIFT)
    assert starts(stage) == [BAR]


def test_nothing_selected_is_said(stage: Stage) -> None:
    stage.key(Key.Key_Delete)
    assert stage.said
    assert not stage.labels


def test_0_mutes_and_plus_and_minus_change_the_gain(stage: Stage) -> None:
    select(stage, KICK)
    stage.key(Key.Key_0)
    stage.key(Key.Key_Plus)
    stage.key(Key.Key_Plus)
    stage.key(Key.Key_Minus)
    kick = stage.clip(KICK)
    assert (kick.muted, kick.gain_db) == (True, 1.0)


def test_brackets_trim_and_fade_at_the_playhead(stage: Stage) -> None:
    select(stage, PAD)
    at(stage, 3)
    stage.key(Key.Key_BracketLeft)
    at(stage, 5)
    stage.key(Key.Key_BracketRight)
    at(stage, 3.5)
    stage.key(Key.Key_BracketLeft, CTRL)
    stage.key(Key.Key_BracketRight, CTRL)
    pad = stage.clip(PAD)
    assert (stage.project.clip_start(pad), pad.length) == (3 * SECOND, 2 * SECOND)
    assert (pad.fade_in.length, pad.fade_out.length) == (SECOND // 2, 3 * SECOND // 2)


def test_ctrl_a_selects_everything_and_escape_nothing(stage: Stage) -> None:
    stage.key(Key.Key_A, CTRL)
    assert stage.view.selected == {KICK, SNARE, PAD}
    stage.key(Key.Key_Escape)
    assert stage.view.selected == frozenset()


def test_z_shows_the_selection_and_shift_z_everything(stage: Stage) -> None:
    view = stage.view.viewport
    select(stage, SNARE)
    stage.key(Key.Key_Z)
    assert view.scale.x_of_tick(2 * BAR) == pytest.approx(0.02 * view.width / 1.04, abs=2)
    stage.key(Key.Key_Z, SHIFT)
    assert view.scale.x_of_frame(0) >= 0
    assert view.scale.x_of_frame(6 * SECOND) <= view.width


def test_m_and_shift_s_act_on_the_track_of_the_selection(stage: Stage) -> None:
    select(stage, PAD)
    stage.key(Key.Key_M)
    stage.key(Key.Key_S, SHIFT)
    keys = stage.project.tracks[1]
    assert (keys.muted, keys.soloed) == (True, True)


def test_what_is_selected_is_spoken(stage: Stage) -> None:
    assert stage.view.spoken() == "3 clips on 2 tracks, none selected"
    select(stage, PAD)
    assert stage.view.canvas.accessibleDescription() == ("Pad, track Keys, from 2.1.000 to 4.1.000")
    stage.key(Key.Key_A, CTRL)
    assert stage.view.spoken().startswith("3 clips selected")


def test_what_was_undone_is_pasted_at_the_playhead_again(stage: Stage) -> None:
    select(stage, KICK)
    stage.key(Key.Key_C, CTRL)
    at(stage, 8)
    stage.key(Key.Key_V, CTRL)
    stage.document.undo()
    stage.key(Key.Key_V, CTRL)
    assert starts(stage) == [0, 2 * BAR, 4 * BAR]


def test_something_else_is_pasted_at_the_playhead_again(stage: Stage) -> None:
    select(stage, KICK)
    stage.key(Key.Key_C, CTRL)
    at(stage, 8)
    stage.key(Key.Key_V, CTRL)
    select(stage, PAD)
    stage.key(Key.Key_C, CTRL)
    stage.key(Key.Key_V, CTRL)
    assert starts(stage, 1) == [BAR, 4 * BAR]


def test_end_shows_the_playhead_behind_the_last_clip(stage: Stage) -> None:
    view = stage.view.viewport
    view.show_span(0, SECOND)
    stage.key(Key.Key_End)
    assert stage.located == [3 * BAR]
    assert 0 <= view.scale.x_of_tick(3 * BAR) < view.width


@pytest.mark.parametrize("by", ["key", "button"])
def test_with_the_slip_tool_a_drag_slips_what_a_clip_shows(stage: Stage, by: str) -> None:
    button = next(b for b in stage.view.findChildren(QPushButton) if b.text() == "Slip")
    if by == "key":
        stage.key(Key.Key_Y)
    else:
        button.click()
    assert button.isChecked()
    before = stage.clip(PAD)
    stage.drag(stage.point(3, row=1), stage.point(3.5, row=1))
    after = stage.clip(PAD)
    assert (after.start, after.length) == (before.start, before.length)
    assert before.offset - after.offset == SECOND // 2
    assert stage.labels == ["Slip clip"]


def test_one_tool_is_held_at_a_time(stage: Stage) -> None:
    view = stage.view.viewport
    stage.key(Key.Key_Y)
    stage.key(Key.Key_T)
    assert (view.ranges, view.slips) == (True, False)
    stage.key(Key.Key_Y)
    assert (view.ranges, view.slips) == (False, True)
    stage.key(Key.Key_Y)
    assert (view.ranges, view.slips) == (False, False)


def test_the_menu_of_a_track_promises_no_key_of_another(stage: Stage) -> None:
    menu = stage.view.menus.of_track(stage.project.tracks[1].track_id)
    titles = [action.text() for action in menu.actions()]
    assert {"Mute", "Solo"} <= set(titles)
