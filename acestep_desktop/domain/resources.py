"""The program's data files: vocabulary, presets, icons, theme."""

from functools import cache
from pathlib import Path


@cache
def resources_folder() -> Path:
    """Return the folder that holds the program's data files."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "resources"
    return installed if installed.is_dir() else package.parent / "resources"


def read_resource(name: str) -> str:
    """Return the text of the data file `name`, such as `vocabulary/genres.json`."""
    return (resources_folder() / name).read_text(encoding="utf-8")
