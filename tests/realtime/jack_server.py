"""A JACK server of a test's own, with no sound card: start, kill, record."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
import numpy.typing as npt

from acestep_desktop.audiofile.locking import try_lock

FIRST = """
import contextlib, os, sys
with contextlib.suppress(OSError):
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Runs a program before all that has no priority, where that is allowed."""

_JACKD = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: not to outlive whoever began it
if os.getppid() == int(sys.argv[1]):
    os.execvp("jackd", ["jackd", *sys.argv[2:]])
"""

_NAMES = [f"acestep-{number}" for number in range(6)]
"""Few, and used again: of the eight servers that JACK knows on a machine, one that is killed
keeps its place until another one of its name begins."""

_PATIENCE_MS = "5000"
"""Longer than any host keeps a virtual machine's processor from a client."""

_ANSWER_S = 5.0
"""Longer than a busy machine takes to say which ports there are."""

_ASKED_AT_MOST = 4

DEVICE = "system (JACK Audio Connection Kit)"


class JackServer:
    """A `jackd` with the dummy driver under a name that nobody else has.

    One that is `patient` waits in every cycle for its clients (JACK's synchronous mode):
    where the machine stands still, its frames take longer, but none is dropped. By
    its own frames all can then be judged exactly, on any machine.
    """

    def __init__(
        self,
        period: int = 256,
        *,
        realtime: bool = True,
        rate: int = 48_000,
        patient: bool = False,
    ) -> None:
        self.name = ""
        self.period = period
        self._rate = rate
        self._realtime = realtime
        self._patient = patient
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.name, self._held = _free_name()
        self.environment = {
            "JACK_DEFAULT_SERVER": self.name,
            "JACK_NO_AUDIO_RESERVATION": "1",
            "JACK_NO_START_SERVER": "1",
        }
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
        self._end()
        self._held.close()
        for name, value in self._before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

    def start(self) -> None:
        """Start the server and wait until it answers."""
        until = time.monotonic() + 10
        self._process = self._launched()
        while not answer_of("jack_lsp"):
            if time.monotonic() > until:
                raise RuntimeError("jackd does not start")
            if self._process.poll() is not None:  # the one before may still be on its way out
                self._process = self._launched()

    def kill(self) -> None:
        """Take the server away without a word, as a pulled plug would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _launched(self) -> "subprocess.Popen[bytes]":
        mode = ["-R", "-P", "60"] if self._realtime else ["--no-realtime"]
        mode += ["-S", "-t", _PATIENCE_MS] if self._patient else []
        driver = ["-d", "dummy", "-r", str(self._rate), "-p", str(self.period)]
        return subprocess.Popen(
            [sys.executable, "-c", _JACKD, str(os.getpid()), "-n", self.name, *mode, *driver],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _end(self) -> None:
        """Ask the server to end: one that is killed keeps its place among eight."""
        if self._process is None:
            self.start()
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()

    def record(self, path: Path, seconds: float, *sources: str) -> "subprocess.Popen[bytes]":
        """Record ports to a 32-bit WAV, from now on; wait for the process to have it whole."""
        # Where its writing thread is starved, jack_rec goes on half a sample off: noise.
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", FIRST),
                "jack_rec",
                "-f",
                str(path),
                "-d",
                str(seconds),
                "-b",
                "32",
                *sources,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 10
        while connections().count("jackrec:") < 2 * len(sources):
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError("jack_rec does not start")
        return process


def _free_name() -> tuple[str, IO[bytes]]:
    """Return a name that no other server has now, and the open file whose lock holds it."""
    for name in _NAMES:
        held = (Path(tempfile.gettempdir()) / f"{name}.lock").open("ab")
        if try_lock(held.fileno()):
            return name, held
        held.close()
    raise RuntimeError(f"all names are taken: {', '.join(_NAMES)}")


class MidiRecorder:
    """Writes down every MIDI message that comes in, with its frame: `jack_midi_dump`."""

    def __init__(self, name: str = "recorder") -> None:
        self.port = f"{name}:input"
        self.events: list[tuple[int, bytes]] = []
        self._process = subprocess.Popen(
            ["stdbuf", "-oL", "jack_midi_dump", "-a", name],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        until = time.monotonic() + 10
        while self.port not in ports():
            if time.monotonic() > until:
                raise RuntimeError("jack_midi_dump does not start")

    def close(self) -> None:
        """Go away; all that came is written down."""
        self._process.terminate()
        self._reader.join()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            frame, _, rest = line.partition(":")
            data = bytes(
                int(word, 16) for word in rest.split() if re.fullmatch(r"[0-9a-f]{2}", word)
            )
            self.events.append((int(frame), data))


def ports() -> list[str]:
    """Return the names of all ports of the server."""
    return answer_of("jack_lsp").split("\n")


def connections() -> str:
    """Return all ports of the server, with what each is connected to."""
    return answer_of("jack_lsp", "-c")


def answer_of(*command: str) -> str:
    """Return what a short program says of the server; nothing where there is none.

    A client of JACK may wait for itself for ever while it ends, before it has said what it
    found: it is asked again.
    """
    for _ in range(_ASKED_AT_MOST):
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(command, capture_output=True, text=True, timeout=_ANSWER_S)
            return done.stdout
    raise TimeoutError(f"{' '.join(command)} does not answer")


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
