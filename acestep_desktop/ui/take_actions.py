"""What can be done with takes, wherever they are shown: verbs, and the menu of them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from acestep_desktop.session.audition import AuditionSession
from acestep_desktop.session.engines import BUILT_IN, ENGINES
from acestep_desktop.session.jobs import JobSession
from acestep_desktop.session.library import LibrarySession, StoredTake
from acestep_desktop.ui.files_out import copy_files, reveal

Takes = Sequence[StoredTake]

SEND: Final = "Send to ACE-Step"
SENDABLE: Final = {
    "cover": "Cover",
    "repaint": "Repaint…",
    "extend": "Extend…",
    "variation": "Variation",
    "add_layer": "Add a layer",
    "complete": "Complete",
    "extract": "Extract a track",
    "reference": "Use as reference",
}
"""What can be done with a take, by the key of the task."""

_NO_KEYS: Final[Mapping[str, str]] = MappingProxyType({})


class TakeActions(QObject):
    """The verbs of takes. The window's thread only.

    `said` carries a sentence; `trashed` takes that can be brought back; `place_wanted`
    takes that are to go on the timeline; `send_wanted` a take and the key of a task that
    is to be done with it.
    """

    said = Signal(str)
    trashed = Signal(list)
    place_wanted = Signal(list)
    send_wanted = Signal(object, str)

    def __init__(
        self,
        library: LibrarySession,
        audition: AuditionSession,
        jobs: JobSession,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._library, self._audition, self._jobs = library, audition, jobs

    def play(self, take: StoredTake) -> None:
        """Hear a take, or stop it where it is heard."""
        if take.present:
            self._audition.toggle(take)
        else:
            self.said.emit(f'The file of "{take.title}" is gone: put it back, or trash the take.')

    def star(self, takes: Takes) -> None:
        """Star takes; where all of them are starred, take their stars away."""
        on = not all(take.starred for take in takes)
        self._library.set_starred(takes, on)

    def more_like(self, take: StoredTake) -> None:
        """Ask for another take of the same idea, with a new seed."""
        request = self._library.request_of(take)
        if request is None:
            self.said.emit(f'"{take.title}" was imported: nobody knows how it was made.')
            return
        engine = take.engine if take.engine in ENGINES else BUILT_IN
        if self._jobs.more_like(engine, request) is not None:
            self.said.emit(f'One more like "{take.title}" is on its way.')

    def rename(self, take: StoredTake, title: str) -> None:
        """Give a take another title."""
        if title.strip() and title.strip() != take.title:
            self._library.set_title(take, title.strip())

    def ask_title(self, take: StoredTake) -> None:
        """Ask for another title."""
        title, sure = QInputDialog.getText(self._window, "Rename", "Title", text=take.title)
        if sure:
            self.rename(take, title)

    def ask_tags(self, takes: Takes) -> None:
        """Ask for the tags that takes have in common; what else they have stays."""
        common = [tag for tag in takes[0].tags if all(tag in take.tags for take in takes)]
        whose = "Tags" if len(takes) == 1 else f"Tags that all {len(takes)} takes have"
        text, sure = QInputDialog.getText(
            self._window, "Tags", f"{whose}, with commas between them", text=", ".join(common)
        )
        if sure:
            wanted = [tag.strip() for tag in text.split(",")]
            added = [tag for tag in wanted if tag not in common]
            removed = [tag for tag in common if tag not in wanted]
            self._library.change_tags(takes, added=added, removed=removed)

    def copy(self, takes: Takes) -> None:
        """Put the files of takes on the clipboard."""
        self._copy_paths([take.path for take in takes if take.present])

    def copy_stems(self, take: StoredTake) -> None:
        """Put the stems of a take on the clipboard."""
        self._copy_paths(self.stems(take))

    def copy_notes(self, take: StoredTake) -> None:
        """Put the MIDI file of a take on the clipboard."""
        self._copy_paths(self.notes(take))

    def stems(self, take: StoredTake) -> list[Path]:
        """Return the files of a take's stems."""
        return [stem.path for stem in take.stems]

    def notes(self, take: StoredTake) -> list[Path]:
        """Return the MIDI file of a take, if it has notes."""
        path = self._library.notes_file(take)
        return [] if path is None else [path]

    def reveal(self, take: StoredTake) -> None:
        """Show the folder that a take's file is in."""
        if not reveal(take.path):
            self.said.emit(f"No file manager could be opened. The file is {take.path}")

    def trash(self, takes: Takes) -> None:
        """Put takes into the trash, from where `restore` brings them back."""
        if any(take.take_id == self._audition.playing for take in takes):
            self._audition.stop()
        self._library.trash(takes)
        self.trashed.emit(list(takes))

    def restore(self, takes: Takes) -> None:
        """Bring takes back from the trash."""
        self._library.restore(takes)

    def hand_out(self, paths: Sequence[Path]) -> None:
        """Note that files leave: from now on nothing may change them."""
        self._library.hand_out(paths)

    @Slot(list)
    def note_left(self, paths: list[Path]) -> None:
        """Note that files were dragged away."""
        self.hand_out(paths)

    def menu(self, takes: Takes, parent: QWidget, keys: Mapping[str, str] = _NO_KEYS) -> QMenu:
        """Return the menu of what can be done with `takes`; `keys` do some of it in `parent`."""
        menu = QMenu(parent)
        first, one = takes[0], len(takes) == 1
        known = "" if first.engine in ENGINES else "Imported: nobody knows how it was made"
        gone = "" if any(take.present for take in takes) else "The file is gone"
        single = "" if one else "For one take at a time"
        notes = "" if first.engine == BUILT_IN else "Only takes made by Sketch have notes"
        stems = "" if first.stems else "This take has no stems"
        self._add(menu, "Play", keys.get("Play", ""), partial(self.play, first), single or gone)
        self._add(menu, "Star", keys.get("Star", ""), partial(self.star, takes))
        self._add(menu, "More like this", "", partial(self.more_like, first), single or known)
        place = partial(self.place_wanted.emit, list(takes))
        self._add(menu, "Put on the timeline", "", place, gone)
        self._add_tasks(menu, first, single or gone)
        menu.addSeparator()
        self._add(menu, "Copy file", keys.get("Copy file", ""), partial(self.copy, takes), gone)
        self._add(menu, "Copy stems", "", partial(self.copy_stems, first), single or stems)
        self._add(menu, "Copy MIDI", "", partial(self.copy_notes, first), single or notes)
        self._add(menu, "Reveal in folder", "", partial(self.reveal, first), single or gone)
        menu.addSeparator()
        self._add(menu, "Rename…", keys.get("Rename…", ""), partial(self.ask_title, first), single)
        self._add(menu, "Tags…", "", partial(self.ask_tags, takes))
        if first.trashed:
            self._add(menu, "Bring back", keys.get("Trash", ""), partial(self.restore, takes))
        else:
            self._add(menu, "Trash", keys.get("Trash", ""), partial(self.trash, takes))
        menu.setToolTipsVisible(True)
        menu.triggered.connect(self._do)
        return menu

    def _add_tasks(self, menu: QMenu, take: StoredTake, refusal: str) -> None:
        tasks = menu.addMenu(SEND)
        tasks.setEnabled(not refusal)
        tasks.menuAction().setToolTip(refusal or "Make something from this take")
        for key, title in SENDABLE.items():
            self._add(tasks, title, "", partial(self.send_wanted.emit, take, key))
        tasks.setToolTipsVisible(True)

    @Slot(QAction)
    def _do(self, action: QAction) -> None:
        verb: Callable[[], object] | None = action.data()
        if verb is not None:
            verb()

    def _add(
        self, menu: QMenu, title: str, keys: str, verb: Callable[[], object], refusal: str = ""
    ) -> None:
        # The keys are told, not bound: they belong to the widget that shows the takes.
        action = menu.addAction(f"{title}\t{keys}" if keys else title)
        action.setData(verb)
        action.setEnabled(not refusal)
        action.setToolTip(refusal or title)

    def _copy_paths(self, paths: list[Path]) -> None:
        if paths:
            self.hand_out(paths)
            self.said.emit(copy_files(paths))
        else:
            self.said.emit("There is no file to copy.")
