"""A level meter: peaks with a hold, RMS inside, -60..0 dBFS."""

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from acestep_desktop.domain.level import db_from_amplitude
from acestep_desktop.ui.theme import Theme

FLOOR_DB: Final = -60.0
WARM_DB: Final = -9.0
HOT_DB: Final = -1.0
HOLD_FRAMES: Final = 90
"""Updates for which a peak is held: a second and a half while it rolls."""


class LevelMeter(QWidget):
    """Two bars side by side, left above right."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._peaks = self._rms = self._held = (FLOOR_DB, FLOOR_DB)
        self._age = 0
        self.setFixedSize(QSize(140, 22))
        self.setAccessibleName("Level")
        self.setToolTip("Level at the output: peak, and RMS inside it, from -60 to 0 dBFS")

    def show_levels(self, peaks: tuple[float, float], rms: tuple[float, float]) -> None:
        """Show amplitudes, left and right."""
        before = (self._peaks, self._rms, self._held)
        self._peaks = (_db(peaks[0]), _db(peaks[1]))
        self._rms = (_db(rms[0]), _db(rms[1]))
        self._age += 1
        if self._age > HOLD_FRAMES or any(
            p > h for p, h in zip(self._peaks, self._held, strict=True)
        ):
            self._age = 0
            self._held = self._peaks
        if before != (self._peaks, self._rms, self._held):
            self.setToolTip(f"Peak {max(self._held):.1f} dBFS")
            self.update()

    def show_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.background))
        height = (self.height() - 2) // 2
        for side in (0, 1):
            top = side * (height + 2)
            colour = QColor(self._colour(self._peaks[side]))
            painter.setOpacity(0.55)
            painter.fillRect(0, top, self._x(self._peaks[side]), height, colour)
            painter.setOpacity(1.0)
            painter.fillRect(0, top + 2, self._x(self._rms[side]), height - 4, colour)
            held = self._x(self._held[side])
            if held:
                painter.fillRect(held - 2, top, 2, height, QColor(self._colour(self._held[side])))

    def _x(self, level_db: float) -> int:
        return round(self.width() * (level_db - FLOOR_DB) / -FLOOR_DB)

    def _colour(self, level_db: float) -> str:
        if level_db > HOT_DB:
            return self._theme.bad
        return self._theme.warning if level_db > WARM_DB else self._theme.good


def _db(amplitude: float) -> float:
    return min(0.0, max(FLOOR_DB, db_from_amplitude(amplitude)))
