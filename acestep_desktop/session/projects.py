"""Projects on the disk: open, save, autosave after every step, and recovery after a crash."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.project import Project
from acestep_desktop.library.autosave import Claim, Recovery, recoveries
from acestep_desktop.library.projects import SUFFIX, load_project, save_project
from acestep_desktop.session.document import DocumentSession

log = logging.getLogger(__name__)

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
    _save_ended = Signal(object)

    def __init__(
        self, document: DocumentSession, folder: Path, parent: QObject | None = None
    ) -> None:
        """Keep autosaves in `folder`."""
        super().__init__(parent)
        self._document = document
        self._folder = folder
        self._path: Path | None = None
        self._claim = Claim(folder, None)
        self._writer = _Writer(self)
        self._saving: list[_Save] = []
        self._save_ended.connect(self._end_save)
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
        self.wait_until_written()
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
        self.wait_until_written()
        self._adopt(Claim(self._folder, None), None)
        self._document.open(Project())

    def open(self, path: Path) -> bool:
        """Open a project file; return whether it could be opened.

        Work on it that a crash left behind stays, to be offered.
        """
        path = path.absolute()
        self.wait_until_written()
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

        The file holds its own name as that of the project. This waits for the disk.

        ValueError where neither names a file.
        """
        save = self._begin_save(path)
        if save is None:
            return False
        self.wait_until_written()
        return not save.problem

    def save_soon(self) -> None:
        """Begin to save where it was saved last: `saved` or `failed` tells how that went.

        ValueError for a project without a file.
        """
        self._begin_save(None)

    @Slot()
    def autosave(self) -> None:
        """Have the present project written aside; nothing lies there while it is saved as it is."""
        wish = self._document.history.present if self._document.modified else None
        self._writer.put_aside(self._claim, wish)

    def wait_until_written(self) -> None:
        """Wait until what was to be saved and autosaved is on the disk."""
        self._writer.wait()
        while self._saving:
            self._end_save(self._saving[0])
        self._writer.wait()

    def close(self, *, keep_work: bool = False) -> None:
        """Let go of the project; with `keep_work`, unsaved work is offered at the next start."""
        self.wait_until_written()
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

    def _begin_save(self, path: Path | None) -> "_Save | None":
        """Have the present project saved; return None where that cannot even begin."""
        target = path or self._path
        if target is None:
            raise ValueError("a project without a file needs a path")
        target = project_file(target.absolute())
        try:
            claim = self._claim_of(target)
        except UserError as error:
            self.failed.emit(str(error))
            return None
        save = _Save(claim, target, self._document.history.present)
        self._saving.append(save)
        self._writer.save(save)
        return save

    @Slot(object)
    def _end_save(self, save: "_Save") -> None:
        """Take note of how a save went, once."""
        if save not in self._saving:
            return
        self._saving.remove(save)
        if save.problem:
            self._give_up(save.claim)
            self.failed.emit(save.problem)
            return
        self._adopt(save.claim, save.target)
        self._document.mark_saved(save.project)
        self.saved.emit()

    def _adopt(self, claim: Claim, path: Path | None) -> None:
        """Go on with another file (or the same, just saved); the work aside is not needed."""
        if claim is not self._claim:
            self._writer.wait()
            self._claim.forget()
            self._claim.release()
            self._claim = claim
        if path != self._path:
            self._path = path
            self.path_changed.emit(path)


@dataclass(slots=True, eq=False)
class _Save:
    """A project on its way to its file; `problem` is a sentence if it did not get there."""

    claim: Claim
    target: Path
    project: Project
    problem: str = ""


class _Writer:
    """Writes projects on a thread of its own: all that are saved, and the last one to be put
    aside; those between are skipped."""

    def __init__(self, session: ProjectSession) -> None:
        self._session = session
        self._state = threading.Condition()
        self._saves: deque[_Save] = deque()
        self._aside: tuple[Claim, Project | None] | None = None
        self._writing = self._closing = False
        self._thread = threading.Thread(target=self._run, name="saving")
        self._thread.start()

    def save(self, save: _Save) -> None:
        """Save soon; `_save_ended` of the session tells when that is done."""
        with self._state:
            if self._closing:
                save.problem = "The project is closed, and was not saved again."
                return
            self._saves.append(save)
            self._state.notify_all()

    def put_aside(self, claim: Claim, project: Project | None) -> None:
        """Write `project` aside soon, unless it is closed; None: remove what lies there."""
        with self._state:
            if self._closing:
                return
            self._aside = (claim, project)
            self._state.notify_all()

    def wait(self) -> None:
        """Wait until everything that was given is written."""
        with self._state:
            self._state.wait_for(lambda: not (self._waits or self._writing))

    def close(self) -> None:
        """Write what is left, and end."""
        with self._state:
            self._closing = True
            self._state.notify_all()
        self._thread.join()

    @property
    def _waits(self) -> bool:
        return bool(self._saves) or self._aside is not None

    def _run(self) -> None:
        while True:
            with self._state:
                self._writing = False
                self._state.notify_all()
                self._state.wait_for(lambda: self._waits or self._closing)
                if not self._waits:
                    return
                save = self._saves.popleft() if self._saves else None
                if save is None:
                    aside, self._aside = self._aside, None
                self._writing = True
            if save is not None:
                self._save(save)
            elif aside is not None:
                self._put_aside(*aside)

    def _save(self, save: _Save) -> None:
        save.problem = _problem_of(
            lambda: save_project(replace(save.project, name=save.target.stem), save.target)
        )
        self._session._save_ended.emit(save)

    def _put_aside(self, claim: Claim, project: Project | None) -> None:
        problem = _problem_of(claim.forget if project is None else partial(claim.write, project))
        if problem:
            self._session.failed.emit(f"The project could not be autosaved. {problem}")
        elif project is not None:
            self._session.autosaved.emit()


def _problem_of(act: Callable[[], object]) -> str:
    """Do something with a project; return why it failed, as a sentence, or nothing."""
    try:
        act()
    except UserError as error:
        return str(error)
    except Exception:  # the edge of the thread: whoever waits for it must go on
        log.exception("a project was not written")
        return "The program made a mistake with this project. Save it as another file."
    return ""
