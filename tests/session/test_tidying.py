"""What crashes left unfinished goes away at the next start, beside the window."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.audiofile.atomic import temporary_name
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.library import LibrarySession

DEAD = "4194304"
"""A number that no process has: Linux counts to one less."""


@pytest.fixture
def leftover(tmp_path: Path) -> Path:
    takes = tmp_path / "Takes"
    takes.mkdir()
    name, _, token = temporary_name("take.wav").rpartition("-")
    path = takes / f"{name.rpartition('-')[0]}-{DEAD}-{token}"
    path.write_bytes(b"half a take")
    return path


def test_half_written_takes_are_removed(
    qapp: QCoreApplication, tmp_path: Path, leftover: Path
) -> None:
    session = LibrarySession(TakeLibrary(folders_below(tmp_path)))
    session.tidy()
    session.close()
    assert not leftover.exists()


def test_the_window_does_not_wait_for_it(
    qapp: QCoreApplication, tmp_path: Path, qtbot: QtBot
) -> None:
    threads: list[int] = []

    class Slow(TakeLibrary):
        def sweep(self) -> int:
            threads.append(threading.get_ident())
            return super().sweep()

    session = LibrarySession(Slow(folders_below(tmp_path)))
    session.tidy()
    session.close()
    assert threads and threads != [threading.get_ident()]
