"""The open project: one door for edits, undo and redo, and what is being dragged."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from acestep_desktop.domain.edits import Edit
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.history import History
from acestep_desktop.domain.project import Project


class DocumentSession(QObject):
    """The project as it is seen and heard. The window's thread only.

    `project_changed` carries the project that is to be shown and played: while
    something is dragged, a preview of it. `history_changed` follows every step
    that was recorded, undone or redone. `refused` carries the sentence of an
    edit that cannot be.
    """

    project_changed = Signal(object)
    history_changed = Signal()
    refused = Signal(str)

    def __init__(self, project: Project | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = History(project or Project())
        self._preview: Project | None = None
        self._saved: Project | None = self._history.present

    @property
    def project(self) -> Project:
        """The project that is shown: the preview while there is one."""
        return self._preview or self._history.present

    @property
    def history(self) -> History:
        """What can be undone and redone, with labels."""
        return self._history

    @property
    def modified(self) -> bool:
        """Whether the project differs from the one that was saved last."""
        return self._history.present is not self._saved

    def apply(self, label: str, edit: Edit) -> bool:
        """Do an edit for good; return whether it could be done. A preview ends."""
        return self._walk(lambda history: history.applied(label, edit))

    def preview(self, edit: Edit) -> None:
        """Show what an edit would do, from the last recorded project on; nothing is recorded."""
        try:
            self._preview = edit(self._history.present)
        except InvalidValueError:
            return  # the pointer is where the thing cannot go: what was shown stays
        self.project_changed.emit(self._preview)

    @Slot()
    def end_preview(self) -> None:
        """Show the recorded project again."""
        if self._preview is not None:
            self._preview = None
            self.project_changed.emit(self.project)

    @Slot()
    def undo(self) -> None:
        """Walk one step back, if there is one."""
        self._walk(History.undone)

    @Slot()
    def redo(self) -> None:
        """Walk one step forward, if there is one."""
        self._walk(History.redone)

    def walk(self, steps: int) -> None:
        """Walk many steps at once: back for a negative number, else forward."""
        step = History.undone if steps < 0 else History.redone

        def all_of_them(history: History) -> History:
            for _ in range(abs(steps)):
                history = step(history)
            return history

        self._walk(all_of_them)

    def open(self, project: Project, *, saved: bool = True) -> None:
        """Begin anew with another project and no history; recovered work is not `saved`."""
        self._preview = None
        self._history = History(project)
        self._saved = project if saved else None
        self.project_changed.emit(project)
        self.history_changed.emit()

    def mark_saved(self, project: Project) -> None:
        """Note that `project` is on the disk."""
        self._saved = project
        self.history_changed.emit()

    def _walk(self, step: Callable[[History], History]) -> bool:
        shown = self.project
        self._preview = None
        try:
            after = step(self._history)
        except InvalidValueError as error:
            self.refused.emit(str(error))
            after = self._history
            done = False
        else:
            done = True
        walked = after is not self._history
        self._history = after
        if self.project is not shown:
            self.project_changed.emit(self.project)
        if walked:
            self.history_changed.emit()
        return done
