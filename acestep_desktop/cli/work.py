"""Folders for audio that is being made: gone with the command, or with the next one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PREFIX: Final = "acestep-work-"


@contextmanager
def work_folder() -> Iterator[Path]:
    """Make a folder for as long as this lasts. What killed programs left goes."""
    parent = Path(tempfile.gettempdir())
    sweep_work(parent)
    prefix = f"{_PREFIX}{os.getpid()}-"
    with tempfile.TemporaryDirectory(
        prefix=prefix, dir=parent, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def sweep_work(parent: Path) -> None:
    """Remove the folders in `parent` whose makers have ended."""
    import psutil

    for path in parent.glob(f"{_PREFIX}*-*"):
        owner = path.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(path, ignore_errors=True)
