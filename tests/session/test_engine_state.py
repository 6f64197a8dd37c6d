"""The state of engines, asked of real engine processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.request import Extract, Prompt, Request
from acestep_desktop.generation.abilities import Estimate
from acestep_desktop.generation.client import EngineClient
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.engine_clients import EngineClients
from acestep_desktop.session.engine_state import (
    IDLE_S,
    EngineSession,
    EngineState,
    InstalledModel,
    memory_of,
)
from acestep_desktop.session.jobs import JobSession
from tests.generation.fake_engines import IDENTITY, NO_STEMS
from tests.session.test_jobs import WAIT_MS, fake_client

HEAVY = "acestep"


class Room:
    """Jobs and engines with a clock that is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.jobs = JobSession(TakeLibrary(folders_below(folder)), fake_client)
        self.engines = EngineSession(self.jobs, clock=lambda: self.now)
        self.told: list[EngineState] = []
        self.engines.state_changed.connect(self.told.append)

    def opened(self, qtbot: QtBot, engine: str = HEAVY) -> EngineState:
        self.engines.state(engine)
        qtbot.waitUntil(lambda: self.engines.state(engine).abilities is not None, timeout=WAIT_MS)
        return self.engines.state(engine)


@pytest.fixture
def room(qapp: QCoreApplication, tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    yield room
    room.jobs.close()
    room.engines.close()


def test_an_engine_is_asked_in_the_background_and_once(room: Room, qtbot: QtBot) -> None:
    assert room.engines.state(HEAVY) == EngineState(HEAVY)
    state = room.opened(qtbot)
    assert state.identity == IDENTITY and state.memory_bytes > 1_000_000
    assert state.abilities.refusal(Request(Prompt(""), Extract("a.wav", "bass"))) == NO_STEMS
    pid = room.jobs.clients.find(HEAVY).pid
    assert room.engines.state(HEAVY) is state
    assert room.jobs.clients.find(HEAVY).pid == pid


def test_what_a_request_would_cost_is_told(room: Room, qtbot: QtBot) -> None:
    request = Request(Prompt("warm"))
    with qtbot.waitSignal(room.engines.estimated, timeout=WAIT_MS) as told:
        room.engines.estimate(HEAVY, request)
    assert told.args == [request, Estimate(0.01, 1_000_000, "")]


def test_of_many_questions_the_last_is_answered(room: Room, qtbot: QtBot) -> None:
    answered: list[str] = []
    room.engines.estimated.connect(lambda request, _: answered.append(request.prompt.caption))
    for number in range(20):
        room.engines.estimate(HEAVY, Request(Prompt(str(number))))
    qtbot.waitUntil(lambda: answered[-1:] == ["19"], timeout=WAIT_MS)
    assert len(answered) <= 3


def test_an_estimate_that_cannot_be_made_says_why(room: Room, qtbot: QtBot) -> None:
    with qtbot.waitSignal(room.engines.estimated, timeout=WAIT_MS) as told:
        room.engines.estimate(HEAVY, Request(Prompt("unestimable")))
    assert told.args[1].reason.startswith("Nobody knows how long")


def test_a_job_and_a_question_never_meet(room: Room, qtbot: QtBot) -> None:
    for number in range(5):
        room.jobs.submit(HEAVY, Request(Prompt(f"noise {number}")))
        room.engines.estimate(HEAVY, Request(Prompt("x")))
        room.engines.state(HEAVY)
    qtbot.waitUntil(lambda: all(j.state.ended for j in room.jobs.jobs), timeout=WAIT_MS)
    assert [job.reason for job in room.jobs.jobs] == [""] * 5
    room.opened(qtbot)


def test_an_engine_is_busy_while_its_job_runs(room: Room, qtbot: QtBot) -> None:
    room.jobs.submit(HEAVY, Request(Prompt("wait at step 2")))
    qtbot.waitUntil(lambda: room.engines.state(HEAVY).busy, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: room.engines.state(HEAVY).abilities is not None, timeout=WAIT_MS)
    room.engines.unload(HEAVY)
    room.jobs.cancel_all()
    qtbot.waitUntil(lambda: not room.engines.state(HEAVY).busy, timeout=WAIT_MS)


def test_an_unloaded_engine_holds_no_memory_and_works_again(room: Room, qtbot: QtBot) -> None:
    room.opened(qtbot)
    room.engines.unload(HEAVY)
    qtbot.waitUntil(lambda: room.engines.state(HEAVY).memory_bytes == 0, timeout=WAIT_MS)
    assert room.engines.state(HEAVY).abilities is not None
    with qtbot.waitSignal(room.jobs.take_kept, timeout=WAIT_MS):
        room.jobs.submit(HEAVY, Request(Prompt("noise")))


def test_an_idle_engine_is_unloaded_and_the_built_in_one_stays(room: Room, qtbot: QtBot) -> None:
    room.opened(qtbot)
    room.opened(qtbot, "sketch")
    room.engines.look()
    room.now = IDLE_S - 1
    room.engines.look()
    assert room.engines.state(HEAVY).memory_bytes > 0
    room.now = IDLE_S + 1
    room.engines.look()
    qtbot.waitUntil(lambda: room.engines.state(HEAVY).memory_bytes == 0, timeout=WAIT_MS)
    assert room.engines.state("sketch").memory_bytes > 0


def test_an_engine_is_asked_anew_when_its_models_change(room: Room, qtbot: QtBot) -> None:
    room.opened(qtbot)
    first = room.jobs.clients.find(HEAVY).pid
    room.engines.ask_again(HEAVY)
    assert room.engines.state(HEAVY).abilities is None
    room.opened(qtbot)
    assert room.jobs.clients.find(HEAVY).pid != first


def test_an_engine_that_cannot_be_asked_says_why(
    qapp: QCoreApplication, tmp_path: Path, qtbot: QtBot
) -> None:
    def broken(engine: str) -> EngineClient:
        return EngineClient(engine, entry="no_such_module:create")

    jobs = JobSession(TakeLibrary(folders_below(tmp_path)), broken)
    engines = EngineSession(jobs)
    try:
        engines.state(HEAVY)
        qtbot.waitUntil(lambda: engines.state(HEAVY).trouble != "", timeout=WAIT_MS)
        assert engines.state(HEAVY).abilities is None
    finally:
        jobs.close()
        engines.close()


def test_an_engine_at_work_is_asked_anew_when_it_is_idle(room: Room, qtbot: QtBot) -> None:
    room.jobs.submit(HEAVY, Request(Prompt("wait at step 2")))
    qtbot.waitUntil(lambda: room.engines.state(HEAVY).is_known, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: room.engines.state(HEAVY).busy, timeout=WAIT_MS)
    old = room.jobs.clients.find(HEAVY)
    room.engines.ask_again(HEAVY)
    qtbot.waitUntil(lambda: room.engines.state(HEAVY).is_known, timeout=WAIT_MS)
    assert room.jobs.clients.find(HEAVY) is old
    room.jobs.cancel_all()

    def is_new() -> bool:
        room.engines.look()
        return room.jobs.clients.find(HEAVY) not in (None, old)

    qtbot.waitUntil(is_new, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: room.engines.state(HEAVY).is_known, timeout=WAIT_MS)


def test_an_engine_that_could_not_be_asked_is_asked_once_more_when_somebody_wants_it(
    qapp: QCoreApplication, tmp_path: Path, qtbot: QtBot
) -> None:
    jobs = JobSession(TakeLibrary(folders_below(tmp_path)), fake_client)
    found: list[object] = [RuntimeError("a mistake"), UserError("No models here.")]

    def find_models() -> tuple[InstalledModel, ...]:
        if found:
            raise found.pop()
        return ()

    engines = EngineSession(jobs, find_models=find_models)
    try:
        for trouble in ("No models here.", "The program made a mistake"):
            engines.ask_if_troubled(HEAVY)
            engines.state(HEAVY)
            qtbot.waitUntil(lambda: engines.state(HEAVY).trouble != "", timeout=WAIT_MS)
            assert trouble in engines.state(HEAVY).refusal("text_to_music", None)
        engines.ask_if_troubled(HEAVY)
        assert engines.state(HEAVY).refusal("text_to_music", None) == ""
        qtbot.waitUntil(lambda: engines.state(HEAVY).is_known, timeout=WAIT_MS)
    finally:
        jobs.close()
        engines.close()


def test_no_process_holds_no_memory() -> None:
    assert memory_of(None) == 0
    assert memory_of(2**22 + 1) == 0


def test_an_engine_in_use_is_not_free(qapp: QCoreApplication) -> None:
    clients = EngineClients(fake_client)
    with clients.using(HEAVY) as client, clients.if_free(HEAVY) as free:
        assert free is None
        clients.forget(HEAVY)
        assert clients.find(HEAVY) is client
    clients.forget(HEAVY)
    assert clients.find(HEAVY) is None
