"""Children that write down when something left them: where to, and how one is started."""

import os
from pathlib import Path
from typing import Final

STAMPS: Final = "ACESTEP_BENCH_STAMPS"
"""The environment's name for the file that a child writes its stamps to."""

_PLACES: Final = (Path(__file__).parent, Path(__file__).resolve().parents[2])

ENVIRONMENT: Final = {"PYTHONPATH": os.pathsep.join(map(str, _PLACES))}
"""What lets a child import what lies beside this file, and the program."""
