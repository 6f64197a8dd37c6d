"""The generation queue of the window, with a real engine process that makes noise."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.audiofile.samples import Blocks
from acestep_desktop.domain.recipe import Measured
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.time import Frame
from acestep_desktop.generation.client import EngineClient
from acestep_desktop.generation.events import TakeDraft
from acestep_desktop.generation.generator import AudioChunk
from acestep_desktop.generation.jobs import Job, JobQueue, JobState
from acestep_desktop.generation.run import Run
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.library.verify import fingerprint
from acestep_desktop.session.jobs import Growing, JobSession
from tests.generation.fake_engines import ENVIRONMENT
from tests.library.makers import raw_bytes, recipe, sound
from tests.needs import needs

WAIT_MS = 20_000
ENGINE_PATIENCE_S = 8.0
"""A cancelled engine may be silent for 10 s before it is given up."""


def fake_client(engine: str) -> EngineClient:
    return EngineClient(engine, entry="fake_engines:create", environment=ENVIRONMENT)


@pytest.fixture
def library(tmp_path: Path) -> TakeLibrary:
    return TakeLibrary(folders_below(tmp_path))


@pytest.fixture
def jobs(qapp: QCoreApplication, library: TakeLibrary) -> Iterator[JobSession]:
    session = JobSession(library, fake_client)
    yield session
    session.close()


def wish(words: str, **fields: int) -> Request:
    return Request(Prompt(words), **fields)


def states(jobs: JobSession) -> list[JobState]:
    return [job.state for job in jobs.jobs]


def test_a_request_becomes_a_take_in_the_library(
    jobs: JobSession, library: TakeLibrary, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(jobs.take_kept, timeout=WAIT_MS) as kept:
        jobs.submit("sketch", wish("some noise", seed=3))
    take: StoredTake = kept.args[0]
    assert take.path.is_file()
    assert library.get(take.number).take_id == take.take_id
    qtbot.waitUntil(lambda: states(jobs) == [JobState.DONE], timeout=WAIT_MS)


@needs("linux")
def test_the_thread_has_a_name_before_it_starts(jobs: JobSession, qtbot: QtBot) -> None:
    def names() -> list[str]:
        return [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]

    qtbot.waitUntil(lambda: "jobs" in names(), timeout=WAIT_MS)
    assert "JobThread" not in names()


def test_every_variation_arrives_on_its_own(jobs: JobSession, qtbot: QtBot) -> None:
    takes: list[StoredTake] = []
    jobs.take_kept.connect(lambda take, job: takes.append(take))
    jobs.submit("sketch", wish("some noise", variations=3))
    qtbot.waitUntil(lambda: len(takes) == 3, timeout=WAIT_MS)
    assert len({take.take_id for take in takes}) == 3


def test_progress_is_told_and_never_goes_back(jobs: JobSession, qtbot: QtBot) -> None:
    fractions: list[float] = []
    jobs.jobs_changed.connect(lambda all_jobs: fractions.append(all_jobs[0].fraction))
    jobs.submit("sketch", wish("some noise", variations=2))
    qtbot.waitUntil(lambda: states(jobs) == [JobState.DONE], timeout=WAIT_MS)
    assert fractions == sorted(fractions)
    assert any(0 < fraction < 1 for fraction in fractions)


def test_a_job_that_fails_says_why_and_the_next_one_works(jobs: JobSession, qtbot: QtBot) -> None:
    with qtbot.waitSignal(jobs.job_failed, timeout=WAIT_MS) as failed:
        jobs.submit("sketch", wish("no takes"))
    job: Job = failed.args[0]
    assert job.reason
    with qtbot.waitSignal(jobs.take_kept, timeout=WAIT_MS):
        jobs.submit("sketch", wish("some noise"))


def test_a_failed_job_can_be_tried_again(jobs: JobSession, qtbot: QtBot) -> None:
    with qtbot.waitSignal(jobs.job_failed, timeout=WAIT_MS) as failed:
        jobs.submit("sketch", wish("no takes"))
    with qtbot.waitSignal(jobs.job_failed, timeout=WAIT_MS):
        jobs.retry(failed.args[0].job_id)
    assert states(jobs) == [JobState.FAILED, JobState.FAILED]
    jobs.forget_ended()
    assert jobs.jobs == ()


def test_a_running_job_is_cancelled_and_keeps_nothing(
    jobs: JobSession, library: TakeLibrary, qtbot: QtBot
) -> None:
    job = jobs.submit("sketch", wish("wait at step 2"))
    qtbot.waitUntil(lambda: jobs.jobs[0].fraction > 0.5, timeout=WAIT_MS)
    jobs.cancel(job.job_id)
    with qtbot.waitSignal(jobs.take_kept, timeout=WAIT_MS):
        jobs.submit("sketch", wish("some noise"))
    assert states(jobs)[0] is JobState.CANCELLED
    assert len(library.search()) == 1


def test_a_queued_job_is_cancelled_before_it_begins(jobs: JobSession, qtbot: QtBot) -> None:
    jobs.submit("sketch", wish("wait at step 2"))
    jobs.submit("sketch", wish("some noise"))
    jobs.cancel_all()
    qtbot.waitUntil(lambda: states(jobs) == [JobState.CANCELLED] * 2, timeout=WAIT_MS)


def test_a_job_may_be_forgotten_while_its_engine_still_stops(
    jobs: JobSession, library: TakeLibrary, qtbot: QtBot
) -> None:
    for _ in range(3):
        job = jobs.submit("sketch", wish("wait at step 2"))
        qtbot.waitUntil(lambda: jobs.jobs[0].fraction > 0.5, timeout=WAIT_MS)
        jobs.cancel(job.job_id)
        jobs.forget_ended()
        assert jobs.jobs == ()
    with qtbot.waitSignal(jobs.take_kept, timeout=WAIT_MS):
        jobs.submit("sketch", wish("some noise"))


class GatedClient(EngineClient):
    """Stands still where a job begins, until it is let go on."""

    def __init__(self, engine: str) -> None:
        super().__init__(engine, entry="fake_engines:create", environment=ENVIRONMENT)
        self.begins, self.gate = threading.Event(), threading.Event()

    def run(self, request: Request, work_dir: Path) -> Run:
        self.begins.set()
        assert self.gate.wait(WAIT_MS / 1000)
        return super().run(request, work_dir)


def test_a_cancel_that_meets_the_start_of_a_job_is_not_lost(
    qapp: QCoreApplication, library: TakeLibrary, qtbot: QtBot
) -> None:
    client = GatedClient("sketch")
    session = JobSession(library, lambda engine: client)
    try:
        job = session.submit("sketch", wish("wait at step 2"))
        assert client.begins.wait(WAIT_MS / 1000)
        session.cancel(job.job_id)
        client.gate.set()
        with qtbot.waitSignal(session.take_kept, timeout=WAIT_MS):
            session.submit("sketch", wish("some noise"))
        assert states(session)[0] is JobState.CANCELLED
        assert len(library.search()) == 1
    finally:
        client.gate.set()
        session.close()


def test_an_engine_that_is_missing_is_a_failure_in_words(
    qapp: QCoreApplication, library: TakeLibrary, qtbot: QtBot
) -> None:
    session = JobSession(library)
    try:
        with qtbot.waitSignal(session.job_failed, timeout=WAIT_MS) as failed:
            session.submit("acestep", wish("some noise"))
        assert "ACE-Step" in failed.args[0].reason
    finally:
        session.close()


def test_closing_ends_a_running_engine(
    qapp: QCoreApplication, library: TakeLibrary, qtbot: QtBot
) -> None:
    session = JobSession(library, fake_client)
    session.submit("sketch", wish("wait at step 2"))
    qtbot.waitUntil(lambda: session.jobs[0].fraction > 0.5, timeout=WAIT_MS)
    session.close()
    assert states(session) == [JobState.CANCELLED]


def test_closing_does_not_wait_for_an_engine_that_does_not_stop(
    qapp: QCoreApplication, library: TakeLibrary, qtbot: QtBot
) -> None:
    clients: list[EngineClient] = []

    def client_of(engine: str) -> EngineClient:
        clients.append(fake_client(engine))
        return clients[-1]

    session = JobSession(library, client_of)
    session.submit("sketch", wish("sit still"))
    qtbot.waitUntil(lambda: session.jobs[0].fraction > 0.5, timeout=WAIT_MS)
    pid = clients[0].pid
    begun = time.monotonic()
    session.close()
    assert time.monotonic() - begun < ENGINE_PATIENCE_S
    assert pid is not None and not psutil.pid_exists(pid)
    assert states(session) == [JobState.CANCELLED]


def draft_of(folder: Path, mix: np.ndarray, *, streamed: bool) -> TakeDraft:
    (folder / "000-mix.f32").write_bytes(raw_bytes(mix))
    frames, channels = mix.shape
    return TakeDraft(
        folder / "000-mix.f32", streamed, (), Frame(frames), channels, recipe(), None, ()
    )


@pytest.mark.parametrize("streamed", [True, False])
def test_a_take_is_what_its_file_says_even_if_something_else_was_heard(
    library: TakeLibrary, streamed: bool
) -> None:
    mix, heard = sound(1), sound(1 if streamed else 2)
    job = JobQueue().add("sketch", wish("some noise", bars=1))
    with library.workplace() as folder:
        growing = Growing(job, folder, library)
        for start in (0, 24_000):
            growing.grow(AudioChunk(0, Frame(start), heard[start : start + 24_000]))
        take = growing.keep(0, draft_of(folder, mix, streamed=streamed))
    assert take.take_id == fingerprint(take.path)
    assert library.verify() == ()


def test_what_the_engine_measured_is_not_measured_again(tmp_path: Path) -> None:
    def measure(blocks: Blocks) -> Measured:
        raise AssertionError("it was measured again")

    library = TakeLibrary(folders_below(tmp_path), measure)
    job = JobQueue().add("sketch", wish("some noise", bars=1))
    levels = Measured(-3.0, -2.5, -14.0)
    with library.workplace() as folder:
        draft = replace(draft_of(folder, sound(1), streamed=False), measured=levels)
        take = Growing(job, folder, library).keep(0, draft)
    assert take.measured == levels


def test_what_was_heard_of_one_variation_says_nothing_of_the_next(library: TakeLibrary) -> None:
    job = JobQueue().add("sketch", wish("some noise", variations=2))
    with library.workplace() as folder:
        growing = Growing(job, folder, library)
        growing.grow(AudioChunk(0, Frame(0), sound(1)))
        take = growing.keep(1, draft_of(folder, sound(2), streamed=True))
    assert take.take_id == fingerprint(take.path)
    assert library.verify() == ()


def test_nothing_of_a_job_stays_beside_its_takes(
    jobs: JobSession, library: TakeLibrary, qtbot: QtBot
) -> None:
    jobs.submit("sketch", wish("some noise", variations=2))
    qtbot.waitUntil(lambda: states(jobs) == [JobState.DONE], timeout=WAIT_MS)
    names = {path.name for path in library.folders.takes.iterdir()}
    assert names == {take.path.name for take in library.search()} | {"Stems"}
