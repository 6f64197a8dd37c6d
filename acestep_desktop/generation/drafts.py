"""Drafts: the audio of a job as raw files in its work folder, until it becomes a take.

Raw means float32, little-endian, interleaved, 48 kHz, without a header. Engine's
process only.
"""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import numpy as np

from acestep_desktop.domain.time import Frame
from acestep_desktop.generation.errors import EngineFaultError
from acestep_desktop.generation.generator import AudioChunk, Rendered

if TYPE_CHECKING:
    from acestep_desktop.generation.generator import Samples

MAX_CHANNELS: Final = 2
PIECE_FRAMES: Final = 131_072
"""Larger chunks are sent in pieces: 1 MiB of stereo."""

_FRAME_BYTES: Final = 4


class Draft:
    """One variation while it is made: its mix as it comes, and then its stems."""

    def __init__(self, folder: Path, variation: int) -> None:
        self._folder = folder
        self._name = f"{variation:03}"
        self._channels: int | None = None
        self._written: list[tuple[int, int]] = []
        self._mix: IO[bytes] | None = None
        self._files: list[Path] = []

    def write_chunk(self, chunk: AudioChunk) -> Iterator[tuple[Frame, memoryview]]:
        """Put audio into the mix; return it in pieces (first frame, bytes) fit to be sent."""
        samples = self._checked(chunk.samples)
        if chunk.start < 0:
            raise _fault(f"sent audio for frame {chunk.start}")
        channels = samples.shape[1]
        file = self._mix_file()
        file.seek(chunk.start * channels * _FRAME_BYTES)
        file.write(_bytes(samples))
        self._written.append((chunk.start, chunk.start + len(samples)))
        for first in range(0, len(samples), PIECE_FRAMES):
            yield Frame(chunk.start + first), _bytes(samples[first : first + PIECE_FRAMES])

    def finish(self, rendered: Rendered) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Write what is still missing; return the mix's file name, and (name, file) of stems."""
        shape = (int(rendered.frames), rendered.channels)
        if rendered.mix is not None:
            self._replace_mix(self._checked(rendered.mix, shape))
        elif self._channels not in (None, rendered.channels) or not _covers(
            self._written, rendered.frames
        ):
            raise _fault(f"did not send exactly the {rendered.frames} frames of its mix")
        mix = self._mix_file()
        mix.close()
        stems = tuple(
            (stem.name, self._write_stem(number, stem.name, self._checked(stem.samples, shape)))
            for number, stem in enumerate(rendered.stems, start=1)
        )
        self._files = []
        return Path(mix.name).name, stems

    def discard(self) -> None:
        """Delete what was written, unless it was finished."""
        with contextlib.suppress(OSError):  # of a full disk, which is reported already
            if self._mix is not None:
                self._mix.close()
        for path in self._files:
            path.unlink(missing_ok=True)

    def _mix_file(self) -> IO[bytes]:
        if self._mix is None:
            self._mix = self._create(f"{self._name}-mix.f32")
        return self._mix

    def _replace_mix(self, samples: "Samples") -> None:
        file = self._mix_file()
        file.seek(0)
        file.truncate()
        file.write(_bytes(samples))

    def _write_stem(self, number: int, name: str, samples: "Samples") -> str:
        plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40]
        with self._create(f"{self._name}-stem-{number:02}-{plain}.f32") as file:
            file.write(_bytes(samples))
            return Path(file.name).name

    def _create(self, name: str) -> IO[bytes]:
        path = self._folder / name
        self._files.append(path)
        return path.open("wb")

    def _checked(self, samples: "Samples", shape: tuple[int, int] | None = None) -> "Samples":
        """Return `samples` ready for the disk, or raise EngineFaultError."""
        if samples.ndim != 2 or not 1 <= samples.shape[1] <= MAX_CHANNELS:
            raise _fault(f"made audio of shape {samples.shape}")
        if shape not in (None, samples.shape):
            raise _fault(f"made audio of shape {samples.shape} where it promised {shape}")
        if self._channels not in (None, samples.shape[1]):
            raise _fault(f"changed from {self._channels} to {samples.shape[1]} channels")
        if not np.isfinite(samples).all():
            raise _fault("made audio with samples that are no numbers")
        self._channels = samples.shape[1]
        return np.ascontiguousarray(samples, dtype="<f4")


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


def _fault(what: str) -> EngineFaultError:
    return EngineFaultError(
        f"The engine {what}: this is a mistake in the engine, try another seed."
    )
