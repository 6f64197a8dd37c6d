"""Cards of the tray: a take that can be heard and taken away, or one that is being made."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QContextMenuEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from acestep_desktop.session.engines import BUILT_IN
from acestep_desktop.session.library import LibrarySession, StoredTake
from acestep_desktop.ui.files_out import DragHandle
from acestep_desktop.ui.take_actions import TakeActions
from acestep_desktop.ui.take_face import FACE_HEIGHT, TakeFace, face_width
from acestep_desktop.ui.theme import Theme

_KEYS: Final = {"Play": "Space", "Copy file": "Ctrl+C"}
"""What the keys of a card do, by the entries of the menu."""

_NOTES_AFTER_MS: Final = 400
"""When the MIDI file is written that is likely to be dragged: soon, not at once."""

BUTTON_HEIGHT: Final = 28
CARD_HEIGHT: Final = FACE_HEIGHT + BUTTON_HEIGHT + 4


class TakeCard(QFrame):
    """One take, with handles to drag it, its stems and its notes."""

    play_wanted = Signal(object)

    def __init__(
        self,
        take: StoredTake,
        actions: TakeActions,
        library: LibrarySession,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._take, self._actions = take, actions
        self._face = TakeFace(take, library, theme)
        self._star = _button("☆", "Star", "Star this take")
        self._more = _button("⟳", "More like this", "Make one more like this, with a new seed")
        self._file = DragHandle("⇱ WAV", "Drag the take into your DAW", self._files)
        self._stems = DragHandle("Stems", "Drag the stems into your DAW", self._stem_files)
        self._notes = DragHandle("MIDI", "Drag the notes into your DAW, as MIDI", self._note_files)
        self._lay_out()
        self._connect()
        self.show_take(take)
        if self._notes.isVisibleTo(self):
            # Later: the take itself is to be seen first.
            QTimer.singleShot(_NOTES_AFTER_MS, self, partial(library.prepare_notes, take))

    @property
    def take(self) -> StoredTake:
        """The take that is shown."""
        return self._take

    def show_take(self, take: StoredTake) -> None:
        """Show the take as it is now."""
        self._take = take
        self._face.show_take(take)
        self._star.setText("★" if take.starred else "☆")
        self._star.setAccessibleName("Starred" if take.starred else "Star")
        self._star.setToolTip("Take the star away" if take.starred else "Star this take")
        self._stems.setVisible(bool(take.stems))
        self._notes.setVisible(take.engine == BUILT_IN)

    def show_number(self, number: int) -> None:
        """Show the key that plays it."""
        self._face.show_number(number)

    def show_playing(self, take_id: str) -> None:
        """Show which take is heard."""
        self._face.show_playing(take_id == self._take.take_id)

    def show_theme(self, theme: Theme) -> None:
        """Show it in other colours."""
        self._face.show_theme(theme)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self._actions.menu([self._take], self, _KEYS)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(3)
        for part in (self._star, self._more):
            buttons.addWidget(part)
        buttons.addStretch(1)
        for part in (self._file, self._stems, self._notes):
            part.setFixedHeight(BUTTON_HEIGHT)
            part.setObjectName("small")
            buttons.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._face)
        layout.addLayout(buttons)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def _connect(self) -> None:
        self._face.play_wanted.connect(self._want_play)
        self._face.copy_wanted.connect(self._file.copy)
        self._face.files_left.connect(self._actions.note_left)
        self._star.clicked.connect(self._want_star)
        self._more.clicked.connect(self._want_more)
        for handle in (self._file, self._stems, self._notes):
            handle.files_left.connect(self._actions.note_left)
            handle.said.connect(self._actions.said)

    def _files(self) -> list[Path]:
        return [self._take.path]

    def _stem_files(self) -> list[Path]:
        return self._actions.stems(self._take)

    def _note_files(self) -> list[Path]:
        return self._actions.notes(self._take)

    @Slot()
    def _want_play(self) -> None:
        self.play_wanted.emit(self._take)

    @Slot()
    def _want_star(self) -> None:
        self._actions.star([self._take])

    @Slot()
    def _want_more(self) -> None:
        self._actions.more_like(self._take)


class Placeholder(QWidget):
    """A take that is being made: as wide as it will be, with how far it is."""

    def __init__(self, seconds: float, length: str, theme: Theme) -> None:
        super().__init__()
        self._seconds, self._length, self._theme = seconds, length, theme
        self._fraction, self._stage = 0.0, ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_progress(0.0, "")

    def sizeHint(self) -> QSize:
        return QSize(face_width(self._seconds), CARD_HEIGHT)

    def show_progress(self, fraction: float, stage: str) -> None:
        """Show how far it is, 0..1, and what is being done."""
        self._fraction, self._stage = fraction, stage
        self.setAccessibleName(f"Take being made, {self._length}, {self.words()}")
        self.setToolTip(f"{self._length}: {self.words()}")
        self.update()

    def words(self) -> str:
        """Return how far it is, in words."""
        return f"{self._fraction:.0%}  {self._stage}".strip() if self._fraction else "waits"

    def show_theme(self, theme: Theme) -> None:
        """Show it in other colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme, area = self._theme, self.rect()
        painter.fillRect(area, QColor(theme.raised))
        done = QRect(0, 0, round(area.width() * self._fraction), area.height())
        painter.fillRect(done, QColor(theme.selection))
        painter.setPen(QColor(theme.text))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, f"{self._length}\n{self.words()}")
        painter.setPen(QColor(theme.line))
        painter.drawRect(area.adjusted(0, 0, -1, -1))


def _button(sign: str, name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(sign)
    button.setObjectName("small")
    button.setFixedHeight(BUTTON_HEIGHT)
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
