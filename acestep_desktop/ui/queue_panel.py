"""The queue: what is being made, what waits and in which order, and what failed and why."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.session.jobs import Job, JobId, JobSession, JobState

_STATES = {
    JobState.QUEUED: "waits",
    JobState.DONE: "done",
    JobState.CANCELLED: "cancelled",
}


class QueuePanel(QDialog):
    """All jobs of this run, to be moved, cancelled and tried again."""

    def __init__(self, jobs: JobSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Queue")
        self.resize(560, 360)
        self._jobs = jobs
        self._list = QListWidget()
        self._list.setAccessibleName("Jobs")
        self._list.setToolTip("Jobs in their order")
        self._reason = QLabel()
        self._reason.setWordWrap(True)
        self._reason.setMinimumHeight(36)
        self._earlier = _button("Earlier", "Do this job sooner", self.move_earlier)
        self._later = _button("Later", "Do this job later", self.move_later)
        self._cancel = _button("Cancel job", "Take this job off the queue", self.cancel)
        self._retry = _button("Retry", "Ask for the same once more", self.retry)
        self._clear = _button("Clear", "Forget the jobs that have ended", jobs.forget_ended)
        buttons = QHBoxLayout()
        for button in (self._earlier, self._later, self._cancel, self._retry):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self._clear)
        layout = QVBoxLayout(self)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._reason)
        layout.addLayout(buttons)
        jobs.jobs_changed.connect(self.show_jobs)
        self._list.currentRowChanged.connect(self._show_choices)
        self.show_jobs(jobs.jobs)

    @Slot(tuple)
    def show_jobs(self, jobs: tuple[Job, ...]) -> None:
        """Show these jobs; the one that was chosen stays so."""
        chosen = self._chosen()
        for row, job in enumerate(jobs):
            if row >= self._list.count():
                self._list.addItem(QListWidgetItem())
            item = self._list.item(row)
            item.setText(_line(job))
            item.setData(Qt.ItemDataRole.UserRole, int(job.job_id))
        while self._list.count() > len(jobs):
            self._list.takeItem(self._list.count() - 1)
        if chosen is not None:
            rows = [row for row, job in enumerate(jobs) if job.job_id == chosen.job_id]
            self._list.setCurrentRow(rows[0] if rows else -1)
        self._show_choices()

    @Slot()
    def move_earlier(self) -> None:
        """Do the chosen job before the one in front of it."""
        self._move(-1)

    @Slot()
    def move_later(self) -> None:
        """Do the chosen job after the one behind it."""
        self._move(1)

    @Slot()
    def cancel(self) -> None:
        """Cancel the chosen job."""
        if (job := self._chosen()) is not None:
            self._jobs.cancel(job.job_id)

    @Slot()
    def retry(self) -> None:
        """Ask for the chosen job once more."""
        if (job := self._chosen()) is not None:
            self._jobs.retry(job.job_id)

    def _move(self, by: int) -> None:
        job = self._chosen()
        waiting = [j.job_id for j in self._jobs.jobs if j.state is JobState.QUEUED]
        if job is not None and job.job_id in waiting:
            self._jobs.move(job.job_id, max(0, waiting.index(job.job_id) + by))

    def _chosen(self) -> Job | None:
        item = self._list.currentItem()
        if item is None:
            return None
        wanted = JobId(item.data(Qt.ItemDataRole.UserRole))
        return next((job for job in self._jobs.jobs if job.job_id == wanted), None)

    @Slot()
    def _show_choices(self) -> None:
        job = self._chosen()
        state = None if job is None else job.state
        self._reason.setText("Choose a job." if job is None else job.reason or _line(job))
        self._earlier.setEnabled(state is JobState.QUEUED)
        self._later.setEnabled(state is JobState.QUEUED)
        self._cancel.setEnabled(state in (JobState.QUEUED, JobState.RUNNING))
        self._retry.setEnabled(state is not None and state.ended)
        waits = "" if state is JobState.QUEUED else "; for a job that waits"
        self._earlier.setToolTip(f"Do this job sooner{waits}")
        self._later.setToolTip(f"Do this job later{waits}")
        open_job = "" if self._cancel.isEnabled() else "; for a job that runs or waits"
        self._cancel.setToolTip(f"Take this job off the queue{open_job}")
        ended = "" if self._retry.isEnabled() else "; for a job that has ended"
        self._retry.setToolTip(f"Ask for the same once more{ended}")
        self._clear.setEnabled(any(job.state.ended for job in self._jobs.jobs))
        none = "" if self._clear.isEnabled() else "; none has"
        self._clear.setToolTip(f"Forget the jobs that have ended{none}")


def _line(job: Job) -> str:
    words = " ".join(job.request.prompt.caption.split())[:60] or "No words"
    takes = f", {job.request.variations} takes" if job.request.variations > 1 else ""
    if job.state is JobState.RUNNING:
        return f"{words}{takes}: {job.fraction:.0%} {job.stage}"
    if job.state is JobState.FAILED:
        return f"{words}{takes}: failed. {job.reason}"
    return f"{words}{takes}: {_STATES[job.state]}"


def _button(text: str, tip: str, verb: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.clicked.connect(verb)
    return button
