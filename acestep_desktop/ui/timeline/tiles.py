"""Tiles: pieces of lanes drawn once, and shown for as long as nothing changes in them."""

from collections import OrderedDict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPixmap

from acestep_desktop.domain.clip import ClipId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Tick
from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.timeline.columns import Source, clip_columns
from acestep_desktop.ui.timeline.grid import Grid, Rank
from acestep_desktop.ui.timeline.hits import CORNER, NAME_HEIGHT
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT, Lane, Span
from acestep_desktop.ui.timeline.scale import Scale

TILE_WIDTH: Final = 256
MAX_TILES: Final = 1_200
"""About 80 MB at a device pixel ratio of 1."""

_SEEN_AT_MOST: Final = 800
"""So often are tiles that are seen looked up anew, so that they are never the oldest."""

_SPARE: Final = 100
"""How many of the oldest tiles go at once."""

_NARROWEST_NAME: Final = 30
_FADE_POINTS: Final = 16
_NONE: Final[frozenset[ClipId]] = frozenset()

LINE_STRENGTH: Final = {Rank.BAR: 0.16, Rank.BEAT: 0.08, Rank.FINER: 0.04}
"""How much of the text's colour is in a line of the grid."""


@dataclass(frozen=True, slots=True)
class Look:
    """A zoom and its grid: what all tiles of a picture have in common."""

    tempo: TempoMap
    frames_per_pixel: float
    grid: Grid

    def origin(self, number: int) -> float:
        """Return the frame at the left edge of a tile."""
        return number * TILE_WIDTH * self.frames_per_pixel

    def within(self, lane: Lane, number: int) -> tuple[Span, ...]:
        """Return the clips that touch a tile."""
        return lane.within(self.origin(number), self.origin(number + 1))


class _Key(NamedTuple):
    """Which piece of which lane; 0 is any lane where it is empty. Lanes go by identity.

    A tuple of plain values: a hundred keys are looked up in each paint.
    """

    lane: int
    frames_per_pixel: float
    bars: int
    step: Tick
    number: int
    selected: frozenset[ClipId]


class LaneTiles:
    """Draws lanes tile by tile and keeps the tiles, the latest used ones longest."""

    def __init__(self, source: Source, theme: Theme) -> None:
        self._source = source
        self._theme = theme
        self._ratio = 1.0
        self._tempo: TempoMap | None = None
        self._tiles: OrderedDict[_Key, tuple[Lane | None, QPixmap, frozenset[str]]] = OrderedDict()
        self._seen: dict[tuple[int, int], tuple[Lane, QPixmap]] = {}
        """Tiles of the look that was asked for last: a hundred are, in each paint."""
        self._look: tuple[Look, AbstractSet[ClipId]] | None = None

    def set_look(self, ratio: float, tempo: TempoMap) -> None:
        """Draw for a screen with `ratio` device pixels in a pixel, and for a tempo."""
        if (ratio, tempo) != (self._ratio, self._tempo):
            self._ratio, self._tempo = ratio, tempo
            self.clear()

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.clear()

    def forget_take(self, take_id: str) -> None:
        """Draw anew what shows a take."""
        stale = [key for key, (_, _, takes) in self._tiles.items() if take_id in takes]
        for key in stale:
            del self._tiles[key]
        self._seen.clear()

    def clear(self) -> None:
        """Draw everything anew."""
        self._tiles.clear()
        self._seen.clear()

    def known(
        self, lane: Lane, number: int, look: Look, selected: AbstractSet[ClipId]
    ) -> QPixmap | None:
        """Return a tile, if it is drawn already."""
        if self._look is None or self._look[0] is not look or self._look[1] is not selected:
            if self._look != (look, selected):
                self._seen.clear()
            self._look = (look, selected)
        seen = self._seen.get((id(lane), number))
        if seen is not None:
            return seen[1]
        key = _key(lane, number, look, selected)
        found = self._tiles.get(key)
        if found is None:
            return None
        self._tiles.move_to_end(key)
        if len(self._seen) >= _SEEN_AT_MOST:
            self._seen.clear()
        self._seen[id(lane), number] = (lane, found[1])
        return found[1]

    def drawn(self, lane: Lane, number: int, look: Look, selected: AbstractSet[ClipId]) -> QPixmap:
        """Draw a tile, and keep it."""
        pixmap = self._draw(lane, number, look, selected)
        takes = frozenset(span.clip.take_id for span in look.within(lane, number))
        # The lane is kept too: while it is, nothing else can have its id.
        self._tiles[_key(lane, number, look, selected)] = (lane, pixmap, takes)
        if len(self._tiles) > MAX_TILES:
            for _ in range(_SPARE):
                self._tiles.popitem(last=False)
        return pixmap

    def _blank(self, number: int, look: Look) -> QPixmap:
        """Return a tile with the grid and nothing else."""
        key = _key_of(0, look, number, _NONE)
        found = self._tiles.get(key)
        if found is not None:
            self._tiles.move_to_end(key)
            return found[1]
        pixmap = QPixmap(round(TILE_WIDTH * self._ratio), round(ROW_HEIGHT * self._ratio))
        pixmap.setDevicePixelRatio(self._ratio)
        painter = QPainter(pixmap)
        area = QRect(0, 0, TILE_WIDTH, ROW_HEIGHT)
        paint_grid(painter, area, look, look.origin(number), self._theme)
        line = mixed(self._theme.line, self._theme.background, 0.5)
        painter.fillRect(0, ROW_HEIGHT - 1, TILE_WIDTH, 1, line)
        painter.end()
        self._tiles[key] = (None, pixmap, frozenset())
        return pixmap

    def _draw(self, lane: Lane, number: int, look: Look, selected: AbstractSet[ClipId]) -> QPixmap:
        blank = self._blank(number, look)
        spans = look.within(lane, number)
        if not spans:
            return blank
        origin, frames_per_pixel = look.origin(number), look.frames_per_pixel
        pixmap = QPixmap(blank)
        painter = QPainter(pixmap)
        sketch = _TilePainter(painter, lane, origin, frames_per_pixel, self._theme)
        places = [(span, sketch.area(span)) for span in spans]
        for span, area in places:
            sketch.paint_body(span, area, self._source.is_missing(span.clip.take_id))
        waves = self._waves(lane, spans, origin, frames_per_pixel)
        painter.drawImage(QRectF(0, NAME_HEIGHT, TILE_WIDTH, _wave_height()), waves)
        for span, area in places:
            sketch.paint_fades(span, area)
            sketch.paint_frame(area, span.clip.clip_id in selected)
            sketch.paint_name(span, area)
        sketch.paint_crossings()
        painter.end()
        return pixmap

    def _waves(
        self, lane: Lane, spans: tuple[Span, ...], origin: float, frames_per_pixel: float
    ) -> QImage:
        """Return the waveforms of all clips of a tile, put together column by column."""
        ratio = self._ratio
        width, height = round(TILE_WIDTH * ratio), round(_wave_height() * ratio)
        lows, highs = np.ones(width, np.float32), -np.ones(width, np.float32)
        colours = np.zeros(width, np.uint32)
        for span in spans:
            columns = clip_columns(self._source, span, origin, frames_per_pixel / ratio, width)
            if columns is None:
                continue
            left, shown = columns
            lows[left : left + shown.shape[1]], highs[left : left + shown.shape[1]] = shown
            muted = span.clip.muted
            colour = self._theme.quiet if muted else lane.track.colour
            bright = _is_bright(self._theme.surface)
            colours[left : left + shown.shape[1]] = _wave_colour(colour, muted, bright)
        middle = (height - 1) / 2
        top = np.floor(middle - np.minimum(np.maximum(highs, -1), 1) * middle).astype(np.int32)
        bottom = np.ceil(middle - np.minimum(np.maximum(lows, -1), 1) * middle).astype(np.int32)
        rows = np.arange(height, dtype=np.int32)[:, None]
        pixels = np.where((rows >= top) & (rows <= bottom), colours, np.uint32(0))
        data = pixels.tobytes()
        image = QImage(data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
        return image.copy()


class _TilePainter:
    """Paints clips of one lane into one tile."""

    def __init__(
        self, painter: QPainter, lane: Lane, origin: float, frames_per_pixel: float, theme: Theme
    ) -> None:
        self._painter = painter
        self._lane = lane
        self._origin = origin
        self._frames_per_pixel = frames_per_pixel
        self._theme = theme
        self._colour = QColor(lane.track.colour)

    def paint_body(self, span: Span, area: QRectF, missing: bool) -> None:
        muted, surface = span.clip.muted, self._theme.surface
        colour = self._theme.quiet if muted else self._lane.track.colour
        self._painter.fillRect(area, mixed(colour, surface, 0.14 if muted else 0.25))
        bar = QRectF(area.left(), area.top(), area.width(), NAME_HEIGHT)
        self._painter.fillRect(bar, mixed(colour, surface, 0.25 if muted else 0.55))
        if missing:
            hatch = QColor(self._theme.bad)
            hatch.setAlpha(130)
            self._painter.fillRect(area, QBrush(hatch, Qt.BrushStyle.BDiagPattern))

    def paint_fades(self, span: Span, area: QRectF) -> None:
        clip = span.clip
        rise = clip.fade_in.length - clip.fade_in.begun
        fall = clip.fade_out.length - clip.fade_out.begun
        if not (rise or fall) or area.width() <= CORNER:
            return
        left, right = self._x(span.start), self._x(span.end)
        for frames, edge, sign in ((rise, left, 1), (fall, right, -1)):
            if frames:
                self._paint_fade(area, edge, sign * frames / self._frames_per_pixel)

    def _paint_fade(self, area: QRectF, edge: float, width: float) -> None:
        if width == 0 or (edge + width < 0 and edge < 0) or min(edge, edge + width) > TILE_WIDTH:
            return
        steps = [n / _FADE_POINTS for n in range(_FADE_POINTS + 1)]
        low, high = area.bottom(), area.top() + NAME_HEIGHT
        points = [
            QPointF(edge + width * x, low - (low - high) * (x * x * (3 - 2 * x)) ** 0.5)
            for x in steps
        ]
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shade = QColor(self._theme.background)
        shade.setAlpha(120)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(shade)
        self._painter.drawPolygon([*points, QPointF(edge, high)])
        self._painter.setPen(QPen(QColor(self._theme.text), 1))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawPolyline(points)
        self._painter.setBrush(QColor(self._theme.text))
        self._painter.drawEllipse(QPointF(edge + width, area.top() + 4), 3, 3)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def paint_frame(self, area: QRectF, selected: bool) -> None:
        colour = QColor(self._theme.text) if selected else self._colour
        width = 2 if selected else 1
        self._painter.setPen(QPen(colour, width))
        inset = width / 2
        self._painter.drawRect(area.adjusted(inset, inset, -inset, -inset))

    def paint_name(self, span: Span, area: QRectF) -> None:
        if area.width() < _NARROWEST_NAME or area.left() >= TILE_WIDTH or area.right() <= 0:
            return
        words = f"{'Muted: ' if span.clip.muted else ''}{span.clip.name}"
        if span.clip.gain_db:
            words += f"  {span.clip.gain_db:+.1f} dB"
        bar = QRectF(area.left() + 6, area.top(), area.width() - 10, NAME_HEIGHT)
        font = self._painter.font()
        font.setPixelSize(11)
        self._painter.setFont(font)
        self._painter.setPen(QColor(self._theme.text))
        metrics = self._painter.fontMetrics()
        text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(bar.width()))
        self._painter.drawText(bar, Qt.AlignmentFlag.AlignVCenter, text)

    def paint_crossings(self) -> None:
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for start, end in self._lane.crossings:
            left, right = self._x(start), self._x(end)
            if right < 0 or left > TILE_WIDTH or right - left < 2:
                continue
            area = QRectF(left, NAME_HEIGHT, right - left, _wave_height())
            shade = QColor(self._theme.text)
            shade.setAlpha(24)
            self._painter.fillRect(area, shade)
            self._painter.setPen(QPen(QColor(self._theme.text), 1))
            self._painter.drawLine(area.bottomLeft(), area.topRight())
            self._painter.drawLine(area.topLeft(), area.bottomRight())
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _x(self, frame: float) -> float:
        return (frame - self._origin) / self._frames_per_pixel

    def area(self, span: Span) -> QRectF:
        """Return where a clip lies, cut a little outside of the tile so that numbers stay small."""
        left = max(-4.0 * TILE_WIDTH, round(self._x(span.start)))
        right = min(5.0 * TILE_WIDTH, max(left + 1, round(self._x(span.end))))
        return QRectF(left, 0, right - left, ROW_HEIGHT - 2)


def paint_grid(painter: QPainter, area: QRect, look: Look, origin: float, theme: Theme) -> None:
    """Paint the background with its lines; `origin` is the frame at x = 0.

    All in opaque colours: blending a line of a thousand pixels takes forty times as long.
    """
    painter.fillRect(area, QColor(theme.background))
    scale = Scale(look.tempo, origin, look.frames_per_pixel)
    first, last = scale.tick_at(area.left() - 1), scale.tick_at(area.right() + 1)
    colours = {
        rank: mixed(theme.text, theme.background, strength)
        for rank, strength in LINE_STRENGTH.items()
    }
    for tick, rank in look.grid.lines(look.tempo, first, last):
        x = round(scale.x_of_tick(tick))
        painter.fillRect(x, area.top(), 1, area.height(), colours[rank])


@lru_cache(maxsize=512)
def mixed(colour: str, ground: str, share: float) -> QColor:
    """Return `share` of a colour over another, as an opaque colour."""
    above, below = QColor(colour), QColor(ground)
    pairs = (
        (above.red(), below.red()),
        (above.green(), below.green()),
        (above.blue(), below.blue()),
    )
    return QColor(*(round(a * share + b * (1 - share)) for a, b in pairs))


def _key(lane: Lane, number: int, look: Look, selected: AbstractSet[ClipId]) -> _Key:
    shown = look.within(lane, number)
    chosen = _NONE
    if selected:
        chosen = frozenset(s.clip.clip_id for s in shown if s.clip.clip_id in selected)
    return _key_of(id(lane) if shown else 0, look, number, chosen)


def _key_of(lane: int, look: Look, number: int, chosen: frozenset[ClipId]) -> _Key:
    return _Key(lane, look.frames_per_pixel, look.grid.bars, look.grid.step, number, chosen)


def _wave_height() -> int:
    return ROW_HEIGHT - 2 - NAME_HEIGHT


@lru_cache(maxsize=8)
def _is_bright(surface: str) -> bool:
    return QColor(surface).lightness() > 127


@lru_cache(maxsize=64)
def _wave_colour(name: str, muted: bool, bright: bool) -> np.uint32:
    """Return the colour of a waveform, premultiplied; darker than its track on bright ground."""
    colour = QColor(name)
    if not muted:
        colour = colour.darker(170) if bright else colour.lighter(150)
    alpha = 90 if muted else 255
    channels = (colour.red(), colour.green(), colour.blue())
    red, green, blue = (round(channel * alpha / 255) for channel in channels)
    return np.uint32(alpha << 24 | red << 16 | green << 8 | blue)
