"""Where the audio process is: one small value in memory that every process can read.

The block holds a sequence number, a checksum and the packed values. Its one
writer makes the number odd, writes, and makes it even; a reader takes what it
read only if the number was even and still is, and the checksum agrees (which
holds on processors that reorder writes, too).
"""

import contextlib
import mmap
import struct
import tempfile
import time
import zlib
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.owned import orphans, owned
from acestep_desktop.domain.time import SAMPLE_RATE, Frame
from acestep_desktop.realtime.transport import Loop

_HEADER: Final = struct.Struct("<QI4x")
_VALUES: Final = struct.Struct("<?qqqdqqqqqqqdddddd??qqq")
BLOCK_BYTES: Final = 4096
_TRIES: Final = 100
STALE_NS: Final = 250_000_000
"""A status this old is no longer renewed: whatever played has stopped, or lost its device."""

_PREFIX: Final = "acestep-status-"

_SHARED_MEMORY: Final = Path("/dev/shm")
"""Where Linux keeps files that never touch a disk."""


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the audio process at one instant.

    `frame` is (or, where `rolled` is negative, will be) at the device's input at
    `time_ns` of the monotonic clock. `rolled` counts frames since the roll of
    this `epoch` began, through loop wraps; an epoch ends with every start, stop
    and seek. It advances by `rate` frames a second, which is 48,000 give or take
    what the device's crystal is off. Sound is heard `latency_s` later.
    Peaks and RMS are of what was rendered last. `block` is how many frames the device asks for
    at a time, 0 before it has asked.
    `device_frame` is the frame of JACK's clock at which `frame` is there, -1 where the
    device is not JACK's.
    `done` numbers the last command that was carried out, `revision` the project
    that is heard.
    """

    rolling: bool = False
    frame: Frame = Frame(0)
    rolled: int = 0
    time_ns: int = 0
    rate: float = float(SAMPLE_RATE)
    epoch: int = 0
    loop_start: Frame = Frame(0)
    loop_end: Frame = Frame(0)
    revision: int = 0
    tempo_revision: int = 0
    done: int = 0
    xruns: int = 0
    bpm: float = 120.0
    latency_s: float = 0.0
    peak_left: float = 0.0
    peak_right: float = 0.0
    rms_left: float = 0.0
    rms_right: float = 0.0
    buffering: bool = False
    has_device: bool = False
    device_rate: int = SAMPLE_RATE
    block: int = 0
    device_frame: int = -1

    @property
    def loop(self) -> Loop | None:
        """Where the playhead wraps."""
        start, end = self.loop_start, self.loop_end
        return Loop(start, end) if end > start else None

    def frame_at(self, time_ns: int) -> Frame:
        """Return the frame at the device's input at a time near this status's own."""
        if not self.rolling:
            return self.frame
        passed = round(min(time_ns - self.time_ns, STALE_NS) * self.rate * 1e-9)
        # Before the roll began there is nothing; behind the status's own time, what came before.
        passed = max(min(0, -self.rolled), passed + min(self.rolled, 0))
        frame = self.frame + passed
        if self.frame < self.loop_end <= frame:
            frame = self.loop_start + (frame - self.loop_end) % (self.loop_end - self.loop_start)
        return Frame(frame)


def sweep_blocks(folder: Path) -> None:
    """Remove the blocks in a folder whose creators have ended."""
    for path in orphans(folder, _PREFIX):
        with contextlib.suppress(OSError):
            path.unlink()


_FIELDS: Final = attrgetter(*(field.name for field in fields(Status)))


class StatusBlock:
    """The memory of a `Status`: created by the app, written by the audio process alone."""

    def __init__(self, path: Path) -> None:
        """Map the block that lies at `path`."""
        self.path = path
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), BLOCK_BYTES)
        self._sequence = _HEADER.unpack_from(self._memory)[0] & ~1
        self._last = Status()

    @classmethod
    def create(cls) -> "StatusBlock":
        """Create a block; its creator must `unlink` it. What killed programs left goes."""
        folder = _SHARED_MEMORY if _SHARED_MEMORY.is_dir() else Path(tempfile.gettempdir())
        sweep_blocks(folder)
        with tempfile.NamedTemporaryFile(prefix=owned(_PREFIX), dir=folder, delete=False) as file:
            file.truncate(BLOCK_BYTES)
        block = cls(Path(file.name))
        block.publish(Status())
        return block

    def publish(self, status: Status) -> None:
        """Replace the status. One writer; its readers never wait and never see half of it."""
        values = _VALUES.pack(*_FIELDS(status))
        self._sequence += 2
        _HEADER.pack_into(self._memory, 0, self._sequence - 1, 0)
        self._memory[_HEADER.size : _HEADER.size + _VALUES.size] = values
        _HEADER.pack_into(self._memory, 0, self._sequence, zlib.crc32(values))

    def read(self) -> Status:
        """Return the last whole status; if its writer died while writing, the one before."""
        for attempt in range(_TRIES):
            status = self._read_once()
            if status is not None:
                self._last = status
                break
            if attempt > _TRIES // 2:
                time.sleep(0)
        return self._last

    def unlink(self) -> None:
        """Take the block away; who has mapped it keeps it."""
        self.path.unlink(missing_ok=True)

    def _read_once(self) -> Status | None:
        data = self._memory[: _HEADER.size + _VALUES.size]
        sequence, checksum = _HEADER.unpack_from(data)
        values = data[_HEADER.size :]
        if sequence & 1 or zlib.crc32(values) != checksum:
            return None
        return Status(*_VALUES.unpack(values))
