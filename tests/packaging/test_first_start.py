"""The whole bootstrap, with a real virtual environment and a real pip, in a small checkout."""

import contextlib
import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from boot import folder, stamp
from boot.desk import NO_SCREEN
from boot.lock import WAITING

from tests.needs import needs
from tests.packaging.small_checkout import make_checkout, run, start

pytestmark = needs("linux")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that was started once; tests leave it able to start again."""
    checkout = tmp_path_factory.mktemp("check out")
    make_checkout(checkout)
    first = run(checkout, "run", "--", "generate", "slow house")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout) == ["generate", "slow house"]
    assert "PyTorch's own package index does not answer" in first.stderr
    return checkout


@pytest.fixture
def gates(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Two pipes: pip's build opens the first and then waits for the second."""
    names = {"REACHED": str(tmp_path / "reached"), "GO_ON": str(tmp_path / "go-on")}
    for path in names.values():
        os.mkfifo(path)
    yield names
    # A build that outlived its pip would wait for ever.
    with contextlib.suppress(OSError):
        os.close(os.open(names["GO_ON"], os.O_WRONLY | os.O_NONBLOCK))


def pass_through(gate: str, mode: str) -> None:
    Path(gate).open(mode).close()


def outdate(checkout: Path) -> None:
    with (checkout / "pyproject.toml").open("a") as file:
        file.write("# changed\n")


def test_a_second_start_installs_nothing_and_says_nothing(checkout: Path) -> None:
    before = (checkout / ".venv" / stamp.NAME).stat().st_mtime_ns
    second = run(checkout, "run", "--", "takes", PIP_FIND_LINKS="/nonexistent")
    assert json.loads(second.stdout) == ["takes"]
    assert second.stderr == ""
    assert (checkout / ".venv" / stamp.NAME).stat().st_mtime_ns == before


def test_the_programs_exit_status_is_passed_on(checkout: Path) -> None:
    assert run(checkout, "run", "--", "fail").returncode == 7


def test_standard_output_is_the_programs_alone_even_while_installing(checkout: Path) -> None:
    outdate(checkout)
    again = run(checkout, "run", "--", "info", "--json")
    assert json.loads(again.stdout) == ["info", "--json"]
    assert "Installing the other libraries" in again.stderr
    assert "Installing PyTorch" not in again.stderr


def test_without_a_screen_the_window_is_refused_with_the_way_on(checkout: Path) -> None:
    window = run(checkout, "run")
    assert (window.returncode, window.stdout) == (1, "")
    assert window.stderr.splitlines()[-1] == NO_SCREEN


def test_with_a_screen_the_window_opens(checkout: Path) -> None:
    window = run(checkout, "run", QT_QPA_PLATFORM="offscreen")
    assert (window.returncode, json.loads(window.stdout)) == (0, [])


def test_a_file_of_the_current_folder_does_not_stand_in_for_a_library(checkout: Path) -> None:
    impostor = checkout.parent / "json.py"
    impostor.write_text("raise SystemExit('impostor')")
    assert json.loads(run(checkout, "run", "--", "x").stdout) == ["x"]
    impostor.unlink()


def test_a_start_killed_while_installing_is_made_good_by_the_next(
    checkout: Path, gates: dict[str, str]
) -> None:
    outdate(checkout)
    with start(checkout, "run", "--", "x", **gates) as killed:
        pass_through(gates["REACHED"], "r")
        os.killpg(killed.pid, signal.SIGKILL)
        killed.communicate()
    assert stamp.read(str(checkout / ".venv")) is None
    assert (checkout / ".venv" / folder.UNFINISHED).exists()
    again = run(checkout, "run", "--", "x")
    assert json.loads(again.stdout) == ["x"]
    assert "damaged" not in again.stderr
    assert run(checkout, "run", "--", "x").stderr == ""


def test_libraries_damaged_by_an_interruption_are_installed_anew(checkout: Path) -> None:
    (library,) = (checkout / ".venv").glob("lib/python*/site-packages/torch")
    shutil.rmtree(library)
    folder.put_mark(str(checkout / ".venv"), folder.UNFINISHED)
    stamp.remove(str(checkout / ".venv"))
    again = run(checkout, "run", "--", "x")
    assert json.loads(again.stdout) == ["x"]
    assert "damaged" in again.stderr
    assert (library / "__init__.py").exists()


def test_of_two_first_starts_one_installs_and_the_other_waits(
    checkout: Path, gates: dict[str, str]
) -> None:
    outdate(checkout)
    with start(checkout, "run", "--", "first", **gates) as first:
        pass_through(gates["REACHED"], "r")
        with start(checkout, "run", "--", "second") as second:
            assert second.stderr and second.stderr.readline() == WAITING + "\n"
            pass_through(gates["GO_ON"], "w")
            assert json.loads(first.communicate()[0]) == ["first"]
            output, errors = second.communicate()
    assert json.loads(output) == ["second"]
    assert "Installing" not in errors


def test_ctrl_c_while_installing_ends_in_a_sentence(checkout: Path, gates: dict[str, str]) -> None:
    outdate(checkout)
    with start(checkout, "run", "--", "x", **gates) as stopped:
        pass_through(gates["REACHED"], "r")
        os.killpg(stopped.pid, signal.SIGINT)
        output, errors = stopped.communicate()
    assert (stopped.returncode, output) == (130, "")
    assert errors.splitlines()[-1].startswith("Stopped;")
    assert "Traceback" not in errors
    assert run(checkout, "run", "--", "x").returncode == 0


def test_an_installation_without_a_network_ends_in_one_sentence(checkout: Path) -> None:
    (information,) = (checkout / ".venv").glob("lib/python*/site-packages/torch-*.dist-info")
    shutil.rmtree(information)
    stamp.remove(str(checkout / ".venv"))
    offline = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1"}
    alone = run(checkout, "run", "--", "x", PIP_NO_INDEX="0", PIP_FIND_LINKS="", **offline)
    assert (alone.returncode, alone.stdout) == (1, "")
    last = alone.stderr.splitlines()[-1]
    assert last.startswith("Installing PyTorch failed because the package index cannot be reached:")
    assert "WARNING" not in alone.stderr
    assert json.loads(run(checkout, "run", "--", "x").stdout) == ["x"]


def test_a_folder_that_is_not_ours_is_refused_and_kept(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    refused = run(checkout, "run", "--", "x", ACESTEP_VENV=str(tmp_path))
    assert refused.returncode == 1
    assert "not a virtual environment" in refused.stderr
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert not tmp_path.with_name(tmp_path.name + ".lock").exists()


def test_a_place_that_cannot_be_written_is_a_sentence(checkout: Path) -> None:
    refused = run(checkout, "run", "--", "x", ACESTEP_VENV="/proc/venv")
    assert refused.returncode == 1
    assert "set ACESTEP_VENV to a folder you can write to" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_all_checks_run_and_pytest_has_the_last_word(checkout: Path) -> None:
    tests = run(checkout, "test", "--", "-k", "wav")
    assert tests.returncode == 0
    assert tests.stdout.splitlines() == [
        "== ruff check",
        "ruff check",
        "== ruff format --check",
        "ruff format --check",
        "== mypy",
        "mypy",
        "== pytest -n 2 --dist loadfile -k wav",
        "pytest -n 2 --dist loadfile -k wav",
    ]


@pytest.mark.parametrize("tool", ["ruff", "mypy", "pytest"])
def test_any_check_that_fails_fails_the_tests_but_all_run(checkout: Path, tool: str) -> None:
    tests = run(checkout, "test", FAILS=tool)
    assert tests.returncode == 3
    assert tests.stdout.splitlines()[-1] == "pytest -n 2 --dist loadfile"
