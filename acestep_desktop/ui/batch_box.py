"""One batch in the tray: its words, and its takes as they arrive or why they do not."""

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import SAMPLE_RATE, Meter
from acestep_desktop.session.batches import Batch, JobId
from acestep_desktop.session.library import LibrarySession, StoredTake
from acestep_desktop.ui.take_actions import TakeActions
from acestep_desktop.ui.take_card import CARD_HEIGHT, Placeholder, TakeCard
from acestep_desktop.ui.theme import Theme

_USUAL_BPM: Final = 120.0
"""What a placeholder assumes where only the engine knows the tempo."""


class BatchBox(QFrame):
    """The cards of one job."""

    play_wanted = Signal(object)
    retry_wanted = Signal(object)
    cancel_wanted = Signal(object)
    dismiss_wanted = Signal(object)

    def __init__(
        self, job_id: JobId, actions: TakeActions, library: LibrarySession, theme: Theme
    ) -> None:
        super().__init__()
        self.setObjectName("batch")
        self._job_id, self._actions, self._library = job_id, actions, library
        self._theme = theme
        self._running = False
        self._batch: Batch | None = None
        self._cards: list[TakeCard | Placeholder] = []
        self._title = QLabel()
        self._title.setObjectName("quiet")
        self._close = QToolButton()
        self._close.setText("✕")
        self._close.setObjectName("small")
        self._close.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._close.clicked.connect(self._want_close)
        self._failure = QFrame()
        self._reason = QLabel()
        self._reason.setObjectName("bad")
        self._retry = QPushButton("Retry")
        self._retry.setAccessibleName("Retry")
        self._retry.setToolTip("Ask for the same once more")
        self._retry.clicked.connect(self._want_retry)
        self._row = QHBoxLayout()
        self._lay_out()

    def show_batch(self, batch: Batch, first_number: int) -> None:
        """Show the batch; its takes are numbered from `first_number` on."""
        if batch != self._batch:
            self._batch = batch
            self._show_words(batch)
            self._show_cards(batch)
        for number, card in enumerate(self._cards, first_number):
            if isinstance(card, TakeCard):
                card.show_number(number)

    def set_compact(self, on: bool) -> None:
        """Show the cards alone, or the words and the button above them too."""
        self._title.setVisible(not on)
        self._close.setVisible(not on)

    def show_playing(self, take_id: str) -> None:
        """Show which take is heard."""
        for card in self._cards:
            if isinstance(card, TakeCard):
                card.show_playing(take_id)

    def show_theme(self, theme: Theme) -> None:
        """Show it in other colours."""
        self._theme = theme
        for card in self._cards:
            card.show_theme(theme)

    def _show_words(self, batch: Batch) -> None:
        self._running = any(place.take is None for place in batch.places)
        words = " ".join(batch.request.prompt.caption.split()) or "No words"
        self._title.setText(self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, 200))
        self._title.setToolTip(words)
        verb = "Cancel this job" if self._running else "Take these out of the tray"
        self._close.setAccessibleName(verb)
        self._close.setToolTip(f"{verb}; takes stay in the library")
        self._reason.setText(batch.reason)
        self._failure.setVisible(bool(batch.reason))

    def _show_cards(self, batch: Batch) -> None:
        for index, place in enumerate(batch.places):
            card = self._cards[index] if index < len(self._cards) else None
            if place.take is None:
                coming = card if isinstance(card, Placeholder) else self._new_placeholder(batch)
                coming.show_progress(place.fraction, batch.stage if place.fraction else "")
                shown: TakeCard | Placeholder = coming
            elif isinstance(card, TakeCard) and card.take.take_id == place.take.take_id:
                card.show_take(place.take)
                shown = card
            else:
                shown = self._new_card(place.take)
            if shown is not card:
                self._put(index, shown)
        for card in self._cards[len(batch.places) :]:
            self._drop(card)
        del self._cards[len(batch.places) :]

    def _new_placeholder(self, batch: Batch) -> Placeholder:
        return Placeholder(*_length(batch), self._theme)

    def _new_card(self, take: StoredTake) -> TakeCard:
        card = TakeCard(take, self._actions, self._library, self._theme)
        card.play_wanted.connect(self.play_wanted)
        return card

    def _put(self, index: int, card: TakeCard | Placeholder) -> None:
        if index < len(self._cards):
            self._drop(self._cards[index])
            self._cards[index] = card
        else:
            self._cards.append(card)
        self._row.insertWidget(index, card)
        card.show()

    def _drop(self, card: QWidget) -> None:
        self._row.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._title)
        top.addStretch(1)
        top.addWidget(self._close)
        self._reason.setWordWrap(True)
        self._reason.setMinimumWidth(220)
        self._failure.setFixedHeight(CARD_HEIGHT)
        failure = QVBoxLayout(self._failure)
        failure.setContentsMargins(8, 4, 8, 4)
        failure.addWidget(self._reason, 1)
        failure.addWidget(self._retry, alignment=Qt.AlignmentFlag.AlignLeft)
        self._row.setSpacing(8)
        self._row.addWidget(self._failure)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addLayout(self._row)

    @Slot()
    def _want_close(self) -> None:
        wish = self.cancel_wanted if self._running else self.dismiss_wanted
        wish.emit(self._job_id)

    @Slot()
    def _want_retry(self) -> None:
        self.retry_wanted.emit(self._job_id)


def _length(batch: Batch) -> tuple[float, str]:
    """Return how long a take of this batch will be, in seconds and in words."""
    if batch.seconds is not None:
        return batch.seconds, f"{batch.seconds:g} s"
    bars = batch.bars or 1
    meter = batch.request.meter or Meter()
    seconds = frames_of_bars(bars, meter, batch.bpm or _USUAL_BPM) / SAMPLE_RATE
    return seconds, f"{bars} bar{'s' if bars != 1 else ''}"
