"""The prompt: an idea in words, the fields and options that go with it, and Generate."""

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.request import Request, TextToMusic
from acestep_desktop.session.engines import BUILT_IN
from acestep_desktop.session.prompts import Preset, PromptShelf
from acestep_desktop.ui.chips import FACTS, ChipRow
from acestep_desktop.ui.engine_line import EngineLine
from acestep_desktop.ui.prompt_act import PromptAct
from acestep_desktop.ui.prompt_fields import PromptFields, name
from acestep_desktop.ui.prompt_ideas import IdeasButton
from acestep_desktop.ui.prompt_notes import PromptNotes
from acestep_desktop.ui.prompt_options import PromptOptions
from acestep_desktop.ui.prompt_words import (
    cleaned,
    rolled,
    seconds_of,
    understood,
    with_words,
    without_span,
)

if TYPE_CHECKING:
    from acestep_desktop.domain.reading import Span
    from acestep_desktop.session.engine_state import EngineSession, EngineState, Estimate
    from acestep_desktop.session.sources import SourceSession

ONE_LINE: Final = 40
WORDS_HEIGHT: Final = 54
MOST_WORDS_HEIGHT: Final = 84
_READ_AFTER_MS: Final = 120


class PromptPanel(QFrame):
    """Where a request is written. `generate_wanted` carries it; `cancel_wanted` stops the job."""

    generate_wanted = Signal(object)
    cancel_wanted = Signal()
    queue_wanted = Signal()
    models_wanted = Signal()
    strip_ended = Signal()
    said = Signal(str)

    def __init__(
        self,
        shelf: PromptShelf | None = None,
        parent: QWidget | None = None,
        *,
        random: Random | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._shelf, self._random = shelf, random or Random()
        self._kept: frozenset[str] = frozenset()
        self._draft, self._walked = "", -1
        self._engines: EngineSession | None = None
        self._device, self._compact = "", False
        self._spans: tuple[Span, ...] = ()
        self._words = QPlainTextEdit()
        self._chips = ChipRow()
        self._notes = PromptNotes()
        self._fields = PromptFields()
        self.options = PromptOptions(shelf)
        self._line, self._act = EngineLine(), PromptAct()
        self._make_words()
        self._make_buttons()
        self._lay_out()
        self._connect()

    @property
    def engine(self) -> str:
        """The engine that was chosen."""
        return self.options.engine

    def furnish(self, engines: "EngineSession", sources: "SourceSession") -> None:
        """Show what the engines can do, and what a job would cost."""
        self._engines = engines
        self._line.unload_wanted.connect(engines.unload)
        engines.estimated.connect(self._show_estimate)
        self.options.furnish(engines, sources)

    def show_device(self, device: str) -> None:
        """Say where ACE-Step computes."""
        self._device = device
        if self._engines is not None:
            self._show_state(self._engines.state(self.engine))

    def send(
        self, path: Path, task: str, *, words: str = "", span: tuple[float, float] | None = None
    ) -> None:
        """Make ready to do a task with audio; `words` are written where there are none yet."""
        if words and not cleaned(self._words.toPlainText()):
            self.set_words(words)
        self.options.send(path, task, span)

    @Slot()
    def focus_words(self) -> None:
        """Let the person write the idea."""
        self._words.setFocus()

    @Slot()
    def generate(self) -> None:
        """Ask for what is written, as the button does."""
        try:
            request = self.request()
            self.options.check()
        except InvalidValueError as error:
            self._notes.show_trouble(str(error))
            self.said.emit(str(error))
            return
        self._notes.show_trouble("")
        self._walked = -1
        self.options.remember()
        if self._shelf is not None:
            self._shelf.remember(request.prompt.caption)
        self.generate_wanted.emit(request)

    def set_words(self, words: str) -> None:
        """Put `words` into the prompt and the cursor behind them."""
        self._words.setPlainText(words)
        self._words.moveCursor(self._words.textCursor().MoveOperation.End)
        self._words.setFocus()

    def set_compact(self, on: bool) -> None:
        """Show one line of words and Generate beside it, or everything."""
        parts = (
            self._chips,
            self._fields,
            self.options,
            self._recent,
            self._dice,
        )
        for widget in parts:
            widget.setVisible(not on)
        self._act.set_compact(on)
        self.options.side.setVisible(not on and bool(self.options.page))
        self._notes.set_compact(on)
        self._words.setMinimumHeight(ONE_LINE if on else WORDS_HEIGHT)
        self._words.setMaximumHeight(ONE_LINE if on else MOST_WORDS_HEIGHT)
        # One line has no room for a bar; the arrow keys and the wheel go through longer words.
        bar = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if on else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self._words.setVerticalScrollBarPolicy(bar)
        self._compact = on
        self._fold_line()

    def _fold_line(self) -> None:
        """Show the line of the engine where it has a model and memory to speak of."""
        self._line.setVisible(not self._compact and self.engine != BUILT_IN)

    def show_progress(self, fraction: float | None, label: str) -> None:
        """Show how far the jobs are, or with None that none is under way."""
        self._act.show_progress(fraction, label)

    def request(self) -> Request:
        """Return what is asked for; InvalidValueError says what is wrong with it."""
        return self.options.completed(self._plain_request())

    @Slot()
    def roll(self) -> None:
        """Write a prompt by chance; what is locked stays."""
        kept = [span.value.lower() for span in self._spans if span.value in self._kept]
        self._fields.roll(self._random)
        self.set_words(rolled(self._random, kept))

    @Slot()
    def recall_older(self) -> None:
        """Show the prompt that was used before this one."""
        self._recall(self._walked + 1)

    @Slot()
    def recall_newer(self) -> None:
        """Show the prompt that was used after this one; at the end, what was being written."""
        self._recall(self._walked - 1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key, modifiers = event.key(), event.modifiers()
            enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and modifiers & Qt.KeyboardModifier.ControlModifier:
                self.generate()
                return True
            if modifiers & Qt.KeyboardModifier.AltModifier and key == Qt.Key.Key_Up:
                self.recall_older()
                return True
            if modifiers & Qt.KeyboardModifier.AltModifier and key == Qt.Key.Key_Down:
                self.recall_newer()
                return True
        return super().eventFilter(watched, event)

    def _plain_request(self) -> Request:
        return self._fields.request(cleaned(self._words.toPlainText()))

    def _connect(self) -> None:
        self._reading = QTimer(self)
        self._reading.setSingleShot(True)
        self._reading.setInterval(_READ_AFTER_MS)
        self._reading.timeout.connect(self._show_understood)
        self._words.textChanged.connect(self._reading.start)
        self._fields.changed.connect(self._reading.start)
        self._chips.removed.connect(self._remove)
        self._chips.changed.connect(self._change)
        self._chips.lock_toggled.connect(self._toggle_lock)
        act, options = self._act, self.options
        act.generate_wanted.connect(self.generate)
        act.cancel_wanted.connect(self.cancel_wanted)
        act.queue_wanted.connect(self.queue_wanted)
        act.strip_ended.connect(self.strip_ended)
        options.changed.connect(self._reading.start)
        options.task_changed.connect(self._fields.show_task_of_audio)
        options.generate_wanted.connect(self.generate)
        options.models_wanted.connect(self.models_wanted)
        options.said.connect(self.said)
        options.state_changed.connect(self._show_state)

    def _make_words(self) -> None:
        self._words.setPlaceholderText('An idea, such as "slow house, warm bass, A minor, 8 bars"')
        name(
            self._words,
            "Prompt",
            "What the music should be (Ctrl+Enter generates, Alt+Up and Alt+Down go through "
            "the prompts you used)",
        )
        self._words.setTabChangesFocus(True)
        self._words.setMinimumHeight(WORDS_HEIGHT)
        self._words.setMaximumHeight(MOST_WORDS_HEIGHT)
        self._words.installEventFilter(self)

    def _make_buttons(self) -> None:
        self._dice = QPushButton("Dice")
        name(self._dice, "Dice", "Write an idea by chance; what is locked stays (Ctrl+R)")
        self._dice.clicked.connect(self.roll)
        self._recent = IdeasButton(self._shelf)
        self._recent.words_chosen.connect(self.set_words)
        self._recent.preset_chosen.connect(self._take_preset)
        self._recent.save_wanted.connect(self._save_preset)

    def _lay_out(self) -> None:
        ideas = QHBoxLayout()
        ideas.setSpacing(6)
        ideas.addWidget(self.options, 1)
        for part in (self._recent, self._dice):
            ideas.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 6)
        layout.setSpacing(5)
        layout.addLayout(self._idea(), 1)
        layout.addLayout(ideas)
        layout.addWidget(self._fields)
        layout.addWidget(self._line)
        self._line.hide()

    def _idea(self) -> QHBoxLayout:
        """Return the words with what was understood of them, and the page beside them."""
        left = QVBoxLayout()
        left.setSpacing(5)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self._words, 1)
        top.addWidget(self._act)
        left.addLayout(top, 1)
        left.addWidget(self._chips)
        left.addWidget(self._notes)
        beside = QHBoxLayout()
        beside.setSpacing(12)
        beside.addLayout(left, 3)
        beside.addWidget(self.options.side, 2)
        return beside

    @Slot()
    def _show_understood(self) -> None:
        """Say anew what is understood of words and fields, and what stands in the way."""
        self._notes.show_trouble("")
        try:
            self._read(self._plain_request())
        except InvalidValueError as error:
            self._notes.show_trouble(str(error))
        self._ask_cost()

    def _read(self, request: Request) -> None:
        if not request.prompt.caption:
            # The vocabulary takes a moment to read: only for words.
            self._spans = ()
            self._notes.show_understood(())
            self.options.show_length(request.seconds)
        else:
            meaning = understood(request)
            self.options.show_length(seconds_of(meaning))
            self._spans = meaning.reading.spans
            self._notes.show_understood(meaning.ignored, meaning.notes)
        self._chips.show_spans(self._spans, self._kept)

    def _ask_cost(self) -> None:
        """Ask what the job would cost; what cannot be done, or is nothing yet, costs nothing."""
        wished = self._wished()
        if self._engines is None or wished is None:
            self._notes.show_reason("")
            self._act.show_cost(None)
        else:
            self._engines.estimate(self.engine, wished)

    def _wished(self) -> Request | None:
        """Return what would be asked for now, if that can be done."""
        try:
            request = self.request()
        except InvalidValueError:
            return None
        something = bool(request.prompt.caption) or not isinstance(request.task, TextToMusic)
        return request if something and not self.options.refusal() else None

    @Slot(object, object)
    def _show_estimate(self, request: Request, estimate: "Estimate") -> None:
        # It may come late: for words that are gone by now.
        current = self._wished() is not None
        self._notes.show_reason(estimate.reason if current else "")
        self._act.show_cost(estimate if current else None)

    @Slot(object)
    def _show_state(self, state: "EngineState") -> None:
        self._line.show_state(state, self._device)
        self._fold_line()
        self._ask_cost()

    @Slot(object)
    def _remove(self, span: "Span") -> None:
        self._kept -= {span.value}
        self.set_words(without_span(cleaned(self._words.toPlainText()), span))

    @Slot(object, str)
    def _change(self, span: "Span", words: str) -> None:
        self.set_words(with_words(cleaned(self._words.toPlainText()), span, words))

    @Slot(object)
    def _toggle_lock(self, span: "Span") -> None:
        if span.kind in FACTS:
            self._lock_fact(span)
        else:
            self._kept ^= {span.value}
        self._show_understood()

    def _lock_fact(self, span: "Span") -> None:
        meaning = understood(self._plain_request())
        facts = {
            "bpm": ("bpm", meaning.bpm),
            "key": ("key", None if meaning.key is None else str(meaning.key)),
            "meter": ("meter", None if meaning.meter is None else str(meaning.meter)),
            "length": ("bars", meaning.seconds if meaning.bars is None else meaning.bars),
        }
        fact, value = facts[span.kind]
        if value is not None:
            self._fields.put(fact, value, lock=True)

    def _recall(self, number: int) -> None:
        history = self._shelf.history if self._shelf is not None else ()
        if not -1 <= number < len(history):
            return
        if self._walked < 0:
            self._draft = self._words.toPlainText()
        self._walked = number
        self.set_words(self._draft if number < 0 else history[number])

    @Slot(object)
    def _take_preset(self, preset: Preset) -> None:
        self.set_words(preset.words)
        self._fields.show_preset(preset)

    @Slot()
    def _save_preset(self) -> None:
        title, sure = QInputDialog.getText(self, "Save as preset", "Name")
        if sure and self._shelf is not None:
            words = cleaned(self._words.toPlainText())
            self._shelf.save(self._fields.preset(title, words))
