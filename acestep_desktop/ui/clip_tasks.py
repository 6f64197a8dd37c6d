"""Tasks for clips: the audio behind a clip, or a range of it, goes into the prompt."""

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from acestep_desktop.domain.clip_source import ClipSource, source_of
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.prompt_panel import PromptPanel
from acestep_desktop.ui.take_actions import SENDABLE
from acestep_desktop.ui.timeline.view import TimelineView
from acestep_desktop.ui.verbs import Verb


class ClipTasks(QObject):
    """Sends what is selected on the timeline to a task. `said` carries a sentence."""

    said = Signal(str)

    def __init__(
        self, sessions: Sessions, prompt: PromptPanel, timeline: TimelineView, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._sessions, self._prompt, self._timeline = sessions, prompt, timeline
        timeline.menus.task_wanted.connect(self.send)

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """The tasks as verbs of the palette."""
        return tuple(
            Verb(f"{title.rstrip('…')} the clip", "Timeline", partial(self.send, key))
            for key, title in (("repaint", SENDABLE["repaint"]), ("extend", SENDABLE["extend"]))
        )

    @Slot(str)
    def send(self, task: str) -> None:
        """Make the prompt ready to do a task with the clip, or the range, that is selected."""
        try:
            source = self._source()
        except InvalidValueError as error:
            self.said.emit(str(error))
            return
        take = self._sessions.library.lookup([source.take_id]).get(source.take_id)
        path = take.path if take else self._sessions.transport.paths.get(source.take_id)
        if path is None:
            self.said.emit("The file of this clip is missing: find it under File first.")
            return
        words = take.caption if take else ""
        span = (round(source.from_s, 3), round(source.to_s, 3)) if task == "repaint" else None
        self._prompt.send(path, task, words=words, span=span)

    def _source(self) -> ClipSource:
        editor = self._timeline.editor
        project = self._sessions.document.project
        return source_of(project, editor.selected, editor.span, editor.span_tracks)
