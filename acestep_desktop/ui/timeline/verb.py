"""A verb of the timeline, and the reasons why one cannot be done just now."""

from collections.abc import Callable
from typing import Final

from acestep_desktop.ui.timeline.editor import NOTHING, TimelineEditor
from acestep_desktop.ui.timeline.viewport import Viewport
from acestep_desktop.ui.verbs import Verb, never_refused

NO_SELECTION: Final = f"{NOTHING} T draws ranges instead."
NOT_COPIED: Final = "Nothing is copied yet: select a clip and press Ctrl+C."
NO_TRACK: Final = "There is no track yet: drag a take here, or press Ctrl+T."
NO_CLIP: Final = "There is no clip yet: drag a take here."
NO_LOOP: Final = "There is no loop: drag in the upper half of the ruler to draw one."
NO_MARKER: Final = "There is no marker: Shift+M adds one at the playhead."
NO_NEIGHBOURS: Final = "Select two neighbours first: clips of one track, one behind the other."
NOT_INSIDE: Final = "There is nothing to split here: put the playhead inside a clip."


def verb_of(
    name: str,
    keys: tuple[str, ...],
    call: Callable[[], object],
    refusal: Callable[[], str] = never_refused,
) -> Verb:
    """Return a verb of the timeline, which itself hears its keys."""
    return Verb(name, "Timeline", call, keys, refusal, bound=False)


class Reasons:
    """Why something cannot be done just now, in sentences; empty where it can."""

    def __init__(self, viewport: Viewport, editor: TimelineEditor) -> None:
        self._viewport, self._editor = viewport, editor

    def no_clip(self) -> str:
        """Of what needs selected clips."""
        return "" if self._editor.selected else NOTHING

    def no_selection(self) -> str:
        """Of what needs clips or a range."""
        chosen = self._editor.selected or self._editor.span is not None
        return "" if chosen else NO_SELECTION

    def not_copied(self) -> str:
        """Of pasting."""
        return self.no_track() or ("" if self._editor.can_paste else NOT_COPIED)

    def no_track(self) -> str:
        """Of what needs a track."""
        return "" if self._viewport.project.tracks else NO_TRACK

    def no_clips_at_all(self) -> str:
        """Of what needs any clip."""
        return "" if any(track.clips for track in self._viewport.project.tracks) else NO_CLIP

    def no_loop(self) -> str:
        """Of what needs a loop."""
        return "" if self._viewport.project.loop is not None else NO_LOOP

    def no_marker(self) -> str:
        """Of what needs a marker."""
        return "" if self._viewport.project.markers else NO_MARKER

    def no_neighbours(self) -> str:
        """Of what needs clips beside each other."""
        alone = NO_NEIGHBOURS if len(self._editor.selected) < 2 else ""
        return self.no_clip() or alone

    def not_inside(self) -> str:
        """Of splitting: a clip must be under the playhead, one of those that are selected."""
        at, chosen = self._viewport.playhead, self._editor.selected
        under = (
            span.start < at < span.end and (not chosen or span.clip.clip_id in chosen)
            for lane in self._viewport.lanes.lanes
            for span in lane.within(at, at + 1)
        )
        return "" if any(under) else NOT_INSIDE
