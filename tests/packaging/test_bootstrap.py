"""The commands, the syntax that any Python must understand, and what CI runs."""

import ast
import re
import sys
from pathlib import Path

import bootstrap
import pytest
from boot.words import Halt

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "packaging").rglob("*.py"))


@pytest.mark.parametrize(
    ("arguments", "command", "passed_on"),
    [
        (["run"], "run", []),
        (["run", "--"], "run", []),
        (["run", "--", "generate", "--", "x"], "run", ["generate", "--", "x"]),
        (["run", "generate", "slow house"], "run", ["generate", "slow house"]),
        (["test", "--", "-k", "wav"], "test", ["-k", "wav"]),
    ],
)
def test_what_follows_the_dashes_is_passed_on(
    arguments: list[str], command: str, passed_on: list[str]
) -> None:
    assert bootstrap.read_arguments(arguments) == (command, passed_on)


@pytest.mark.parametrize("arguments", [[], ["install"], ["--", "run"], ["-h"]])
def test_anything_else_is_answered_with_the_usage(arguments: list[str]) -> None:
    with pytest.raises(Halt, match="Usage:"):
        bootstrap.read_arguments(arguments)


def test_the_environment_is_in_the_checkout_unless_it_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ACESTEP_VENV", raising=False)
    assert Path(bootstrap.environment_folder()) == ROOT / ".venv"
    monkeypatch.setenv("ACESTEP_VENV", "")
    assert Path(bootstrap.environment_folder()) == ROOT / ".venv"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACESTEP_VENV", "elsewhere")
    assert Path(bootstrap.environment_folder()) == tmp_path / "elsewhere"


def test_variables_of_another_python_are_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", "/opt/other")
    monkeypatch.setenv("__PYVENV_LAUNCHER__", "/opt/other/bin/python3")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    passed_on = bootstrap.clean_environment()
    assert not {"PYTHONHOME", "__PYVENV_LAUNCHER__"} & set(passed_on)
    assert passed_on["LANG"] == "de_DE.UTF-8"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_python_3_6_understands_the_syntax(source: Path) -> None:
    ast.parse(source.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_the_check_of_the_syntax_can_fail() -> None:
    with pytest.raises(SyntaxError):
        ast.parse("if (n := 1): pass", feature_version=(3, 6))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_only_the_standard_library_is_imported(source: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    assert names <= set(sys.stdlib_module_names) | {"boot"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_what_came_after_python_3_6_is_not_called(source: Path) -> None:
    later = r"capture_output|text=True|removeprefix|removesuffix|missing_ok|dirs_exist_ok|dataclass"
    assert not re.search(later, source.read_text(encoding="utf-8"))


def test_the_folder_of_the_bootstrap_never_hides_the_library_of_the_same_name() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_ci_runs_the_tests_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines == [
        "#!/usr/bin/env bash",
        "set -euo pipefail",
        "python3 packaging/bootstrap.py test",
    ]
