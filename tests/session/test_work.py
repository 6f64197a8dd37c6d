"""Work in the background: whatever comes of it is told, once, on the window's thread."""

import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.errors import UserError
from acestep_desktop.session.work import Worker


@pytest.fixture
def worker(qapp: QCoreApplication) -> Iterator[Worker]:
    made = Worker()
    yield made
    made.close()


def raising(error: Exception) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


def test_work_is_done_elsewhere_and_told_on_the_windows_thread(
    worker: Worker, qtbot: QtBot
) -> None:
    threads: list[int] = []
    worker.do(threading.get_ident, lambda other: threads.extend((other, threading.get_ident())))

    qtbot.waitUntil(lambda: bool(threads))
    assert threads[0] != threads[1] == threading.get_ident()


def test_a_typed_error_is_told_in_its_own_words(worker: Worker, qtbot: QtBot) -> None:
    told: list[str] = []
    worker.do(raising(UserError("The disk is full: free some room.")), failed=told.append)

    qtbot.waitUntil(lambda: bool(told))
    assert told == ["The disk is full: free some room."]


def test_any_other_error_is_told_and_logged_and_the_next_work_is_done(
    worker: Worker, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[object] = []
    with caplog.at_level(logging.ERROR):
        worker.do(raising(ZeroDivisionError("division by zero")), told.append, told.append)
        worker.do(lambda: 7, told.append)
        qtbot.waitUntil(lambda: len(told) == 2)

    assert "division by zero" in str(told[0]) and told[1] == 7
    assert caplog.records[0].exc_info is not None


def test_what_has_not_begun_is_forgotten(worker: Worker, qtbot: QtBot) -> None:
    begun, gate, told = threading.Event(), threading.Event(), []

    def first() -> str:
        begun.set()
        gate.wait(10)
        return "first"

    worker.do(first, told.append)
    worker.do(lambda: "second", told.append)
    assert begun.wait(10)
    worker.forget()
    worker.do(lambda: "third", told.append)
    gate.set()

    qtbot.waitUntil(lambda: "third" in told)
    assert told == ["first", "third"]
