"""A person at the real window who never stops: makes takes, edits, saves, and says what is done.

Run as `python -m tests.e2e.person`. Every word is said when the program has
acknowledged the thing, and not before: `shown`, `generating`, `take_kept ID`,
`autosaved N`, `saved N`; N is the number of the edit, which the project's only
marker is called by. What a crash left behind is recovered at the start, and said as
`recovered N`.
"""

import os
import sys
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QMessageBox

from acestep_desktop import app
from acestep_desktop.domain.clip import Clip
from acestep_desktop.domain.edits import add_clip, add_media, add_track
from acestep_desktop.domain.notes import Marker
from acestep_desktop.domain.project import Project
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.time import Meter, Tick
from acestep_desktop.library.autosave import Claim
from acestep_desktop.library.media import media_of_take
from acestep_desktop.session.jobs import Job, JobState
from acestep_desktop.session.library import StoredTake
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.main_window import MainWindow

EDIT_MS: Final = 20
SAVE_EVERY: Final = 7
CLIP_EVERY: Final = 5
FILE: Final = "Song.acestep"


def say(*words: object) -> None:
    """Say something in one piece, at once."""
    os.write(1, " ".join(map(str, words)).encode() + b"\n")


def edit_number(project: Project) -> int:
    """Return the number of the last edit that is in a project; 0 where there was none."""
    return int(project.markers[0].name) if project.markers else 0


class Person(QObject):
    """Somebody at the window, with quick hands."""

    def __init__(self, sessions: Sessions, parent: QObject) -> None:
        super().__init__(parent)
        self._with = sessions
        self._take: StoredTake | None = None
        self._seed = 0
        self._hands = QTimer(self)
        self._hands.setInterval(EDIT_MS)
        self._hands.timeout.connect(self._edit)
        sessions.jobs.take_kept.connect(self._note_take)
        sessions.jobs.jobs_changed.connect(self._note_jobs)

    def sit_down(self) -> None:
        """Begin, after the program has offered what a crash left behind."""
        say("shown")
        QTimer.singleShot(100, self, self._begin)

    @Slot()
    def _begin(self) -> None:
        if self._with.document.modified:
            say("recovered", edit_number(self._with.document.project))
        self._wish()
        self._hands.start()

    def _wish(self) -> None:
        self._seed += 1
        request = Request(Prompt(f"slow house {self._seed}"), bars=1, seed=os.getpid() + self._seed)
        self._with.jobs.submit("sketch", request)

    @Slot(object, object)
    def _note_take(self, take: StoredTake, _: Job) -> None:
        say("take_kept", take.take_id)
        self._take = take

    @Slot(tuple)
    def _note_jobs(self, jobs: tuple[Job, ...]) -> None:
        if any(job.state is JobState.RUNNING and job.fraction > 0 for job in jobs):
            say("generating")
        if all(job.state.ended for job in jobs):
            QTimer.singleShot(0, self, self._wish)

    @Slot()
    def _edit(self) -> None:
        number = edit_number(self._with.document.project) + 1
        self._with.document.apply(f"Edit {number}", lambda project: self._edited(project, number))
        if number % SAVE_EVERY == 0:
            folder = self._with.music_folder / "Projects"
            folder.mkdir(parents=True, exist_ok=True)
            if self._with.projects.save(folder / FILE):
                say("saved", number)

    def _edited(self, project: Project, number: int) -> Project:
        project = replace(project, markers=(Marker(Tick(0), str(number)),))
        take = self._take
        if take is None or number % CLIP_EVERY:
            return project
        if not project.tracks:
            project = add_track(project, "Track")
        if take.take_id not in {media.take_id for media in project.media}:
            project = add_media(project, media_of_take(take))
        start = Tick(number * Meter().ticks_per_bar)
        clip = Clip.of_take(take.take_id, start, take.frames)
        return add_clip(project, project.tracks[0].track_id, clip)


class BusyWindow(MainWindow):
    """The window, with somebody at it."""

    def furnish(self, sessions: Sessions) -> None:
        super().furnish(sessions)
        self._person = Person(sessions, self)
        self._person.sit_down()


def _tell_of_autosaves() -> None:
    """Have every autosave said by the thread that wrote it, once it is on the disk."""
    write = Claim.write

    def write_and_say(claim: Claim, project: Project) -> None:
        write(claim, project)
        say("autosaved", edit_number(project))

    Claim.write = write_and_say  # type: ignore[method-assign]


def _always_recover(*_: object) -> QMessageBox.StandardButton:
    return QMessageBox.StandardButton.Yes


def main() -> int:
    """Run the program until it is ended."""
    _tell_of_autosaves()
    QMessageBox.question = _always_recover  # type: ignore[method-assign,assignment]
    app.MainWindow = BusyWindow  # type: ignore[misc]
    return app.main()


if __name__ == "__main__":
    sys.exit(main())
