"""Where the environment's Python comes from, and what a person reads when there is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from boot.base_python import how_to_install, native_processor, provided
from boot.interpreters import Interpreter
from boot.words import Halt

from tests.needs import needs

COMPLETE = Interpreter(("python3.11",), (3, 11, 2), "x86_64", True)
WITHOUT_VENV = COMPLETE._replace(complete=False)


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an apt that has Python 3.11 before the system's; it writes down what it is asked."""
    log = tmp_path / "asked"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    for name, last in (("apt-get", "exit 0"), ("apt-cache", "test $3 = python3.11-venv")):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >> "{log}"\n{last}\n')
        program.chmod(0o755)
    return log


def finds(*found: Interpreter | None) -> Iterator[Interpreter | None]:
    return iter(found)


def test_a_complete_python_is_taken_as_it_is() -> None:
    found = finds(COMPLETE)
    assert provided(lambda: next(found), "Linux", "apt-get", may=True) == COMPLETE


@needs("posix")
@pytest.mark.parametrize("first", [None, WITHOUT_VENV])
def test_as_root_apt_installs_or_completes_python(first: Interpreter | None, asked: Path) -> None:
    found = finds(first, COMPLETE)
    assert provided(lambda: next(found), "Linux", "apt-get", may=True) == COMPLETE
    lines = asked.read_text().splitlines()
    assert lines[0].startswith("apt-get update")
    assert lines[-1].startswith("apt-get install")
    assert lines[-1].endswith(" python3.11 python3.11-venv")


@needs("posix")
def test_who_is_not_root_is_told_what_apt_would_install(asked: Path) -> None:
    with pytest.raises(Halt, match=r"run `sudo apt-get install python3\.11 python3\.11-venv`"):
        provided(lambda: None, "Linux", "apt-get", may=False)
    assert "apt-get" not in asked.read_text()


@needs("posix")
def test_an_apt_that_does_not_help_ends_in_a_sentence(asked: Path) -> None:
    with pytest.raises(Halt, match="sudo apt-get install"):
        provided(lambda: WITHOUT_VENV, "Linux", "apt-get", may=True)
    assert "apt-get install" in asked.read_text()


def test_without_apt_nothing_is_installed() -> None:
    with pytest.raises(Halt, match="sudo dnf install"):
        provided(lambda: None, "Linux", "dnf", may=False)


@pytest.mark.parametrize(
    ("system", "manager", "version", "way"),
    [
        ("Linux", "apt-get", "3.11", "`sudo apt-get install python3.11 python3.11-venv`"),
        ("Linux", "apt-get", "", "`uv python install 3.12`"),
        ("Linux", "dnf", "", "`sudo dnf install python3.12`"),
        ("Linux", "pacman", "", "`uv python install 3.12`"),
        ("Linux", "", "", "`uv python install 3.12`"),
        ("Darwin", "brew", "", "`brew install python@3.12`"),
        ("Darwin", "", "", "https://www.python.org/downloads/"),
        ("Windows", "winget", "", "`winget install Python.Python.3.12`"),
        ("Windows", "", "", "https://www.python.org/downloads/"),
    ],
)
def test_one_sentence_says_which_python_to_install_and_how(
    system: str, manager: str, version: str, way: str
) -> None:
    sentence = how_to_install(system, manager, version)
    assert "Python 3.12 or 3.11" in sentence
    assert way in sentence
    assert sentence.endswith("then start again.")
    assert "\n" not in sentence


def test_only_a_mac_is_particular_about_the_processor() -> None:
    assert native_processor("Linux") == native_processor("Windows") == ""
