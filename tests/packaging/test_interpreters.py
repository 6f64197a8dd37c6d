"""Finding a fitting Python among those that a machine may have."""

import json
import platform
import stat
import sys
from pathlib import Path

import pytest
from boot import interpreters
from boot.interpreters import Interpreter

FIT = Interpreter(("python3.12",), (3, 12, 4), "x86_64", True)
WITHOUT_VENV = FIT._replace(command=("python3.11",), version=(3, 11, 2), complete=False)


def answer(**changes: object) -> str:
    fields = {
        "version": [3, 11, 7],
        "implementation": "CPython",
        "is_64_bit": True,
        "machine": "x86_64",
        "complete": True,
    }
    return json.dumps(list({**fields, **changes}.values()))


@pytest.mark.parametrize("version", [[3, 11, 0], [3, 11, 7], [3, 12, 11]])
def test_python_3_11_and_3_12_fit(version: list[int]) -> None:
    found = interpreters.parse_answer(("python",), answer(version=version))
    assert found is not None
    assert found.version == tuple(version)
    assert found.command == ("python",)


@pytest.mark.parametrize(
    "said",
    [
        answer(version=[3, 10, 13]),
        answer(version=[3, 13, 0]),
        answer(version=[2, 7, 18]),
        answer(implementation="PyPy"),
        answer(is_64_bit=False),
        "Python was not found; run without arguments to install from the Store",
        "",
    ],
)
def test_what_does_not_fit_is_no_interpreter(said: str) -> None:
    assert interpreters.parse_answer(("python",), said) is None


def test_this_python_answers_the_question() -> None:
    found = interpreters.probe((sys.executable,))
    assert found is not None
    assert found.version == sys.version_info[:3]
    assert found.machine == platform.machine()
    assert found.version_text == platform.python_version()
    assert found.dotted == f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_a_stand_in_that_fails_when_run_is_no_interpreter(tmp_path: Path) -> None:
    shim = tmp_path / "python3.12"
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.12: command not found' >&2\nexit 127\n")
    shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    assert interpreters.probe((str(shim),)) is None


@pytest.mark.parametrize("command", ["/nonexistent/python3.12", "no-such-python-at-all"])
def test_a_missing_file_is_no_interpreter(command: str) -> None:
    assert interpreters.probe((command,)) is None


def test_the_first_complete_interpreter_is_chosen() -> None:
    second = FIT._replace(command=("other",))
    assert interpreters.choose([None, WITHOUT_VENV, FIT, second]) == FIT


def test_an_interpreter_that_only_lacks_venv_is_better_than_none() -> None:
    assert interpreters.choose([None, WITHOUT_VENV, None]) == WITHOUT_VENV
    assert interpreters.choose([None]) is None


def test_on_an_apple_chip_a_python_for_intel_is_passed_over() -> None:
    native = FIT._replace(command=("native",), machine="arm64")
    assert interpreters.choose([FIT, native], native="arm64") == native
    assert interpreters.choose([FIT], native="arm64") is None


def test_choosing_asks_no_more_pythons_than_it_must() -> None:
    asked = []

    def ask(name: str) -> Interpreter:
        asked.append(name)
        return FIT

    assert interpreters.choose(ask(name) for name in ("first", "second")) == FIT
    assert asked == ["first"]


def test_newer_patch_releases_come_first() -> None:
    paths = ["/v/3.12.9/bin/python3.12", "/v/3.12.10/bin/python3.12", "/v/3.12.1/bin/python3.12"]
    assert interpreters.newest_first(paths) == [paths[1], paths[0], paths[2]]


@pytest.mark.parametrize(
    ("system", "place"),
    [
        ("Linux", "/home/ann/.pyenv/versions/3.12.*/bin/python3.12"),
        ("Linux", "/home/ann/.local/share/uv/python/cpython-3.12.*/bin/python3.12"),
        ("Linux", "/usr/bin/python3.12"),
        ("Darwin", "/opt/homebrew/bin/python3.12"),
        ("Darwin", "/usr/local/bin/python3.12"),
        ("Darwin", "/Library/Frameworks/Python.framework/Versions/3.12/bin/python3.12"),
        ("Windows", "/home/ann\\AppData\\Local\\Programs\\Python\\Python312\\python.exe"),
        ("Windows", "C:\\Program Files\\Python312\\python.exe"),
    ],
)
def test_each_system_is_searched_where_it_keeps_its_pythons(system: str, place: str) -> None:
    assert place in interpreters.places(system, "/home/ann", {}, (3, 12))


def test_variables_that_move_the_version_managers_are_obeyed() -> None:
    moved = {"PYENV_ROOT": "/p", "UV_PYTHON_INSTALL_DIR": "/u", "XDG_DATA_HOME": "/x"}
    places = interpreters.places("Linux", "/home/ann", moved, (3, 11))
    assert "/p/versions/3.11.*/bin/python3.11" in places
    assert "/u/cpython-3.11.*/bin/python3.11" in places
    assert "/x/mise/installs/python/3.11.*/bin/python3.11" in places


def test_the_running_python_is_asked_first_then_3_12_then_3_11() -> None:
    commands = list(interpreters.candidates("Linux", "/home/ann", {"PATH": "/a:/b"}))
    assert commands[:3] == [(sys.executable,), ("/a/python3.12",), ("/b/python3.12",)]
    assert commands.index(("/b/python3.12",)) < commands.index(("/a/python3.11",))
    assert commands[-4:] == [("/a/python3",), ("/a/python",), ("/b/python3",), ("/b/python",)]


def test_pyenv_versions_are_found_though_their_shims_fail(tmp_path: Path) -> None:
    for version in ("3.12.1", "3.12.10", "3.13.0"):
        folder = tmp_path / ".pyenv" / "versions" / version / "bin"
        folder.mkdir(parents=True)
        (folder / "python3.12").touch()
    found = [path for (path, *_) in interpreters.candidates("Linux", str(tmp_path), {})]
    of_pyenv = [path for path in found if ".pyenv" in path]
    assert [Path(path).parts[-3] for path in of_pyenv] == ["3.12.10", "3.12.1"]


def test_windows_is_asked_through_its_launcher() -> None:
    commands = list(interpreters.candidates("Windows", "C:\\Users\\Ann", {"PATH": ""}))
    assert commands.index(("py", "-3.12")) < commands.index(("py", "-3.11"))


def test_no_python_is_asked_twice() -> None:
    assert list(interpreters.distinct([("a",), ("b",), ("a",)])) == [("a",), ("b",)]
