"""The queue: order, cancel, retry, and what two hundred clicks do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QAbstractButton, QListWidget
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.generation.client import EngineClient
from acestep_desktop.generation.jobs import JobState
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.jobs import MAX_WAITING, JobSession
from acestep_desktop.ui.queue_panel import QueuePanel
from tests.generation.fake_engines import ENVIRONMENT

WAIT_MS = 20_000


def fake_client(engine: str) -> EngineClient:
    return EngineClient(engine, entry="fake_engines:create", environment=ENVIRONMENT)


@pytest.fixture
def jobs(qapp: QCoreApplication, tmp_path: Path) -> Iterator[JobSession]:
    session = JobSession(TakeLibrary(folders_below(tmp_path)), fake_client)
    yield session
    session.close()


@pytest.fixture
def busy(jobs: JobSession, qtbot: QtBot) -> JobSession:
    """A queue whose first job waits for ever, so that the order of the rest can be seen."""
    jobs.submit("sketch", Request(Prompt("wait at step 2")))
    qtbot.waitUntil(lambda: jobs.jobs[0].fraction > 0.5, timeout=WAIT_MS)
    for words in ("one", "two", "three"):
        jobs.submit("sketch", Request(Prompt(words)))
    return jobs


@pytest.fixture
def panel(busy: JobSession, qtbot: QtBot) -> QueuePanel:
    panel = QueuePanel(busy)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def rows(panel: QueuePanel) -> list[str]:
    listed = panel.findChild(QListWidget)
    return [listed.item(row).text().partition(":")[0] for row in range(listed.count())]


def button(panel: QueuePanel, text: str) -> QAbstractButton:
    return next(b for b in panel.findChildren(QAbstractButton) if b.text() == text)


def test_waiting_jobs_are_moved(panel: QueuePanel) -> None:
    panel.findChild(QListWidget).setCurrentRow(3)
    button(panel, "Earlier").click()
    assert rows(panel) == ["wait at step 2", "one", "three", "two"]
    button(panel, "Later").click()
    assert rows(panel) == ["wait at step 2", "one", "two", "three"]


def test_a_running_job_can_be_cancelled_but_not_moved(
    panel: QueuePanel, busy: JobSession, qtbot: QtBot
) -> None:
    panel.findChild(QListWidget).setCurrentRow(0)
    assert not button(panel, "Earlier").isEnabled()
    assert button(panel, "Earlier").toolTip().endswith("for a job that waits")
    button(panel, "Cancel job").click()
    qtbot.waitUntil(lambda: busy.jobs[0].state is JobState.CANCELLED, timeout=WAIT_MS)
    button(panel, "Retry").click()
    assert rows(panel)[-1] == "wait at step 2"


def test_what_cannot_be_done_with_a_job_says_why(panel: QueuePanel) -> None:
    panel.findChild(QListWidget).setCurrentRow(1)
    assert button(panel, "Cancel job").toolTip() == "Take this job off the queue"
    assert not button(panel, "Retry").isEnabled()
    assert button(panel, "Retry").toolTip().endswith("for a job that has ended")
    assert not button(panel, "Clear").isEnabled()
    assert button(panel, "Clear").toolTip().endswith("none has")


def test_ended_jobs_are_forgotten(panel: QueuePanel, busy: JobSession, qtbot: QtBot) -> None:
    busy.cancel_all()
    button(panel, "Clear").click()
    qtbot.waitUntil(lambda: rows(panel) == [], timeout=WAIT_MS)


def test_two_hundred_quick_clicks_fill_the_queue_and_no_more(
    busy: JobSession, qtbot: QtBot
) -> None:
    said: list[str] = []
    busy.refused.connect(said.append)
    for _ in range(200):
        busy.submit("sketch", Request(Prompt("again")))
    waiting = [job for job in busy.jobs if job.state is JobState.QUEUED]
    assert len(waiting) == MAX_WAITING
    assert said and "jobs are waiting" in said[0]
