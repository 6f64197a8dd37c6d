"""The File menu: projects are begun, opened, saved and exported here."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.projects import SUFFIX, ProjectSession, Recovery, project_file
from acestep_desktop.session.settings import SettingsSession
from acestep_desktop.ui.questions import may_replace

_FILTER = f"Projects (*{SUFFIX})"


class ProjectMenu(QMenu):
    """Verbs of the project's file; nothing unsaved is given up without a question.

    `export_wanted`, `locate_wanted`, `models_wanted` and `settings_wanted` ask for
    the dialogs of their names, `quit_wanted` for the end.
    """

    export_wanted = Signal()
    locate_wanted = Signal()
    models_wanted = Signal()
    settings_wanted = Signal()
    quit_wanted = Signal()

    def __init__(
        self,
        projects: ProjectSession,
        document: DocumentSession,
        settings: SettingsSession,
        folder: Path,
        parent: QWidget,
    ) -> None:
        """`folder` is where projects are saved unless the person says otherwise."""
        super().__init__("&File", parent)
        self._projects, self._document, self._settings = projects, document, settings
        self._folder = folder
        self._window = parent
        self._put_off: set[Path] = set()
        self._add("&New", "Ctrl+N").triggered.connect(self.new)
        self._add("&Open…", "Ctrl+O").triggered.connect(self.choose)
        self._recent = self.addMenu("Open &recent")
        self._recent.triggered.connect(self._open_recent)
        self._recent.aboutToShow.connect(self._fill_recent)
        self.addSeparator()
        self._add("&Save", "Ctrl+S").triggered.connect(self.save_soon)
        self._add("Save &as…", "Ctrl+Shift+S").triggered.connect(self.save_as)
        self._add("&Export…", "Ctrl+Shift+E").triggered.connect(self.export_wanted)
        self._add("&Locate missing files…").triggered.connect(self.locate_wanted)
        self.addSeparator()
        self._add("&Models…").triggered.connect(self.models_wanted)
        self._add("Se&ttings…", "Ctrl+,").triggered.connect(self.settings_wanted)
        self._add("&Quit", "Ctrl+Q").triggered.connect(self.quit_wanted)

    @Slot()
    def new(self) -> None:
        """Begin an empty project."""
        if self.may_leave():
            self._projects.new()

    @Slot()
    def choose(self) -> None:
        """Ask for a project and open it."""
        if not self.may_leave():
            return
        name, _ = QFileDialog.getOpenFileName(self._window, "Open", str(self._place()), _FILTER)
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> None:
        """Open a project, or where a crash left work on it behind, go on with that if wanted."""
        left = [r for r in self._projects.recoveries(of=path) if r.autosave not in self._put_off]
        if self._offer(left) or self._projects.open(path):
            self._settings.add_recent(path)

    @Slot()
    def save(self) -> bool:
        """Save the project, where it has no file under a name that is asked for."""
        return self.save_as() if self._projects.path is None else self._projects.save()

    @Slot()
    def save_soon(self) -> None:
        """Save as `save` does, but wait for no disk."""
        if self._projects.path is None:
            self.save_as()
        else:
            self._projects.save_soon()

    @Slot()
    def save_as(self) -> bool:
        """Ask for a name and save the project under it."""
        with suppress(OSError):  # the file dialog begins elsewhere then
            self._folder.mkdir(parents=True, exist_ok=True)
        start = self._projects.path or self._folder / f"{self._document.project.name}{SUFFIX}"
        name, _ = QFileDialog.getSaveFileName(self._window, "Save as", str(start), _FILTER)
        if not name:
            return False
        # Without the suffix the file dialog did not see what would be replaced.
        target = project_file(Path(name))
        unseen = target != Path(name) and target.exists()
        if unseen and not may_replace(self._window, f'"{target.name}"'):
            return False
        if not self._projects.save(target):
            return False
        assert self._projects.path is not None
        self._settings.add_recent(self._projects.path)
        return True

    def may_leave(self) -> bool:
        """Ask what to do with unsaved work; return whether the project may be left."""
        self._projects.wait_until_written()
        if not self._document.modified:
            return True
        button = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            "Unsaved changes",
            "The project has changes that are not saved. Save them?",
            button.Save | button.Discard | button.Cancel,
            button.Save,
        )
        if answer == button.Save:
            return self.save()
        return bool(answer == button.Discard)

    def offer_recovery(self) -> bool:
        """Where a crash left work behind, ask whether to go on with it; return whether one does."""
        return self._offer(self._projects.recoveries())

    def left_out(self, asked: Path) -> str:
        """Return why a project that was asked for is not open; empty if it is."""
        opened = self._projects.path
        if opened is not None and opened.absolute() == asked.absolute():
            return ""
        return (
            f'"{asked.name}" was not opened: the window shows your recovered work. '
            "Save that, then open the other with File > Open."
        )

    def _offer(self, left: Sequence[Recovery]) -> bool:
        for found in left:
            name = "an unsaved project" if found.project_path is None else found.project_path.name
            button = QMessageBox.StandardButton
            answer = QMessageBox.question(
                self._window,
                "Recover your work",
                f"The program ended unexpectedly. Go on with {name} where you left off?",
                button.Yes | button.No | button.Discard,
                button.Yes,
            )
            if answer == button.Yes and self._projects.recover(found):
                return True
            if answer == button.Discard:
                self._projects.discard(found)
            elif answer == button.No:
                self._put_off.add(found.autosave)
            else:
                return False  # a logout closed the question
        return False

    def _place(self) -> Path:
        path = self._projects.path
        return path.parent if path is not None else self._folder

    def _add(self, text: str, keys: str = "") -> QAction:
        action = self.addAction(text)
        action.setShortcut(QKeySequence(keys))
        return action

    @Slot()
    def _fill_recent(self) -> None:
        self._recent.clear()
        for path in self._settings.recent:
            action = self._recent.addAction(path.stem.replace("&", "&&"))
            action.setToolTip(str(path))
            action.setData(str(path))
        if not self._settings.recent:
            self._recent.addAction("No project was open yet").setEnabled(False)

    @Slot(QAction)
    def _open_recent(self, action: QAction) -> None:
        if action.data() and self.may_leave():
            self.open(Path(action.data()))
