"""Parts: takes that are still being made, written to a file from which they can be heard."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.request import Request, TextToMusic
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import SAMPLE_RATE, Frame, Meter
from acestep_desktop.domain.understanding import understand
from acestep_desktop.generation.generator import AudioChunk
from acestep_desktop.generation.jobs import JobId

MOST_FRAMES: Final = Frame(20 * 60 * SAMPLE_RATE)
"""Where nobody can say how long a take will be. The file is sparse: it holds what is written."""

_FRAME_BYTES: Final = 4
_LOUDNESS_OFFSET_DB: Final = -0.691
"""ITU-R BS.1770: what is added to the power of both channels, here without its weighting."""


@dataclass(frozen=True, slots=True)
class Part:
    """A take as far as it can be heard: `ready` of `frames`, both in frames.

    `whole` is false where `frames` is only more than the take can have. `loudness_db`
    is roughly its LUFS so far; None for silence.
    """

    job_id: JobId
    variation: int
    path: Path
    frames: Frame
    channels: int
    ready: Frame
    whole: bool
    loudness_db: float | None

    @property
    def part_id(self) -> TakeId:
        """What the audio process knows it by."""
        return TakeId(f"part-{self.job_id}-{self.variation}")


class PartFile:
    """The file of one part. One thread writes it; the audio process reads it meanwhile."""

    def __init__(self, job_id: JobId, variation: int, path: Path, frames: Frame | None) -> None:
        """`frames` is None where nobody knows how long the take will be."""
        self._job_id, self._variation = job_id, variation
        self._path = path
        self._frames = frames or MOST_FRAMES
        self._whole = frames is not None
        self._written: list[tuple[int, int]] = []
        self._channels = 0
        self._power, self._counted = 0.0, 0

    def write(self, chunk: AudioChunk) -> Part:
        """Put a chunk where it belongs; return the part as it is now."""
        samples = np.ascontiguousarray(chunk.samples[: max(0, self._frames - chunk.start)], "<f4")
        if not self._channels:
            self._channels = samples.shape[1]
            with self._path.open("wb") as file:
                file.truncate(self._frames * self._channels * _FRAME_BYTES)
        with self._path.open("r+b") as file:
            file.seek(chunk.start * self._channels * _FRAME_BYTES)
            file.write(samples.tobytes())
        self._power += float(np.square(samples, dtype=np.float64).sum()) * 2 / self._channels
        self._counted += len(samples)
        self._written = _merged([*self._written, (chunk.start, chunk.start + len(samples))])
        return Part(
            job_id=self._job_id,
            variation=self._variation,
            path=self._path,
            frames=self._frames,
            channels=self._channels,
            ready=Frame(self._written[0][1] if self._written[0][0] == 0 else 0),
            whole=self._whole,
            loudness_db=self._loudness_db(),
        )

    def _loudness_db(self) -> float | None:
        if not self._counted or not self._power:
            return None
        return 10 * math.log10(self._power / self._counted) + _LOUDNESS_OFFSET_DB


class PartFiles:
    """The parts of one job, in its folder."""

    def __init__(self, job_id: JobId, request: Request, folder: Path) -> None:
        self._job_id, self._folder = job_id, folder
        self._frames = expected_frames(request)
        self._files: Mapping[int, PartFile] = {}

    def write(self, chunk: AudioChunk) -> Part:
        """Put a chunk into the part of its variation; return that part as it is now."""
        file = self._files.get(chunk.variation)
        if file is None:
            path = self._folder / f"part-{chunk.variation:03}"
            file = PartFile(self._job_id, chunk.variation, path, self._frames)
            # Variations come one after the other: what was heard of the last one is a take now.
            self._files = {chunk.variation: file}
        return file.write(chunk)


def expected_frames(request: Request) -> Frame | None:
    """Return how long takes of `request` will be exactly; None where only the engine knows."""
    if not isinstance(request.task, TextToMusic):
        return None
    meaning = understand(request)
    if meaning.seconds is not None:
        return Frame(round(meaning.seconds * SAMPLE_RATE))
    if meaning.bars is None or meaning.bpm is None:
        return None
    return frames_of_bars(meaning.bars, meaning.meter or Meter(), meaning.bpm)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
