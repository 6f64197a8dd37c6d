"""The library's column: search, the takes, and what to do about them."""

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from acestep_desktop.session.audition import AuditionSession
from acestep_desktop.session.library import LibrarySession, StoredTake
from acestep_desktop.ui.start_card import StartCard
from acestep_desktop.ui.take_list import TakeList
from acestep_desktop.ui.theme import Theme

_SEARCH_AFTER_MS: Final = 80


class LibraryColumn(QWidget):
    """Takes to search, hear, star, trash and drag. `said` carries sentences for the status line."""

    example_chosen = Signal(str)
    said = Signal(str)

    def __init__(
        self,
        library: LibrarySession,
        audition: AuditionSession,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._library, self._audition = library, audition
        self._list = TakeList(library, theme)
        self._empty = StartCard()
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search takes (Ctrl+F)")
        self._search.setAccessibleName("Search takes")
        self._search.setToolTip("Words of the title or prompt, a key, a tempo (Ctrl+F)")
        self._search.setClearButtonEnabled(True)
        self._stop = QPushButton("Stop")
        self._stop.setToolTip("Stop the take that plays (Space plays and stops)")
        self._stop.setAccessibleName("Stop the take")
        bar = QHBoxLayout()
        bar.addWidget(self._search, 1)
        bar.addWidget(self._stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(bar)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._empty, 1)
        self._connect()
        self.show_takes()

    def _connect(self) -> None:
        self._empty.example_chosen.connect(self.example_chosen)
        self._library.takes_changed.connect(self.show_takes)
        self._library.refused.connect(self.said)
        self._list.play_wanted.connect(self._audition.toggle)
        self._list.star_wanted.connect(self._toggle_star)
        self._list.trash_wanted.connect(self._trash)
        self._list.files_left.connect(self._note_files_left)
        self._stop.clicked.connect(self._audition.stop)
        self._audition.playing_changed.connect(self._list.show_playing)
        self._searching = QTimer(self)
        self._searching.setSingleShot(True)
        self._searching.setInterval(_SEARCH_AFTER_MS)
        self._searching.timeout.connect(self.show_takes)
        self._search.textChanged.connect(self._searching.start)
        space = QShortcut(QKeySequence("Space"), self._list)
        space.setContext(Qt.ShortcutContext.WidgetShortcut)
        space.activated.connect(self._play_selected)

    @Slot()
    def focus_search(self) -> None:
        """Let the person type words to search for."""
        self._search.setFocus()
        self._search.selectAll()

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
            self.said.emit(f'No take matches "{text}".')

    def play(self, take: StoredTake) -> None:
        """Select a take and let it be heard."""
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
        self.said.emit(f"{what} trashed; the files stay, `takes restore` brings them back.")

    @Slot(list)
    def _note_files_left(self, takes: list[StoredTake]) -> None:
        self._library.hand_out([take.path for take in takes])

    @Slot()
    def _play_selected(self) -> None:
        chosen = self._list.selected()
        if chosen:
            self._audition.toggle(chosen[0])
