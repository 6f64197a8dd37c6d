"""Drafts: the audio of a job as raw files in its work folder, until it becomes a take.

Raw means float32, little-endian, interleaved, 48 kHz, behind room for a header. Engine's
process only.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import numpy as np

from acestep_desktop.domain.raw import RAW_HEAD_BYTES
from acestep_desktop.domain.time import Frame
from acestep_desktop.generation.errors import EngineFaultError
from acestep_desktop.generation.generator import AudioChunk, Rendered, Stem

if TYPE_CHECKING:
    from acestep_desktop.generation.generator import Samples

MAX_CHANNELS: Final = 2
PIECE_FRAMES: Final = 131_072
"""Larger chunks are sent in pieces: 1 MiB of stereo."""

_FRAME_BYTES: Final = 4

_WRITERS: Final = 2
"""Files that the disk takes at a time, while the engine goes on."""


@dataclass(frozen=True, slots=True)
class _StemFile:
    """A stem on its way to the disk."""

    name: str
    file: str
    shape: tuple[int, ...]
    written: Future[None]


class Draft:
    """One variation while it is made: its mix as it comes, and then its stems."""

    def __init__(self, folder: Path, variation: int) -> None:
        self._folder = folder
        self._name = f"{variation:03}"
        self._channels: int | None = None
        self._written: list[tuple[int, int]] = []
        self._mix: IO[bytes] | None = None
        self._files: list[Path] = []
        self._stems: list[_StemFile] = []
        self._writers: ThreadPoolExecutor | None = None
        self._syncing: Future[None] | None = None

    def write_chunk(self, chunk: AudioChunk) -> Iterator[tuple[Frame, memoryview]]:
        """Put audio into the mix; return it in pieces (first frame, bytes) fit to be sent."""
        samples = self._checked(chunk.samples)
        if chunk.start < 0:
            raise _fault(f"sent audio for frame {chunk.start}")
        channels = samples.shape[1]
        file = self._mix_file()
        file.seek(RAW_HEAD_BYTES + chunk.start * channels * _FRAME_BYTES)
        file.write(_bytes(samples))
        self._written.append((chunk.start, chunk.start + len(samples)))
        self._sync_behind(file)
        for first in range(0, len(samples), PIECE_FRAMES):
            yield Frame(chunk.start + first), _bytes(samples[first : first + PIECE_FRAMES])

    def write_stem(self, stem: Stem) -> None:
        """Begin to write a part of the mix; `finish` waits for its end."""
        samples = self._checked(stem.samples)
        plain = re.sub(r"[^A-Za-z0-9]+", "-", stem.name).strip("-")[:40]
        path = self._claimed(f"{self._name}-stem-{len(self._stems) + 1:02}-{plain}.f32")
        written = self._pool().submit(_write, path, samples)
        self._stems.append(_StemFile(stem.name, path.name, samples.shape, written))

    def finish(self, rendered: Rendered) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Write what is still missing; return the mix's file name, and (name, file) of stems."""
        shape = (int(rendered.frames), rendered.channels)
        if rendered.mix is not None:
            self._replace_mix(self._checked(rendered.mix, shape))
        elif self._channels not in (None, rendered.channels) or not _covers(
            self._written, rendered.frames
        ):
            raise _fault(f"did not send exactly the {rendered.frames} frames of its mix")
        for stem in rendered.stems:
            self.write_stem(stem)
        for begun in self._stems:
            if begun.shape != shape:
                raise _unlike(begun.shape, shape)
            begun.written.result()
        # Whoever keeps the mix waits for the disk; nobody need do so twice.
        self._let_writers_go(wait=False)
        mix = self._mix_file()
        mix.close()
        self._files = []
        return Path(mix.name).name, tuple((begun.name, begun.file) for begun in self._stems)

    def discard(self) -> None:
        """Delete what was written, unless it was finished."""
        self._let_writers_go()
        with contextlib.suppress(OSError):  # of a full disk, which is reported already
            if self._mix is not None:
                self._mix.close()
        for path in self._files:
            path.unlink(missing_ok=True)

    def _mix_file(self) -> IO[bytes]:
        if self._mix is None:
            self._mix = self._claimed(f"{self._name}-mix.f32").open("wb")
        return self._mix

    def _replace_mix(self, samples: "Samples") -> None:
        file = self._mix_file()
        file.seek(RAW_HEAD_BYTES)
        file.truncate()
        file.write(_bytes(samples))

    def _claimed(self, name: str) -> Path:
        path = self._folder / name
        self._files.append(path)
        return path

    def _sync_behind(self, mix: IO[bytes]) -> None:
        """Have the disk take what the mix has so far, unless it is still at it."""
        mix.flush()
        if self._syncing is None or self._syncing.done():
            self._syncing = self._pool().submit(os.fsync, mix.fileno())

    def _pool(self) -> ThreadPoolExecutor:
        if self._writers is None:
            self._writers = ThreadPoolExecutor(_WRITERS, thread_name_prefix="writing")
        return self._writers

    def _let_writers_go(self, *, wait: bool = True) -> None:
        if self._writers is not None:
            self._writers.shutdown(wait=wait, cancel_futures=True)
            self._writers = None

    def _checked(self, samples: "Samples", shape: tuple[int, int] | None = None) -> "Samples":
        """Return `samples` ready for the disk, or raise EngineFaultError."""
        if samples.ndim != 2 or not 1 <= samples.shape[1] <= MAX_CHANNELS:
            raise _fault(f"made audio of shape {samples.shape}")
        if shape not in (None, samples.shape):
            raise _unlike(samples.shape, shape)
        if self._channels not in (None, samples.shape[1]):
            raise _fault(f"changed from {self._channels} to {samples.shape[1]} channels")
        if not np.isfinite(samples).all():
            raise _fault("made audio with samples that are no numbers")
        self._channels = samples.shape[1]
        return np.ascontiguousarray(samples, dtype="<f4")


def _write(path: Path, samples: "Samples") -> None:
    """Write raw audio and wait for the disk, which then has little left to do for the take."""
    with path.open("wb") as file:
        file.seek(RAW_HEAD_BYTES)
        file.write(_bytes(samples))
        file.flush()
        os.fsync(file.fileno())


def _bytes(samples: "Samples") -> memoryview:
    return samples.reshape(-1).view(np.uint8).data


def _covers(written: list[tuple[int, int]], frames: int) -> bool:
    """Return whether the spans (start, end) cover 0..frames, and nothing else."""
    end = 0
    for start, stop in sorted(written):
        if start > end:
            return False
        end = max(end, stop)
    return end == frames > 0


def _unlike(shape: tuple[int, ...], promised: tuple[int, ...] | None) -> EngineFaultError:
    return _fault(f"made audio of shape {shape} where it promised {promised}")


def _fault(what: str) -> EngineFaultError:
    return EngineFaultError(
        f"The engine {what}: this is a mistake in the engine, try another seed."
    )
