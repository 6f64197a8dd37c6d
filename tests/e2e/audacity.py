"""Audacity on a test's screen: started, and what lies in its project read from the disk."""

import contextlib
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tests.e2e.screen import Point, Screen

_FLOAT: Final = 0x4000F
"""How a project names 32-bit float samples."""

_MOST: Final = 262_144
"""Frames of one channel that a project keeps in one piece: 1 MiB of them."""

_PREFERENCES: Final = """PrefsVersion=1.1.1r1
NewPrefsInitialized=1
[Version]
Major=3
[GUI]
ShowSplashScreen=0
[Directories]
TempDir={folder}
[Directories/TempDir]
Default={folder}
"""

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Audacity:
    """A running Audacity that keeps its project in `folder`, with `tracks` on the screen."""

    folder: Path
    tracks: Point

    def pieces(self) -> list[bytes]:
        """Return the samples of its project, in its pieces, sorted; 32-bit float only."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        # It keeps its database to itself: only a copy, log included, can be read.
        for path in self.folder.glob("*.aup3unsaved*"):
            shutil.copy(path, copy / f"project{path.name.partition('.')[2]}")
        with contextlib.closing(sqlite3.connect(copy / "projectaup3unsaved")) as database:
            try:
                rows = database.execute("SELECT sampleformat, samples FROM sampleblocks").fetchall()
            except sqlite3.DatabaseError:
                return []  # copied while it was being written
        return sorted(samples for form, samples in rows if form == _FLOAT)


def pieces_of(samples: Samples) -> list[bytes]:
    """Return the pieces in which a project keeps a file, when not a bit of it is changed."""
    return [
        np.ascontiguousarray(samples[first : first + _MOST, channel]).tobytes()
        for channel in range(samples.shape[1])
        for first in range(0, len(samples), _MOST)
    ]


@contextlib.contextmanager
def audacity(on: Screen, home: Path, x: int, width: int) -> Iterator[Audacity]:
    """Run Audacity at the right of a screen, with a home of its own."""
    folder, config = home / "session", home / ".config"
    folder.mkdir(parents=True)
    (config / "audacity").mkdir(parents=True)
    preferences = _PREFERENCES.format(folder=folder)
    (config / "audacity" / "audacity.cfg").write_text(preferences, encoding="utf-8")
    process = subprocess.Popen(
        ["audacity"],
        env=on.environment | {"HOME": str(home), "XDG_CONFIG_HOME": str(config)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        window = on.window("^Audacity$")
        on.do("windowsize", window, str(width), "1000")
        on.do("windowmove", window, str(x), "0")
        yield Audacity(folder, (x + width // 2, 700))
    finally:
        # Asked politely it would want to know what becomes of its project.
        process.kill()
        process.wait()
