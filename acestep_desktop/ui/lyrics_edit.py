"""The editor of lyrics: beside each line stands about how many syllables it has."""

from PySide6.QtCore import Property, QRect, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from acestep_desktop.domain.lyrics import LyricsReading


class LyricsEdit(QPlainTextEdit):
    """Text with a margin of syllables; counts of lines that are hard to sing are marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading = LyricsReading((), ())
        self._margin = _Margin(self)
        self._hard = QColor("orange")
        self.setObjectName("lyrics")
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.setViewportMargins(0, 0, self._margin_width(), 0)
        self.updateRequest.connect(self._scroll_margin)

    def _get_hard(self) -> QColor:
        return self._hard

    def _set_hard(self, colour: QColor) -> None:
        self._hard = colour
        self._margin.update()

    hardColour = Property(QColor, _get_hard, _set_hard)
    """The colour of counts that are too high; the style sheet sets it."""

    def show_reading(self, reading: LyricsReading) -> None:
        """Show the syllables of each line."""
        self._reading = reading
        self._margin.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        shown, width = self.viewport().geometry(), self._margin_width()
        self._margin.setGeometry(QRect(shown.right() + 1, shown.top(), width, shown.height()))

    def paint_margin(self, painter: QPainter, width: int) -> None:
        """Draw the counts beside the lines that are in view."""
        block = self.firstVisibleBlock()
        offset = self.contentOffset()
        while block.isValid():
            area = self.blockBoundingGeometry(block).translated(offset)
            if area.top() > self.viewport().height():
                return
            number = block.blockNumber()
            if number < len(self._reading.lines):
                line = self._reading.lines[number]
                if line.kind == "words":
                    mark = "!" if line.warning else ""
                    plain = self.palette().text().color()
                    painter.setPen(self._hard if line.warning else plain)
                    height = self.fontMetrics().height()
                    place = QRect(0, round(area.top()), width - 6, height)
                    right = Qt.AlignmentFlag.AlignRight
                    painter.drawText(place, right, f"{line.syllables}{mark}")
            block = block.next()

    def _margin_width(self) -> int:
        return self.fontMetrics().horizontalAdvance("88!") + 10

    @Slot(QRect, int)
    def _scroll_margin(self, area: QRect, down: int) -> None:
        self._margin.update()


class _Margin(QWidget):
    """Where the syllables stand."""

    def __init__(self, edit: LyricsEdit) -> None:
        super().__init__(edit)
        self._edit = edit
        self.setToolTip("About how many syllables; 6 to 10 are sung best, ! marks too many")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)

    def sizeHint(self) -> QSize:
        return QSize(40, 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._edit.font())
        self._edit.paint_margin(painter, self.width())
