"""The transport of the strip: start, play, loop, and where the playhead is."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from acestep_desktop.domain.project import Project
from acestep_desktop.domain.time import Frame
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.transport import Status, TransportSession


class StripTransport(QWidget):
    """A few buttons beside the takes, while the window is a strip."""

    def __init__(self, transport: TransportSession, document: DocumentSession) -> None:
        super().__init__()
        self._transport = transport
        self.setAccessibleName("Transport of the strip")
        self._home = _button("|◀", "Go to the start of the project", "Go to the start (Home)")
        self._play = _button("▶", "Play the project", "Play or stop the project (Shift+Space)")
        self._play.setCheckable(True)
        self._loop = _button("⟲", "Loop of the project", "")
        self._loop.setCheckable(True)
        self._position = QLabel()
        self._position.setObjectName("position")
        self._position.setAccessibleName("Position in the project")
        self._position.setToolTip("Bar, beat and tick of the playhead")
        self._tempo = QLabel()
        self._tempo.setObjectName("quiet")
        self._tempo.setAccessibleName("Tempo of the project")
        self._tempo.setToolTip("Tempo and meter of the project; the whole window changes them")
        self._lay_out()
        self._home.clicked.connect(self._go_home)
        self._play.clicked.connect(transport.toggle)
        self._loop.clicked.connect(transport.set_loop)
        transport.status_changed.connect(self.show_status)
        transport.loop_changed.connect(self._show_loop)
        document.project_changed.connect(self.show_project)
        self.show_project(document.project)
        self.show_status(transport.status)

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 6, 0)
        layout.setSpacing(4)
        for column, button in enumerate((self._home, self._play, self._loop)):
            layout.addWidget(button, 0, column)
        layout.addWidget(self._position, 1, 0, 1, 3)
        layout.addWidget(self._tempo, 2, 0, 1, 3)
        layout.setRowStretch(3, 1)

    @Slot(object)
    def show_status(self, status: Status) -> None:
        """Show where the audio process is."""
        self._play.setChecked(status.rolling)
        self._play.setText("■" if status.rolling else "▶")
        self._position.setText(str(self._transport.position()))

    @Slot(object)
    def show_project(self, project: Project) -> None:
        """Show the project's tempo and meter, and whether it has a loop."""
        tempo = project.tempo
        self._tempo.setText(f"{tempo.tempos[0].bpm:g} bpm   {tempo.meters[0].meter}")
        self._loop.setEnabled(project.loop is not None)
        self._loop.setToolTip(
            "Go round in the loop (L)"
            if project.loop is not None
            else "There is no loop: the whole window's ruler draws one"
        )

    @Slot(object)
    def _show_loop(self, span: object) -> None:
        self._loop.setChecked(span is not None)

    @Slot()
    def _go_home(self) -> None:
        self._transport.locate(Frame(0))


def _button(sign: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(sign)
    button.setObjectName("small")
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setFixedSize(38, 28)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
