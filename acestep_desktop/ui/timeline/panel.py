"""The timeline in its window: it follows the transport, and tells it where to go."""

from PySide6.QtCore import Slot

from acestep_desktop.domain.time import Tick
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.session.transport import Status
from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.timeline.view import TimelineView


class TimelinePanel(TimelineView):
    """A timeline whose playhead is the transport's."""

    def __init__(self, sessions: Sessions, theme: Theme) -> None:
        super().__init__(
            sessions.document,
            sessions.waveforms,
            sessions.arrivals,
            theme,
            clip_files=sessions.clip_files,
        )
        self._transport = sessions.transport
        self._transport.status_changed.connect(self.follow)
        self.located.connect(self.locate)
        self.ruler.play_wanted.connect(self.play_from)

    @Slot(object)
    def follow(self, status: Status) -> None:
        """Show where the transport is, and how loud the tracks are there."""
        self.show_playhead(self._transport.playhead, status.rolling)
        self.show_levels(status.rolling)

    @Slot(int)
    def play_from(self, tick: int) -> None:
        """Let the transport roll from a tick on."""
        self.locate(tick)
        if not self._transport.status.rolling:
            self._transport.toggle()

    @Slot(int)
    def locate(self, tick: int) -> None:
        """Send the transport to a tick, and show it there at once."""
        self._transport.locate_tick(Tick(tick))
        self.show_playhead(self.viewport.scale.tempo.frame_at(tick))
