"""The audition tray: the takes of this hour, batch by batch, to hear, compare and drag away."""

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.session.audition import AuditionSession
from acestep_desktop.session.batches import Batch, BatchSession, JobId
from acestep_desktop.session.jobs import JobSession
from acestep_desktop.session.library import LibrarySession, StoredTake
from acestep_desktop.session.settings import SettingsSession
from acestep_desktop.ui.batch_box import BatchBox
from acestep_desktop.ui.take_actions import TakeActions
from acestep_desktop.ui.theme import Theme

TRAY_HEIGHT: Final = 176
COMPACT_HEIGHT: Final = 134
_EMPTY: Final = "Takes appear here as they are made. Keys 1 to 9 play them; drag one into your DAW."


class AuditionTray(QFrame):
    """Batches from left to right, the newest first; the takes are numbered for the keys 1 to 9."""

    said = Signal(str)

    def __init__(
        self,
        batches: BatchSession,
        jobs: JobSession,
        library: LibrarySession,
        audition: AuditionSession,
        settings: SettingsSession,
        actions: TakeActions,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._batches, self._jobs, self._library = batches, jobs, library
        self._audition, self._settings = audition, settings
        self._actions, self._theme = actions, theme
        self._boxes: dict[JobId, BatchBox] = {}
        self._compact = False
        self._first = QCheckBox("Play first")
        self._level = QCheckBox("Same level")
        self._other = QPushButton("A/B")
        self._hint = QLabel(_EMPTY)
        self._scroll = QScrollArea()
        self._row = QHBoxLayout()
        self._lay_out()
        self._name()
        self._connect()
        self.show_batches(batches.batches)

    def play_number(self, number: int) -> None:
        """Switch to the take with this number, counted from 1."""
        takes = self._batches.takes
        if 1 <= number <= len(takes):
            self._audition.switch(takes[number - 1])
        else:
            self.said.emit(f"There is no take {number} in the tray.")

    def current(self) -> StoredTake | None:
        """Return the take that is heard, or was last, as it is now."""
        heard = self._audition.take
        if heard is None:
            return next(iter(self._batches.takes), None)
        return self._library.lookup([heard.take_id]).get(heard.take_id)

    @Slot()
    def swap(self) -> None:
        """Go back to the take that was heard before."""
        if not self._audition.swap():
            self.said.emit("Hear two takes first: A/B then goes to and fro between them.")

    def set_compact(self, on: bool) -> None:
        """Show the cards alone, without the words of their batches."""
        self._compact = on
        self.setFixedHeight(COMPACT_HEIGHT if on else TRAY_HEIGHT)
        for box in self._boxes.values():
            box.set_compact(on)

    def add_tool(self, tool: QWidget) -> None:
        """Place one more control at the left of everything."""
        layout = self.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.insertWidget(0, tool)

    @Slot()
    def toggle_level(self) -> None:
        """Hear all takes equally loud, or as they are."""
        self._level.toggle()

    @Slot()
    def toggle_first(self) -> None:
        """Let first takes play by themselves, or not."""
        self._first.toggle()

    def show_theme(self, theme: Theme) -> None:
        """Show everything in other colours."""
        self._theme = theme
        for box in self._boxes.values():
            box.show_theme(theme)

    @Slot(tuple)
    def show_batches(self, batches: tuple[Batch, ...]) -> None:
        """Show these batches; cards that are there already stay."""
        shown = {batch.job_id for batch in batches}
        for job_id in [job_id for job_id in self._boxes if job_id not in shown]:
            box = self._boxes.pop(job_id)
            self._row.removeWidget(box)
            box.hide()
            box.deleteLater()
        number = 1
        for place, batch in enumerate(batches):
            box = self._boxes.get(batch.job_id) or self._new_box(batch, place)
            box.show_batch(batch, number)
            number += len(batch.takes)
        self._hint.setVisible(not batches)
        self._show_playing(self._audition.playing)

    def _new_box(self, batch: Batch, place: int) -> BatchBox:
        box = BatchBox(batch.job_id, self._actions, self._library, self._theme)
        box.set_compact(self._compact)
        box.play_wanted.connect(self._toggle)
        box.retry_wanted.connect(self._batches.retry)
        box.cancel_wanted.connect(self._jobs.cancel)
        box.dismiss_wanted.connect(self._batches.dismiss)
        self._boxes[batch.job_id] = box
        self._row.insertWidget(place, box)
        box.show()
        self._scroll.horizontalScrollBar().setValue(0)
        return box

    def _lay_out(self) -> None:
        switches = QVBoxLayout()
        switches.setSpacing(6)
        for part in (self._first, self._level, self._other):
            switches.addWidget(part)
        switches.addStretch(1)
        self._hint.setObjectName("quiet")
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(10)
        self._row.addWidget(self._hint)
        self._row.addStretch(1)
        inside = QWidget()
        inside.setLayout(self._row)
        self._scroll.setWidget(inside)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 6)
        layout.setSpacing(10)
        layout.addLayout(switches)
        layout.addWidget(self._scroll, 1)
        self.setFixedHeight(TRAY_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _name(self) -> None:
        self.setAccessibleName("Audition tray")
        self._scroll.setAccessibleName("Takes of this session")
        for widget, name, tip in (
            (self._first, "Play first", "The first take of every job plays by itself"),
            (self._level, "Same level", "Hear all takes equally loud"),
            (self._other, "A/B", "Go to and fro between the last two takes (B)"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        self._first.setChecked(self._settings.plays_first_take)
        self._level.setChecked(self._settings.level_matched)

    def _connect(self) -> None:
        self._batches.batches_changed.connect(self.show_batches)
        self._batches.first_arrived.connect(self._play_first)
        self._audition.playing_changed.connect(self._show_playing)
        self._actions.said.connect(self.said)
        self._first.toggled.connect(self._settings.set_plays_first_take)
        self._level.toggled.connect(self._settings.set_level_matched)
        self._settings.plays_first_take_changed.connect(self._first.setChecked)
        self._settings.level_matched_changed.connect(self._level.setChecked)
        self._other.clicked.connect(self.swap)

    @Slot(object)
    def _toggle(self, take: StoredTake) -> None:
        if self._audition.playing in ("", take.take_id):
            self._actions.play(take)
        else:
            self._audition.switch(take)

    @Slot(object)
    def _play_first(self, take: StoredTake) -> None:
        # Its beginning may have been heard while it was made: then it goes on.
        if self._first.isChecked() and self._audition.playing != take.take_id:
            self._audition.play(take)

    @Slot(str)
    def _show_playing(self, take_id: str) -> None:
        for box in self._boxes.values():
            box.show_playing(take_id)
