"""Sketch, writing down when it hands over the last audio of each take."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from stamps import STAMPS

from acestep_desktop.domain.request import Request
from acestep_desktop.generation.generator import AudioChunk, Output, Progress, Rendered
from acestep_desktop.sketch.engine import SketchEngine


class StampingEngine(SketchEngine):
    """Makes what Sketch makes. A line is [made, last, take]: when all sound of the take had been
    made in memory, and the moments before the last audio of its mix and before the take itself
    were handed over, in seconds of the clock that all processes share.
    """

    def generate(self, request: Request, cancelled: Callable[[], bool]) -> Iterator[Output]:
        """Make all variations of `request`."""
        made_s = last_s = 0.0
        for output in super().generate(request, cancelled):
            if isinstance(output, Progress):
                made_s = time.monotonic()
            elif isinstance(output, AudioChunk):
                last_s = time.monotonic()
            elif isinstance(output, Rendered):
                line = json.dumps([made_s, last_s, time.monotonic()])
                with Path(os.environ[STAMPS]).open("a", encoding="utf-8") as file:
                    file.write(line + "\n")
            yield output


def create() -> StampingEngine:
    """Return the engine."""
    return StampingEngine()
