"""The verbs of a track, for its header's menu and for keys."""

from dataclasses import replace
from functools import partial

from acestep_desktop.domain.edits import change_track, remove_track
from acestep_desktop.domain.project import Track, TrackId
from acestep_desktop.domain.song_edits import duplicate_track, move_track
from acestep_desktop.session.document import DocumentSession


class TrackVerbs:
    """Changes whole tracks through the document."""

    def __init__(self, document: DocumentSession) -> None:
        self._document = document

    def toggle_mute(self, track_id: TrackId) -> None:
        """Mute a track, or let it be heard again."""
        track = self._document.project.track(track_id)
        label = "Unmute track" if track.muted else "Mute track"
        self._put(label, replace(track, muted=not track.muted))

    def toggle_solo(self, track_id: TrackId) -> None:
        """Hear only this track, or all again."""
        track = self._document.project.track(track_id)
        label = "Unsolo track" if track.soloed else "Solo track"
        self._put(label, replace(track, soloed=not track.soloed))

    def set_colour(self, track_id: TrackId, colour: str) -> None:
        """Give a track another colour."""
        track = self._document.project.track(track_id)
        self._put("Colour track", replace(track, colour=colour))

    def duplicate(self, track_id: TrackId) -> None:
        """Add a copy of a track below it."""
        self._document.apply("Duplicate track", partial(duplicate_track, track_id=track_id))

    def remove(self, track_id: TrackId) -> None:
        """Remove a track and its clips."""
        self._document.apply("Delete track", partial(remove_track, track_id=track_id))

    def move(self, track_id: TrackId, by: int) -> None:
        """Move a track up or down."""
        self._document.apply("Move track", partial(move_track, track_id=track_id, by=by))

    def _put(self, label: str, track: Track) -> None:
        change = partial(change_track, track_id=track.track_id, change=lambda _: track)
        self._document.apply(label, change)
