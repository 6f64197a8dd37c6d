"""Undo and redo: a walk over snapshots of the project."""

from dataclasses import dataclass, replace
from typing import Final

from acestep_desktop.domain.edits import Edit
from acestep_desktop.domain.project import Project

MAX_STEPS: Final = 1_000
"""About 1 kB each: structure is shared between snapshots."""


@dataclass(frozen=True, slots=True)
class Step:
    """A project as it was before the edit called `label`."""

    label: str
    project: Project


@dataclass(frozen=True, slots=True)
class History:
    """The present project, what can be undone and what can be redone."""

    present: Project
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()

    def applied(self, label: str, edit: Edit) -> "History":
        """Return the history after `edit`; unchanged if the edit changed nothing."""
        after = edit(self.present)
        if after == self.present:
            return self
        past = (*self.past, Step(label, self.present))[-MAX_STEPS:]
        return History(after, past)

    def undone(self) -> "History":
        """Return the history one step earlier, or itself where there is none."""
        if not self.past:
            return self
        step = self.past[-1]
        future = (Step(step.label, self.present), *self.future)
        return replace(self, present=step.project, past=self.past[:-1], future=future)

    def redone(self) -> "History":
        """Return the history one step later, or itself where there is none."""
        if not self.future:
            return self
        step = self.future[0]
        past = (*self.past, Step(step.label, self.present))
        return replace(self, present=step.project, past=past, future=self.future[1:])
