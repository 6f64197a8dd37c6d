"""The pointer: what pressing, dragging and letting go in the lanes does."""

from enum import Enum

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal, Slot

from acestep_desktop.domain.clip import ClipId, new_clip_id
from acestep_desktop.domain.project import TickRange
from acestep_desktop.domain.time import Tick
from acestep_desktop.ui.timeline.drags import Drag, Pointer
from acestep_desktop.ui.timeline.editor import TimelineEditor
from acestep_desktop.ui.timeline.grid import Snap
from acestep_desktop.ui.timeline.hits import Hit, Part, hit_at, row_at
from acestep_desktop.ui.timeline.viewport import Viewport

_STARTS_AFTER = 4
"""Pixels from which a press is a drag."""

_LEAVES_AFTER = 24
"""Pixels outside of the lanes from which clips leave as files."""

Keys = Qt.KeyboardModifier


class Doing(Enum):
    """What the pointer is about."""

    NOTHING = "nothing"
    PRESSED = "pressed"
    DRAGGING = "dragging a clip"
    FRAMING = "drawing a frame around clips"
    RANGING = "drawing a range"


class LanePointer(QObject):
    """Turns positions in the lanes into selections, previews and edits.

    `banded` carries the frame that is being drawn (QRectF, empty when it ends);
    `left_with` the clips that a drag carries out of the lanes; `range_taken` says that
    the selected range is being dragged away; `located` carries a tick.
    """

    banded = Signal(object)
    located = Signal(int)
    left_with = Signal(object)
    range_taken = Signal()

    def __init__(
        self, viewport: Viewport, editor: TimelineEditor, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._viewport = viewport
        self._editor = editor
        self._doing = Doing.NOTHING
        self._pressed = QPointF()
        self._origin = 0.0
        self._hit: Hit | None = None
        self._drag: Drag | None = None
        self._magnets: tuple[Tick, ...] = ()
        self._before: frozenset[ClipId] = frozenset()
        self._outside = False
        self._in_range = False
        self._height = 0.0

    @property
    def doing(self) -> Doing:
        """What the pointer is about."""
        return self._doing

    @property
    def drag(self) -> Drag | None:
        """The drag of a clip that goes on."""
        return self._drag

    def hit(self, at: QPointF) -> Hit | None:
        """Return the part of a clip under a point of the lanes."""
        view = self._viewport
        return hit_at(view.lanes, view.scale, at.x(), at.y() + view.top)

    def is_in_range(self, at: QPointF) -> bool:
        """Return whether a point of the lanes lies in the selected range."""
        view, span = self._viewport, self._editor.span
        row = row_at(at.y() + view.top)
        tracks = view.project.tracks
        if span is None or not 0 <= row < len(tracks):
            return False
        inside = view.scale.x_of_tick(span.start) <= at.x() < view.scale.x_of_tick(span.end)
        return inside and tracks[row].track_id in self._editor.span_tracks

    def press(self, at: QPointF, keys: Keys) -> None:
        """Take hold of what is at a point."""
        self._pressed, self._hit = at, self.hit(at)
        self._origin = self._frame_at(at)
        self._height = at.y() + self._viewport.top
        self._doing = Doing.PRESSED
        self._before = self._editor.selected
        self._in_range = self.is_in_range(at)
        if self._in_range or self._wants_range(keys):
            return
        if self._hit is None:
            if not keys & (Keys.ShiftModifier | Keys.ControlModifier):
                self._editor.clear()
            return
        name = self._hit.span.clip.clip_id
        if keys & Keys.ShiftModifier and name not in self._before:
            self._editor.select(self._before | {name})
        elif name not in self._before and not keys & Keys.ControlModifier:
            self._editor.select([name])

    def move(self, at: QPointF, keys: Keys) -> None:
        """Follow the pointer while the button is held."""
        if self._doing is Doing.PRESSED:
            if (at - self._pressed).manhattanLength() < _STARTS_AFTER:
                return
            self._begin(keys)
        if self._doing is Doing.DRAGGING:
            self._preview(at, keys)
            self._note_whether_outside(at, keys)
        elif self._doing is Doing.FRAMING:
            self._frame(at)
        elif self._doing is Doing.RANGING:
            self._range(at, keys)

    def release(self, at: QPointF, keys: Keys) -> None:
        """Let go: what was shown is done."""
        doing, self._doing = self._doing, Doing.NOTHING
        if doing is Doing.DRAGGING:
            self._drop(at, keys)
        elif doing is Doing.PRESSED:
            self._click(at, keys)
        self.banded.emit(QRectF())
        self._drag = None

    @Slot()
    def cancel(self) -> bool:
        """Forget the drag; return whether there was one."""
        doing, self._doing = self._doing, Doing.NOTHING
        if doing is Doing.NOTHING:
            return False
        self._drag = None
        self._editor.document.end_preview()
        if doing in (Doing.FRAMING, Doing.RANGING):
            self._editor.select(self._before)
        self.banded.emit(QRectF())
        return True

    def return_to(self, at: QPointF, keys: Keys) -> None:
        """Go on with a drag that had left the lanes and is back."""
        if self._doing is Doing.DRAGGING:
            self._preview(at, keys)

    def _note_whether_outside(self, at: QPointF, keys: Keys) -> None:
        """Tell, once for each time, that whole clips are carried out of the lanes."""
        view, drag, far = self._viewport, self._drag, _LEAVES_AFTER
        lanes = QRectF(0, 0, view.width, view.height).adjusted(-far, -far, far, far)
        outside = not lanes.contains(at) and not self._slips(keys)
        left, self._outside = outside and not self._outside, outside
        if left and drag is not None and drag.part is Part.BODY:
            self.left_with.emit(drag.clip_ids)

    def _slips(self, keys: Keys) -> bool:
        # Many window managers keep Alt with a drag to themselves: the tool does the same.
        return self._viewport.slips or bool(keys & Keys.AltModifier)

    def _wants_range(self, keys: Keys) -> bool:
        """Return whether dragging draws a range: by its tool, by Alt, over clips by Ctrl+Alt."""
        both = Keys.ControlModifier | Keys.AltModifier
        alone = self._hit is None and bool(keys & Keys.AltModifier)
        return self._viewport.ranges or alone or keys & both == both

    def _begin(self, keys: Keys) -> None:
        if self._in_range:
            self._doing = Doing.NOTHING
            self.range_taken.emit()
            return
        if self._wants_range(keys):
            self._doing = Doing.RANGING
            return
        if self._hit is None:
            self._doing = Doing.FRAMING
            return
        self._doing, self._outside = Doing.DRAGGING, False
        name = self._hit.span.clip.clip_id
        if name not in self._editor.selected:
            self._editor.select([name])
        chosen = self._editor.selected if self._hit.part is Part.BODY else frozenset({name})
        document = self._editor.document
        self._drag = Drag(
            document.history.present,
            name,
            chosen,
            self._hit.part,
            self._at(self._pressed, keys),
            {clip_id: new_clip_id() for clip_id in chosen},
        )
        self._magnets = self._viewport.magnets(chosen)

    def _at(self, at: QPointF, keys: Keys) -> Pointer:
        view = self._viewport
        return Pointer(
            view.scale.frame_at(at.x()),
            max(0, min(row_at(at.y() + view.top), len(view.lanes.lanes) - 1)),
            copies=bool(keys & Keys.ControlModifier),
            slips=self._slips(keys),
        )

    def _snap(self, keys: Keys) -> Snap:
        free = bool(keys & Keys.ShiftModifier)
        return self._viewport.snap(free=free, magnets=self._magnets)

    def _preview(self, at: QPointF, keys: Keys) -> None:
        if self._drag is not None:
            _, edit = self._drag.wish(self._at(at, keys), self._snap(keys))
            self._editor.document.preview(edit)

    def _drop(self, at: QPointF, keys: Keys) -> None:
        drag = self._drag
        if drag is None:
            return
        pointer = self._at(at, keys)
        label, edit = drag.wish(pointer, self._snap(keys))
        done = self._editor.document.apply(label, edit)
        if done and pointer.copies and drag.part is Part.BODY and not pointer.slips:
            self._editor.select(drag.new_ids.values())

    def _click(self, at: QPointF, keys: Keys) -> None:
        if self._editor.span is not None:
            self._editor.clear()
        if self._hit is None:
            if not keys & (Keys.ShiftModifier | Keys.ControlModifier):
                tick = self._viewport.scale.tick_at(at.x())
                self.located.emit(self._viewport.snap().near(tick))
            return
        name = self._hit.span.clip.clip_id
        if keys & Keys.ControlModifier:
            self._editor.toggle(name)
        elif not keys & Keys.ShiftModifier:
            self._editor.select([name])

    def _frame(self, at: QPointF) -> None:
        view = self._viewport
        start = QPointF(view.scale.x_of_frame(self._origin), self._height - view.top)
        band = QRectF(start, at).normalized()
        first, last = (self._frame_at(QPointF(x, 0)) for x in (band.left(), band.right()))
        top, bottom = row_at(band.top() + view.top), row_at(band.bottom() + view.top)
        inside = view.lanes.within(first, last, top, bottom)
        self._editor.select(self._before | inside if self._before else inside)
        self.banded.emit(band)

    def _range(self, at: QPointF, keys: Keys) -> None:
        view = self._viewport
        snap = view.snap(free=bool(keys & Keys.ShiftModifier))
        ends = sorted(snap.near(view.scale.tempo.tick_at(round(f))) for f in self._ends(at))
        rows = sorted((row_at(self._height), row_at(at.y() + view.top)))
        tracks = view.project.tracks[max(0, rows[0]) : rows[1] + 1]
        span = TickRange(ends[0], ends[1]) if ends[0] < ends[1] else None
        self._editor.select_span(span, [track.track_id for track in tracks])

    def _ends(self, at: QPointF) -> tuple[float, float]:
        return self._origin, self._frame_at(at)

    def _frame_at(self, at: QPointF) -> float:
        scale = self._viewport.scale
        return max(0.0, scale.origin + at.x() * scale.frames_per_pixel)
