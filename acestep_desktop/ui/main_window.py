"""The window: it places the panels and passes wishes on."""

from typing import Final

from PySide6.QtCore import QByteArray, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QLabel, QMainWindow, QSplitter, QVBoxLayout, QWidget

from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.clock_button import ClockButton
from acestep_desktop.ui.commands import Commands
from acestep_desktop.ui.desk import Desk
from acestep_desktop.ui.drops import dropped_files
from acestep_desktop.ui.export_dialog import ExportDialog
from acestep_desktop.ui.project_menu import ProjectMenu
from acestep_desktop.ui.relink_dialog import RelinkDialog
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
        self._logout = False
        self._files = ProjectMenu(
            sessions.projects,
            sessions.document,
            sessions.settings,
            sessions.music_folder / "Projects",
            self,
        )
        self._bar = TransportBar(sessions.transport, sessions.document, theme)
        self._bar.add_tool(ClockButton(sessions.sync))
        self._desk = Desk(sessions, theme, self)
        self._timeline = TimelinePanel(sessions, theme)
        self._status = QLabel()
        self._status.setObjectName("quiet")
        self._status.setWordWrap(True)
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.timeout.connect(self._status.clear)
        self._lay_out()
        self._connect()
        self._name()
        self._desk.prompt.set_words("")

    def _lay_out(self) -> None:
        right = QSplitter(Qt.Orientation.Vertical)
        right.addWidget(self._desk.prompt)
        right.addWidget(self._timeline)
        right.setStretchFactor(1, 1)
        across = QSplitter(Qt.Orientation.Horizontal)
        across.addWidget(self._desk.library)
        across.addWidget(right)
        across.setStretchFactor(1, 1)
        across.setSizes([440, 840])
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._bar)
        layout.addWidget(across, 1)
        layout.addWidget(self._desk.tray)
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
        for sentences in (
            self._desk.said,
            sessions.audition.noticed,
            sessions.projects.failed,
            sessions.settings.failed,
            sessions.sync.noticed,
            sessions.relink.said,
            self._timeline.said,
        ):
            sentences.connect(self.say)
        self._undo.triggered.connect(sessions.document.undo)
        self._redo.triggered.connect(sessions.document.redo)
        sessions.document.history_changed.connect(self._name)
        sessions.projects.path_changed.connect(self._name)
        self._bar.device_chosen.connect(sessions.settings.set_device)
        sessions.settings.theme_changed.connect(self.show_theme)
        self._files.export_wanted.connect(self._show_export)
        self._files.settings_wanted.connect(self._show_settings)
        self._files.locate_wanted.connect(self._show_missing)
        self._files.quit_wanted.connect(self.close)
        menus = (self._files, self._edit)
        self._commands = Commands(self, sessions, self._desk, self._bar, self._timeline, menus)
        self._commands.said.connect(self.say)

    @Slot(str)
    def show_theme(self, name: str) -> None:
        """Show the theme of this name."""
        for panel in (self._bar, self._desk, self._timeline):
            panel.show_theme(load_theme(name))

    @Slot(str)
    def say(self, sentence: str) -> None:
        """Show a sentence for a while."""
        self._status.setText(sentence)
        self._silence.start(_NOTICE_MS)

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

    @Slot()
    def _show_export(self) -> None:
        sessions = self._sessions
        project, paths = sessions.document.project, sessions.transport.paths
        folder = sessions.music_folder / "Exports"
        _show(ExportDialog(sessions.export, project, paths, folder, self))

    @Slot()
    def _show_missing(self) -> None:
        _show(RelinkDialog(self._sessions.relink, self._sessions.music_folder, self))

    @Slot()
    def _show_settings(self) -> None:
        sessions = self._sessions
        _show(SettingsDialog(sessions.settings, sessions.transport, sessions.music_folder, self))


def _show(dialog: QDialog) -> None:
    """Show a dialog until it is closed, and forget it then: it would go on listening."""
    dialog.exec()
    dialog.deleteLater()
