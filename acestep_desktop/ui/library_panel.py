"""The library: search, filters, the takes, and what to do about them."""

from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from acestep_desktop.session.audition import AuditionSession
from acestep_desktop.session.library import LibrarySession, StoredTake
from acestep_desktop.ui.escapable_line import EscapableLine
from acestep_desktop.ui.start_card import StartCard
from acestep_desktop.ui.take_actions import TakeActions
from acestep_desktop.ui.take_filters import TakeFilters
from acestep_desktop.ui.take_list import TakeList
from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.toast import Toast

_SEARCH_AFTER_MS: Final = 60

_KEYS: Final = {
    "Play": "Space",
    "Star": "S",
    "Copy file": "Ctrl+C",
    "Rename…": "F2",
    "Trash": "Delete",
}
"""What the keys of the list do, by the entries of the menu."""


class LibraryPanel(QWidget):
    """Takes to search, hear, star, name, trash and drag. `said` carries sentences."""

    example_chosen = Signal(str)
    said = Signal(str)

    def __init__(
        self,
        library: LibrarySession,
        audition: AuditionSession,
        actions: TakeActions,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._library, self._audition, self._actions = library, audition, actions
        self._list = TakeList(library, theme)
        self._empty = StartCard()
        self._nothing = QLabel("No take is like that. Try fewer words, or clear the filters.")
        self._search = EscapableLine(while_written=True)
        self._filter = QPushButton("Filters")
        self._filters = TakeFilters()
        self._toast = Toast()
        self._lay_out()
        self._connect()
        self.show_takes()

    @property
    def start_card(self) -> StartCard:
        """What is shown while there are no takes."""
        return self._empty

    @Slot()
    def focus_search(self) -> None:
        """Let the person type words to search for."""
        self._search.setFocus()
        self._search.selectAll()

    @Slot()
    def toggle_filters(self) -> None:
        """Show or hide the filters."""
        self._filter.toggle()

    @Slot()
    def show_takes(self) -> None:
        """Show what search and filters find; without any take at all, how to begin."""
        chosen = {take.take_id for take in self._list.selected()}
        place = self._list.verticalScrollBar().value()
        text = self._search.text()
        self._list.takes.show_query(self._filters.query(text))
        self._list.select_takes(chosen)
        self._list.verticalScrollBar().setValue(place)
        found = bool(self._list.takes.takes)
        asked = bool(text) or self._filters.active
        self._list.setVisible(found)
        self._nothing.setVisible(not found and asked)
        self._empty.setVisible(not found and not asked)
        count = " •" if self._filters.active else ""
        self._filter.setText(f"Filters{count}")

    def show_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._list.show_theme(theme)

    def selected(self) -> list[StoredTake]:
        """Return the selected takes."""
        return self._list.selected()

    @Slot(str)
    def show_take(self, take_id: str) -> None:
        """Select a take and go to it; a search that hides it is forgotten."""
        self._list.select_take(take_id)
        if take_id not in {take.take_id for take in self.selected()}:
            self._search.clear()
            self.show_takes()
            self._list.select_take(take_id)
        if take_id not in {take.take_id for take in self.selected()}:
            self.said.emit("This clip's take is in no list: it was trashed, or filters hide it.")
        self._list.setFocus()

    @Slot(list)
    def trash(self, takes: list[StoredTake]) -> None:
        """Trash takes, or bring back those that are in the trash."""
        if self._filters.shows_trash:
            self._actions.restore(takes)
        else:
            self._actions.trash(takes)

    def menu_of(self, takes: list[StoredTake]) -> QMenu:
        """Return the menu of takes, with the keys of the list."""
        return self._actions.menu(takes, self, _KEYS)

    def _lay_out(self) -> None:
        self._search.setPlaceholderText("Search takes (Ctrl+F)")
        self._search.setAccessibleName("Search takes")
        self._search.setToolTip(
            "Words of the title, prompt or tags, a key, a tempo (Ctrl+F); Esc clears it"
        )
        self._search.setClearButtonEnabled(True)
        self._filter.setCheckable(True)
        self._filter.setAccessibleName("Filters")
        self._filter.setToolTip("Show or hide filters and order (Ctrl+Shift+F)")
        self._filters.setVisible(False)
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        bar = QHBoxLayout()
        bar.addWidget(self._search, 1)
        bar.addWidget(self._filter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(bar)
        layout.addWidget(self._filters)
        for part in (self._list, self._empty, self._nothing):
            layout.addWidget(part, 1)
        layout.addWidget(self._toast)

    def _connect(self) -> None:
        self._empty.example_chosen.connect(self.example_chosen)
        self._library.takes_changed.connect(self.show_takes)
        self._library.refused.connect(self.said)
        self._list.play_wanted.connect(self._actions.play)
        self._list.star_wanted.connect(self._actions.star)
        self._list.rename_wanted.connect(self._actions.ask_title)
        self._list.copy_wanted.connect(self._actions.copy)
        self._list.trash_wanted.connect(self.trash)
        self._list.menu_wanted.connect(self._show_menu)
        self._list.files_left.connect(self._actions.note_left)
        self._actions.trashed.connect(self._offer_undo)
        self._audition.playing_changed.connect(self._list.show_playing)
        self._filter.toggled.connect(self._filters.setVisible)
        self._searching = QTimer(self)
        self._searching.setSingleShot(True)
        self._searching.setInterval(_SEARCH_AFTER_MS)
        self._searching.timeout.connect(self.show_takes)
        self._search.textChanged.connect(self._searching.start)
        self._search.returnPressed.connect(self._list.setFocus)
        self._search.escaped.connect(self._search.clear)
        self._filters.changed.connect(self._searching.start)
        space = QShortcut(QKeySequence("Space"), self._list)
        space.setContext(Qt.ShortcutContext.WidgetShortcut)
        space.activated.connect(self._play_selected)

    @Slot(list)
    def _offer_undo(self, takes: list[StoredTake]) -> None:
        what = f'"{takes[0].title}"' if len(takes) == 1 else f"{len(takes)} takes"
        verb = "was" if len(takes) == 1 else "were"
        sentence = f"{what} {verb} trashed; the files stay where they are."
        self._toast.offer(sentence, partial(self._actions.restore, takes))

    @Slot(list, object)
    def _show_menu(self, takes: list[StoredTake], at: QPoint) -> None:
        menu = self.menu_of(takes)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    @Slot()
    def _play_selected(self) -> None:
        if chosen := self._list.selected():
            self._actions.play(chosen[0])
