"""A JACK server of a test's own, with no sound card: start, kill, record."""

import contextlib
import os
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

DEVICE = "system (JACK Audio Connection Kit)"


class JackServer:
    """A `jackd` with the dummy driver under a name that nobody else has."""

    def __init__(self, period: int = 256, *, realtime: bool = True, rate: int = 48_000) -> None:
        self.name = f"acestep-{uuid.uuid4().hex[:8]}"
        self.period = period
        self._rate = rate
        self._realtime = realtime
        self._process: subprocess.Popen[bytes] | None = None
        self.environment = {
            "JACK_DEFAULT_SERVER": self.name,
            "JACK_NO_AUDIO_RESERVATION": "1",
            "JACK_NO_START_SERVER": "1",
        }

    def __enter__(self) -> Self:
        self._before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        for name, value in self._before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

    def start(self) -> None:
        """Start the server and wait until it answers."""
        mode = ["-R", "-P", "60"] if self._realtime else ["--no-realtime"]
        self._process = subprocess.Popen(
            [
                *("jackd", "-n", self.name, *mode, "-d", "dummy"),
                *("-r", str(self._rate), "-p", str(self.period)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 10
        while subprocess.run(["jack_lsp"], capture_output=True).returncode:
            if time.monotonic() > until:
                raise RuntimeError("jackd does not start")

    def kill(self) -> None:
        """Take the server away without a word, as a pulled plug would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def record(self, path: Path, seconds: float, *ports: str) -> "subprocess.Popen[bytes]":
        """Start to record ports to a 32-bit WAV; wait for the process to have it whole."""
        return subprocess.Popen(
            ["jack_rec", "-f", str(path), "-d", str(seconds), "-b", "32", *ports],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


class MidiRecorder:
    """Writes down every MIDI message that comes in, with its frame."""

    def __init__(self, name: str = "recorder") -> None:
        import jack

        self.events: list[tuple[int, bytes]] = []
        self._client: Any = jack.Client(name, no_start_server=True)
        self._port = self._client.midi_inports.register("in")
        self._client.set_process_callback(self._process)
        self._client.activate()

    @property
    def port(self) -> str:
        """The name to connect to."""
        return str(self._port.name)

    @property
    def frame(self) -> int:
        """JACK's frame now."""
        return int(self._client.frame_time)

    def close(self) -> None:
        """Go away."""
        self._client.close()

    def _process(self, frames: int) -> None:
        begin = self._client.last_frame_time
        for offset, data in self._port.incoming_midi_events():
            self.events.append((begin + offset, bytes(data)))


@contextlib.contextmanager
def recorder(name: str = "recorder") -> Iterator[MidiRecorder]:
    """Give a recorder that goes away afterwards."""
    found = MidiRecorder(name)
    try:
        yield found
    finally:
        found.close()


def samples_of(path: Path) -> npt.NDArray[np.float64]:
    """Return what `jack_rec` wrote: 32-bit integers, as numbers of full scale 1.0."""
    import soundfile

    return np.asarray(soundfile.read(path, dtype="float64", always_2d=True)[0])
