"""Drafts: a lane as plain blocks, put together in one go, until its tiles are drawn."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect
from PySide6.QtGui import QBrush, QImage, QPainter

from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.timeline.hits import NAME_HEIGHT
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT, Lane
from acestep_desktop.ui.timeline.tiles import LINE_STRENGTH, mixed
from acestep_desktop.ui.timeline.viewport import Viewport


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
        theme, ground = self._theme, self._ground[left:right]
        width = len(ground)
        covered, begins = self._covered(lane, left, width)
        # One line of pixels as a texture: stretching it would take Qt five times as long.
        painter.setBrushOrigin(left, 0)
        body = ROW_HEIGHT - NAME_HEIGHT - 1
        for top, height, share in ((y, NAME_HEIGHT, 0.55), (y + NAME_HEIGHT, body, 0.3)):
            colour = mixed(lane.track.colour, theme.surface, share).rgb()
            pixels = np.where(covered, np.uint32(colour), ground)
            pixels[begins] = mixed(lane.track.colour, theme.surface, 1).rgb()
            line = QImage(pixels.tobytes(), width, 1, width * 4, QImage.Format.Format_RGB32)
            painter.fillRect(QRect(left, top, width, height), QBrush(line))
        painter.setBrushOrigin(0, 0)
        edge = mixed(theme.line, theme.background, 0.5)
        painter.fillRect(left, y + ROW_HEIGHT - 1, width, 1, edge)

    def _covered(
        self, lane: Lane, left: int, width: int
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
        """Return which of `width` columns from `left` on show a clip, and where one begins."""
        scale = self._viewport.scale
        origin = scale.origin + left * scale.frames_per_pixel
        shown = lane.range_within(origin, origin + width * scale.frames_per_pixel)
        bounds = np.rint((lane.bounds[:, shown] - origin) / scale.frames_per_pixel)
        starts, stops = bounds.astype(np.int64)
        stops = np.maximum(stops, starts + 1)
        change = _counted(starts, width) - _counted(stops, width)
        return np.cumsum(change[:-1]) > 0, starts[(starts >= 0) & (starts < width)]


def _counted(places: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.intp]:
    """Return how many of `places` lie in each column; those outside count at the edges."""
    return np.bincount(np.minimum(np.maximum(places, 0), width), minlength=width + 1)
