"""Projects on the disk: open, save, autosave after every step, and recovery after a crash."""

import threading
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.project import Project
from acestep_desktop.library.autosave import Claim, Recovery, recoveries
from acestep_desktop.library.projects import SUFFIX, load_project, save_project
from acestep_desktop.session.document import DocumentSession

__all__ = ["SUFFIX", "ProjectSession", "Recovery", "project_file"]


def project_file(path: Path) -> Path:
    """Return the file that a project saved as `path` has: with the suffix, once."""
    return path if path.suffix.lower() == SUFFIX else path.with_name(path.name + SUFFIX)


class ProjectSession(QObject):
    """The file of the document. The window's thread only.

    `path_changed` carries the file, or None; `saved` says that the document is
    on the disk; `autosaved` that its last step is; `failed` carries a sentence.
    """

    path_changed = Signal(object)
    saved = Signal()
    autosaved = Signal()
    failed = Signal(str)

    def __init__(
        self, document: DocumentSession, folder: Path, parent: QObject | None = None
    ) -> None:
        """Keep autosaves in `folder`."""
        super().__init__(parent)
        self._document = document
        self._folder = folder
        self._path: Path | None = None
        self._claim = Claim(folder, None)
        self._writer = _Autosaver(self)
        document.history_changed.connect(self.autosave)

    @property
    def path(self) -> Path | None:
        """Where the document is saved; None while it has no file."""
        return self._path

    @property
    def title(self) -> str:
        """The name of the document: that of its file, without the suffix."""
        return Project().name if self._path is None else self._path.stem

    def recoveries(self, of: Path | None = None) -> list[Recovery]:
        """Return the work that a crash left behind, newest first; of one project file, or all."""
        found = recoveries(self._folder)
        return found if of is None else [r for r in found if r.project_path == of.absolute()]

    def recover(self, recovery: Recovery) -> bool:
        """Open what a crash left behind, still to be saved; return whether it could be read."""
        try:
            project = load_project(recovery.autosave)
            path = recovery.project_path
            is_open = path is not None and path == self._path
            claim = self._claim if is_open else Claim(self._folder, path)
        except UserError as error:
            self.failed.emit(str(error))
            return False
        self._adopt(claim, path)
        self._document.open(project, saved=False)
        self._writer.wait()
        if recovery.autosave != claim.autosave:
            recovery.discard()
        return True

    def discard(self, recovery: Recovery) -> None:
        """Forget what a crash left behind; `failed` says why it could not be removed."""
        try:
            recovery.discard()
        except UserError as error:
            self.failed.emit(str(error))

    def new(self) -> None:
        """Begin an empty project without a file."""
        self._adopt(Claim(self._folder, None), None)
        self._document.open(Project())

    def open(self, path: Path) -> bool:
        """Open a project file; return whether it could be opened.

        Work on it that a crash left behind stays, to be offered.
        """
        path = path.absolute()
        try:
            project = load_project(path)
            claim = self._claim_of(path)
        except UserError as error:
            self.failed.emit(str(error))
            return False
        self._adopt(claim, path)
        self._document.open(project)
        return True

    def save(self, path: Path | None = None) -> bool:
        """Save to `path`, or where it was saved last; return whether it is on the disk.

        The file holds its own name as that of the project.

        ValueError where neither names a file.
        """
        target = path or self._path
        if target is None:
            raise ValueError("a project without a file needs a path")
        target = project_file(target.absolute())
        project = self._document.history.present
        try:
            claim = self._claim_of(target)
            try:
                save_project(replace(project, name=target.stem), target)
            except UserError:
                self._give_up(claim)
                raise
        except UserError as error:
            self.failed.emit(str(error))
            return False
        self._adopt(claim, target)
        self._document.mark_saved(project)
        self.saved.emit()
        return True

    @Slot()
    def autosave(self) -> None:
        """Have the present project written aside; nothing lies there while it is saved as it is."""
        if self._document.modified:
            self._writer.write(self._claim, self._document.history.present)
        else:
            self._writer.wait()
            self._claim.forget()

    def wait_until_written(self) -> None:
        """Wait until what was to be autosaved is on the disk."""
        self._writer.wait()

    def close(self, *, keep_work: bool = False) -> None:
        """Let go of the project; with `keep_work`, unsaved work is offered at the next start."""
        self._writer.close()
        if not (keep_work and self._document.modified):
            self._claim.forget()
        self._claim.release()

    def _claim_of(self, path: Path) -> Claim:
        """Return the claim to a project file; what a crash left behind there stays."""
        if path == self._path:
            return self._claim
        claim = Claim(self._folder, path)
        try:
            claim.set_leftover_aside()
        except UserError:
            self._give_up(claim)
            raise
        return claim

    def _give_up(self, claim: Claim) -> None:
        """Give a claim free that was not needed after all."""
        if claim is not self._claim:
            claim.release()

    def _adopt(self, claim: Claim, path: Path | None) -> None:
        """Go on with another file (or the same, just saved); the work aside is not needed."""
        self._writer.wait()
        self._claim.forget()
        if claim is not self._claim:
            self._claim.release()
            self._claim = claim
        if path != self._path:
            self._path = path
            self.path_changed.emit(path)


class _Autosaver:
    """Writes the last project it was given, on a thread of its own; those between are skipped."""

    def __init__(self, session: ProjectSession) -> None:
        self._session = session
        self._state = threading.Condition()
        self._wish: tuple[Claim, Project] | None = None
        self._writing = self._closing = False
        self._thread = threading.Thread(target=self._run, name="autosave")
        self._thread.start()

    def write(self, claim: Claim, project: Project) -> None:
        """Write `project` soon."""
        with self._state:
            self._wish = (claim, project)
            self._state.notify_all()

    def wait(self) -> None:
        """Wait until everything that was given is written."""
        with self._state:
            self._state.wait_for(lambda: self._wish is None and not self._writing)

    def close(self) -> None:
        """Write what is left, and end."""
        with self._state:
            self._closing = True
            self._state.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._state:
                self._writing = False
                self._state.notify_all()
                self._state.wait_for(lambda: self._wish is not None or self._closing)
                if self._wish is None:
                    return
                (claim, project), self._wish = self._wish, None
                self._writing = True
            try:
                claim.write(project)
            except UserError as error:
                self._session.failed.emit(f"The project could not be autosaved. {error}")
            else:
                self._session.autosaved.emit()
