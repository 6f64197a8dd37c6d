"""Temporary files and folders that carry the number of the process they belong to."""

import os
from collections.abc import Iterator
from pathlib import Path


def owned(prefix: str) -> str:
    """Return how the names begin of what this process makes; `prefix` says what it is."""
    return f"{prefix}{os.getpid()}-"


def orphans(folder: Path, prefix: str) -> Iterator[Path]:
    """Yield what processes that have ended left in `folder` under names of `owned(prefix)`."""
    import psutil

    for path in folder.glob(f"{prefix}*-*"):
        owner = path.name.removeprefix(prefix).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            yield path
