"""A person who edits, previews, undoes, redoes, saves and opens: the document keeps its word."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from acestep_desktop.domain.edits import add_track, remove_track
from acestep_desktop.domain.project import Project, TrackId
from acestep_desktop.session.document import DocumentSession


class Walk(RuleBasedStateMachine):
    """The document beside a plain list of projects and a place in it."""

    def __init__(self) -> None:
        super().__init__()
        self.document = DocumentSession()
        self.shown = self.document.project
        self.document.project_changed.connect(self.show)
        self.steps = [self.document.project]
        self.at = 0
        self.saved: Project | None = self.document.project
        self.preview: Project | None = None

    def show(self, project: Project) -> None:
        self.shown = project

    @rule(name=st.text(max_size=4))
    def edit(self, name: str) -> None:
        assert self.document.apply("Add track", lambda project: add_track(project, name or "x"))
        self.steps = [*self.steps[: self.at + 1], self.document.history.present]
        self.at += 1
        self.preview = None

    @rule()
    def edit_in_vain(self) -> None:
        assert not self.document.apply("Remove", lambda p: remove_track(p, TrackId("none")))
        self.preview = None

    @rule(name=st.sampled_from("abc"))
    def drag(self, name: str) -> None:
        self.document.preview(lambda project: replace(project, name=name))
        self.preview = replace(self.steps[self.at], name=name)

    @rule()
    def let_go(self) -> None:
        self.document.end_preview()
        self.preview = None

    @rule()
    def undo(self) -> None:
        self.document.undo()
        self.at = max(0, self.at - 1)
        self.preview = None

    @rule()
    def redo(self) -> None:
        self.document.redo()
        self.at = min(len(self.steps) - 1, self.at + 1)
        self.preview = None

    @rule()
    def save(self) -> None:
        self.document.mark_saved(self.document.history.present)
        self.saved = self.steps[self.at]

    @rule(saved=st.booleans())
    def open(self, saved: bool) -> None:
        project = Project(name="opened")
        self.document.open(project, saved=saved)
        self.steps, self.at = [project], 0
        self.saved = project if saved else None
        self.preview = None

    @precondition(lambda self: self.at > 0)
    @rule()
    def undo_all_and_come_back(self) -> None:
        self.preview = None
        for _ in range(self.at):
            self.document.undo()
        assert self.document.history.present is self.steps[0]
        for _ in range(self.at):
            self.document.redo()

    @invariant()
    def the_present_is_the_very_project_of_its_step(self) -> None:
        assert self.document.history.present is self.steps[self.at]

    @invariant()
    def what_is_shown_is_what_was_told(self) -> None:
        assert self.document.project == (self.preview or self.steps[self.at])
        assert self.shown == self.document.project

    @invariant()
    def only_what_differs_from_the_disk_is_modified(self) -> None:
        assert self.document.modified == (self.steps[self.at] is not self.saved)

    @invariant()
    def there_is_a_way_back_for_every_step(self) -> None:
        assert len(self.document.history.past) == self.at
        assert len(self.document.history.future) == len(self.steps) - 1 - self.at


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=40, stateful_step_count=30)
