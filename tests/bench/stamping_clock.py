"""The MIDI clock, writing down when it sent each pulse and how late that was."""

import json
import os
import time
from pathlib import Path

from stamps import STAMPS

from acestep_desktop.child.parent import Parent
from acestep_desktop.realtime import clock
from acestep_desktop.realtime.clock_tally import Tally

_stamps: list[tuple[int, int]] = []


class StampedTally(Tally):
    """Counts, and keeps the time of every pulse."""

    def sent(self, late_ns: int) -> None:
        """Count a pulse that was sent just now, so much behind its time."""
        _stamps.append((late_ns, time.monotonic_ns()))
        super().sent(late_ns)


def serve(parent: Parent) -> None:
    """Send MIDI clock until told to quit; then write a list of [due, sent], in seconds of the
    clock that all processes share.
    """
    clock.Tally = StampedTally  # type: ignore[misc]
    clock.serve(parent)
    times = [((sent - late) * 1e-9, sent * 1e-9) for late, sent in _stamps]
    Path(os.environ[STAMPS]).write_text(json.dumps(times), encoding="utf-8")
