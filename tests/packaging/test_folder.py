"""What happens to the folder of the virtual environment, and what never does."""

from pathlib import Path

import pytest
from boot import folder
from boot.folder import Folder, decide, look_at
from boot.interpreters import Interpreter
from boot.words import Halt

PYTHON = Interpreter(("python",), (3, 11, 7), "x86_64", True)
OURS = Folder(exists=True, ours=True, unfinished=False, python=PYTHON)
FOREIGN = OURS._replace(ours=False)


@pytest.mark.parametrize(
    ("found", "healthy", "decision"),
    [
        (Folder(exists=False, ours=False, unfinished=False, python=None), True, "make"),
        (OURS, True, "keep"),
        (OURS._replace(unfinished=True), True, "keep"),
        (OURS._replace(unfinished=True), False, "again"),
        (OURS._replace(python=None), True, "again"),
        (OURS._replace(python=None, unfinished=True), False, "again"),
        (FOREIGN, True, "keep"),
        (FOREIGN._replace(unfinished=True), False, "keep"),
    ],
)
def test_the_folder_is_kept_where_it_can_be(found: Folder, healthy: bool, decision: str) -> None:
    assert decide(found, "/v", healthy) == decision


def test_a_foreign_environment_that_does_not_fit_is_refused() -> None:
    with pytest.raises(Halt, match=r"no working Python 3\.12 or 3\.11.*set ACESTEP_VENV"):
        decide(FOREIGN._replace(python=None), "/v", healthy=True)


def test_a_foreign_environment_that_does_not_work_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "pyvenv.cfg").write_text("home = /gone")
    folder.refuse_foreign(str(tmp_path))
    with pytest.raises(Halt):
        folder.ready(str(tmp_path))
    assert [path.read_text() for path in tmp_path.iterdir()] == ["home = /gone"]


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(Halt, match="not a virtual environment: set ACESTEP_VENV"):
        folder.refuse_foreign(str(tmp_path))


def test_a_folder_where_the_last_start_was_killed_at_once_is_not_refused(tmp_path: Path) -> None:
    folder.refuse_foreign(str(tmp_path / "missing"))
    folder.refuse_foreign(str(tmp_path))
    folder.put_mark(str(tmp_path), folder.OURS)
    folder.refuse_foreign(str(tmp_path))


def test_an_empty_or_missing_folder_is_there_to_be_made(tmp_path: Path) -> None:
    assert not look_at(str(tmp_path)).exists
    assert not look_at(str(tmp_path / "missing")).exists


def test_the_marks_tell_whose_a_folder_is_and_how_far_it_got(tmp_path: Path) -> None:
    path = str(tmp_path)
    folder.put_mark(path, folder.OURS)
    folder.put_mark(path, folder.UNFINISHED)
    assert look_at(path) == Folder(exists=True, ours=True, unfinished=True, python=None)
    folder.remove_mark(path, folder.UNFINISHED)
    folder.remove_mark(path, folder.UNFINISHED)
    assert look_at(path) == Folder(exists=True, ours=True, unfinished=False, python=None)
