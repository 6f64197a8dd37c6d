"""The verbs of the timeline: each has a name, its keys, and what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from acestep_desktop.domain.clip import ClipId
from acestep_desktop.domain.clip_edits import extent, set_fade, slip_clips, trim_end, trim_start
from acestep_desktop.domain.edits import add_track
from acestep_desktop.domain.project import Project, Track
from acestep_desktop.domain.song_edits import set_loop
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.ui.timeline.editor import TimelineEditor
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT, Span
from acestep_desktop.ui.timeline.place_verbs import PlaceVerbs
from acestep_desktop.ui.timeline.track_verbs import TrackVerbs
from acestep_desktop.ui.timeline.verb import Reasons, verb_of
from acestep_desktop.ui.timeline.viewport import Viewport
from acestep_desktop.ui.verbs import Verb

_FINE_PIXELS = 1
_KEY_ZOOM = 2.0


class TimelineVerbs(QObject):
    """Everything that the keyboard and the menus can do. `located` carries a tick.

    `snap_changed` says whether things snap now, `naming` which clip is to be given
    a name. `places` has the verbs of ranges and markers.
    """

    located = Signal(int)
    snap_changed = Signal(bool)
    naming = Signal(str)

    def __init__(
        self,
        viewport: Viewport,
        editor: TimelineEditor,
        tracks: TrackVerbs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._viewport = viewport
        self._editor = editor
        self._tracks = tracks
        self._why = Reasons(viewport, editor)
        self.places = PlaceVerbs(viewport, editor, self._why, self)
        self.places.located.connect(self.located)
        self._pasted: _Pasted | None = None
        editor.copied.connect(self._paste_anew)
        self.verbs = (
            *self._of_clips(),
            *self._of_arrows(),
            *self._of_view(),
            *self.places.verbs,
            *self._of_tracks(),
        )
        self._by_key = {key: verb for verb in self.verbs for key in verb.keys}
        self._by_name = {verb.name: verb for verb in self.verbs}

    def for_key(self, key: str) -> Verb | None:
        """Return the verb of a key such as "Ctrl+D"."""
        return self._by_key.get(key)

    def named(self, name: str) -> Verb:
        """Return the verb of this name."""
        return self._by_name[name]

    def _of_clips(self) -> tuple[Verb, ...]:
        editor, why = self._editor, self._why
        return (
            verb_of("Split at the playhead", ("S",), self.split, why.not_inside),
            verb_of("Duplicate", ("Ctrl+D",), editor.duplicate, why.no_selection),
            verb_of("Cut", ("Ctrl+X",), editor.cut, why.no_selection),
            verb_of("Copy", ("Ctrl+C",), editor.copy, why.no_selection),
            verb_of("Paste at the playhead", ("Ctrl+V",), self.paste, why.not_copied),
            verb_of("Delete", ("Del", "Backspace"), editor.delete, why.no_selection),
            verb_of(
                "Delete and close the gap",
                ("Ctrl+Shift+Del",),
                editor.ripple_delete,
                why.no_selection,
            ),
            verb_of("Select all", ("Ctrl+A",), editor.select_all, why.no_clips_at_all),
            verb_of("Rename clip", ("F2",), self.rename, why.no_clip),
            verb_of("Mute clip", ("0",), editor.toggle_mute, why.no_clip),
            verb_of("Crossfade neighbours", ("F",), editor.crossfade, why.no_neighbours),
            verb_of("Louder", ("+", "Shift++", "="), partial(editor.change_gain, 1.0), why.no_clip),
            verb_of("Softer", ("-",), partial(editor.change_gain, -1.0), why.no_clip),
            verb_of("Begin at the playhead", ("[",), self.trim_start, why.no_clip),
            verb_of("End at the playhead", ("]",), self.trim_end, why.no_clip),
            verb_of("Fade in up to the playhead", ("Ctrl+[",), self.fade_in, why.no_clip),
            verb_of("Fade out from the playhead", ("Ctrl+]",), self.fade_out, why.no_clip),
            verb_of("Loop the selection", ("Ctrl+L",), editor.loop_selection, why.no_selection),
            verb_of("Remove the loop", (), self.remove_loop, why.no_loop),
        )

    def _of_arrows(self) -> tuple[Verb, ...]:
        why = self._why
        return (
            verb_of("Move left", ("Left",), partial(self.step, -1)),
            verb_of("Move right", ("Right",), partial(self.step, 1)),
            verb_of("Move left finely", ("Alt+Left",), partial(self.step_finely, -1)),
            verb_of("Move right finely", ("Alt+Right",), partial(self.step_finely, 1)),
            verb_of("Slip left", ("Alt+Shift+Left",), partial(self.slip, -1), why.no_clip),
            verb_of("Slip right", ("Alt+Shift+Right",), partial(self.slip, 1), why.no_clip),
            verb_of(
                "Move to the track above", ("Ctrl+Up",), partial(self.move_lanes, -1), why.no_clip
            ),
            verb_of(
                "Move to the track below", ("Ctrl+Down",), partial(self.move_lanes, 1), why.no_clip
            ),
            verb_of(
                "Select the clip above",
                ("Up",),
                partial(self.select_beside, -1),
                why.no_clips_at_all,
            ),
            verb_of(
                "Select the clip below",
                ("Down",),
                partial(self.select_beside, 1),
                why.no_clips_at_all,
            ),
        )

    def _of_view(self) -> tuple[Verb, ...]:
        return (
            verb_of("Zoom in", ("Ctrl+=", "Ctrl++", "Ctrl+Shift++"), partial(self.zoom, _KEY_ZOOM)),
            verb_of("Zoom out", ("Ctrl+-",), partial(self.zoom, -_KEY_ZOOM)),
            verb_of("Zoom to the selection", ("Z",), self.zoom_to_selection),
            verb_of("Show everything", ("Shift+Z", "Ctrl+0"), self._viewport.fit),
            verb_of("Snap to the grid", ("N",), self.toggle_snap),
            verb_of("Page down", ("PgDown",), partial(self.page, 1)),
            verb_of("Page up", ("PgUp",), partial(self.page, -1)),
            verb_of("Go to the start", ("Home",), self.go_to_start),
            verb_of("Go to the end", ("End",), self.go_to_end),
        )

    def _of_tracks(self) -> tuple[Verb, ...]:
        why = self._why
        return (
            verb_of("Add a track", ("Ctrl+T",), self.add_track),
            verb_of("Mute track", ("M",), self.mute_track, why.no_track),
            verb_of("Solo track", ("Shift+S",), self.solo_track, why.no_track),
        )

    @property
    def playhead(self) -> Tick:
        """Where the playhead is."""
        return self._viewport.scale.tempo.tick_at(self._viewport.playhead)

    @Slot()
    def split(self) -> None:
        """Cut what lies under the playhead."""
        self._editor.split(self.playhead)

    @Slot()
    def paste(self) -> None:
        """Paste at the playhead; a second time, right behind what was pasted."""
        playhead, before = self._viewport.playhead, self._pasted
        there = {span.clip.clip_id for lane in self._viewport.lanes.lanes for span in lane.spans}
        again = before is not None and before.playhead == playhead and before.clip_ids <= there
        at = before.behind if again and before is not None else self.playhead
        behind = self._editor.paste(at, self.current_row)
        self._pasted = _Pasted(playhead, behind, self._editor.selected)

    @Slot()
    def _paste_anew(self) -> None:
        self._pasted = None

    @property
    def current_row(self) -> int:
        """The row of the first selected clip; else the topmost that is seen."""
        found = self._first_selected()
        return found[0] if found else self._viewport.top // ROW_HEIGHT

    @Slot()
    def trim_start(self) -> None:
        """Let the selected clips begin at the playhead."""
        self._each("Trim clip", lambda p, c: trim_start(p, c, self.playhead))

    @Slot()
    def trim_end(self) -> None:
        """Let the selected clips end at the playhead."""
        self._each("Trim clip", lambda p, c: trim_end(p, c, self.playhead))

    @Slot()
    def fade_in(self) -> None:
        """Let the selected clips rise up to the playhead."""
        playhead = self._viewport.playhead
        self._each_span(
            "Fade in", lambda p, s: set_fade(p, s.clip.clip_id, "in", playhead - s.start)
        )

    @Slot()
    def fade_out(self) -> None:
        """Let the selected clips fall from the playhead on."""
        playhead = self._viewport.playhead
        self._each_span(
            "Fade out", lambda p, s: set_fade(p, s.clip.clip_id, "out", s.end - playhead)
        )

    @Slot()
    def remove_loop(self) -> None:
        """Take the loop brace away."""
        self._editor.document.apply("Remove loop", partial(set_loop, span=None))

    def step(self, direction: int) -> None:
        """Move the selection, or without one the playhead, by a step of the grid."""
        view = self._viewport
        found = self._first_selected()
        at = self.playhead if found is None else found[1].clip.start
        tempo, grid = view.scale.tempo, view.grid
        to = grid.before(tempo, at) if direction < 0 else grid.after(tempo, at)
        if found is None:
            self.located.emit(to)
        else:
            self._editor.nudge(Tick(to - at))

    def step_finely(self, direction: int) -> None:
        """Move the selection, or the playhead, by a pixel."""
        view, found = self._viewport, self._first_selected()
        frames = max(1, round(_FINE_PIXELS * view.scale.frames_per_pixel)) * direction
        tempo = view.scale.tempo
        start = view.playhead if found is None else found[1].start
        to = tempo.tick_at(max(0, start + frames))
        if found is None:
            self.located.emit(to)
        else:
            self._editor.nudge(Tick(to - found[1].clip.start))

    def slip(self, direction: int) -> None:
        """Move what the selected clips show by a pixel."""
        frames = max(1, round(self._viewport.scale.frames_per_pixel)) * direction
        self._apply("Slip clip", partial(slip_clips, clip_ids=self._editor.selected, by=frames))

    def move_lanes(self, lanes: int) -> None:
        """Move the selected clips to the track above or below."""
        self._editor.nudge(Tick(0), lanes=lanes)

    def select_beside(self, direction: int) -> None:
        """Select the clip above or below that is nearest in time."""
        found = self._first_selected()
        row, start = (found[0], found[1].start) if found else (-1, self._viewport.playhead)
        lanes = self._viewport.lanes.lanes
        row += direction
        while 0 <= row < len(lanes):
            if lanes[row].spans:
                nearest = min(lanes[row].spans, key=lambda span: abs(span.start - start))
                self._select(row, nearest)
                return
            row += direction

    def select_next(self, direction: int) -> bool:
        """Select the next clip of the track, then of the next track; False behind the last."""
        order = [(r, s) for r, lane in enumerate(self._viewport.lanes.lanes) for s in lane.spans]
        chosen = [i for i, (_, s) in enumerate(order) if s.clip.clip_id in self._editor.selected]
        if not chosen:
            index = 0 if direction > 0 else len(order) - 1
        else:
            index = (max(chosen) if direction > 0 else min(chosen)) + direction
        if not 0 <= index < len(order):
            return False
        self._select(*order[index])
        return True

    def zoom(self, notches: float) -> None:
        """Look closer at the playhead if it is seen, else at the middle."""
        view = self._viewport
        x = view.scale.x_of_frame(view.playhead)
        view.zoom(notches, x if 0 <= x <= view.width else view.width / 2)

    @Slot()
    def zoom_to_selection(self) -> None:
        """Show what is selected, as large as fits; without a selection everything."""
        span, tempo = self._editor.span, self._viewport.scale.tempo
        if span is None and self._editor.selected:
            span = extent(self._editor.document.project, self._editor.selected)
        if span is None:
            self._viewport.fit()
        else:
            self._viewport.show_span(tempo.frame_at(span.start), tempo.frame_at(span.end))

    @Slot()
    def rename(self) -> None:
        """Let a person give the first selected clip another name."""
        if (found := self._first_selected()) is not None:
            self._viewport.reveal(found[1].start, found[1].end, found[0])
            self.naming.emit(found[1].clip.clip_id)

    @Slot()
    def toggle_snap(self) -> None:
        """Let things snap to the grid, or not."""
        self._viewport.snaps = not self._viewport.snaps
        self.snap_changed.emit(self._viewport.snaps)

    def page(self, pages: int) -> None:
        """Scroll down by pages."""
        view = self._viewport
        view.scroll_to_top(view.top + pages * max(ROW_HEIGHT, view.height - ROW_HEIGHT))

    @Slot()
    def go_to_start(self) -> None:
        """Put the playhead at the start."""
        self._viewport.scroll_to(0.0)
        self.located.emit(0)

    @Slot()
    def go_to_end(self) -> None:
        """Put the playhead behind the last clip."""
        view = self._viewport
        view.reveal(view.lanes.end, view.lanes.end, view.top // ROW_HEIGHT)
        self.located.emit(self._viewport.scale.tempo.tick_at(self._viewport.lanes.end))

    @Slot()
    def add_track(self) -> None:
        """Add an empty track below the others."""
        name = f"Track {len(self._viewport.project.tracks) + 1}"
        self._editor.document.apply("Add track", partial(add_track, name=name))

    @Slot()
    def mute_track(self) -> None:
        """Mute the track of the selection, or let it be heard."""
        if (track := self._current_track()) is not None:
            self._tracks.toggle_mute(track.track_id)

    @Slot()
    def solo_track(self) -> None:
        """Hear only the track of the selection, or all again."""
        if (track := self._current_track()) is not None:
            self._tracks.toggle_solo(track.track_id)

    def _current_track(self) -> Track | None:
        tracks = self._viewport.project.tracks
        row = self.current_row
        return tracks[row] if row < len(tracks) else None

    def _first_selected(self) -> tuple[int, Span] | None:
        found = [
            (row, span)
            for row, lane in enumerate(self._viewport.lanes.lanes)
            for span in lane.spans
            if span.clip.clip_id in self._editor.selected
        ]
        return min(found, key=lambda pair: (pair[1].start, pair[0])) if found else None

    def _select(self, row: int, span: Span) -> None:
        self._editor.select([span.clip.clip_id])
        self._viewport.reveal(span.start, span.end, row)

    def _apply(self, label: str, edit: Callable[[Project], Project]) -> None:
        if self._editor.selected:
            self._editor.document.apply(label, edit)
        else:
            self._editor.said.emit("Select a clip first.")

    def _each(self, label: str, change: Callable[[Project, ClipId], Project]) -> None:
        self._apply(label, partial(_chained, clip_ids=self._editor.selected, change=change))

    def _each_span(self, label: str, change: Callable[[Project, Span], Project]) -> None:
        spans = [
            span
            for lane in self._viewport.lanes.lanes
            for span in lane.spans
            if span.clip.clip_id in self._editor.selected
        ]
        self._apply(label, partial(_chained_spans, spans=spans, change=change))


@dataclass(frozen=True, slots=True)
class _Pasted:
    """What was pasted last: the next paste goes `behind` it while it is there."""

    playhead: Frame
    behind: Tick
    clip_ids: frozenset[ClipId]


def _chained(
    project: Project,
    *,
    clip_ids: frozenset[ClipId],
    change: Callable[[Project, ClipId], Project],
) -> Project:
    for clip_id in sorted(clip_ids):
        project = change(project, clip_id)
    return project


def _chained_spans(
    project: Project, *, spans: list[Span], change: Callable[[Project, Span], Project]
) -> Project:
    for span in spans:
        project = change(project, span)
    return project
