"""The desk: prompt, tray and library around one queue of jobs."""

from typing import Final

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from acestep_desktop.domain.request import Request
from acestep_desktop.domain.vocabulary import vocabulary
from acestep_desktop.session.batches import BatchSession
from acestep_desktop.session.jobs import Job, JobState
from acestep_desktop.session.library import StoredTake
from acestep_desktop.session.model_offer import device_words, offer_words
from acestep_desktop.session.prompts import PromptShelf
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.library_panel import LibraryPanel
from acestep_desktop.ui.prompt_panel import PromptPanel
from acestep_desktop.ui.queue_panel import QueuePanel
from acestep_desktop.ui.take_actions import TakeActions
from acestep_desktop.ui.theme import Theme
from acestep_desktop.ui.tray import AuditionTray

_WARM_AFTER_MS: Final = 300


class Desk(QObject):
    """Makes the panels of generation around the prompt and connects them; the window places them.

    `prompt`, `tray` and `library` are the panels; `said` carries sentences, `warned`
    those of what went wrong.
    """

    said = Signal(str)
    warned = Signal(str)

    def __init__(
        self,
        sessions: Sessions,
        prompt: PromptPanel,
        shelf: PromptShelf,
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._sessions = sessions
        jobs, library, audition = sessions.jobs, sessions.library, sessions.audition
        self.batches = BatchSession(jobs, library, self)
        self.actions = TakeActions(library, audition, jobs, window)
        self.prompt, self.shelf = prompt, shelf
        self.queue = QueuePanel(jobs, window)
        self.library = LibraryPanel(library, audition, self.actions, theme)
        self.tray = AuditionTray(
            self.batches, jobs, library, audition, sessions.settings, self.actions, theme
        )
        prompt.furnish(sessions.engines, sessions.sources)
        self._connect()
        QTimer.singleShot(_WARM_AFTER_MS, self, self._warm)

    def show_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self.library.show_theme(theme)
        self.tray.show_theme(theme)

    @Slot(object)
    def generate(self, request: Request) -> None:
        """Queue a request; its first take plays by itself, unless that is switched off."""
        self._sessions.jobs.submit(self.prompt.engine, request)

    @Slot(object, str)
    def send(self, take: StoredTake, task: str) -> None:
        """Make the prompt ready to do a task with a take."""
        self.prompt.send(take.path, task, words=take.caption)

    @Slot()
    def escape(self) -> None:
        """Cancel what is being made; if nothing is, let the take fall silent."""
        if not self.cancel():
            self._sessions.audition.stop()

    @Slot()
    def cancel(self) -> bool:
        """Cancel the job that is done now, not those that wait; return whether there was one."""
        jobs = self._sessions.jobs
        left = [job for job in jobs.jobs if not job.state.ended]
        if not left:
            return False
        now = next((job for job in left if job.state is JobState.RUNNING), left[0])
        jobs.cancel(now.job_id)
        if waiting := len(left) - 1:
            what = "1 more waits" if waiting == 1 else f"{waiting} more wait"
            self.said.emit(
                f'Cancelled; {what}. "Cancel all jobs" (Ctrl+K) takes all off the queue.'
            )
        return True

    @Slot()
    def play_or_stop(self) -> None:
        """Stop what is heard; else play the project, or while that is empty the last take."""
        audition, transport = self._sessions.audition, self._sessions.transport
        take = self.tray.current()
        if audition.playing:
            audition.stop()
        elif transport.status.rolling or take is None or self._has_song():
            transport.toggle()
        else:
            audition.play(take)

    def _has_song(self) -> bool:
        return any(track.clips for track in self._sessions.document.project.tracks)

    @Slot()
    def _warm(self) -> None:
        self._sessions.models.refresh()
        # The first word that is typed need not wait for the whole vocabulary.
        QThreadPool.globalInstance().start(vocabulary)

    @Slot()
    def _offer_model(self) -> None:
        models = self._sessions.models
        self.prompt.show_device(device_words(models.machine))
        words = offer_words(models.states, models.machine) if self.shelf.offers_model else ""
        self.library.start_card.offer_model(words)

    def _connect(self) -> None:
        sessions = self._sessions
        start = self.library.start_card
        start.models_wanted.connect(self.prompt.models_wanted)
        start.offer_dismissed.connect(self.shelf.dismiss_offer)
        sessions.models.models_changed.connect(self._offer_model)
        self.prompt.generate_wanted.connect(self.generate)
        self.prompt.queue_wanted.connect(self.queue.show)
        self.prompt.cancel_wanted.connect(self.cancel)
        self.library.example_chosen.connect(self.prompt.set_words)
        sessions.jobs.jobs_changed.connect(self._show_jobs)
        sessions.jobs.job_failed.connect(self._say_failure)
        sessions.jobs.take_kept.connect(self._show_take)
        sessions.arrivals.takes_changed.connect(self.library.show_takes)
        self.actions.place_wanted.connect(self._place)
        self.actions.send_wanted.connect(self.send)
        for sentences in (
            self.library.said,
            self.tray.said,
            self.shelf.failed,
            self.prompt.said,
            sessions.jobs.refused,
            sessions.jobs.told,
        ):
            sentences.connect(self.said)

    @Slot(tuple)
    def _show_jobs(self, jobs: tuple[Job, ...]) -> None:
        running = next((job for job in jobs if job.state is JobState.RUNNING), None)
        waiting = sum(job.state is JobState.QUEUED for job in jobs)
        if running is None:
            self.prompt.show_progress(0.0 if waiting else None, "")
            return
        whole_s = self._sessions.jobs.expected_s(running)
        left = "" if whole_s is None else f"   about {left_words(whole_s * (1 - running.fraction))}"
        behind = f"   {waiting} waiting" if waiting else ""
        self.prompt.show_progress(running.fraction, f"{running.stage}{left}{behind}")

    @Slot(object)
    def _say_failure(self, job: Job) -> None:
        self.warned.emit(f"{job.reason} (Retry is in the tray)")

    @Slot(object, object)
    def _show_take(self, take: StoredTake, job: Job) -> None:
        self.library.show_takes()

    @Slot(list)
    def _place(self, takes: list[StoredTake]) -> None:
        sessions = self._sessions
        tick = sessions.document.project.tempo.tick_at(sessions.transport.playhead)
        sessions.arrivals.bring([take.path for take in takes], tick, None)


def left_words(seconds: float) -> str:
    """Return how long something will still take, no more exactly than anyone knows."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s left"
    return f"{round(seconds / 60)} min left"
