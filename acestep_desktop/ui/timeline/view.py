"""The timeline as one panel: ruler, headers, lanes and scroll bars, put together."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QGridLayout, QPushButton, QScrollBar, QWidget

from acestep_desktop.domain.clip import ClipId
from acestep_desktop.domain.clip_edits import extent
from acestep_desktop.domain.project import Project, TrackId
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.session.arrivals import ArrivalSession, Arrived
from acestep_desktop.session.clip_files import ClipFileSession
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.waveforms import WaveformSession
from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.timeline.canvas import Canvas
from acestep_desktop.ui.timeline.columns import level_at
from acestep_desktop.ui.timeline.drops import LaneDrops
from acestep_desktop.ui.timeline.editor import TimelineEditor
from acestep_desktop.ui.timeline.headers import WIDTH, HeaderColumn
from acestep_desktop.ui.timeline.hits import NAME_HEIGHT
from acestep_desktop.ui.timeline.inline_name import InlineName
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT
from acestep_desktop.ui.timeline.leaving import Leaving
from acestep_desktop.ui.timeline.menus import TimelineMenus
from acestep_desktop.ui.timeline.minimap import Minimap
from acestep_desktop.ui.timeline.pointer import Doing, LanePointer
from acestep_desktop.ui.timeline.ruler import Ruler
from acestep_desktop.ui.timeline.tiles import LaneTiles
from acestep_desktop.ui.timeline.track_verbs import TrackVerbs
from acestep_desktop.ui.timeline.verbs import TimelineVerbs
from acestep_desktop.ui.timeline.viewport import Viewport
from acestep_desktop.ui.verbs import Verb

_CORNER_HEIGHT: Final = 30
_PAGE: Final = 0.95
"""Where in the width the playhead turns the page, when it is followed."""

_BAR_UNITS: Final = 1_000
"""Frames that one step of the scroll bar stands for."""


class TimelineView(QWidget):
    """Tracks of clips over time, to be arranged.

    `located` carries the tick where the playhead is wanted; `said` a sentence;
    `selection_changed` the ids of the selected clips; `take_wanted` the take of a
    clip that is to be seen.
    """

    located = Signal(int)
    said = Signal(str)
    selection_changed = Signal(object)
    take_wanted = Signal(str)

    def __init__(
        self,
        document: DocumentSession,
        waveforms: WaveformSession,
        arrivals: ArrivalSession,
        theme: Theme,
        *,
        clip_files: ClipFileSession | None = None,
    ) -> None:
        super().__init__()
        self._document = document
        self._waveforms = waveforms
        self._arrivals = arrivals
        self._tiles = LaneTiles(waveforms, theme)
        self.viewport = Viewport(document.project, self)
        self.editor = TimelineEditor(document, self)
        tracks = TrackVerbs(document)
        self._verbs = TimelineVerbs(self.viewport, self.editor, tracks, self)
        self.pointer = LanePointer(self.viewport, self.editor, self)
        self.drops = LaneDrops(self.viewport, arrivals.known, self)
        self.canvas = Canvas(
            self.viewport, self.editor, self.pointer, self.drops, self._tiles, theme
        )
        self.ruler = Ruler(self.viewport, document, theme)
        self.headers = HeaderColumn(self.viewport, document, theme)
        self.minimap = Minimap(self.viewport, theme)
        self._leaving = Leaving(clip_files, self.editor, self.pointer, self.canvas)
        self._name = InlineName(self.canvas)
        self.menus = TimelineMenus(self.editor, self._verbs, tracks, self.ruler, self.headers, self)
        self._across = QScrollBar(Qt.Orientation.Horizontal)
        self._down = _lasting_bar()
        self._snap = _button("Snap", "Things snap to the grid (N; hold Shift to place freely)")
        self._follow = _button("Follow", "Turn the page with the playhead (Shift+F)")
        self._ranges = _button("Range", "Dragging draws a range of time, not a clip's move (T)")
        self._slips = _button("Slip", "Dragging a clip slips what it shows, as Alt does (Y)")
        self._add = QPushButton("+ Track")
        self._lay_out()
        self._connect()
        self._describe(frozenset())
        self.viewport.show_project(document.project)

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """Everything that can be done here, with its keys."""
        return self._verbs.verbs

    @property
    def selected(self) -> frozenset[str]:
        """The ids of the selected clips."""
        return frozenset(self.editor.selected)

    def _lay_out(self) -> None:
        self._add.setToolTip("Add an empty track (Ctrl+T)")
        self._add.setAccessibleName("Add a track")
        self._add.setObjectName("small")
        self._snap.setChecked(True)
        self._follow.setChecked(True)
        corner = QGridLayout()
        corner.setContentsMargins(4, 2, 8, 4)
        corner.setSpacing(4)
        corner.addWidget(self._add, 0, 0, 1, 2)
        corner.addWidget(self._follow, 0, 2)
        for place, button in enumerate((self._snap, self._ranges, self._slips)):
            corner.addWidget(button, 1, place)
        for button in (self._add, self._follow, self._snap, self._ranges, self._slips):
            button.setFixedHeight(_CORNER_HEIGHT)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(corner, 0, 0, 2, 1)
        layout.addWidget(self.minimap, 0, 1)
        layout.addWidget(self.ruler, 1, 1)
        layout.addWidget(self.headers, 2, 0)
        layout.addWidget(self.canvas, 2, 1)
        layout.addWidget(self._down, 2, 2)
        layout.addWidget(self._across, 3, 1)
        layout.setColumnMinimumWidth(0, WIDTH)
        layout.setRowStretch(2, 1)
        layout.setColumnStretch(1, 1)
        self.setFocusProxy(self.canvas)
        # The canvas has the keys: Esc must reach it while something is dragged in the ruler.
        self.ruler.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.ruler.setFocusProxy(self.canvas)

    def _connect(self) -> None:
        self._document.project_changed.connect(self.show_project)
        self._document.project_changed.connect(self._waveforms.show_project)
        self._waveforms.waveform_ready.connect(self._show_waveform)
        self._waveforms.missing_changed.connect(self._show_missing)
        self.viewport.changed.connect(self._show_scroll)
        self.viewport.top_changed.connect(self._show_scroll)
        self._across.valueChanged.connect(self._scroll_across)
        self._down.valueChanged.connect(self.viewport.scroll_to_top)
        for source in (self.ruler, self.pointer, self._verbs, self.menus):
            source.located.connect(self._locate)
        for sentences in (self.editor.said, self.drops.refused, self._arrivals.refused):
            sentences.connect(self.said)
        self.drops.dropped.connect(self._bring)
        self._arrivals.arrived.connect(self.place)
        self.editor.selection_changed.connect(self._describe)
        self.editor.selection_changed.connect(self.selection_changed)
        self._leaving.said.connect(self.said)
        self.canvas.menu_wanted.connect(self._show_menu)
        self.canvas.double_clicked.connect(self._double_click)
        self.canvas.installEventFilter(self)
        self.ruler.menu_wanted.connect(self.menus.show_ruler)
        self.headers.menu_wanted.connect(self.menus.show_track)
        self._verbs.snap_changed.connect(self._snap.setChecked)
        self._snap.clicked.connect(self._verbs.toggle_snap)
        self._verbs.places.ranges_changed.connect(self._ranges.setChecked)
        self._ranges.clicked.connect(self._verbs.places.toggle_ranges)
        self._verbs.places.slips_changed.connect(self._slips.setChecked)
        self._slips.clicked.connect(self._verbs.places.toggle_slips)
        self._verbs.naming.connect(self._rename)
        self._add.clicked.connect(self._verbs.add_track)

    @Slot(object)
    def show_project(self, project: Project) -> None:
        """Show a project, or a preview of one."""
        self.viewport.show_project(project)

    @Slot()
    def toggle_follow(self) -> None:
        """Turn the page with the playhead, or not."""
        self._follow.toggle()

    @Slot(int)
    def show_playhead(self, frame: int, rolling: bool = False) -> None:
        """Put the playhead line at a frame; while it rolls, the page may turn."""
        old, self.viewport.playhead = self.viewport.playhead, Frame(frame)
        if old == frame:
            return
        self.canvas.show_playhead(old, Frame(frame))
        self.ruler.show_playhead(old, Frame(frame))
        self.minimap.show_playhead(old, Frame(frame))
        if rolling and self._follow.isChecked() and self.pointer.drag is None:
            x = self.viewport.scale.x_of_frame(frame)
            if not 0 <= x <= self.viewport.width * _PAGE:
                self.viewport.scroll_to(frame - self.viewport.visible_frames * (1 - _PAGE))

    def show_levels(self, rolling: bool) -> None:
        """Show how loud each track is at the playhead: what its clips hold there, faded."""
        lanes, frame = self.viewport.lanes.lanes, self.viewport.playhead
        solo = any(lane.track.soloed for lane in lanes)
        for row, header in self.headers.rows():
            level = level_at(self._waveforms, lanes[row], frame, solo=solo) if rolling else 0.0
            header.show_level(level)

    @Slot(object)
    def place(self, arrived: Arrived) -> None:
        """Put takes where they were dropped, and select them."""
        first = not self._document.project.tracks
        self.editor.place(arrived.arrivals, arrived.at, arrived.track_id)
        if first:
            self.viewport.fit()
        self.canvas.setFocus()

    def show_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        for part in (self.canvas, self.ruler, self.headers, self.minimap):
            part.show_theme(theme)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys of the canvas: those of the verbs, Tab, and Esc."""
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            # Esc is the window's, too: it cancels jobs once there is nothing to leave here.
            leaves = event.key() == Qt.Key.Key_Escape and self._has_something_to_leave()
            if leaves or self._verbs.for_key(_key_of(event)) is not None:
                event.accept()
            return False
        if event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return self._verbs.select_next(1 if event.key() == Qt.Key.Key_Tab else -1)
        if event.key() == Qt.Key.Key_Escape:
            return self._escape()
        verb = self._verbs.for_key(_key_of(event))
        if verb is None:
            return False
        if reason := verb.refusal():
            self.said.emit(reason)
        else:
            verb.call()
        return True

    def _has_something_to_leave(self) -> bool:
        chosen = bool(self.editor.selected) or self.editor.span is not None
        return chosen or self.pointer.doing is not Doing.NOTHING or self.ruler.dragging

    def _escape(self) -> bool:
        if self.pointer.cancel() or self.ruler.cancel():
            return True
        had = bool(self.editor.selected) or self.editor.span is not None
        self.editor.clear()
        return had

    @Slot(object, object, int)
    def _bring(self, files: list[Path], track_id: TrackId | None, tick: int) -> None:
        self._arrivals.bring(files, Tick(tick), track_id)

    @Slot(int)
    def _locate(self, tick: int) -> None:
        self.located.emit(tick)

    @Slot(str)
    def _show_waveform(self, take_id: str) -> None:
        self._tiles.forget_take(take_id)
        self.canvas.update()

    @Slot()
    def _show_missing(self) -> None:
        self._tiles.clear()
        self.canvas.update()

    @Slot()
    def _show_scroll(self) -> None:
        view = self.viewport
        self._down.setVisible(view.most_top > 0)
        self._down.setRange(0, view.most_top)
        self._down.setPageStep(view.height)
        self._down.setValue(view.top)
        shown = view.visible_frames
        self._across.setRange(0, round(max(0.0, view.end - shown) / _BAR_UNITS))
        self._across.setPageStep(max(1, round(shown / _BAR_UNITS)))
        self._across.setSingleStep(max(1, round(shown / _BAR_UNITS / 20)))
        self._across.setValue(round(view.scale.origin / _BAR_UNITS))

    @Slot(int)
    def _scroll_across(self, value: int) -> None:
        # What the bar was set to is rounded: only what a person moved counts.
        if value != round(self.viewport.scale.origin / _BAR_UNITS):
            self.viewport.scroll_to(value * _BAR_UNITS)

    @Slot(QPointF, QPointF)
    def _show_menu(self, at: QPointF, on_screen: QPointF) -> None:
        if self.pointer.is_in_range(at):
            self.menus.of_range().popup(on_screen.toPoint())
            return
        hit = self.pointer.hit(at)
        tick = self.viewport.snap().near(self.viewport.scale.tick_at(at.x()))
        if hit is None:
            self.menus.of_empty(tick).popup(on_screen.toPoint())
            return
        if hit.span.clip.clip_id not in self.editor.selected:
            self.editor.select([hit.span.clip.clip_id])
        self.menus.of_clips(tick).popup(on_screen.toPoint())

    @Slot(QPointF)
    def _double_click(self, at: QPointF) -> None:
        hit = self.pointer.hit(at)
        if hit is None:
            return
        if at.y() + self.viewport.top - hit.row * ROW_HEIGHT <= NAME_HEIGHT:
            self._rename(hit.span.clip.clip_id)
        else:
            self.take_wanted.emit(hit.span.clip.take_id)

    @Slot(str)
    def _rename(self, clip_id: ClipId) -> None:
        """Let a person type another name over the name of a clip."""
        found = self.viewport.lanes.find(clip_id)
        if found is None:
            return
        row, span = found
        scale = self.viewport.scale
        left = max(0, round(scale.x_of_frame(span.start)))
        right = min(self.viewport.width, round(scale.x_of_frame(span.end)))
        area = QRect(left, row * ROW_HEIGHT - self.viewport.top, max(140, right - left), 26)
        self._name.ask(area, span.clip.name, partial(self.editor.rename, clip_id))

    @Slot(object)
    def _describe(self, selected: object) -> None:
        self.canvas.setAccessibleName("Timeline")
        self.canvas.setAccessibleDescription(self.spoken())

    def spoken(self) -> str:
        """Return what a screen reader says of the selection."""
        project, selected = self._document.project, self.editor.selected
        chosen = [
            (track, clip)
            for track in project.tracks
            for clip in track.clips
            if clip.clip_id in selected
        ]
        if not chosen:
            clips = sum(len(track.clips) for track in project.tracks)
            return f"{clips} clips on {len(project.tracks)} tracks, none selected"
        span = extent(project, selected)
        place = (
            f"from {project.tempo.position_at(span.start)} to {project.tempo.position_at(span.end)}"
        )
        if len(chosen) > 1:
            return f"{len(chosen)} clips selected, {place}"
        track, clip = chosen[0]
        muted = ", muted" if clip.muted else ""
        return f"{clip.name or 'Clip'}, track {track.name}, {place}{muted}"


def _key_of(event: QKeyEvent) -> str:
    keys = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return QKeySequence(event.key() | keys.value).toString()


def _lasting_bar() -> QScrollBar:
    """Return a bar whose place stays empty while there is nothing to scroll."""
    bar = QScrollBar(Qt.Orientation.Vertical)
    place = bar.sizePolicy()
    place.setRetainSizeWhenHidden(True)
    bar.setSizePolicy(place)
    return bar


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setCheckable(True)
    button.setObjectName("small")
    button.setToolTip(tip)
    button.setAccessibleName(text)
    return button
