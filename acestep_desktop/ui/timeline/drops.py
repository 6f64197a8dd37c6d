"""Drops: takes and audio files that are dragged onto the lanes, shown where they would lie."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, QObject, QPointF, QRectF, Qt, Signal

from acestep_desktop.domain.project import TrackId
from acestep_desktop.domain.song_edits import Arrival
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.ui.drops import dropped_files
from acestep_desktop.ui.timeline.grid import Grid
from acestep_desktop.ui.timeline.hits import row_at
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT
from acestep_desktop.ui.timeline.viewport import Viewport

Keys = Qt.KeyboardModifier

Known = Callable[[Path], Arrival | None]
"""Returns the take whose file this is, at once, or None."""

_MOST_GHOSTS: Final = 24


class LaneDrops(QObject):
    """What is being dragged over the lanes.

    `ghosted` carries the rectangles where the takes would lie; `dropped` the
    files, the track (None: a new one) and the tick; `refused` a sentence.
    """

    ghosted = Signal(object)
    dropped = Signal(object, object, int)
    refused = Signal(str)

    def __init__(self, viewport: Viewport, known: Known, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewport = viewport
        self._known = known
        self._files: list[Path] = []
        self._lengths: list[Frame] = []
        self._refusal = ""

    @property
    def active(self) -> bool:
        """Whether something is being dragged in."""
        return bool(self._lengths)

    def enter(self, data: QMimeData) -> bool:
        """Look at what comes; return whether a drop of it does something, or says why not."""
        self._files, self._refusal = dropped_files(data) if data.hasUrls() else ([], "")
        view = self._viewport
        tempo = view.scale.tempo
        bar = tempo.frame_at(tempo.meter_at(0).ticks_per_bar)
        known = [self._known(path) for path in self._files[:_MOST_GHOSTS]]
        # How long a stranger's file is shows when it is imported: until then, a bar.
        self._lengths = [Frame(bar) if a is None else a.media.frames for a in known]
        return bool(self._files) or bool(self._refusal)

    def move(self, point: QPointF, keys: Keys) -> None:
        """Show where the takes would lie."""
        at, row = self._place(point, keys)
        view = self._viewport
        left = view.scale.x_of_tick(at)
        self.ghosted.emit(
            tuple(
                QRectF(
                    left,
                    (row + number) * ROW_HEIGHT - view.top,
                    length / view.scale.frames_per_pixel,
                    ROW_HEIGHT - 2,
                )
                for number, length in enumerate(self._lengths)
            )
        )

    def leave(self) -> None:
        """Show nothing any more."""
        self._files, self._lengths = [], []
        self.ghosted.emit(())

    def drop(self, point: QPointF, keys: Keys) -> None:
        """Tell what was dropped where."""
        at, row = self._place(point, keys)
        files, refusal = self._files, self._refusal
        self.leave()
        if files:
            self.dropped.emit(files, self._track(row), at)
        if refusal:
            self.refused.emit(refusal)

    def _place(self, point: QPointF, keys: Keys) -> tuple[Tick, int]:
        view = self._viewport
        tick = view.scale.tick_at(point.x())
        if view.snaps and not keys & Keys.ShiftModifier:
            bars = Grid(max(1, view.grid.bars), view.grid.step)
            tick = bars.nearest(view.scale.tempo, tick)
        rows = len(view.lanes.lanes)
        return tick, min(rows, row_at(point.y() + view.top))

    def _track(self, row: int) -> TrackId | None:
        tracks = self._viewport.project.tracks
        return tracks[row].track_id if row < len(tracks) else None
