"""An ear: a program that hears sound and MIDI of a JACK server, each by the server's frame.

Both come in the same cycles, so their distance is exact, whatever the computer's clock does.
Run as a program it is the one that listens; `Ear` starts it and reads what it wrote down.
"""

import contextlib
import gc
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from acestep_desktop.realtime.clock_grammar import PULSE

LOUD = 0.3
"""A sound above this is a beat."""


class Ear:
    """Listens while it is open; `events` and `beats` are there afterwards.

    `events` holds every MIDI message with its frame, `beats` the first loud frame of
    every cycle that has one, both counted from the first cycle; `slips` is how often
    cycles did not follow one another, `xruns` what the server itself called late.
    """

    midi, sound = "ear:midi", "ear:sound"

    def __init__(self) -> None:
        self.events: list[tuple[int, bytes]] = []
        self.beats: list[int] = []
        self.slips = self.xruns = 0

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "heard.json"
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(self._path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"ready\n":
            raise RuntimeError("the ear does not hear")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate(b"\n")
        heard = json.loads(self._path.read_text())
        self._folder.cleanup()
        self.events = [(frame, bytes.fromhex(data)) for frame, data in heard["events"]]
        self.beats, self.slips, self.xruns = heard["beats"], heard["slips"], heard["xruns"]

    def hears(self, source: str) -> None:
        """Listen to the sound of a port."""
        with contextlib.suppress(subprocess.TimeoutExpired):  # it may hang when it is done
            subprocess.run(["jack_connect", source, self.sound], check=True, timeout=5)

    @property
    def pulses(self) -> list[int]:
        """The frames of the clock's pulses."""
        return [frame for frame, data in self.events if data == PULSE]

    @property
    def spoken(self) -> list[bytes]:
        """All other messages."""
        return [data for _, data in self.events if data != PULSE]


def listen(path: str) -> None:
    """Write down what is heard until standard input has a line."""
    import jack

    gc.disable()
    client = jack.Client("ear", no_start_server=True)
    midi, sound = client.midi_inports.register("midi"), client.inports.register("sound")
    events: list[tuple[int, str]] = []
    beats: list[int] = []
    counts = {"cycles": 0, "slips": 0, "xruns": 0, "last": -1}

    def process(frames: int) -> None:
        # Cycles are counted here, because one that is called late would take the next for its own.
        begin, now = counts["cycles"] * frames, client.last_frame_time
        counts["slips"] += counts["last"] >= 0 and now - counts["last"] != frames
        counts["last"] = now
        counts["cycles"] += 1
        for offset, data in midi.incoming_midi_events():
            events.append((begin + offset, bytes(data).hex()))
        loud = np.frombuffer(sound.get_buffer(), np.float32) > LOUD
        if loud.any():
            beats.append(begin + int(np.argmax(loud)))

    def late(delay_us: float) -> None:
        counts["xruns"] += 1

    client.set_process_callback(process)
    client.set_xrun_callback(late)
    client.activate()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    client.deactivate()
    Path(path).write_text(json.dumps({"events": events, "beats": beats, **counts}))
    client.close()


if __name__ == "__main__":
    listen(sys.argv[1])
