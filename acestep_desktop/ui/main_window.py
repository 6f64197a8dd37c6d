"""The window: on the screen with the prompt alone, then furnished with everything else."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QMainWindow, QSplitter, QVBoxLayout, QWidget

from acestep_desktop.domain.request import Request
from acestep_desktop.session.prompts import PromptShelf
from acestep_desktop.session.settings import SettingsSession
from acestep_desktop.ui.drops import dropped_files
from acestep_desktop.ui.prompt_panel import PromptPanel
from acestep_desktop.ui.questions import may_break_off
from acestep_desktop.ui.theme import load_theme

if TYPE_CHECKING:
    from acestep_desktop.session.sessions import Sessions
    from acestep_desktop.ui.project_menu import ProjectMenu
    from acestep_desktop.ui.workspace import Workspace

_NOTICE_MS: Final = 8_000
_TITLE: Final = "ACE-Step Desktop"
_TITLE_BAR: Final = 32
"""What the system puts above a window, about; nobody knows it before the window is shown."""

_MENU_HEIGHT: Final = 21
_BAR_HEIGHT: Final = 43
_TRAY_HEIGHT: Final = 176
"""How high menus, transport and tray are, roughly, before they are there: nothing is to jump."""


class MainWindow(QMainWindow):
    """Transport above; takes at the left, prompt and timeline at the right; a line of status.

    What costs time to load comes with `furnish`; until then an idea can be written,
    and what is asked for waits. `painted` says that the window can be seen.
    """

    painted = Signal()

    def __init__(self, settings: SettingsSession, shelf: PromptShelf) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.setWindowTitle(_TITLE)
        self._settings, self._shelf = settings, shelf
        self._prompt = PromptPanel(shelf)
        self._space: Workspace | None = None
        self._asked: list[Request] = []
        self._logout = self._ended = False
        self._status = QLabel()
        self._status.setObjectName("quiet")
        self._status.setWordWrap(True)
        self._warning = QLabel()
        self._warning.setObjectName("bad")
        self._warning.setWordWrap(True)
        self._warning.hide()
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.timeout.connect(self._status.clear)
        self._lay_out()
        self._prompt.generate_wanted.connect(self._asked.append)
        self._prompt.focus_words()

    def _lay_out(self) -> None:
        self._right = QSplitter(Qt.Orientation.Vertical)
        self._right.addWidget(self._prompt)
        self._right.addWidget(_place())
        self._right.setStretchFactor(1, 1)
        self._across = QSplitter(Qt.Orientation.Horizontal)
        self._across.addWidget(_place())
        self._across.addWidget(self._right)
        self._across.setStretchFactor(1, 1)
        self._across.setSizes([340, 940])
        self._bar_place, self._tray_place = _place(_BAR_HEIGHT), _place(_TRAY_HEIGHT)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._bar_place)
        layout.addWidget(self._across, 1)
        layout.addWidget(self._tray_place)
        layout.addWidget(self._warning)
        layout.addWidget(self._status)
        self.setCentralWidget(centre)
        self.menuBar().setMinimumHeight(_MENU_HEIGHT)

    def furnish(self, sessions: "Sessions") -> None:
        """Put everything else into the window, and do what was asked for meanwhile."""
        from acestep_desktop.ui.workspace import Workspace

        theme = load_theme(self._settings.theme)
        self._space = space = Workspace(sessions, self._prompt, self._shelf, theme, self)
        self._put(space)
        space.said.connect(self.say)
        space.warned.connect(self.warn)
        for act in (sessions.document.history_changed, space.desk.prompt.generate_wanted):
            act.connect(self._forget_warning)
        sessions.document.history_changed.connect(self._name)
        sessions.projects.path_changed.connect(self._name)
        self._name()
        self._prompt.generate_wanted.disconnect(self._asked.append)
        for request in self._asked:
            space.desk.generate(request)

    def _put(self, space: "Workspace") -> None:
        self.menuBar().setMinimumHeight(0)
        sizes = self._across.sizes()
        places: list[QWidget] = [
            self._across.replaceWidget(0, space.desk.library),
            self._right.replaceWidget(1, space.timeline),
        ]
        layout = self.centralWidget().layout()
        assert layout is not None
        for old, panel in ((self._bar_place, space.bar), (self._tray_place, space.desk.tray)):
            layout.replaceWidget(old, panel)
            places.append(old)
        for place in places:
            place.hide()
            place.deleteLater()
        self._across.setSizes(sizes)

    @Slot(str)
    def say(self, sentence: str) -> None:
        """Show a sentence for a while."""
        self._status.setText(sentence)
        self._silence.start(_NOTICE_MS)

    @Slot(str)
    def warn(self, sentence: str) -> None:
        """Show what went wrong until the person goes on."""
        self._warning.setText(sentence)
        self._warning.show()

    @Slot()
    def _forget_warning(self) -> None:
        self._warning.clear()
        self._warning.hide()

    @property
    def files(self) -> "ProjectMenu":
        """The verbs of the project's file, once the window is furnished."""
        assert self._space is not None
        return self._space.files

    @Slot()
    def log_out(self) -> None:
        """Close without a question; unsaved work is offered at the next start."""
        self._logout = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        space = self._space
        may_leave = self._logout or space is None or self._may_leave(space)
        # A logout may have come while the question was open.
        if not may_leave and not self._logout:
            event.ignore()
            return
        whole = bytes(self.saveGeometry().data()) if space is None else space.geometry
        self._settings.set_geometry(whole)
        self.hide()
        if space is not None and not self._ended:
            self._ended = True
            space.sessions.close(keep_work=self._logout)
        event.accept()

    def _may_leave(self, space: "Workspace") -> bool:
        work = space.sessions.at_work
        return (not work or may_break_off(self, work)) and space.files.may_leave()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        # Our own takes are in the library already.
        if self._space is not None and event.source() is None and event.mimeData().hasUrls():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        files, refused = dropped_files(event.mimeData())
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if self._space is not None:
            self._space.sessions.library.import_files(files)
        if refused:
            self.say(refused)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted.emit()

    def restore_place(self) -> None:
        """Go where the window was the last time; the first time, be as large as fits."""
        room = self.screen().availableSize()
        self.resize(min(1280, room.width()), min(800, room.height() - _TITLE_BAR))
        self.restoreGeometry(QByteArray(self._settings.geometry))

    @Slot()
    def _name(self) -> None:
        assert self._space is not None
        self.setWindowTitle(f"{self._space.title}[*] – {_TITLE}")
        self.setWindowModified(self._space.sessions.document.modified)


def _place(height: int = 0) -> QFrame:
    """Return what keeps the place of a panel."""
    frame = QFrame()
    frame.setObjectName("panel")
    frame.setMinimumHeight(height)
    return frame
