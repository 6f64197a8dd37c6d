"""The tempo of the project: typed, turned with the wheel, or dragged up and down."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from acestep_desktop.domain.tempo import MAX_BPM, MIN_BPM
from acestep_desktop.ui.escape import claims, is_escape

_STARTS_AFTER: Final = 4
_PIXELS_PER_BPM: Final = 4
_FINELY: Final = 0.1


class TempoBox(QDoubleSpinBox):
    """A number that can be dragged; Shift does it finely.

    `dragged` carries the tempo while the button is held, `settled` one that a person
    chose; `forgotten` says that a drag was taken back. The box shows fewer digits than a
    tempo may have: what is only shown is never told.
    """

    dragged = Signal(float)
    settled = Signal(float)
    forgotten = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(MIN_BPM, MAX_BPM)
        self.setDecimals(2)
        self.setSuffix(" bpm")
        self.setKeyboardTracking(False)
        self.setAccessibleName("Project tempo")
        self.setToolTip("Tempo of the project: type it, turn the wheel, or drag it up and down")
        self._pressed: tuple[float, float] | None = None
        self._wished: float | None = None
        self._showing = False
        self.valueChanged.connect(self._settle)
        self.lineEdit().installEventFilter(self)

    def show_tempo(self, bpm: float) -> None:
        """Show a tempo, rounded."""
        self._showing = True
        self.setValue(bpm)
        self._showing = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take drags from the line of text; clicks and keys stay its own."""
        if isinstance(event, QMouseEvent) and watched is self.lineEdit():
            kind = event.type()
            if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
                self._pressed = (event.globalPosition().y(), self.value())
            elif kind == QEvent.Type.MouseMove and self._pressed is not None:
                return self._drag(event)
            elif kind == QEvent.Type.MouseButtonRelease:
                return self._let_go()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        return claims(event, self._leaves(event)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._leaves(event):
            super().keyPressEvent(event)
        elif self._wished is not None:
            self._pressed = self._wished = None
            self.forgotten.emit()
        else:
            self.lineEdit().setText(self._text_shown())

    def _leaves(self, event: QEvent) -> bool:
        """Return whether this is Esc, while a drag or something typed can be taken back."""
        return is_escape(event) and (self._wished is not None or self.text() != self._text_shown())

    def _text_shown(self) -> str:
        return f"{self.prefix()}{self.textFromValue(self.value())}{self.suffix()}"

    def _drag(self, event: QMouseEvent) -> bool:
        assert self._pressed is not None
        begun, bpm = self._pressed
        up = begun - event.globalPosition().y()
        if self._wished is None and abs(up) < _STARTS_AFTER:
            return False
        finely = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        step = _FINELY if finely else 1.0
        wished = round(bpm + round(up / _PIXELS_PER_BPM) * step, 2)
        self._wished = min(max(wished, self.minimum()), self.maximum())
        self.dragged.emit(self._wished)
        return True

    def _let_go(self) -> bool:
        pressed, wished = self._pressed, self._wished
        self._pressed = self._wished = None
        if pressed is None or wished is None:
            return False
        if wished == pressed[1]:
            self.forgotten.emit()
        else:
            self.settled.emit(wished)
        return True

    @Slot(float)
    def _settle(self, bpm: float) -> None:
        if not self._showing:
            self.settled.emit(bpm)
