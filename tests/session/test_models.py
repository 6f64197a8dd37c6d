"""The verbs of the Models dialog: off the window's thread, told, and stopped when asked."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.models.catalogue import GIB
from acestep_desktop.models.hub import Hub
from acestep_desktop.models.machine import Machine
from acestep_desktop.models.store import ModelStore
from acestep_desktop.session import models as module
from acestep_desktop.session.models import ModelProgress, ModelSession
from tests.models.loopback import LoopbackHub, entry, serve
from tests.models.pretending import pretended_model

MACHINE = Machine("RTX 4070", 12 * GIB, 32 * GIB)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LoopbackHub]:
    with serve("makers/tiny", pretended_model(tmp_path / "given")) as hub:
        yield hub


@pytest.fixture
def session(
    qapp: QCoreApplication,
    store: ModelStore,
    hub: LoopbackHub,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ModelSession]:
    model = entry(hub)
    monkeypatch.setattr(module, "find_model", lambda name: model)
    session = ModelSession(store, hub=Hub(hub.endpoint), look=lambda: MACHINE)
    yield session
    session.close()


def test_it_tells_what_there_is_and_what_suits_this_machine(
    session: ModelSession, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.models_changed):
        session.refresh()
    states = {state.name: state for state in session.states}
    assert session.machine == MACHINE
    assert session.free_bytes > 0
    assert [name for name, state in states.items() if state.best] == ["turbo"]
    assert states["turbo"].suits == "fits this card"
    assert states["xl-turbo"].suits == "fits with parts kept off the card"
    assert {state.state for state in session.states} == {"to download"}


def test_a_model_is_downloaded_and_its_progress_told(
    session: ModelSession, store: ModelStore, qtbot: QtBot
) -> None:
    told: list[ModelProgress] = []
    said: list[str] = []
    session.progressed.connect(told.append)
    session.said.connect(said.append)
    with qtbot.waitSignal(session.installed_changed):
        session.refresh()
        session.download("tiny")
        assert session.busy
    assert not session.busy
    assert store.find("tiny").label == "Tiny"
    assert told and told[-1].fraction == 1.0
    assert said == [f"Tiny is here: {module.in_words(store.find('tiny').bytes)}."]
    assert "tiny" in [state.name for state in session.states]


def test_a_download_is_stopped_and_goes_on(
    session: ModelSession, store: ModelStore, hub: LoopbackHub, qtbot: QtBot
) -> None:
    asked = threading.Event()

    def hold(request: object) -> None:
        asked.set()
        hub.let_go.wait(20)
        request.give_span(b"x")  # type: ignore[attr-defined]

    hub.odd["transformer/config.json"] = [hold]
    session.download("tiny")
    assert asked.wait(20)
    with qtbot.waitSignal(session.said) as said:
        session.cancel()
        hub.let_go.set()
    assert said.args[0].startswith("Cancelled")
    assert store.installed() == ()
    qtbot.waitUntil(lambda: not session.busy)
    with qtbot.waitSignal(session.said):
        session.download("tiny")
    assert store.find("tiny").name == "tiny"


def test_a_failure_is_a_sentence(session: ModelSession, hub: LoopbackHub, qtbot: QtBot) -> None:
    hub.odd["transformer/config.json"] = [lambda request: request.give(b"", 404)]
    with qtbot.waitSignal(session.failed) as failed:
        session.download("tiny")
    assert "answered 404" in failed.args[0]
    assert session.ended_with == failed.args[0]
    qtbot.waitUntil(lambda: not session.busy)


def test_a_folder_is_imported_verified_and_removed(
    session: ModelSession, store: ModelStore, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.said) as said:
        session.import_from(tmp_path / "given")
    assert said.args[0].endswith('imported as "turbo".')
    qtbot.waitUntil(lambda: not session.busy)
    with qtbot.waitSignal(session.said) as said:
        session.verify("turbo")
    assert said.args[0] == 'Every file of "turbo" is whole.'
    qtbot.waitUntil(lambda: not session.busy)
    spoiled = store.find("turbo").path / "vae" / "config.json"
    data = spoiled.read_bytes()
    spoiled.unlink()
    spoiled.write_bytes(data.replace(b"{", b"[", 1))
    with qtbot.waitSignal(session.failed) as failed:
        session.verify("turbo")
    assert "vae/config.json (other bytes than it had)" in failed.args[0]
    qtbot.waitUntil(lambda: not session.busy)
    with qtbot.waitSignal(session.said) as said:
        session.remove("turbo")
    assert "was removed" in said.args[0]
    assert store.installed() == ()


def test_what_has_arrived_of_a_download_is_removed(
    session: ModelSession, hub: LoopbackHub, qtbot: QtBot
) -> None:
    hub.odd["transformer/config.json"] = [lambda request: request.give(b"", 404)]
    with qtbot.waitSignal(session.failed):
        session.download("tiny")
    qtbot.waitUntil(lambda: not session.busy)
    with qtbot.waitSignal(session.said) as said:
        session.remove("tiny")
    assert said.args[0].startswith('What had arrived of "tiny" was removed')


def test_one_job_runs_at_a_time(session: ModelSession, hub: LoopbackHub, qtbot: QtBot) -> None:
    hub.odd["model_index.json"] = [lambda request: hub.let_go.wait(20)]
    session.download("tiny")
    with qtbot.waitSignal(session.failed) as failed:
        session.verify("tiny")
    assert "Another job" in failed.args[0]
    session.cancel()
    hub.let_go.set()
    qtbot.waitUntil(lambda: not session.busy, timeout=20_000)


def test_a_job_that_fails_unexpectedly_says_so_and_another_can_begin(
    session: ModelSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("no such model")

    with monkeypatch.context() as patch:
        patch.setattr(module, "download_model", broken)
        with qtbot.waitSignal(session.failed) as failed:
            session.download("tiny")
    assert "no such model" in failed.args[0] and not session.busy
    with qtbot.waitSignal(session.said):
        session.download("tiny")
