"""The fields of a prompt: length, tempo, key and meter, each of which can be locked."""

from random import Random
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QWidget,
)

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import USUAL_TONICS, Key
from acestep_desktop.domain.request import MAX_VARIATIONS, Prompt, Request
from acestep_desktop.domain.tempo import MAX_REQUEST_BPM, MIN_REQUEST_BPM
from acestep_desktop.domain.time import USUAL_METERS, Meter
from acestep_desktop.session.engines import new_seed
from acestep_desktop.session.prompts import Preset
from acestep_desktop.ui.flow import FlowRow

FROM_WORDS: Final = "auto"
"""What a field shows that leaves its fact to the words, then to the engine."""

_BARS: Final = (1, 2, 4, 8, 12, 16, 24, 32, 64)
_MINUTES: Final = (0.5, 1.0, 2.0, 3.0, 4.0)
_LENGTH_TIP: Final = "Length in bars or minutes; auto: from the words"
_AUTO_BPM: Final = MIN_REQUEST_BPM - 1
_SEED_DIGITS: Final = 18
_LOCK_WIDTH: Final = 26
_TAKES_WIDTH: Final = 62
_BPM_WIDTH: Final = 88
_SEED_WIDTH: Final = 84
_MOST_TAKES: Final = min(8, MAX_VARIATIONS)


class PromptFields(FlowRow):
    """Facts that beat words. `changed` says that one is another now."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        lengths: list[tuple[str, object]] = [(str(n), n) for n in _BARS]
        lengths += [(_seconds_words(minutes * 60.0), minutes * 60.0) for minutes in _MINUTES]
        self._bars = _choice("Length", "Length in bars or minutes", lengths)
        self._key = _choice(
            "Key",
            "Key of the music",
            [(f"{t} {mode}", f"{t} {mode}") for mode in ("minor", "major") for t in USUAL_TONICS],
        )
        self._meter = _choice("Meter", "Beats in a bar", [(str(m), str(m)) for m in USUAL_METERS])
        self._bpm = QDoubleSpinBox()
        self._bpm.setRange(_AUTO_BPM, MAX_REQUEST_BPM)
        self._bpm.setSpecialValueText(FROM_WORDS)
        self._bpm.setDecimals(1)
        self._bpm.setValue(_AUTO_BPM)
        self._takes = QSpinBox()
        self._takes.setRange(1, _MOST_TAKES)
        self._takes.setFixedWidth(_TAKES_WIDTH)
        self._bpm.setFixedWidth(_BPM_WIDTH)
        self._seed = QLineEdit()
        self._seed.setPlaceholderText("new")
        self._seed.setFixedWidth(_SEED_WIDTH)
        name(self._bpm, "Tempo", "Quarter notes a minute; auto: from the words")
        name(self._takes, "Takes", "How many takes to make of this idea")
        name(self._seed, "Seed", "The same seed makes the same music; empty: a new one each time")
        self._locks: dict[str, QToolButton] = {}
        self._lay_out()
        for box in (self._bars, self._key, self._meter):
            box.currentIndexChanged.connect(self.changed)
        self._bpm.valueChanged.connect(self.changed)
        self._seed.textChanged.connect(self.changed)

    def request(self, words: str) -> Request:
        """Return what is asked for; InvalidValueError says what is wrong with it."""
        key, meter, length = (box.currentData() for box in (self._key, self._meter, self._bars))
        return Request(
            prompt=Prompt(words),
            bars=None if isinstance(length, float) else length,
            seconds=length if isinstance(length, float) else None,
            bpm=self._bpm.value() if self._bpm.value() >= MIN_REQUEST_BPM else None,
            key=None if key is None else Key.parse(key),
            meter=None if meter is None else Meter.parse(meter),
            seed=_seed_of(self._seed.text()),
            variations=self._takes.value(),
        )

    def preset(self, title: str, words: str) -> Preset:
        """Return what is asked for as a preset."""
        request = self.request(words)
        return Preset(
            name=title,
            words=words,
            bars=request.bars,
            seconds=request.seconds,
            bpm=request.bpm,
            key=None if request.key is None else str(request.key),
            meter=None if request.meter is None else str(request.meter),
        )

    def show_preset(self, preset: Preset) -> None:
        """Fill the fields that are not locked."""
        self.put("bars", preset.bars if preset.seconds is None else float(preset.seconds))
        self.put("bpm", preset.bpm)
        self.put("key", preset.key)
        self.put("meter", preset.meter)

    def put(self, fact: str, value: object, *, lock: bool = False) -> None:
        """Put a value into the field "bars", "bpm", "key" or "meter", unless it is locked.

        A length in seconds is a float, one in bars an int.
        """
        if self.is_locked(fact) and not lock:
            return
        if fact == "bpm":
            self._bpm.setValue(float(str(value)) if value is not None else _AUTO_BPM)
        else:
            box = {"bars": self._bars, "key": self._key, "meter": self._meter}[fact]
            row = _row_of(box, value)
            if row < 0:
                box.addItem(
                    _seconds_words(value) if isinstance(value, float) else str(value), value
                )
                row = box.count() - 1
            box.setCurrentIndex(row)
        if lock:
            self._locks[fact].setChecked(True)

    def is_locked(self, fact: str) -> bool:
        """Return whether a field keeps its value whatever the dice and presets say."""
        return self._locks[fact].isChecked()

    @Slot(bool)
    def show_task_of_audio(self, on: bool) -> None:
        """Let the length be chosen, or leave it to the audio that music is made from."""
        self._bars.setEnabled(not on)
        tip = "As long as the source: the task is made from audio" if on else _LENGTH_TIP
        self._bars.setToolTip(tip)

    def roll(self, random: Random) -> None:
        """Choose by chance what is not locked; tempo and meter are left to the words."""
        self.put("bars", random.choice((4, 8, 8, 16)))
        tonic, mode = random.choice(USUAL_TONICS), random.choice(("minor", "minor", "major"))
        self.put("key", f"{tonic} {mode}")
        self.put("bpm", None)
        self.put("meter", None)
        self._seed.clear()

    def _lay_out(self) -> None:
        named: tuple[tuple[str, str, QWidget], ...] = (
            ("Lengt&h", "bars", self._bars),
            ("Tem&po", "bpm", self._bpm),
            ("Ke&y", "key", self._key),
            ("&Meter", "meter", self._meter),
            ("Ta&kes", "", self._takes),
            ("See&d", "", self._seed),
        )
        for text, fact, field in named:
            label = QLabel(text)
            label.setObjectName("quiet")
            label.setBuddy(field)
            group = QWidget()
            group.setObjectName("row")
            row = QHBoxLayout(group)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(4)
            row.addWidget(label)
            row.addWidget(field)
            if fact:
                row.addWidget(self._lock(fact, text.replace("&", "")))
            self.flow.addWidget(group)

    def _lock(self, fact: str, title: str) -> QToolButton:
        lock = QToolButton()
        lock.setText("○")
        lock.setCheckable(True)
        lock.setFixedWidth(_LOCK_WIDTH)
        lock.setObjectName("small")
        name(lock, f"Lock {title.lower()}", f"{title} stays, whatever dice and presets say")
        lock.toggled.connect(self._show_locks)
        self._locks[fact] = lock
        return lock

    @Slot()
    def _show_locks(self) -> None:
        for lock in self._locks.values():
            lock.setText("●" if lock.isChecked() else "○")


def name(widget: QWidget, title: str, tip: str) -> None:
    """Give a control its name and its tooltip."""
    widget.setAccessibleName(title)
    widget.setToolTip(tip)


def _row_of(box: QComboBox, value: object) -> int:
    # Qt's own search takes 8 bars for 8 seconds.
    held = (box.itemData(row) for row in range(box.count()))
    same = (row for row, x in enumerate(held) if type(x) is type(value) and x == value)
    return next(same, -1)


def _seconds_words(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds % 30 == 0 else f"{seconds:g} s"


def _seed_of(text: str) -> int:
    """Return the seed that was typed, or without any a new one."""
    digits = text.strip()
    if not digits:
        return new_seed()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _SEED_DIGITS):
        raise InvalidValueError(
            f"A seed is a whole number of up to {_SEED_DIGITS} digits and nothing else, "
            f'not "{digits[:40]}". Type digits, or leave it empty for a new one.'
        )
    return int(digits)


def _choice(title: str, tip: str, values: list[tuple[str, object]]) -> QComboBox:
    box = QComboBox()
    box.addItem(FROM_WORDS, None)
    for label, value in values:
        box.addItem(label, value)
    name(box, title, f"{tip}; auto: from the words")
    return box
