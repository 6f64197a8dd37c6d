"""Verbs of places on the timeline: the tools of dragging, ranges of time, and markers."""

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from acestep_desktop.domain.song_edits import add_marker
from acestep_desktop.ui.timeline.editor import TimelineEditor
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT
from acestep_desktop.ui.timeline.verb import Reasons, verb_of
from acestep_desktop.ui.timeline.viewport import Viewport


class PlaceVerbs(QObject):
    """Selects ranges, and goes from marker to marker. `located` carries a tick.

    `ranges_changed` says whether dragging in the lanes draws ranges now, `slips_changed`
    whether dragging a clip slips what it shows; one tool is held at a time.
    """

    located = Signal(int)
    ranges_changed = Signal(bool)
    slips_changed = Signal(bool)

    def __init__(
        self, viewport: Viewport, editor: TimelineEditor, why: Reasons, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._viewport, self._editor = viewport, editor
        around = editor.select_range_of_clips
        self.verbs = (
            verb_of("Range tool", ("T",), self.toggle_ranges),
            verb_of("Slip tool", ("Y",), self.toggle_slips),
            verb_of("Range of the clips", ("Shift+T",), around, why.no_clip),
            verb_of("Range of the loop", ("Ctrl+Alt+L",), self.select_loop, why.no_loop),
            verb_of("Add a marker at the playhead", ("Shift+M",), self.add_marker),
            verb_of("Next marker", (".",), partial(self.go_to_marker, 1), why.no_marker),
            verb_of("Marker before", (",",), partial(self.go_to_marker, -1), why.no_marker),
        )

    @Slot()
    def toggle_ranges(self) -> None:
        """Let dragging in the lanes draw a range, or move clips again."""
        self._hold(ranges=not self._viewport.ranges)

    @Slot()
    def toggle_slips(self) -> None:
        """Let dragging a clip slip what it shows, or move it again."""
        self._hold(slips=not self._viewport.slips)

    def _hold(self, *, ranges: bool = False, slips: bool = False) -> None:
        self._viewport.ranges, self._viewport.slips = ranges, slips
        self.ranges_changed.emit(ranges)
        self.slips_changed.emit(slips)

    @Slot()
    def select_loop(self) -> None:
        """Select the loop as a range of all tracks."""
        project = self._viewport.project
        self._editor.select_span(project.loop, [track.track_id for track in project.tracks])

    @Slot()
    def add_marker(self) -> None:
        """Add a marker at the playhead."""
        view = self._viewport
        at = view.scale.tempo.tick_at(view.playhead)
        name = f"Marker {len(view.project.markers) + 1}"
        self._editor.document.apply("Add marker", partial(add_marker, at=at, name=name))

    def go_to_marker(self, direction: int) -> None:
        """Put the playhead at the next marker, or at the one before."""
        view = self._viewport
        here = view.scale.tempo.tick_at(view.playhead)
        ticks = sorted(marker.at for marker in view.project.markers)
        ahead = [tick for tick in ticks if (tick - here) * direction > 0]
        if ahead:
            to = ahead[0] if direction > 0 else ahead[-1]
            frame = view.scale.tempo.frame_at(to)
            view.reveal(frame, frame, view.top // ROW_HEIGHT)
            self.located.emit(to)
