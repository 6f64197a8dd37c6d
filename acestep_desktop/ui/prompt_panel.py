"""The prompt: an idea in words, the fields that beat words, and Generate."""

import secrets
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QIntValidator, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.request import MAX_CAPTION, MAX_VARIATIONS, Prompt, Request
from acestep_desktop.domain.tempo import MAX_REQUEST_BPM, MIN_REQUEST_BPM
from acestep_desktop.domain.time import Meter
from acestep_desktop.domain.understanding import understand

FROM_WORDS: Final = "auto"
"""What a field shows that leaves its fact to the words, then to the engine."""

_BARS: Final = (1, 2, 4, 8, 12, 16, 24, 32, 64)
_METERS: Final = ("4/4", "3/4", "2/4", "6/8", "5/4", "7/8")
_TONICS: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_READ_AFTER_MS: Final = 120


class PromptPanel(QFrame):
    """Where a request is written. `generate_wanted` carries it; `cancel_wanted` stops all jobs."""

    generate_wanted = Signal(object)
    cancel_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._words = QPlainTextEdit()
        self._words.setPlaceholderText('An idea, such as "slow house, warm bass, A minor, 8 bars"')
        self._words.setAccessibleName("Prompt")
        self._words.setToolTip("What the music should be (Ctrl+Enter generates)")
        self._words.setTabChangesFocus(True)
        self._words.setMinimumHeight(72)
        self._words.setMaximumHeight(110)
        self._words.installEventFilter(self)
        self._understood = QLabel()
        self._understood.setObjectName("quiet")
        self._understood.setWordWrap(True)
        self._understood.setMinimumHeight(34)
        self._understood.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._make_fields()
        self._make_buttons()
        self._lay_out()
        self._reading = QTimer(self)
        self._reading.setSingleShot(True)
        self._reading.setInterval(_READ_AFTER_MS)
        self._reading.timeout.connect(self._show_understood)
        self._words.textChanged.connect(self._reading.start)
        for field in (self._bars, self._key, self._meter):
            field.currentIndexChanged.connect(self._reading.start)
        self._bpm.valueChanged.connect(self._reading.start)
        self._show_understood()

    @property
    def engine(self) -> str:
        """The engine that was chosen."""
        return "sketch"

    @Slot()
    def focus_words(self) -> None:
        """Let the person write the idea."""
        self._words.setFocus()

    @Slot()
    def generate(self) -> None:
        """Ask for what is written, as the button does."""
        self._want_generate()

    def set_words(self, words: str) -> None:
        """Put `words` into the prompt and the cursor behind them."""
        self._words.setPlainText(words)
        self._words.moveCursor(self._words.textCursor().MoveOperation.End)
        self._words.setFocus()

    def show_progress(self, fraction: float | None, label: str) -> None:
        """Show how far the jobs are, or with None that none is under way."""
        self._progress.setVisible(fraction is not None)
        self._cancel.setEnabled(fraction is not None)
        self._progress.setValue(round((fraction or 0.0) * 1000))
        self._stage.setText(label)

    def request(self) -> Request:
        """Return what is asked for; InvalidValueError says what is wrong with it."""
        caption = "".join(c for c in self._words.toPlainText() if c.isprintable() or c == "\n")
        key, meter, bars = (box.currentData() for box in (self._key, self._meter, self._bars))
        return Request(
            prompt=Prompt(caption.strip()[:MAX_CAPTION]),
            bars=bars,
            bpm=self._bpm.value() if self._bpm.value() >= MIN_REQUEST_BPM else None,
            key=None if key is None else Key.parse(key),
            meter=None if meter is None else Meter.parse(meter),
            seed=int(self._seed.text()) if self._seed.text() else secrets.randbits(31),
            variations=self._variations.value(),
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._want_generate()
                return True
        return super().eventFilter(watched, event)

    def _make_fields(self) -> None:
        self._bars = _choice("Bars", "Length in bars", [(str(n), n) for n in _BARS])
        self._key = _choice(
            "Key",
            "Key of the music",
            [(f"{t} {mode}", f"{t} {mode}") for mode in ("minor", "major") for t in _TONICS],
        )
        self._meter = _choice("Meter", "Beats in a bar", [(m, m) for m in _METERS])
        self._bpm = QDoubleSpinBox()
        self._bpm.setRange(MIN_REQUEST_BPM - 1, MAX_REQUEST_BPM)
        self._bpm.setSpecialValueText(FROM_WORDS)
        self._bpm.setDecimals(1)
        self._bpm.setValue(MIN_REQUEST_BPM - 1)
        self._variations = QSpinBox()
        self._variations.setRange(1, min(8, MAX_VARIATIONS))
        self._seed = QLineEdit()
        self._seed.setPlaceholderText("new")
        self._seed.setValidator(QIntValidator(0, 2**31 - 1, self))
        self._seed.setMaximumWidth(110)
        _name(self._bpm, "Tempo", "Quarter notes a minute; auto: from the words")
        _name(self._variations, "Takes", "How many takes to make of this idea")
        _name(self._seed, "Seed", "The same seed makes the same music; empty: a new one each time")

    def _make_buttons(self) -> None:
        self._generate = QPushButton("Generate")
        self._generate.setObjectName("primary")
        _name(self._generate, "Generate", "Make takes of this idea (Ctrl+Enter)")
        self._generate.clicked.connect(self._want_generate)
        self._cancel = QPushButton("Cancel")
        self._cancel.setEnabled(False)
        _name(self._cancel, "Cancel", "Stop what is being made (Esc); nothing runs when greyed out")
        self._cancel.clicked.connect(self.cancel_wanted)
        self._progress = QProgressBar()
        self._progress.setRange(0, 1000)
        self._progress.setTextVisible(False)
        self._progress.setVisible(False)
        self._progress.setAccessibleName("Progress")
        self._stage = QLabel()
        self._stage.setObjectName("quiet")

    def _lay_out(self) -> None:
        fields = QHBoxLayout()
        fields.setSpacing(8)
        named: tuple[tuple[str, QWidget], ...] = (
            ("&Bars", self._bars),
            ("&Tempo", self._bpm),
            ("&Key", self._key),
            ("&Meter", self._meter),
            ("Ta&kes", self._variations),
            ("See&d", self._seed),
        )
        for text, field in named:
            column = QVBoxLayout()
            column.setSpacing(2)
            label = QLabel(text)
            label.setObjectName("quiet")
            label.setBuddy(field)
            column.addWidget(label)
            column.addWidget(field)
            fields.addLayout(column)
        fields.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._cancel, alignment=Qt.AlignmentFlag.AlignBottom)
        buttons.addWidget(self._generate, alignment=Qt.AlignmentFlag.AlignBottom)
        fields.addLayout(buttons)
        status = QHBoxLayout()
        status.addWidget(self._progress, 1)
        status.addWidget(self._stage)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        for part in (self._words, self._understood):
            layout.addWidget(part)
        layout.addLayout(fields)
        layout.addLayout(status)

    @Slot()
    def _want_generate(self) -> None:
        try:
            request = self.request()
        except InvalidValueError as error:
            self._stage.setText(str(error))
            return
        self.generate_wanted.emit(request)

    @Slot()
    def _show_understood(self) -> None:
        try:
            meaning = understand(self.request())
        except InvalidValueError as error:
            self._understood.setText(str(error))
            return
        lines = [f"Understood: {', '.join(meaning.understood)}" if meaning.understood else ""]
        if meaning.ignored:
            lines[0] += f"   Not understood: {', '.join(meaning.ignored[:12])}"
        lines.extend(meaning.notes[:2])
        self._understood.setText("\n".join(line for line in lines if line))


def _choice(name: str, tip: str, values: list[tuple[str, object]]) -> QComboBox:
    box = QComboBox()
    box.addItem(FROM_WORDS, None)
    for label, value in values:
        box.addItem(label, value)
    _name(box, name, f"{tip}; auto: from the words")
    return box


def _name(widget: QWidget, name: str, tip: str) -> None:
    widget.setAccessibleName(name)
    widget.setToolTip(tip)
