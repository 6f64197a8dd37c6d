"""Audio in memory: float32, shape (frames, channels), full scale 1.0."""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Samples: TypeAlias = npt.NDArray[np.float32]
"""Audio: float32, shape (frames, channels), full scale 1.0."""

Blocks: TypeAlias = Iterable[Samples]
"""Audio in pieces, one after the other, all with the same channels."""

BLOCK_FRAMES: Final = 65_536
"""Frames in one piece of long audio: 4 MiB of eight channels in double precision."""

LOUDEST: Final = 1e6
"""Samples beyond it (+120 dBFS) are damage, not sound."""


def repaired(block: Samples) -> tuple[Samples, int]:
    """Return `block` with silence for samples that are no sound, and how many there were.

    No sound are NaN, Inf and everything beyond `LOUDEST`.
    """
    sound = np.abs(block) <= LOUDEST
    wrong = block.size - int(np.count_nonzero(sound))
    return (np.where(sound, block, np.float32(0)) if wrong else block), wrong


def blocks_of(samples: Samples, block_frames: int = BLOCK_FRAMES) -> Iterator[Samples]:
    """Yield `samples` (also a memory map) in pieces, as plain float32 arrays of shape (n, c)."""
    audio = samples.reshape(-1, 1) if samples.ndim == 1 else samples
    for start in range(0, len(audio), block_frames):
        yield np.ascontiguousarray(audio[start : start + block_frames], dtype=np.float32)
