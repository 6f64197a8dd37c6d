"""Undo and redo walk over the very projects that were there before."""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from acestep_desktop.domain import edits
from acestep_desktop.domain.clip import Clip, ClipId
from acestep_desktop.domain.errors import EditError, InvalidValueError
from acestep_desktop.domain.history import MAX_STEPS, History
from acestep_desktop.domain.project import Media, Project, TrackId
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import TICKS_PER_QUARTER, Frame, Tick

MEDIA = Media(TakeId("a" * 32), "a.wav", Frame(200_000), 2)

quarters = st.integers(0, 64).map(lambda n: Tick(n * TICKS_PER_QUARTER))


class EditingMachine(RuleBasedStateMachine):
    """A person who edits, undoes and redoes at random; `past` and `future` are the truth."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History(Project(media=(MEDIA,)))
        self.past: list[Project] = []
        self.future: list[Project] = []
        self.made = 0

    def _apply(self, edit: edits.Edit) -> None:
        before = self.history.present
        try:
            self.history = self.history.applied("Edit", edit)
        except InvalidValueError:
            assert self.history.present is before
            return
        if self.history.present != before:
            self.past.append(before)
            self.future.clear()

    def _some_clip(self, pick: int) -> tuple[TrackId, ClipId]:
        places = [
            (t.track_id, c.clip_id) for t in self.history.present.tracks for c in t.clips
        ] or [(TrackId("nowhere"), ClipId("nothing"))]
        return places[pick % len(places)]

    @rule()
    def add_track(self) -> None:
        self.made += 1
        name = TrackId(f"track-{self.made}")
        self._apply(lambda p: edits.add_track(p, "Track", track_id=name))

    @rule(start=quarters, pick=st.integers(0, 9))
    def add_clip(self, start: Tick, pick: int) -> None:
        tracks = self.history.present.tracks
        track_id = tracks[pick % len(tracks)].track_id if tracks else TrackId("nowhere")
        self.made += 1
        clip = Clip(ClipId(f"clip-{self.made}"), MEDIA.take_id, start, Frame(0), MEDIA.frames)
        self._apply(lambda p: edits.add_clip(p, track_id, clip))

    @rule(start=quarters, pick=st.integers(0, 9))
    def move_clip(self, start: Tick, pick: int) -> None:
        track_id, clip_id = self._some_clip(pick)
        self._apply(lambda p: edits.move_clip(p, track_id, clip_id, start))

    @rule(at=quarters, pick=st.integers(0, 9))
    def split_clip(self, at: Tick, pick: int) -> None:
        track_id, clip_id = self._some_clip(pick)
        self._apply(lambda p: edits.split_clip(p, track_id, clip_id, at))

    @rule(pick=st.integers(0, 9))
    def remove_clip(self, pick: int) -> None:
        track_id, clip_id = self._some_clip(pick)
        self._apply(lambda p: edits.remove_clip(p, track_id, clip_id))

    @rule(gain_db=st.floats(-60, 12), pick=st.integers(0, 9))
    def change_gain(self, gain_db: float, pick: int) -> None:
        track_id, clip_id = self._some_clip(pick)
        self._apply(
            lambda p: edits.change_clip(p, track_id, clip_id, lambda c: replace(c, gain_db=gain_db))
        )

    @rule(bpm=st.integers(20, 300))
    def change_tempo(self, bpm: int) -> None:
        self._apply(lambda p: edits.set_tempo(p, TempoMap.steady(bpm)))

    @rule()
    def change_nothing(self) -> None:
        before = self.history
        self.history = self.history.applied("Nothing", replace)
        assert self.history is before

    @precondition(lambda self: self.past)
    @rule()
    def undo(self) -> None:
        self.future.append(self.history.present)
        self.history = self.history.undone()
        assert self.history.present is self.past.pop()

    @precondition(lambda self: self.future)
    @rule()
    def redo(self) -> None:
        self.past.append(self.history.present)
        self.history = self.history.redone()
        assert self.history.present is self.future.pop()

    @precondition(lambda self: not self.past)
    @rule()
    def undo_at_the_beginning(self) -> None:
        assert self.history.undone() is self.history

    @precondition(lambda self: not self.future)
    @rule()
    def redo_at_the_end(self) -> None:
        assert self.history.redone() is self.history

    @invariant()
    def the_history_knows_the_same_steps(self) -> None:
        assert [step.project for step in self.history.past] == self.past
        assert [step.project for step in self.history.future] == self.future[::-1]


EditingMachine.TestCase.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, derandomize=True, database=None
)
test_undo_returns_the_identical_project = EditingMachine.TestCase


def _named(name: str) -> edits.Edit:
    return lambda project: replace(project, name=name)


def test_a_step_carries_the_name_of_its_edit_there_and_back() -> None:
    history = History(Project()).applied("Rename", _named("a")).applied("Rename again", _named("b"))
    assert [step.label for step in history.past] == ["Rename", "Rename again"]
    undone = history.undone()
    assert [step.label for step in undone.future] == ["Rename again"]
    assert undone.redone() == history


def test_an_edit_forgets_what_could_be_redone() -> None:
    history = History(Project()).applied("A", _named("a")).undone().applied("B", _named("b"))
    assert history.future == ()
    assert history.undone().present.name == "Untitled"


def test_a_refused_edit_leaves_the_history_as_it_was() -> None:
    history = History(Project())
    with pytest.raises(EditError):
        history.applied("Remove", lambda p: edits.remove_track(p, TrackId("nowhere")))
    assert history == History(Project())


def test_the_history_keeps_its_last_thousand_steps() -> None:
    history = History(Project())
    for number in range(MAX_STEPS + 5):
        history = history.applied("Rename", _named(str(number)))
    assert len(history.past) == MAX_STEPS
    while history.past:
        history = history.undone()
    assert history.present.name == "4"
