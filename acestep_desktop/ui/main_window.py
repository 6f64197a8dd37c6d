"""The window: it places the panels and passes wishes on."""

from typing import Final

from PySide6.QtCore import QByteArray, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from acestep_desktop.domain.request import Request
from acestep_desktop.session.audition import AuditionSession
from acestep_desktop.session.jobs import Job, JobSession, JobState
from acestep_desktop.session.library import LibrarySession, StoredTake
from acestep_desktop.ui.drops import dropped_files
from acestep_desktop.ui.prompt_panel import PromptPanel
from acestep_desktop.ui.start_card import StartCard
from acestep_desktop.ui.take_list import TakeList
from acestep_desktop.ui.theme import Theme

_SEARCH_AFTER_MS: Final = 80
_NOTICE_MS: Final = 8_000


class MainWindow(QWidget):
    """Prompt above, takes below, and one line of status."""

    def __init__(
        self, jobs: JobSession, library: LibrarySession, audition: AuditionSession, theme: Theme
    ) -> None:
        super().__init__()
        self.setWindowTitle("ACE-Step Desktop")
        self.setAcceptDrops(True)
        self._jobs, self._library, self._audition = jobs, library, audition
        self._plays_next = False
        self._prompt = PromptPanel()
        self._list = TakeList(library, theme)
        self._empty = StartCard()
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search takes (Ctrl+F)")
        self._search.setAccessibleName("Search takes")
        self._search.setToolTip("Words of the title or prompt, a key, a tempo (Ctrl+F)")
        self._search.setClearButtonEnabled(True)
        self._stop = QPushButton("Stop")
        self._stop.setToolTip("Stop the take that plays (Space plays and stops)")
        self._stop.setAccessibleName("Stop")
        self._status = QLabel()
        self._status.setObjectName("quiet")
        self._status.setWordWrap(True)
        self._lay_out()
        self._connect()
        self.show_takes()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self._search, 1)
        bar.addWidget(self._stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self._prompt)
        layout.addLayout(bar)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._empty, 1)
        layout.addWidget(self._status)

    def _connect(self) -> None:
        self._prompt.generate_wanted.connect(self.generate)
        self._prompt.cancel_wanted.connect(self._jobs.cancel_all)
        self._empty.example_chosen.connect(self._prompt.set_words)
        self._jobs.jobs_changed.connect(self._show_jobs)
        self._jobs.job_failed.connect(self._show_failure)
        self._jobs.take_kept.connect(self._show_take)
        self._library.takes_changed.connect(self.show_takes)
        self._library.refused.connect(self.say)
        self._list.play_wanted.connect(self._audition.toggle)
        self._list.star_wanted.connect(self._toggle_star)
        self._list.trash_wanted.connect(self._trash)
        self._list.files_left.connect(self._note_files_left)
        self._stop.clicked.connect(self._audition.stop)
        self._audition.playing_changed.connect(self._list.show_playing)
        self._audition.noticed.connect(self.say)
        self._searching = QTimer(self)
        self._searching.setSingleShot(True)
        self._searching.setInterval(_SEARCH_AFTER_MS)
        self._searching.timeout.connect(self.show_takes)
        self._search.textChanged.connect(self._searching.start)
        for keys, slot in (
            ("Ctrl+F", self._search.setFocus),
            ("Esc", self._escape),
            ("Ctrl+Q", self.close),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)
        space = QShortcut(QKeySequence("Space"), self._list)
        space.setContext(Qt.ShortcutContext.WidgetShortcut)
        space.activated.connect(self._play_selected)

    @Slot(object)
    def generate(self, request: Request) -> None:
        """Queue a request; its first take plays by itself."""
        self._plays_next = True
        self._jobs.submit("sketch", request)

    @Slot()
    def show_takes(self) -> None:
        """Show what the search finds; without any take at all, how to begin."""
        chosen = self._list.selected()
        text = self._search.text()
        takes = self._library.search(text)
        self._list.takes.show_takes(takes)
        if chosen:
            self._list.select_take(chosen[0].take_id)
        empty = not takes and not text
        self._empty.setVisible(empty)
        self._list.setVisible(not empty)
        if text and not takes:
            self.say(f'No take matches "{text}".')

    @Slot(str)
    def say(self, sentence: str) -> None:
        """Show a sentence for a while."""
        self._status.setText(sentence)
        QTimer.singleShot(_NOTICE_MS, self._status, self._status.clear)

    def saved_geometry(self) -> QByteArray:
        """Return where the window is, to be remembered."""
        return self.saveGeometry()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._audition.close()
        self._jobs.close()
        self._library.close()
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
        self._library.import_files(files)
        if refused:
            self.say(refused)

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
        self.show_takes()
        if self._plays_next:
            self._plays_next = False
            self._list.select_take(take.take_id)
            self._audition.play(take)

    @Slot(object)
    def _toggle_star(self, take: StoredTake) -> None:
        self._library.set_starred(take, not take.starred)

    @Slot(list)
    def _trash(self, takes: list[StoredTake]) -> None:
        self._audition.stop()
        self._library.trash(takes)
        what = f'"{takes[0].title}"' if len(takes) == 1 else f"{len(takes)} takes"
        self.say(f"{what} trashed; the files stay, `takes restore` brings them back.")

    @Slot(list)
    def _note_files_left(self, takes: list[StoredTake]) -> None:
        self._library.hand_out([take.path for take in takes])

    @Slot()
    def _play_selected(self) -> None:
        chosen = self._list.selected()
        if chosen:
            self._audition.toggle(chosen[0])

    @Slot()
    def _escape(self) -> None:
        if any(not job.state.ended for job in self._jobs.jobs):
            self._jobs.cancel_all()
        else:
            self._audition.stop()
