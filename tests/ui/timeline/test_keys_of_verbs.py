"""The timeline by keys alone: every verb, with each of its keys."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from acestep_desktop.domain.clip import ClipId
from acestep_desktop.domain.project import Project, TickRange
from acestep_desktop.domain.song_edits import add_marker, set_loop
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.ui.timeline.inline_name import InlineName
from tests.ui.timeline.conftest import BAR, KICK, PAD, SECOND, SNARE, Stage

Look = Callable[[Stage], object]


@dataclass(frozen=True)
class Case:
    """With `selected` and the playhead at a second, a verb leaves what `look` sees as `seen`."""

    verb: str
    label: str
    look: Look
    seen: object
    selected: tuple[ClipId, ...] = (KICK,)
    before: Callable[[Stage], object] = lambda stage: None


def clips(row: int, field: str) -> Look:
    return lambda stage: [getattr(clip, field) for clip in stage.project.tracks[row].clips]


def of(name: ClipId, *fields: str) -> Look:
    return lambda stage: tuple(getattr(stage.clip(name), field) for field in fields)


def fade_of(name: ClipId, side: str) -> Look:
    return lambda stage: getattr(stage.clip(name), side).length


def rows(stage: Stage) -> list[list[ClipId]]:
    return [[clip.clip_id for clip in track.clips] for track in stage.project.tracks]


def selected(stage: Stage) -> frozenset[str]:
    return stage.view.selected


def can_paste(stage: Stage) -> bool:
    return stage.view.editor.can_paste


def located(stage: Stage) -> list[int]:
    return stage.located


def zoom(stage: Stage) -> float:
    return round(stage.view.viewport.scale.frames_per_pixel, 3)


def overlap(stage: Stage) -> int:
    project = stage.project
    left, right = project.tracks[1].clips
    return project.clip_end(left) - project.clip_start(right)


def halve_the_pad(stage: Stage) -> None:
    stage.view.editor.select([PAD])
    stage.view.editor.split(Tick(2 * BAR))
    stage.view.editor.select([clip.clip_id for clip in stage.project.tracks[1].clips])


def add_tracks(stage: Stage, top: int = 0) -> None:
    for _ in range(10):
        stage.view.verbs[-3].call()
    stage.view.viewport.scroll_to_top(top)


def with_markers(stage: Stage) -> None:
    for bar in (0, 2):
        assert stage.document.apply(
            "Add marker", partial(add_marker, at=Tick(bar * BAR), name=str(bar))
        )


def with_a_loop(stage: Stage) -> None:
    span = TickRange(Tick(BAR), Tick(2 * BAR))
    assert stage.document.apply("Set loop", partial(set_loop, span=span))


def span(stage: Stage) -> tuple[TickRange | None, tuple[str, ...]]:
    return stage.view.editor.span, stage.view.editor.span_tracks


def is_naming(stage: Stage) -> bool:
    return any(name.isVisible() for name in stage.view.canvas.findChildren(InlineName))


def is_scrolled(stage: Stage) -> bool:
    return stage.view.viewport.top > 0


def seen_span(stage: Stage) -> tuple[float, float]:
    """Return which seconds are seen from left to right, without the air around them."""
    view = stage.view.viewport
    first, last = view.scale.origin, view.scale.origin + view.visible_frames
    return round(first / SECOND, 1), round(last / SECOND, 1)


STEP = BAR // 8
"""At 100 pixels a second, the lines of 1/8 notes are 25 pixels apart."""

EDITS = (
    Case("Split at the playhead", "Split clip", clips(0, "length"), [SECOND, SECOND, 2 * SECOND]),
    Case("Duplicate", "Duplicate clip", clips(0, "start"), [0, BAR, 2 * BAR]),
    Case("Cut", "Cut clip", rows, [[SNARE], [PAD]]),
    Case("Delete", "Delete clip", rows, [[SNARE], [PAD]]),
    Case("Delete and close the gap", "Ripple delete clip", clips(0, "start"), [BAR]),
    Case("Mute clip", "Mute clip", of(KICK, "muted"), (True,)),
    Case("Louder", "Change gain of clip", of(KICK, "gain_db"), (1.0,)),
    Case("Softer", "Change gain of clip", of(KICK, "gain_db"), (-1.0,)),
    Case(
        "Begin at the playhead",
        "Trim clip",
        of(KICK, "start", "offset", "length"),
        (BAR // 2, SECOND, SECOND),
    ),
    Case("End at the playhead", "Trim clip", of(KICK, "start", "length"), (0, SECOND)),
    Case("Fade in up to the playhead", "Fade in", fade_of(KICK, "fade_in"), SECOND),
    Case("Fade out from the playhead", "Fade out", fade_of(KICK, "fade_out"), SECOND),
    Case(
        "Loop the selection",
        "Set loop",
        lambda stage: stage.project.loop,
        TickRange(Tick(0), Tick(BAR)),
    ),
    Case("Move left", "Move clip", of(SNARE, "start"), (2 * BAR - STEP,), (SNARE,)),
    Case("Move right", "Move clip", of(SNARE, "start"), (2 * BAR + STEP,), (SNARE,)),
    Case(
        "Move left finely",
        "Move clip",
        lambda stage: stage.project.clip_start(stage.clip(SNARE)),
        4 * SECOND - 480,
        (SNARE,),
    ),
    Case(
        "Move right finely",
        "Move clip",
        lambda stage: stage.project.clip_start(stage.clip(SNARE)),
        4 * SECOND + 480,
        (SNARE,),
    ),
    Case("Slip left", "Slip clip", of(PAD, "start", "offset"), (BAR, 2 * SECOND + 480), (PAD,)),
    Case("Slip right", "Slip clip", of(PAD, "start", "offset"), (BAR, 2 * SECOND - 480), (PAD,)),
    Case("Move to the track above", "Move clip", rows, [[KICK, PAD, SNARE], []], (PAD,)),
    Case("Move to the track below", "Move clip", rows, [[SNARE], [KICK, PAD]]),
    Case("Add a track", "Add track", lambda stage: stage.project.tracks[-1].name, "Track 3"),
    Case("Mute track", "Mute track", lambda stage: stage.project.tracks[0].muted, True),
    Case("Solo track", "Solo track", lambda stage: stage.project.tracks[0].soloed, True),
    Case(
        "Paste at the playhead",
        "Paste clip",
        clips(0, "start"),
        [0, BAR // 2, 2 * BAR],
        before=lambda stage: stage.view.editor.copy(),
    ),
    Case(
        "Add a marker at the playhead",
        "Add marker",
        lambda stage: [marker.at for marker in stage.project.markers],
        [BAR // 2],
    ),
    Case("Crossfade neighbours", "Crossfade 2 clips", overlap, 4_800, before=halve_the_pad),
)

LOOKS = (
    Case("Copy", "", can_paste, True),
    Case("Select all", "", selected, {KICK, SNARE, PAD}),
    Case("Select the clip above", "", selected, {KICK}, (PAD,)),
    Case("Select the clip below", "", selected, {PAD}),
    Case("Move left", "", located, [BAR // 2 - STEP], ()),
    Case("Move right", "", located, [BAR // 2 + STEP], ()),
    Case("Move right finely", "", located, [BAR // 2 + 19_200], ()),
    Case("Go to the start", "", located, [0]),
    Case("Go to the end", "", located, [3 * BAR]),
    Case("Zoom in", "", zoom, round(480 / 2**0.5, 3)),
    Case("Zoom out", "", zoom, round(480 * 2**0.5, 3)),
    Case("Zoom to the selection", "", seen_span, (4.0, 6.0), (SNARE,)),
    Case("Zoom to the selection", "", seen_span, (0.0, 6.2), ()),
    Case("Show everything", "", seen_span, (0.0, 6.2)),
    Case("Snap to the grid", "", lambda stage: stage.view.viewport.snaps, False),
    Case("Rename clip", "", is_naming, True),
    Case("Range tool", "", lambda stage: stage.view.viewport.ranges, True),
    Case("Slip tool", "", lambda stage: stage.view.viewport.slips, True),
    Case("Range of the clips", "", span, (TickRange(Tick(0), Tick(BAR)), ("drums",))),
    Case(
        "Range of the loop",
        "",
        span,
        (TickRange(Tick(BAR), Tick(2 * BAR)), ("drums", "keys")),
        before=with_a_loop,
    ),
    Case("Next marker", "", located, [2 * BAR], before=with_markers),
    Case("Marker before", "", located, [0], before=with_markers),
    Case("Page down", "", is_scrolled, True, before=add_tracks),
    Case("Page up", "", is_scrolled, False, before=partial(add_tracks, top=76)),
)


def press(stage: Stage, key: str) -> None:
    combination = QKeySequence(key)[0]
    QTest.keyClick(stage.view.canvas, combination.key(), combination.keyboardModifiers())


def keys_of(stage: Stage, verb: str) -> tuple[str, ...]:
    return next(found.keys for found in stage.view.verbs if found.name == verb)


def ready(stage: Stage, case: Case) -> None:
    stage.view.show_playhead(SECOND)
    stage.view.editor.select(case.selected)
    case.before(stage)


def fresh(stage: Stage) -> None:
    """Bring everything back to where it was before a key was pressed."""
    stage.view.editor.clear()
    stage.located.clear()
    stage.document.open(stage.document.history.past[0].project if stage.labels else stage.project)


@pytest.mark.parametrize("case", EDITS, ids=lambda case: case.verb)
def test_every_key_of_an_edit_does_it_in_one_step_that_undo_takes_back(
    stage: Stage, case: Case
) -> None:
    for key in keys_of(stage, case.verb):
        ready(stage, case)
        before = stage.document.project
        press(stage, key)
        assert stage.labels[-1] == case.label, key
        assert case.look(stage) == case.seen, key
        stage.document.undo()
        assert stage.document.project is before
        stage.document.redo()
        assert case.look(stage) == case.seen
        fresh(stage)


@pytest.mark.parametrize("case", LOOKS, ids=lambda case: f"{case.verb} {len(case.selected)}")
def test_every_key_that_changes_only_what_is_seen_records_nothing(stage: Stage, case: Case) -> None:
    scale = stage.view.viewport.scale
    for key in keys_of(stage, case.verb):
        ready(stage, case)
        recorded = len(stage.labels)
        press(stage, key)
        assert case.look(stage) == case.seen, key
        assert len(stage.labels) == recorded
        fresh(stage)
        stage.view.viewport.scale = scale


def test_no_verb_is_left_out_of_these_tables(stage: Stage) -> None:
    without_key = {verb.name for verb in stage.view.verbs if not verb.keys}
    tested = {case.verb for case in (*EDITS, *LOOKS)}
    assert {verb.name for verb in stage.view.verbs} == tested | without_key
    assert without_key == {"Remove the loop"}


def test_no_key_has_two_meanings(stage: Stage) -> None:
    keys = [key for verb in stage.view.verbs for key in verb.keys]
    assert len(keys) == len(set(keys))
    assert all(QKeySequence(key).toString() == key for key in keys), "as Qt writes them"


NOT_OF_CLIPS = ("Split at", "Mute track", "Solo track", "Move", "Paste", "Add a")
NEEDS_A_CLIP = [case for case in EDITS if not case.verb.startswith(NOT_OF_CLIPS)]


@pytest.mark.parametrize("case", NEEDS_A_CLIP, ids=lambda case: case.verb)
def test_without_a_selection_a_key_says_what_is_missing(stage: Stage, case: Case) -> None:
    press(stage, keys_of(stage, case.verb)[0])
    assert stage.labels == []
    assert stage.said[-1].startswith("Select a clip first")


@pytest.mark.parametrize(
    ("key", "selected", "sentence"),
    [("S", (KICK,), "nothing to split"), ("F", (KICK,), "two neighbours"), ("F", (), "Select a")],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    stage: Stage, key: str, selected: tuple[ClipId, ...], sentence: str
) -> None:
    before = stage.project
    stage.view.show_playhead(3 * SECOND)
    stage.view.editor.select(selected)
    press(stage, key)
    assert stage.project is before
    assert sentence in stage.said[-1]


def test_tab_walks_over_all_clips_and_leaves_behind_the_last(stage: Stage) -> None:
    walked = []
    for _ in range(3):
        stage.key(Qt.Key.Key_Tab)
        walked.append(*stage.view.selected)
    assert walked == [KICK, SNARE, PAD]
    assert not stage.view.canvas.isHidden()
    back = []
    for _ in range(2):
        stage.key(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
        back.append(*stage.view.selected)
    assert back == [SNARE, KICK]


@pytest.mark.parametrize(("direction", "first"), [(1, KICK), (-1, PAD)])
def test_the_walk_begins_at_the_end_one_comes_from(
    stage: Stage, direction: int, first: ClipId
) -> None:
    key = Qt.Key.Key_Tab if direction > 0 else Qt.Key.Key_Backtab
    stage.key(key)
    assert stage.view.selected == {first}


def test_a_clip_that_is_walked_to_is_scrolled_into_sight(stage: Stage) -> None:
    stage.view.viewport.zoom(24, 0)
    stage.view.editor.select([KICK])
    stage.key(Qt.Key.Key_Tab)
    view = stage.view.viewport
    assert 0 <= view.scale.x_of_frame(4 * SECOND) < view.width


def test_what_is_pasted_twice_lies_one_behind_the_other(stage: Stage) -> None:
    stage.view.editor.select([KICK])
    stage.view.show_playhead(8 * SECOND)
    press(stage, "Ctrl+C")
    press(stage, "Ctrl+V")
    press(stage, "Ctrl+V")
    assert clips(0, "start")(stage) == [0, 2 * BAR, 4 * BAR, 5 * BAR]
    stage.view.show_playhead(20 * SECOND)
    press(stage, "Ctrl+V")
    assert clips(0, "start")(stage)[-1] == 10 * BAR


def test_what_was_copied_is_not_put_into_another_project(stage: Stage) -> None:
    stage.view.editor.select([KICK])
    press(stage, "Ctrl+C")
    stage.document.open(Project())
    press(stage, "Ctrl+T")
    press(stage, "Ctrl+V")
    assert rows(stage) == [[]]
    assert "another project" in stage.said[-1]


def test_the_loop_is_taken_away_again(stage: Stage) -> None:
    stage.view.editor.select([PAD])
    press(stage, "Ctrl+L")
    next(verb for verb in stage.view.verbs if verb.name == "Remove the loop").call()
    assert stage.project.loop is None
    assert stage.labels == ["Set loop", "Remove loop"]


def test_letters_typed_into_a_name_are_no_verbs(stage: Stage) -> None:
    stage.view.editor.select([KICK])
    stage.view.show_playhead(SECOND)
    header = stage.view.headers.headers[0]
    header.edit_name()
    field = header.findChildren(QLineEdit)[0]
    QTest.keyClicks(field, "sms0")
    assert field.text() == "sms0"
    assert stage.labels == []


@pytest.mark.parametrize(
    ("selected", "spoken"),
    [
        ((), "3 clips on 2 tracks, none selected"),
        ((KICK,), "Kick, track Drums, from 1.1.000 to 2.1.000"),
        ((KICK, PAD), "2 clips selected, from 1.1.000 to 4.1.000"),
    ],
)
def test_a_screen_reader_hears_what_is_selected(
    stage: Stage, selected: tuple[ClipId, ...], spoken: str
) -> None:
    stage.view.editor.select(selected)
    assert stage.view.spoken() == spoken
    if selected:
        assert stage.view.canvas.accessibleDescription() == spoken


def test_deleting_what_is_selected_selects_nothing(stage: Stage) -> None:
    stage.view.editor.select([KICK, PAD])
    press(stage, "Del")
    assert stage.view.selected == frozenset()
    assert rows(stage) == [[SNARE], []]
    assert stage.project.tracks[0].clips[0].length == Frame(2 * SECOND)
