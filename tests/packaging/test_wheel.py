"""The wheel holds the program and its data files."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def files_under(folder: str, pattern: str) -> set[str]:
    paths = (ROOT / folder).rglob(pattern)
    return {path.relative_to(ROOT).as_posix() for path in paths if path.is_file()}


def test_every_data_file_is_where_the_program_looks_for_it(names: set[str]) -> None:
    resources = files_under("resources", "*.*")
    assert any(name.startswith("resources/vocabulary/") for name in resources)
    assert {f"acestep_desktop/{name}" for name in resources} <= names


def test_every_module_is_in_it_and_no_test(names: set[str]) -> None:
    assert files_under("acestep_desktop", "*.py") <= names
    folders = {name.partition("/")[0] for name in names}
    assert folders == {"acestep_desktop", "acestep_desktop-0.1.0.dist-info"}


def test_the_licence_is_in_it(names: set[str]) -> None:
    assert "acestep_desktop-0.1.0.dist-info/licenses/LICENSE" in names
