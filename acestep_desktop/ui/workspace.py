"""The workspace: all panels, menus and dialogs of the window, connected to the sessions."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QMainWindow

from acestep_desktop.session.prompts import PromptShelf
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.clock_button import ClockButton
from acestep_desktop.ui.commands import Commands
from acestep_desktop.ui.desk import Desk
from acestep_desktop.ui.history_menu import HistoryMenu
from acestep_desktop.ui.motion import show_motion
from acestep_desktop.ui.project_menu import ProjectMenu
from acestep_desktop.ui.prompt_panel import PromptPanel
from acestep_desktop.ui.theme import Theme, load_theme
from acestep_desktop.ui.timeline.panel import TimelinePanel
from acestep_desktop.ui.transport_bar import TransportBar


class Workspace(QObject):
    """Makes what the window holds around the prompt; the window places it.

    `files`, `bar`, `desk` and `timeline` are its parts; `said` carries sentences, `warned`
    those of what went wrong.
    """

    said = Signal(str)
    warned = Signal(str)

    def __init__(
        self,
        sessions: Sessions,
        prompt: PromptPanel,
        shelf: PromptShelf,
        theme: Theme,
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self.sessions, self._window = sessions, window
        self.files = ProjectMenu(
            sessions.projects,
            sessions.document,
            sessions.settings,
            sessions.music_folder / "Projects",
            window,
        )
        transport, document = sessions.transport, sessions.document
        self.bar = TransportBar(transport, document, theme, device=self._device)
        self.bar.add_tool(ClockButton(sessions.sync))
        self.desk = Desk(sessions, prompt, shelf, theme, window)
        self.timeline = TimelinePanel(sessions, theme)
        self._make_menus()
        self._connect()
        self._name_steps()

    @property
    def title(self) -> str:
        """The name of the open project."""
        return self.sessions.projects.title

    @property
    def geometry(self) -> bytes:
        """Where the whole window is, or was before it became a strip."""
        return self._commands.strip.geometry

    @Slot(str)
    def show_theme(self, name: str) -> None:
        """Show the theme of this name."""
        for panel in (self.bar, self.desk, self.timeline):
            panel.show_theme(load_theme(name))

    @Slot(bool)
    def show_motion(self, reduced: bool) -> None:
        """Let little move on the screen, or all that helps."""
        show_motion(reduced)
        self.sessions.transport.set_reduced_motion(reduced)

    def _device(self) -> str | None:
        return self.sessions.settings.device

    def _make_menus(self) -> None:
        bar = self._window.menuBar()
        bar.addMenu(self.files)
        self._edit = bar.addMenu("&Edit")
        self._history = HistoryMenu(self.sessions.document, self._window)
        self._undo = self._edit.addAction("Undo")
        self._undo.setShortcut(QKeySequence("Ctrl+Z"))
        self._redo = self._edit.addAction("Redo")
        self._redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self._edit.addMenu(self._history)
        # The keys of a menu that is hidden, as in a strip, are those of the window.
        for menu in (self.files, self._edit):
            self._window.addActions(menu.actions())

    def _connect(self) -> None:
        sessions = self.sessions
        menus = (self.files, self._edit)
        self._commands = Commands(self._window, sessions, self.desk, self.bar, self.timeline, menus)
        for sentences in (
            self.desk.said,
            sessions.audition.noticed,
            sessions.models.said,
            sessions.sync.noticed,
            sessions.relink.said,
            self.timeline.said,
            self._commands.said,
        ):
            sentences.connect(self.said)
        for failures in (
            self.desk.warned,
            sessions.projects.failed,
            sessions.settings.failed,
            sessions.models.failed,
        ):
            failures.connect(self.warned)
        self._undo.triggered.connect(sessions.document.undo)
        self._redo.triggered.connect(sessions.document.redo)
        sessions.document.history_changed.connect(self._name_steps)
        self.timeline.take_wanted.connect(self.desk.library.show_take)
        self.bar.device_chosen.connect(sessions.settings.set_device)
        sessions.settings.theme_changed.connect(self.show_theme)
        sessions.settings.reduced_motion_changed.connect(self.show_motion)
        self.show_motion(sessions.settings.reduced_motion)
        self.files.export_wanted.connect(self._show_export)
        self.files.settings_wanted.connect(self._show_settings)
        self.files.locate_wanted.connect(self._show_missing)
        self.files.models_wanted.connect(self.show_models)
        self.desk.prompt.models_wanted.connect(self.show_models)
        self.files.quit_wanted.connect(self._window.close)

    @Slot()
    def _name_steps(self) -> None:
        history = self.sessions.document.history
        for action, verb, steps in (
            (self._undo, "Undo", history.past[-1:]),
            (self._redo, "Redo", history.future[:1]),
        ):
            action.setText(f"{verb} {steps[0].label.lower()}" if steps else verb)
            action.setEnabled(bool(steps))

    @Slot()
    def _show_export(self) -> None:
        from acestep_desktop.ui.export_dialog import ExportDialog

        sessions = self.sessions
        project = replace(sessions.document.project, name=self.title)
        folder, span = sessions.music_folder / "Exports", self.timeline.editor.span
        _show(
            ExportDialog(
                sessions.export,
                project,
                lambda: sessions.transport.paths,
                folder,
                self._window,
                selected=span,
            )
        )

    @Slot()
    def _show_missing(self) -> None:
        from acestep_desktop.ui.relink_dialog import RelinkDialog

        _show(RelinkDialog(self.sessions.relink, self.sessions.music_folder, self._window))

    @Slot()
    def show_models(self) -> None:
        """Show which models there are, and let the person get and remove some."""
        from acestep_desktop.ui.models_dialog import ModelsDialog

        _show(ModelsDialog(self.sessions.models, self._window))

    @Slot()
    def _show_settings(self) -> None:
        from acestep_desktop.ui.settings_dialog import SettingsDialog

        sessions = self.sessions
        folder = sessions.music_folder
        _show(SettingsDialog(sessions.settings, sessions.transport, folder, self._window))


def _show(dialog: QDialog) -> None:
    """Show a dialog until it is closed, and forget it then: it would go on listening."""
    dialog.exec()
    dialog.deleteLater()
