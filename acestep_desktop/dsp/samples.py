"""Samples: audio in memory, float32, one row a frame, full scale 1.0."""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Samples: TypeAlias = npt.NDArray[np.float32]
"""Audio of shape (frames, channels)."""

MAX_LEVEL: Final = 16.0
"""Sources are clamped to this (+24 dBFS): far above music, far below what overflows."""

_SURELY_TAME: Final = MAX_LEVEL * MAX_LEVEL
"""A sum of squares below it holds no NaN, no Inf and nothing above `MAX_LEVEL`."""


def silence(frames: int, channels: int = 2) -> Samples:
    """Return that many frames of zeros."""
    return np.zeros((frames, channels), np.float32)


def as_stereo(samples: Samples) -> Samples:
    """Return mono on both sides at 0 dB, and stereo as it is (not copied).

    Raises ValueError for any other number of channels.
    """
    channels = samples.shape[1]
    if channels == 2:
        return samples
    if channels == 1:
        return np.repeat(samples, 2, axis=1)
    raise ValueError(f"audio must have 1 or 2 channels, got {channels}")


def as_mono(samples: Samples) -> npt.NDArray[np.float64]:
    """Return the mean of the channels, one value a frame, for measuring."""
    mean: npt.NDArray[np.float64] = np.mean(samples, axis=1, dtype=np.float64)
    return mean


def is_tame(samples: Samples) -> bool:
    """Return whether every sample is finite and within ±`MAX_LEVEL`.

    The sum of squares answers for most music in a microsecond: sums of squares
    never round below their largest term.
    """
    if not samples.size or np.vdot(samples, samples) < _SURELY_TAME:
        return True
    return bool(samples.max() <= MAX_LEVEL and samples.min() >= -MAX_LEVEL)


def tame(samples: Samples, out: Samples) -> None:
    """Write `samples` to `out` with NaN as 0 and everything else within ±`MAX_LEVEL`.

    Samples that are tame already keep their bits. `out` may be wider than a
    mono source, which then goes to every channel.
    """
    np.copyto(out, samples)
    np.clip(out, -MAX_LEVEL, MAX_LEVEL, out=out)
    np.copyto(out, 0.0, where=np.isnan(out))
