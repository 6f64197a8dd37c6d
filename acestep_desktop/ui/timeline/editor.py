"""The editor: what is selected on the timeline, and the verbs that act on it."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from acestep_desktop.domain.clip import ClipId, new_clip_id
from acestep_desktop.domain.clip_edits import (
    change_gain,
    copy_clips,
    crossfade_neighbours,
    cut_range,
    extent,
    move_clips,
    remove_clips,
    rename_clip,
    ripple_delete,
    split_clips,
    toggle_clip_mute,
)
from acestep_desktop.domain.edits import Edit
from acestep_desktop.domain.pieces import Pieces
from acestep_desktop.domain.project import Project, TickRange, TrackId
from acestep_desktop.domain.song_edits import Arrival, place_takes, set_loop
from acestep_desktop.domain.time import SAMPLE_RATE, Frame, Tick
from acestep_desktop.session.document import DocumentSession

CROSSFADE: Final = Frame(SAMPLE_RATE // 10)
"""How far neighbours are laid over each other by the key: 100 ms."""

NOTHING: Final = "Select a clip first: click one, or draw a frame around some."
"""Why most verbs do nothing while nothing is selected."""


class TimelineEditor(QObject):
    """Selection and clipboard, and every verb of the keyboard and the menus.

    `selection_changed` carries the ids of the clips that are selected;
    `span_changed` the range that is, or None; `copied` says that what is selected
    was copied; `said` carries a sentence for a person.
    """

    selection_changed = Signal(object)
    span_changed = Signal(object)
    copied = Signal()
    said = Signal(str)

    def __init__(self, document: DocumentSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self._selected: frozenset[ClipId] = frozenset()
        self._span: TickRange | None = None
        self._span_tracks: tuple[TrackId, ...] = ()
        self._copied = Pieces()
        document.history_changed.connect(self._forget_removed)
        document.refused.connect(self.said)

    @property
    def selected(self) -> frozenset[ClipId]:
        """The clips that are selected."""
        return self._selected

    @property
    def span(self) -> TickRange | None:
        """The range that is selected."""
        return self._span

    @property
    def span_tracks(self) -> tuple[TrackId, ...]:
        """The tracks on which the range is selected."""
        return self._span_tracks

    @property
    def can_paste(self) -> bool:
        """Whether clips were copied."""
        return bool(self._copied.clips)

    def select(self, clip_ids: Collection[ClipId]) -> None:
        """Select these clips and no others."""
        if self._span is not None:
            self._span, self._span_tracks = None, ()
            self.span_changed.emit(None)
        if frozenset(clip_ids) != self._selected:
            self._selected = frozenset(clip_ids)
            self.selection_changed.emit(self._selected)

    def toggle(self, clip_id: ClipId) -> None:
        """Add a clip to the selection, or take it out."""
        self.select(self._selected ^ {clip_id})

    def select_span(self, span: TickRange | None, track_ids: Sequence[TrackId] = ()) -> None:
        """Select a range of some tracks, instead of clips."""
        self.select(())
        self._span = span
        self._span_tracks = tuple(track_ids) if span is not None else ()
        self.span_changed.emit(span)

    @Slot()
    def select_range_of_clips(self) -> None:
        """Select the range that the selected clips fill, on their tracks."""
        project, chosen = self.document.project, self._selected
        if not chosen:
            self.said.emit(NOTHING)
            return
        tracks = [t.track_id for t in project.tracks if t.has_any(chosen)]
        self.select_span(extent(project, chosen), tracks)

    @Slot()
    def select_all(self) -> None:
        """Select every clip."""
        tracks = self.document.project.tracks
        self.select([clip.clip_id for track in tracks for clip in track.clips])

    @Slot()
    def clear(self) -> None:
        """Select nothing."""
        self.select(())

    @Slot()
    def delete(self) -> None:
        """Remove the selected clips, or what sounds in the selected range."""
        if self._span is not None:
            cut = partial(cut_range, track_ids=self._span_tracks, span=self._span)
            self.document.apply("Delete range", cut)
        else:
            self._do("Delete", partial(remove_clips, clip_ids=self._selected))

    @Slot()
    def ripple_delete(self) -> None:
        """Remove what is selected; on its tracks, what follows closes the gap."""
        if self._span is not None:
            cut = partial(cut_range, track_ids=self._span_tracks, span=self._span, close=True)
            if self.document.apply("Ripple delete range", cut):
                self.select_span(None)
        else:
            self._do("Ripple delete", partial(ripple_delete, clip_ids=self._selected))

    def split(self, at: Tick) -> None:
        """Cut the selected clips that lie under `at`; with none selected, all that do."""
        project = self.document.project
        everything = [clip.clip_id for track in project.tracks for clip in track.clips]
        chosen = self._selected or frozenset(everything)
        self.document.apply("Split clip", partial(split_clips, clip_ids=chosen, at=at))

    @Slot()
    def duplicate(self) -> None:
        """Add copies right behind what is selected, and select them."""
        project, span = self.document.project, self._span
        if span is not None:
            pieces = Pieces.of_range(project, self._span_tracks, span)
            put = partial(pieces.put, at=span.end, first_track=self._first_row())
            if self.document.apply("Duplicate range", put):
                length = span.end - span.start
                self.select_span(TickRange(span.end, Tick(span.end + length)), self._span_tracks)
        elif self._selected:
            around = extent(project, self._selected)
            self._add_copies("Duplicate", Tick(around.end - around.start))
        else:
            self.said.emit(NOTHING)

    @Slot()
    def copy(self) -> bool:
        """Remember the selected clips, or what sounds in the range; return whether anything is."""
        project = self.document.project
        if self._span is not None:
            found = Pieces.of_range(project, self._span_tracks, self._span)
        else:
            found = Pieces.of_clips(project, self._selected)
        if not found.clips:
            self.said.emit(NOTHING)
            return False
        self._copied = found
        self.copied.emit()
        return True

    @Slot()
    def cut(self) -> None:
        """Remember what is selected, and remove it."""
        if not self.copy():
            return
        if self._span is not None:
            self.delete()
        else:
            self._do("Cut", partial(remove_clips, clip_ids=self._selected))

    def paste(self, at: Tick, first_track: int) -> Tick:
        """Put what was copied at `at`, select it, and return where the next paste may go."""
        before = _ids_in(self.document.project)
        paste = partial(self._copied.put, at=at, first_track=first_track)
        if not self.document.apply(_counted("Paste", len(self._copied.clips)), paste):
            return at
        self.select(_ids_in(self.document.project) - before)
        return Tick(at + self._copied.length)

    def nudge(self, by: Tick, *, lanes: int = 0) -> None:
        """Move the selected clips by ticks and tracks."""
        self._do("Move", partial(move_clips, clip_ids=self._selected, by=by, lanes=lanes))

    @Slot()
    def toggle_mute(self) -> None:
        """Mute the selected clips, or let them be heard again."""
        self._do("Mute", partial(toggle_clip_mute, clip_ids=self._selected))

    def change_gain(self, by_db: float) -> None:
        """Make the selected clips louder or softer."""
        self._do("Change gain of", partial(change_gain, clip_ids=self._selected, by_db=by_db))

    @Slot()
    def crossfade(self) -> None:
        """Lay selected neighbours over each other."""
        edit = partial(crossfade_neighbours, clip_ids=self._selected, length=CROSSFADE)
        self._do("Crossfade", edit)

    @Slot()
    def loop_selection(self) -> None:
        """Set the loop brace around what is selected."""
        if self._span is None and not self._selected:
            self.said.emit(NOTHING)
            return
        span = self._span or extent(self.document.project, self._selected)
        self.document.apply("Set loop", partial(set_loop, span=span))

    def place(self, arrivals: Sequence[Arrival], at: Tick, track_id: TrackId | None) -> None:
        """Put takes on the timeline, and select them."""
        ids = [new_clip_id() for _ in arrivals]
        edit = partial(place_takes, arrivals=arrivals, at=at, track_id=track_id, new_ids=ids)
        if self.document.apply(_counted("Add", len(ids)), edit):
            self.select(ids)

    def rename(self, clip_id: ClipId, name: str) -> None:
        """Give a clip another name."""
        if name.strip():
            edit = partial(rename_clip, clip_id=clip_id, name=name.strip())
            self.document.apply("Rename clip", edit)

    def _first_row(self) -> int:
        tracks = self.document.project.tracks
        return min(row for row, t in enumerate(tracks) if t.track_id in self._span_tracks)

    def _add_copies(self, verb: str, by: Tick) -> None:
        new_ids = {clip_id: new_clip_id() for clip_id in self._selected}
        if self._do(verb, partial(copy_clips, new_ids=new_ids, by=by)):
            self.select(new_ids.values())

    def _do(self, verb: str, edit: Edit) -> bool:
        if not self._selected:
            self.said.emit(NOTHING)
            return False
        return self.document.apply(_counted(verb, len(self._selected)), edit)

    @Slot()
    def _forget_removed(self) -> None:
        there = _ids_in(self.document.project)
        if not self._selected <= there:
            self._selected &= there
            self.selection_changed.emit(self._selected)


def _counted(verb: str, count: int) -> str:
    return f"{verb} clip" if count == 1 else f"{verb} {count} clips"


def _ids_in(project: Project) -> frozenset[ClipId]:
    return frozenset(clip.clip_id for track in project.tracks for clip in track.clips)
