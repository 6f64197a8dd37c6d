"""Drafts: a lane as plain blocks, put together in one go, until its tiles are drawn."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.timeline.hits import NAME_HEIGHT
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT, Lane
from acestep_desktop.ui.timeline.tiles import LINE_STRENGTH, mixed
from acestep_desktop.ui.timeline.viewport import Viewport

Pixels = npt.NDArray[np.uint32]


class DraftRow:
    """Draws whole rows of one picture: the grid, and blocks where there are clips."""

    def __init__(self, viewport: Viewport, width: int, theme: Theme) -> None:
        self._viewport = viewport
        self._theme = theme
        self._ground = np.full(width, mixed(theme.background, theme.background, 1).rgb(), np.uint32)
        for line in viewport.lines:
            if 0 <= line.x < width:
                colour = mixed(theme.text, theme.background, LINE_STRENGTH[line.rank])
                self._ground[line.x] = colour.rgb()

    def paint(self, painter: QPainter, lane: Lane, y: int, left: int, right: int) -> None:
        """Paint a lane's row at height `y`, from pixel `left` up to `right`."""
        theme, ground = self._theme, self._ground
        covered, begins = self._covered(lane, len(ground))
        pixels = np.empty((2, len(ground)), np.uint32)
        for row, share in ((0, 0.55), (1, 0.3)):
            colour = mixed(lane.track.colour, theme.surface, share).rgb()
            pixels[row] = np.where(covered, np.uint32(colour), ground)
        pixels[:, begins] = mixed(lane.track.colour, theme.surface, 1).rgb()
        # Two lines of pixels, stretched: the rows of a block are all alike.
        image = QImage(
            pixels.tobytes(), len(ground), 2, len(ground) * 4, QImage.Format.Format_RGB32
        )
        width, body = right - left, ROW_HEIGHT - NAME_HEIGHT - 1
        painter.drawImage(QRect(left, y, width, NAME_HEIGHT), image, QRect(left, 0, width, 1))
        painter.drawImage(
            QRect(left, y + NAME_HEIGHT, width, body), image, QRect(left, 1, width, 1)
        )
        line = mixed(theme.line, theme.background, 0.5)
        painter.fillRect(left, y + ROW_HEIGHT - 1, width, 1, line)

    def _covered(self, lane: Lane, width: int) -> tuple[npt.NDArray[np.bool_], Pixels]:
        """Return which columns show a clip, and the columns where one begins."""
        scale = self._viewport.scale
        shown = lane.within(scale.origin, scale.origin + width * scale.frames_per_pixel)
        if not shown:
            return np.zeros(width, np.bool_), np.zeros(0, np.uint32)
        first = np.array([span.start for span in shown], np.float64)
        last = np.array([span.end for span in shown], np.float64)
        starts = np.rint((first - scale.origin) / scale.frames_per_pixel).astype(np.int64)
        stops = np.rint((last - scale.origin) / scale.frames_per_pixel).astype(np.int64)
        stops = np.maximum(stops, starts + 1)
        change = np.zeros(width + 1, np.int32)
        np.add.at(change, np.clip(starts, 0, width), 1)
        np.add.at(change, np.clip(stops, 0, width), -1)
        begins = starts[(starts >= 0) & (starts < width)].astype(np.uint32)
        return np.cumsum(change[:-1]) > 0, begins
