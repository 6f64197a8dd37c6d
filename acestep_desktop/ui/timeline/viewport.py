"""The viewport: which part of the timeline is seen, shared by everything that draws it."""

from dataclasses import replace
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Signal, Slot

from acestep_desktop.domain.project import Project
from acestep_desktop.domain.time import SAMPLE_RATE, Frame, Tick
from acestep_desktop.ui.timeline.grid import Grid, Rank, Snap, grid_for
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT, Lanes
from acestep_desktop.ui.timeline.scale import STEP, Scale

_AIR: Final = 0.25
"""How much of a width can be seen behind the last clip."""

_BESIDE: Final = 8
_SHORTEST_VIEW: Final = 60 * SAMPLE_RATE


class Line(NamedTuple):
    """A line of the grid, where it stands on the screen."""

    x: int
    tick: Tick
    rank: Rank


class _Seen(NamedTuple):
    """What can be told from a scale alone."""

    scale: Scale
    width: int
    grid: Grid
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, scale: Scale, width: int) -> "_Seen":
        first, last = scale.tick_at(-_BESIDE), scale.tick_at(width + _BESIDE)
        grid = grid_for(scale, scale.tick_at(0))
        lines = grid.lines(scale.tempo, first, last)
        placed = tuple(Line(round(scale.x_of_tick(tick)), tick, rank) for tick, rank in lines)
        return cls(scale, width, grid, placed)


class Viewport(QObject):
    """Scale, scroll position and size. `changed` says that everything is to be drawn anew,
    `top_changed` that all which scrolls with the lanes is.
    """

    changed = Signal()
    top_changed = Signal()

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lanes = Lanes()
        self.scale = Scale(project.tempo)
        self.top = 0
        self.width = 800
        self._known = _Seen.of(self.scale, self.width)
        self.height = 400
        self.snaps = True
        self.ranges = False
        self.slips = False
        self.playhead = Frame(0)
        self.project = project
        self.show_project(project)

    def show_project(self, project: Project) -> None:
        """Lay out a project; what is seen stays where it is."""
        self.project = project
        self.lanes.show_project(project)
        if self.scale.tempo is not project.tempo:
            self.scale = replace(self.scale, tempo=project.tempo)
        self.top = min(self.top, self.most_top)
        self.changed.emit()

    @property
    def grid(self) -> Grid:
        """The grid at this zoom."""
        return self._seen().grid

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the grid that are seen, and a few beside them."""
        return self._seen().lines

    def _seen(self) -> "_Seen":
        """Return the grid of the scale; it is asked for many times before that changes."""
        if self._known.scale is not self.scale or self._known.width != self.width:
            self._known = _Seen.of(self.scale, self.width)
        return self._known

    @property
    def most_top(self) -> int:
        """How far down the lanes can be scrolled."""
        rows = len(self.lanes.lanes) + 1
        return max(0, rows * ROW_HEIGHT - self.height)

    @property
    def end(self) -> float:
        """The frame up to which the timeline can be scrolled."""
        air = _AIR * self.width * self.scale.frames_per_pixel
        return max(self.lanes.end + air, _SHORTEST_VIEW, self.scale.frame_at(self.width))

    @property
    def visible_frames(self) -> float:
        """How many frames are seen from left to right."""
        return self.width * self.scale.frames_per_pixel

    def snap(self, *, free: bool = False, magnets: tuple[Tick, ...] = ()) -> Snap:
        """Return where things come to rest now; `free` is while Shift is held."""
        return Snap(self.scale, self.grid, magnets, self.snaps and not free)

    def magnets(self, without: frozenset[str] = frozenset()) -> tuple[Tick, ...]:
        """Return what pulls: ends of visible clips but those `without`, markers, the playhead."""
        first, last = self.scale.origin, self.scale.origin + self.visible_frames
        rows = range(
            self.top // ROW_HEIGHT,
            min(len(self.lanes.lanes), (self.top + self.height) // ROW_HEIGHT + 1),
        )
        tempo = self.project.tempo
        ticks = {
            tick
            for row in rows
            for span in self.lanes.lanes[row].within(first, last)[:200]
            if span.clip.clip_id not in without
            for tick in (span.clip.start, tempo.tick_at(span.end))
        }
        ticks |= {marker.at for marker in self.project.markers}
        ticks.add(tempo.tick_at(self.playhead))
        return tuple(sorted(ticks))

    def resize(self, width: int, height: int) -> None:
        """Note how large the lanes are."""
        if (width, height) != (self.width, self.height):
            self.width, self.height = max(1, width), max(1, height)
            self.top = min(self.top, self.most_top)
            self.changed.emit()

    def zoom(self, notches: float, x: float) -> None:
        """Look closer by notches of the wheel; what is at pixel `x` stays there."""
        self._look(self.scale.zoomed(STEP**notches, x))

    def show_span(self, start: float, end: float) -> None:
        """Show start..end, as large as fits."""
        self._look(self.scale.fitted(start, end, self.width))

    @Slot()
    def fit(self) -> None:
        """Show everything."""
        self.show_span(0, max(self.lanes.end, 4 * SAMPLE_RATE))

    @Slot(int)
    def scroll_to_top(self, top: int) -> None:
        """Let the lanes begin at this height."""
        top = max(0, min(top, self.most_top))
        if top != self.top:
            self.top = top
            self.top_changed.emit()

    def scroll_to(self, origin: float) -> None:
        """Let this frame be the leftmost one."""
        latest = max(0.0, self.end - self.visible_frames)
        self._look(self.scale.scrolled_to(min(origin, max(latest, self.scale.origin))))

    def scroll_by(self, pixels: float) -> None:
        """Scroll to the right, to the left for negative ones."""
        self.scroll_to(self.scale.origin + pixels * self.scale.frames_per_pixel)

    def reveal(self, start: float, end: float, row: int) -> None:
        """Scroll as little as needed to see a clip's start and its row."""
        width = self.visible_frames
        if not self.scale.origin <= start < self.scale.origin + width * 0.95:
            self.scroll_to(max(0.0, start - width * 0.1))
        if row * ROW_HEIGHT < self.top:
            self.scroll_to_top(row * ROW_HEIGHT)
        elif (row + 1) * ROW_HEIGHT > self.top + self.height:
            self.scroll_to_top((row + 1) * ROW_HEIGHT - self.height)

    def _look(self, scale: Scale) -> None:
        if scale != self.scale:
            self.scale = scale
            self.changed.emit()
