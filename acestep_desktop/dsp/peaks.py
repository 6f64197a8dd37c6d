"""Peaks: what a waveform looks like at any zoom, in the lowest and highest sample of each bin."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.dsp.samples import Samples

FIRST_BIN: Final = 256
FACTOR: Final = 4
LEVELS: Final = 5
"""Bins of 256, 1,024, 4,096, 16,384 and 65,536 frames."""

_CHUNK: Final = FIRST_BIN * 256
_THREADS: Final = 2
_MANY: Final = 64
"""Chunks, a minute and a half, from which on a second thread is worth its start."""


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """Minima and maxima of every bin, level by level.

    `levels[k]` has shape (2, channels, bins): minima, then maxima, of bins of
    `FIRST_BIN * FACTOR**k` frames; the last bin may be shorter.
    """

    frames: int
    levels: tuple[npt.NDArray[np.float32], ...]

    def level_for(self, frames_per_pixel: float) -> int | None:
        """Return the coarsest level whose bins fit in a pixel; None where the samples are needed.

        `frames_per_pixel` below `FIRST_BIN` asks for more detail than there is.
        """
        fitting = [
            level
            for level in range(len(self.levels))
            if FIRST_BIN * FACTOR**level <= frames_per_pixel
        ]
        return fitting[-1] if fitting else None


def peaks_of(samples: Samples) -> Peaks:
    """Return the peaks of audio in memory, or memory-mapped; of long audio on two processors."""
    chunks = [samples[at : at + _CHUNK] for at in range(0, len(samples), _CHUNK)]
    if len(chunks) < _MANY:
        return _peaks(len(samples), [_rounded_bins(chunk) for chunk in chunks])
    # NumPy lets go of the interpreter while it compares: the event loop runs on beside it.
    with ThreadPoolExecutor(_THREADS) as threads:
        return _peaks(len(samples), list(threads.map(_rounded_bins, chunks)))


def gather_peaks(blocks: Iterable[Samples]) -> Peaks:
    """Return the peaks of audio that comes in blocks of any size, in bounded memory."""
    frames = 0
    held: Samples | None = None
    finest: list[npt.NDArray[np.float32]] = []
    for block in blocks:
        frames += len(block)
        audio = block if held is None or not len(held) else np.concatenate((held, block))
        whole = len(audio) // FIRST_BIN * FIRST_BIN
        finest.append(_bins(audio[:whole]))
        held = audio[whole:]
    if held is not None and len(held):
        finest.append(_rounded_bins(held))
    return _peaks(frames, finest)


def _peaks(frames: int, finest: Sequence[npt.NDArray[np.float32]]) -> Peaks:
    """Return all levels above the finest one, which comes in pieces."""
    levels = [np.concatenate(finest, axis=2) if finest else np.zeros((2, 1, 0), np.float32)]
    for _ in range(1, LEVELS):
        levels.append(_coarser(levels[-1]))
    return Peaks(frames, tuple(levels))


def _rounded_bins(audio: Samples) -> npt.NDArray[np.float32]:
    """Return (2, channels, bins); a last bin that is short is filled with its last frame."""
    short = -len(audio) % FIRST_BIN
    return _bins(np.pad(audio, ((0, short), (0, 0)), mode="edge") if short else audio)


def _bins(audio: Samples) -> npt.NDArray[np.float32]:
    """Return (2, channels, bins) of whole bins.

    Each channel is laid out by itself first: comparing interleaved frames takes
    eighteen times as long.
    """
    planar = np.ascontiguousarray(audio.T, np.float32).reshape(audio.shape[1], -1, FIRST_BIN)
    return np.stack((planar.min(axis=2), planar.max(axis=2)))


def _coarser(level: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the peaks of bins `FACTOR` times as long."""
    short = -level.shape[2] % FACTOR
    padded = np.pad(level, ((0, 0), (0, 0), (0, short)), mode="edge") if short else level
    groups = padded.reshape(*level.shape[:2], -1, FACTOR)
    return np.stack((groups[0].min(axis=2), groups[1].max(axis=2)))
