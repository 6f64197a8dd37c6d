"""The program as a process of its own: it starts, and a logout ends it whatever is open."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from acestep_desktop.library.autosave import recoveries
from acestep_desktop.library.folders import Folders
from acestep_desktop.library.projects import load_project
from tests.needs import needs

PROGRAM = """
import sys
from dataclasses import replace
from PySide6.QtCore import QTimer
from acestep_desktop import app
from acestep_desktop.ui.project_menu import ProjectMenu

class Begin:
    def __init__(self, menu):
        menu._document.apply("Rename", lambda project: replace(project, name="Precious"))
        QTimer.singleShot(300, lambda: print("open", flush=True))
        {what}

ProjectMenu.offer_recovery = lambda menu: Begin(menu)
sys.exit(app.main())
"""

OPEN = {
    "the question about unsaved work": "menu.new()",
    "the question at closing": "menu._window.close()",
    "the settings": "menu.settings_wanted.emit()",
}

BUSY = """
import sys
from dataclasses import replace
from pathlib import Path
from PySide6.QtCore import QTimer
from acestep_desktop import app
from acestep_desktop.domain.notes import Marker
from acestep_desktop.domain.time import Tick
from acestep_desktop.ui.project_menu import ProjectMenu

class Begin:
    def __init__(self, menu):
        self._menu, self._edits = menu, 0
        self._hands = [QTimer(menu) for _ in range(8)]
        for hand in self._hands:
            hand.timeout.connect(lambda: self._edit())
            hand.start(1)

    def _edit(self):
        self._edits += 1
        markers = (Marker(Tick(0), str(self._edits)),)
        self._menu._document.apply("Mark", lambda project: replace(project, markers=markers))
        assert self._menu._projects.save(Path(sys.argv[1])), "not saved"
        print(self._edits, flush=True)

ProjectMenu.offer_recovery = lambda menu: Begin(menu)
sys.exit(app.main())
"""
"""Somebody with eight hands, each of which edits and saves a thousand times a second."""


def environment(folders: Folders) -> dict[str, str]:
    return {**os.environ, "ACESTEP_HOME": str(folders.root), "QT_QPA_PLATFORM": "offscreen"}


def run_to_its_end(
    folders: Folders, program: str, *files: Path, within_s: float = 60
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, files)],
        env=environment(folders),
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )


def log_out(folders: Folders, program: str, *files: Path, after_lines: int) -> list[str]:
    """Run a program, log out once it has said something; return the lines that it said."""
    with subprocess.Popen(
        [sys.executable, "-c", program, *map(str, files)],
        env=environment(folders),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            assert running.stdout is not None
            said = [running.stdout.readline() for _ in range(after_lines)]
            running.send_signal(signal.SIGTERM)
            rest, errors = running.communicate(timeout=20)
        finally:
            running.kill()
    assert running.returncode == 0, errors
    assert "Traceback" not in errors
    return "".join([*said, rest]).splitlines()


@needs("posix")
@pytest.mark.parametrize("what", OPEN.values(), ids=OPEN.keys())
def test_a_logout_ends_the_program_and_keeps_the_work(folders: Folders, what: str) -> None:
    assert log_out(folders, PROGRAM.format(what=what), after_lines=1) == ["open"]
    (found,) = recoveries(folders.data / "Autosaves")
    assert load_project(found.autosave).name == "Precious"


@needs("posix")
def test_work_goes_on_to_the_last_moment_of_a_logout_and_all_of_it_is_kept(
    folders: Folders, tmp_path: Path
) -> None:
    song = tmp_path / "Song.acestep"
    said = log_out(folders, BUSY, song, after_lines=20)
    (marker,) = load_project(song).markers
    assert marker.name == said[-1]


@needs("posix")
def test_a_project_on_the_command_line_is_opened(folders: Folders, tmp_path: Path) -> None:
    from acestep_desktop.domain.project import Project
    from acestep_desktop.library.projects import save_project

    save_project(Project(name="Sunset"), tmp_path / "Sunset.acestep")
    program = (
        "import sys; from pathlib import Path; from PySide6.QtCore import QTimer\n"
        "from acestep_desktop import app; from acestep_desktop.ui.project_menu import ProjectMenu\n"
        "opened = ProjectMenu.open\n"
        "def open_and_leave(menu, path):\n"
        "    opened(menu, path)\n"
        "    print(menu._document.project.name, flush=True)\n"
        "    QTimer.singleShot(0, menu._window.close)\n"
        "ProjectMenu.open = open_and_leave\n"
        "sys.exit(app.main(Path(sys.argv[1])))\n"
    )
    done = run_to_its_end(folders, program, tmp_path / "Sunset.acestep", within_s=30)
    assert (done.returncode, done.stdout) == (0, "Sunset\n"), done.stderr


@needs("posix")
def test_work_that_is_recovered_is_not_replaced_by_its_older_file(
    folders: Folders, tmp_path: Path
) -> None:
    from acestep_desktop.domain.project import Project
    from acestep_desktop.library.autosave import Claim
    from acestep_desktop.library.projects import save_project

    song = tmp_path / "Sunset.acestep"
    save_project(Project(name="Old"), song)
    crashed = Claim(folders.data / "Autosaves", song)
    crashed.write(Project(name="Precious"))
    crashed.release()
    program = (
        "import sys; from pathlib import Path; from PySide6.QtCore import QTimer\n"
        "from PySide6.QtWidgets import QMessageBox\n"
        "from acestep_desktop import app\n"
        "from acestep_desktop.session.projects import ProjectSession\n"
        "def answer(window, *_):\n"
        "    QTimer.singleShot(500, window.log_out)\n"
        "    return QMessageBox.StandardButton.Yes\n"
        "QMessageBox.question = answer\n"
        "ProjectSession.open = lambda *_: print('opened', flush=True)\n"
        "sys.exit(app.main(Path(sys.argv[1])))\n"
    )
    done = run_to_its_end(folders, program, song)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    (found,) = recoveries(folders.data / "Autosaves")
    assert load_project(found.autosave).name == "Precious"


@needs("posix")
@pytest.mark.parametrize(
    ("error", "said"),
    [("UserError('The disk is gone.')", "The disk is gone."), ("KeyError(1)", "made a mistake")],
)
def test_a_start_that_fails_is_said_in_a_box(folders: Folders, error: str, said: str) -> None:
    program = (
        "import sys\n"
        "from PySide6.QtWidgets import QMessageBox\n"
        "from acestep_desktop import app\n"
        "from acestep_desktop.domain.errors import UserError\n"
        "from acestep_desktop.ui.main_window import MainWindow\n"
        "def fail(*_):\n"
        f"    raise {error}\n"
        "MainWindow.furnish = fail\n"
        "QMessageBox.critical = lambda parent, title, words: print(words, flush=True)\n"
        "sys.exit(app.main())\n"
    )
    done = run_to_its_end(folders, program)
    assert done.returncode == 1
    assert said in done.stdout


@needs("posix")
def test_a_project_that_makes_room_for_recovered_work_is_told(
    folders: Folders, tmp_path: Path
) -> None:
    from acestep_desktop.domain.project import Project
    from acestep_desktop.library.autosave import Claim
    from acestep_desktop.library.projects import save_project

    save_project(Project(name="Second"), tmp_path / "Second.acestep")
    crashed = Claim(folders.data / "Autosaves", tmp_path / "First.acestep")
    crashed.write(Project(name="Precious"))
    crashed.release()
    program = (
        "import sys; from pathlib import Path; from PySide6.QtCore import QTimer\n"
        "from PySide6.QtWidgets import QMessageBox\n"
        "from acestep_desktop import app\n"
        "from acestep_desktop.ui.main_window import MainWindow\n"
        "QMessageBox.question = lambda *_: QMessageBox.StandardButton.Yes\n"
        "warned = MainWindow.warn\n"
        "def warn_and_leave(window, sentence):\n"
        "    warned(window, sentence)\n"
        "    name = window._space.sessions.document.project.name\n"
        "    print(name, window._warning.isVisible(), sentence, flush=True)\n"
        "    QTimer.singleShot(0, window.log_out)\n"
        "MainWindow.warn = warn_and_leave\n"
        "sys.exit(app.main(Path(sys.argv[1])))\n"
    )
    done = run_to_its_end(folders, program, tmp_path / "Second.acestep")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('Precious True "Second.acestep" was not opened')
