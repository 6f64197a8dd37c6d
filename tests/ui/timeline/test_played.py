"""Somebody plays with the timeline at random: drags, keys, undo and redo, in any order."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from PySide6.QtCore import QPointF, Qt

from acestep_desktop.domain.clip import Clip, ClipId
from acestep_desktop.domain.project import Project
from acestep_desktop.domain.time import Tick
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.ui.timeline.editor import TimelineEditor
from acestep_desktop.ui.timeline.hits import Part
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT, Lanes
from acestep_desktop.ui.timeline.pointer import LanePointer
from acestep_desktop.ui.timeline.viewport import Viewport
from tests.ui.timeline.conftest import song

NO_KEY = Qt.KeyboardModifier.NoModifier
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
CHOICES = st.integers(0, 30)
SECONDS = st.floats(0, 14)
MOST_CLIPS = 14


class TimelinePlayer(RuleBasedStateMachine):
    """Keeps every project that was recorded, to find each again by undo and redo."""

    def __init__(self) -> None:
        super().__init__()
        self.document = DocumentSession(song())
        self.view = Viewport(self.document.project)
        self.view.scale = replace(self.view.scale, frames_per_pixel=480.0)
        self.document.project_changed.connect(self.view.show_project)
        self.editor = TimelineEditor(self.document)
        self.pointer = LanePointer(self.view, self.editor)
        self.recorded: list[Project] = [self.document.project]
        self.at = 0

    @property
    def clips(self) -> list[tuple[int, Clip]]:
        tracks = self.document.project.tracks
        return [(row, clip) for row, track in enumerate(tracks) for clip in track.clips]

    def chosen(self, choice: int) -> tuple[int, Clip]:
        return self.clips[choice % len(self.clips)]

    def drag(
        self, grip: QPointF, to: QPointF, keys: Qt.KeyboardModifier, *, drop: bool = True
    ) -> None:
        self.pointer.press(grip, keys)
        self.pointer.move((grip + to) / 2, keys)
        self.pointer.move(to, keys)
        if drop:
            shown = self.document.project
            self.pointer.release(to, keys)
            assert self.document.project == shown, "what is dropped is what was shown"
        self.record()

    def grip(self, row: int, clip: Clip, part: Part) -> QPointF:
        """Return a point of a clip's part; where another clip lies over it, that one is hit."""
        project, scale = self.document.project, self.view.scale
        left = scale.x_of_frame(project.clip_start(clip))
        right = scale.x_of_frame(project.clip_end(clip))
        x = {Part.LEFT: left + 0.01, Part.RIGHT: right - 0.01}.get(part, (left + right) / 2)
        if part is Part.FADE_IN:
            x = left + (clip.fade_in.length - clip.fade_in.begun) / 480.0
        if part is Part.FADE_OUT:
            x = right - (clip.fade_out.length - clip.fade_out.begun) / 480.0 - 0.01
        y = 4 if part in (Part.FADE_IN, Part.FADE_OUT) else ROW_HEIGHT - 10
        return QPointF(x, row * ROW_HEIGHT + y)

    def held(self, choice: int, part: Part) -> tuple[QPointF, Clip] | None:
        """Return where a clip's part is, and the clip; None where another one lies over it."""
        row, clip = self.chosen(choice)
        grip = self.grip(row, clip, part)
        hit = self.pointer.hit(grip)
        whole = hit is not None and hit.span.clip is clip and hit.part is part
        return (grip, clip) if whole else None

    def point(self, seconds: float, row: int) -> QPointF:
        return QPointF(seconds * 100, row * ROW_HEIGHT + 40)

    def record(self) -> None:
        present = self.document.history.present
        if present is not self.recorded[self.at]:
            del self.recorded[self.at + 1 :]
            self.recorded.append(present)
            self.at += 1

    @precondition(lambda self: self.clips)
    @rule(choice=CHOICES, to=SECONDS, row=st.integers(-1, 3), free=st.booleans())
    def move(self, choice: int, to: float, row: int, free: bool) -> None:
        before = self.sounds()
        if held := self.held(choice, Part.BODY):
            self.drag(held[0], self.point(to, row), SHIFT if free else NO_KEY)
        assert self.sounds() == before, "moving changes where clips lie, and nothing else"

    @precondition(lambda self: 0 < len(self.clips) < MOST_CLIPS)
    @rule(choice=CHOICES, to=SECONDS, row=st.integers(0, 2))
    def copy_by_dragging(self, choice: int, to: float, row: int) -> None:
        before = self.by_id()
        if held := self.held(choice, Part.BODY):
            self.drag(held[0], self.point(to, row), CTRL)
        assert before.items() <= self.by_id().items(), "the originals stay as they were"

    @precondition(lambda self: self.clips)
    @rule(choice=CHOICES, by=st.floats(-5, 5))
    def slip(self, choice: int, by: float) -> None:
        before = self.by_id()
        if held := self.held(choice, Part.BODY):
            self.drag(held[0], held[0] + QPointF(by * 100, 0), ALT)
        for name, after in self.by_id().items():
            assert replace(after, offset=before[name].offset) == before[name]

    @precondition(lambda self: self.clips)
    @rule(
        choice=CHOICES,
        part=st.sampled_from([Part.LEFT, Part.RIGHT]),
        to=SECONDS,
        free=st.booleans(),
    )
    def trim(self, choice: int, part: Part, to: float, free: bool) -> None:
        before = {name: self.where_its_take_begins(clip) for name, clip in self.by_id().items()}
        if held := self.held(choice, part):
            self.drag(held[0], self.point(to, 0), SHIFT if free else NO_KEY)
        for name, after in self.by_id().items():
            assert self.where_its_take_begins(after) == before[name], "the sound stays in place"

    @precondition(lambda self: self.clips)
    @rule(choice=CHOICES, part=st.sampled_from([Part.FADE_IN, Part.FADE_OUT]), to=SECONDS)
    def fade(self, choice: int, part: Part, to: float) -> None:
        before = self.by_id()
        if held := self.held(choice, part):
            self.drag(held[0], QPointF(to * 100, held[0].y()), NO_KEY)
            after = self.by_id()[held[1].clip_id]
            mine, other = (after.fade_in, after.fade_out)[:: 1 if part is Part.FADE_IN else -1]
            room = after.length - (other.length - other.begun)
            changed = after != held[1]
            assert not changed or mine.length <= max(0, room), "fades leave room for each other"
            after = replace(after, fade_in=held[1].fade_in, fade_out=held[1].fade_out)
            before[held[1].clip_id] = self.by_id()[held[1].clip_id]
            assert after == held[1]
        assert self.by_id() == before, "only this clip was faded"

    @precondition(lambda self: self.clips)
    @rule(
        choice=CHOICES,
        part=st.sampled_from(Part),
        to=SECONDS,
        keys=st.sampled_from([NO_KEY, CTRL, SHIFT, ALT]),
    )
    def begin_a_drag_and_forget_it(
        self, choice: int, part: Part, to: float, keys: Qt.KeyboardModifier
    ) -> None:
        before = self.document.history
        row, clip = self.chosen(choice)
        self.drag(self.grip(row, clip, part), self.point(to, 1), keys, drop=False)
        self.pointer.cancel()
        assert self.document.history is before
        assert self.document.project is before.present
        self.pointer.release(self.point(to, 1), keys)
        assert self.document.history is before

    @rule(first=SECONDS, last=SECONDS, ranges=st.booleans())
    def draw_over_nothing(self, first: float, last: float, ranges: bool) -> None:
        keys = ALT if ranges else NO_KEY
        below = QPointF(first * 100, 2 * ROW_HEIGHT + 30)
        self.drag(below, self.point(last, 0), keys)

    @rule(clips=st.sets(CHOICES, max_size=3))
    def select(self, clips: set[int]) -> None:
        self.editor.select([self.chosen(choice)[1].clip_id for choice in clips if self.clips])

    @precondition(lambda self: len(self.clips) < MOST_CLIPS)
    @rule(at=SECONDS)
    def split(self, at: float) -> None:
        before = self.heard_frames()
        self.editor.split(Tick(round(at * 2 * 960_000)))
        self.record()
        assert self.heard_frames() == before, "a split leaves nothing out"

    @precondition(lambda self: len(self.clips) < MOST_CLIPS)
    @rule(
        verb=st.sampled_from(
            ["duplicate", "cut", "copy", "delete", "ripple_delete", "toggle_mute", "crossfade"]
        )
    )
    def press_a_key(self, verb: str) -> None:
        getattr(self.editor, verb)()
        self.record()

    @precondition(lambda self: len(self.clips) < MOST_CLIPS)
    @rule(at=SECONDS, row=st.integers(0, 2))
    def paste(self, at: float, row: int) -> None:
        if self.editor.can_paste:
            self.editor.paste(Tick(round(at * 2 * 960_000)), row)
            self.record()

    @rule(by=st.floats(-4, 4), lanes=st.integers(-2, 2))
    def nudge(self, by: float, lanes: int) -> None:
        before = self.sounds()
        self.editor.nudge(Tick(round(by * 960_000)), lanes=lanes)
        self.record()
        assert self.sounds() == before

    @rule(by=st.sampled_from([-200.0, -1.0, 1.0, 200.0]))
    def change_gain(self, by: float) -> None:
        self.editor.change_gain(by)
        self.record()

    @rule()
    def undo(self) -> None:
        self.document.undo()
        self.at = max(0, self.at - 1)

    @rule()
    def redo(self) -> None:
        self.document.redo()
        self.at = min(len(self.recorded) - 1, self.at + 1)

    def by_id(self) -> dict[ClipId, Clip]:
        return {clip.clip_id: clip for _, clip in self.clips}

    def sounds(self) -> list[Clip]:
        """Return the clips as if all began at the start: all of them but their places."""
        here = (clip.moved_to(Tick(0)) for _, clip in self.clips)
        return sorted(here, key=lambda clip: clip.clip_id)

    def where_its_take_begins(self, clip: Clip) -> int:
        return self.document.project.clip_start(clip) - clip.offset

    def heard_frames(self) -> int:
        return sum(clip.length for _, clip in self.clips)

    @invariant()
    def what_was_recorded_is_found_again(self) -> None:
        history = self.document.history
        assert history.present is self.recorded[self.at]
        assert [step.project for step in history.past] == self.recorded[: self.at]
        assert len(history.future) == len(self.recorded) - 1 - self.at

    @invariant()
    def nothing_is_only_shown(self) -> None:
        assert self.document.project is self.document.history.present
        assert self.view.project is self.document.project

    @invariant()
    def what_is_selected_is_there(self) -> None:
        assert self.editor.selected <= self.by_id().keys()

    @invariant()
    def the_lanes_are_those_of_the_project(self) -> None:
        fresh = Lanes()
        fresh.show_project(self.document.project)
        assert self.view.lanes.lanes == fresh.lanes
        assert self.view.lanes.end == fresh.end

    def teardown(self) -> None:
        for _ in range(self.at):
            self.document.undo()
        assert self.document.project is self.recorded[0]
        for _ in range(len(self.recorded)):
            self.document.redo()
        assert self.document.project is self.recorded[-1]


TestTimelinePlayer = TimelinePlayer.TestCase
TestTimelinePlayer.settings = settings(max_examples=20, stateful_step_count=40)
