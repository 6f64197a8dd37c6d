"""What is needed of the system, and who installs it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from boot import system_packages
from boot.system_packages import RUN_NEEDS, TEST_NEEDS, Need, names_for, provide

from tests.needs import needs

ALSA = Need("libasound.so.2", "libasound2t64|libasound2", "alsa-lib", "alsa-lib")
RECORDER = Need("recorder-of-no-name", "jack-example-tools|jackd2", "jack", "")
NOWHERE = Need("clock-of-no-name", "jack-midi-clock", "", "")


def knows_all(name: str) -> bool:
    return True


def knows_none(name: str) -> bool:
    return False


def test_the_first_of_two_names_is_taken_if_the_lists_have_it() -> None:
    assert names_for([ALSA], "apt-get", knows_all) == ["libasound2t64"]
    assert names_for([ALSA], "apt-get", knows_none) == ["libasound2"]


def test_the_lists_are_asked_only_between_alternatives() -> None:
    asked: list[str] = []
    names_for([NOWHERE, ALSA], "apt-get", lambda name: bool(asked.append(name)))
    assert asked == ["libasound2t64"]


def test_names_are_sorted_and_come_once() -> None:
    twice = RECORDER._replace(looks_for="another")
    assert names_for([RECORDER, twice, ALSA], "dnf", knows_all) == ["alsa-lib", "jack"]


@pytest.mark.parametrize(
    ("manager", "line"),
    [
        ("apt-get", "sudo apt-get install jack-example-tools libasound2t64"),
        ("dnf", "sudo dnf install alsa-lib jack"),
        ("pacman", "sudo pacman -S --needed alsa-lib"),
    ],
)
def test_the_line_to_run_is_the_systems_own(manager: str, line: str) -> None:
    names = names_for([ALSA, RECORDER], manager, knows_all)
    assert system_packages.line_to_run(names, manager) == line


@pytest.mark.parametrize("manager", ["", "brew", "pacman"])
def test_without_a_package_to_name_what_is_missing_is_named(manager: str) -> None:
    sentence = system_packages.line_for([NOWHERE], "the tests", manager)
    assert sentence == "For the tests, install the packages that bring: clock-of-no-name"


@pytest.mark.parametrize("need", RUN_NEEDS + TEST_NEEDS, ids=lambda need: need.looks_for)
def test_debian_has_a_package_for_every_need(need: Need) -> None:
    assert names_for([need], "apt-get", knows_none)


@pytest.mark.parametrize("need", RUN_NEEDS, ids=lambda need: need.looks_for)
def test_every_system_has_what_the_program_itself_needs(need: Need) -> None:
    assert all((need.apt, need.dnf, need.pacman))


def test_a_library_is_found_in_the_linkers_cache_or_by_loading_it() -> None:
    assert system_packages.is_there("libmade-up.so.9", {"libmade-up.so.9"})
    assert not system_packages.is_there("libmade-up.so.9", set())


@needs("linux")
def test_a_library_of_every_linux_is_found() -> None:
    assert "libc.so.6" in system_packages.linker_cache()
    assert system_packages.is_there("libc.so.6", set())


def test_an_empty_folder_is_as_good_as_none(tmp_path: Path) -> None:
    assert not system_packages.is_there(str(tmp_path), set())
    (tmp_path / "font.ttf").touch()
    assert system_packages.is_there(str(tmp_path), set())
    assert not system_packages.is_there(str(tmp_path / "missing"), set())


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put an apt of our own before the system's; it writes down what it is asked to do."""
    log = tmp_path / "log"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    def write(installing: str) -> Path:
        for name, body in (("apt-get", installing), ("apt-cache", "exit 1")):
            program = tmp_path / name
            program.write_text(f'#!/bin/sh\necho "{name} $*" >> "{log}"\n{body}\n')
            program.chmod(0o755)
        return log

    return write


@needs("posix")
def test_as_root_what_is_missing_is_installed_after_one_update(
    apt: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorder = tmp_path / RECORDER.looks_for
    log = apt(f'test "$1" = update || {{ touch "{recorder}" && chmod +x "{recorder}"; }}')
    assert provide([RECORDER], "the tests", "apt-get", may=True) == []
    lines = log.read_text().splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["apt-get", "update"],
        ["apt-cache", "show"],
        ["apt-get", "install"],
    ]
    assert lines[-1].endswith(" jackd2")
    assert "Installing system packages: jackd2" in capsys.readouterr().err


@needs("posix")
def test_nothing_is_asked_of_apt_when_nothing_is_missing(apt: Callable[[str], Path]) -> None:
    log = apt("exit 0")
    assert provide([Need("sh", "dash", "dash", "dash")], "the tests", "apt-get", may=True) == []
    assert not log.exists()


@needs("posix")
def test_a_failing_apt_is_quoted_and_the_line_to_run_is_printed(
    apt: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    apt("echo 'Reading lists'; echo 'E: Unable to locate package'; exit 100")
    assert provide([NOWHERE], "the tests", "apt-get", may=True) == [NOWHERE]
    said = capsys.readouterr().err
    assert "could not be installed: E: Unable to locate package" in said
    assert said.endswith("For the tests, run: sudo apt-get install jack-midi-clock\n")


@needs("posix")
def test_who_is_not_root_is_told_the_one_line_to_run(
    apt: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    log = apt("exit 0")
    assert provide([NOWHERE, RECORDER], "all tests", "apt-get", may=False) == [NOWHERE, RECORDER]
    line = "For all tests, run: sudo apt-get install jack-midi-clock jackd2\n"
    assert capsys.readouterr().err == line
    assert "apt-get" not in log.read_text()


def test_only_apt_installs_by_itself() -> None:
    assert not any(system_packages.may_install(name) for name in ("dnf", "pacman", "brew", ""))
