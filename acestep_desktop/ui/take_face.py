"""The face of a take: its number, name, facts and waveform; pressed it plays, dragged it leaves."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from acestep_desktop.session.library import LibrarySession, StoredTake
from acestep_desktop.ui.files_out import DragStart, drag_files
from acestep_desktop.ui.take_model import facts, spoken
from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.waveform import Peaks, waveform_image

FACE_HEIGHT: Final = 74
_LINE: Final = 18
MIN_WIDTH: Final = 256
MAX_WIDTH: Final = 400
_WIDTH_PER_S: Final = 4.0


def face_width(seconds: float) -> int:
    """Return how wide a take is drawn: longer takes are wider, within reason."""
    return round(min(MAX_WIDTH, max(MIN_WIDTH, MIN_WIDTH + _WIDTH_PER_S * (seconds - 8.0))))


class TakeFace(QWidget):
    """Shows one take. A click, Enter or Space wishes to hear it."""

    play_wanted = Signal()
    copy_wanted = Signal()
    files_left = Signal(list)

    def __init__(
        self, take: StoredTake, library: LibrarySession, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._take, self._library, self._theme = take, library, theme
        self._number = 0
        self._playing = False
        self._start = DragStart()
        self._drawn: tuple[tuple[int, int, str], QImage] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        library.thumbnail_ready.connect(self._repaint_if_mine)
        self.show_take(take)

    def sizeHint(self) -> QSize:
        return QSize(face_width(self._take.duration_s), FACE_HEIGHT)

    def show_take(self, take: StoredTake) -> None:
        """Show the take as it is now."""
        self._take = take
        self._name()

    def show_number(self, number: int) -> None:
        """Show the key that plays it, 1..9; other numbers show none."""
        if number != self._number:
            self._number = number
            self._name()

    def show_playing(self, on: bool) -> None:
        """Show whether it is heard."""
        if on != self._playing:
            self._playing = on
            self._name()

    def show_theme(self, theme: Theme) -> None:
        """Show it in other colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme, area = self._theme, self.rect()
        painter.fillRect(area, QColor(theme.selection if self._playing else theme.raised))
        text = QRect(8, 3, area.width() - 16, _LINE)
        key = f"{self._number}  " if 1 <= self._number <= 9 else ""
        sign = "▶ " if self._playing else ""
        painter.setPen(QColor(theme.text))
        title = self.fontMetrics().elidedText(
            f"{key}{sign}{self._take.title}", Qt.TextElideMode.ElideRight, text.width()
        )
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, title)
        painter.setPen(QColor(theme.quiet if not self._playing else theme.text))
        known = self.fontMetrics().elidedText(
            facts(self._take), Qt.TextElideMode.ElideRight, text.width()
        )
        painter.drawText(text.translated(0, _LINE), Qt.AlignmentFlag.AlignVCenter, known)
        self._paint_wave(painter, QRect(8, 2 * _LINE + 5, text.width(), FACE_HEIGHT - 45))
        if self.hasFocus():
            painter.setPen(QColor(theme.accent))
            painter.drawRect(area.adjusted(0, 0, -1, -1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.play_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._start.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start.moves_away(event) and self._take.path.is_file():
            paths: list[Path] = [self._take.path]
            self.files_left.emit(paths)
            drag_files(self, paths)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._start.release():
            self.play_wanted.emit()

    @Slot(str)
    def _repaint_if_mine(self, take_id: str) -> None:
        if take_id == self._take.take_id:
            self.update()

    def _name(self) -> None:
        state = ", playing" if self._playing else ""
        self.setAccessibleName(f"Take {self._number}: {spoken(self._take)}{state}")
        key = f" ({self._number})" if 1 <= self._number <= 9 else ""
        self.setToolTip(
            f"{self._take.title}\n{facts(self._take)}\n"
            f"Click to hear it{key}, drag it into your DAW, right-click for more"
        )
        self.update()

    def _paint_wave(self, painter: QPainter, area: QRect) -> None:
        peaks = self._library.thumbnail(self._take)
        if peaks is None:
            painter.setPen(QColor(self._theme.line))
            painter.drawLine(area.left(), area.center().y(), area.right(), area.center().y())
            return
        ratio = self.devicePixelRatioF()
        image = self._image_of(peaks, round(area.width() * ratio), round(area.height() * ratio))
        image.setDevicePixelRatio(ratio)
        painter.drawImage(area.topLeft(), image)

    def _image_of(self, peaks: Peaks, width: int, height: int) -> QImage:
        wanted = (width, height, self._theme.wave)
        if self._drawn is None or self._drawn[0] != wanted:
            self._drawn = (wanted, waveform_image(peaks, *wanted))
        return self._drawn[1]
