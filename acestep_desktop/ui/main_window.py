"""The window: it places the panels and passes wishes on."""

from typing import Final

from PySide6.QtCore import QByteArray, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QLabel, QMainWindow, QSplitter, QVBoxLayout, QWidget

from acestep_desktop.domain.request import Request
from acestep_desktop.session.jobs import Job, JobState
from acestep_desktop.session.library import StoredTake
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.drops import dropped_files
from acestep_desktop.ui.export_dialog import ExportDialog
from acestep_desktop.ui.library_column import LibraryColumn
from acestep_desktop.ui.project_menu import ProjectMenu
from acestep_desktop.ui.prompt_panel import PromptPanel
from acestep_desktop.ui.settings_dialog import SettingsDialog
from acestep_desktop.ui.theme import Theme, load_theme
from acestep_desktop.ui.timeline.panel import TimelinePanel
from acestep_desktop.ui.transport_bar import TransportBar

_NOTICE_MS: Final = 8_000
_TITLE: Final = "ACE-Step Desktop"


class MainWindow(QMainWindow):
    """Transport above; takes at the left, prompt and timeline at the right; a line of status."""

    def __init__(self, sessions: Sessions, theme: Theme) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._sessions = sessions
        self._plays_next = self._logout = False
        self._files = ProjectMenu(
            sessions.projects,
            sessions.document,
            sessions.settings,
            sessions.music_folder / "Projects",
            self,
        )
        self._bar = TransportBar(sessions.transport, sessions.document, theme)
        self._prompt = PromptPanel()
        self._takes = LibraryColumn(sessions.library, sessions.audition, theme)
        self._timeline = TimelinePanel(sessions, theme)
        self._status = QLabel()
        self._status.setObjectName("quiet")
        self._status.setWordWrap(True)
        self._lay_out()
        self._connect()
        self._name()
        self._prompt.set_words("")

    def _lay_out(self) -> None:
        right = QSplitter(Qt.Orientation.Vertical)
        right.addWidget(self._prompt)
        right.addWidget(self._timeline)
        right.setStretchFactor(1, 1)
        across = QSplitter(Qt.Orientation.Horizontal)
        across.addWidget(self._takes)
        across.addWidget(right)
        across.setStretchFactor(1, 1)
        across.setSizes([440, 840])
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._bar)
        layout.addWidget(across, 1)
        layout.addWidget(self._status)
        self.setCentralWidget(centre)
        self.menuBar().addMenu(self._files)
        self._edit = self.menuBar().addMenu("&Edit")
        self._undo = self._edit.addAction("Undo")
        self._undo.setShortcut(QKeySequence("Ctrl+Z"))
        self._redo = self._edit.addAction("Redo")
        self._redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])

    def _connect(self) -> None:
        sessions = self._sessions
        self._prompt.generate_wanted.connect(self.generate)
        self._prompt.cancel_wanted.connect(sessions.jobs.cancel_all)
        self._takes.example_chosen.connect(self._prompt.set_words)
        sessions.jobs.jobs_changed.connect(self._show_jobs)
        sessions.jobs.job_failed.connect(self._show_failure)
        sessions.jobs.take_kept.connect(self._show_take)
        for sentences in (
            self._takes.said,
            sessions.audition.noticed,
            sessions.projects.failed,
            sessions.settings.failed,
            self._timeline.said,
            sessions.jobs.refused,
        ):
            sentences.connect(self.say)
        sessions.arrivals.takes_changed.connect(self._takes.show_takes)
        self._undo.triggered.connect(sessions.document.undo)
        self._redo.triggered.connect(sessions.document.redo)
        sessions.document.history_changed.connect(self._name)
        sessions.projects.path_changed.connect(self._name)
        self._bar.device_chosen.connect(sessions.settings.set_device)
        sessions.settings.theme_changed.connect(self.show_theme)
        self._files.export_wanted.connect(self._show_export)
        self._files.settings_wanted.connect(self._show_settings)
        self._files.quit_wanted.connect(self.close)
        for keys, slot in (("Ctrl+F", self._takes.focus_search), ("Esc", self._escape)):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)

    @Slot(str)
    def show_theme(self, name: str) -> None:
        """Show the theme of this name."""
        for panel in (self._bar, self._takes, self._timeline):
            panel.show_theme(load_theme(name))

    @Slot(object)
    def generate(self, request: Request) -> None:
        """Queue a request; its first take plays by itself, unless that is switched off."""
        self._plays_next = self._sessions.settings.plays_first_take
        self._sessions.jobs.submit("sketch", request)

    @Slot(str)
    def say(self, sentence: str) -> None:
        """Show a sentence for a while."""
        self._status.setText(sentence)
        QTimer.singleShot(_NOTICE_MS, self._status, self._status.clear)

    @property
    def files(self) -> ProjectMenu:
        """The verbs of the project's file."""
        return self._files

    @Slot()
    def log_out(self) -> None:
        """Close without a question; unsaved work is offered at the next start."""
        self._logout = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        may_leave = self._logout or self._files.may_leave()
        # A logout may have come while the question was open.
        if not may_leave and not self._logout:
            event.ignore()
            return
        self._sessions.settings.set_geometry(bytes(self.saveGeometry().data()))
        self.hide()
        self._sessions.close(keep_work=self._logout)
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        # Our own takes are in the library already.
        if event.source() is None and event.mimeData().hasUrls():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        files, refused = dropped_files(event.mimeData())
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._sessions.library.import_files(files)
        if refused:
            self.say(refused)

    def restore_place(self) -> None:
        """Go where the window was the last time."""
        self.resize(1280, 800)
        self.restoreGeometry(QByteArray(self._sessions.settings.geometry))

    @Slot()
    def _name(self) -> None:
        path = self._sessions.projects.path
        name = "Untitled" if path is None else path.stem
        self.setWindowTitle(f"{name}[*] – {_TITLE}")
        self.setWindowModified(self._sessions.document.modified)
        history = self._sessions.document.history
        for action, verb, steps in (
            (self._undo, "Undo", history.past[-1:]),
            (self._redo, "Redo", history.future[:1]),
        ):
            action.setText(f"{verb} {steps[0].label.lower()}" if steps else verb)
            action.setEnabled(bool(steps))

    @Slot(tuple)
    def _show_jobs(self, jobs: tuple[Job, ...]) -> None:
        running = next((job for job in jobs if job.state is JobState.RUNNING), None)
        waiting = sum(job.state is JobState.QUEUED for job in jobs)
        if running is None:
            self._prompt.show_progress(0.0 if waiting else None, "")
            return
        behind = f"   {waiting} waiting" if waiting else ""
        self._prompt.show_progress(running.fraction, f"{running.stage}{behind}")

    @Slot(object)
    def _show_failure(self, job: Job) -> None:
        self.say(f"{job.reason} (Ctrl+Enter tries again)")

    @Slot(object, object)
    def _show_take(self, take: StoredTake, job: Job) -> None:
        self._takes.show_takes()
        if self._plays_next:
            self._plays_next = False
            self._takes.play(take)

    @Slot()
    def _show_export(self) -> None:
        sessions = self._sessions
        project, paths = sessions.document.project, sessions.transport.paths
        folder = sessions.music_folder / "Exports"
        _show(ExportDialog(sessions.export, project, paths, folder, self))

    @Slot()
    def _show_settings(self) -> None:
        sessions = self._sessions
        _show(SettingsDialog(sessions.settings, sessions.transport, sessions.music_folder, self))

    @Slot()
    def _escape(self) -> None:
        if any(not job.state.ended for job in self._sessions.jobs.jobs):
            self._sessions.jobs.cancel_all()
        else:
            self._sessions.audition.stop()


def _show(dialog: QDialog) -> None:
    """Show a dialog until it is closed, and forget it then: it would go on listening."""
    dialog.exec()
    dialog.deleteLater()
