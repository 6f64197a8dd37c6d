"""Folders for audio that is being made: gone with the command, or with the next one."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.owned import orphans, owned

_PREFIX: Final = "acestep-work-"


@contextmanager
def work_folder() -> Iterator[Path]:
    """Make a folder for as long as this lasts. What killed programs left goes."""
    parent = Path(tempfile.gettempdir())
    for left in orphans(parent, _PREFIX):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(
        prefix=owned(_PREFIX), dir=parent, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)
