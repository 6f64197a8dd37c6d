"""Fades: gains that are exact functions of a frame's index.

Frame i of a fade of n frames has x = (i + 1/2) / n: neither end wastes a frame. A fade-in is

    linear        x
    equal_power   sqrt(s) with s = x²(3 - 2x)

and a fade-out is its mirror image, which is its complement: linear pairs sum to 1,
equal-power pairs sum to 1 in power, since s(1 - x) = 1 - s(x). Only + - * /
and sqrt are used, which round correctly in every processor: no block size can
change a bit.
"""

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.domain.clip import FadeShape
from acestep_desktop.dsp.samples import Samples

SHAPES: Final[tuple[FadeShape, ...]] = ("linear", "equal_power")
"""Records of the arrangement name a shape by its index here."""

_CHUNK: Final = 2048
_REMEMBERED: Final = 128
"""Gains are computed this many frames at a time, which takes hardly longer than a
block's worth, and remembered: clips often meet alike, at one bar line."""

_COUNTING: Final = np.repeat(np.arange(_CHUNK, dtype=np.float64), 2).reshape(-1, 2)
"""0 0, 1 1, 2 2 ...: both sides at once, because equal shapes multiply fastest."""


def fade_in_gains(first: int, count: int, length: int, shape: FadeShape) -> Samples:
    """Return the gains, on both sides, of `count` frames from frame `first` of a fade-in.

    Frames must lie within the fade, 0..length. The shape of the array is
    (count, 2); it is shared, so nobody may write to it.
    """
    return crossfade_gains(first, count, length, shape)[0]


def fade_out_gains(first: int, count: int, length: int, shape: FadeShape) -> Samples:
    """Return the complement of `fade_in_gains`: it falls from 1 to 0."""
    return crossfade_gains(first, count, length, shape)[1]


def crossfade_gains(
    first: int, count: int, length: int, shape: FadeShape
) -> tuple[Samples, Samples]:
    """Return the gains of a fade-in and of its complement; see `fade_in_gains`."""
    end = first + count
    if not 0 <= first < end <= length:
        raise ValueError(f"frames {first}..{end} are not within a fade of {length}")
    chunk, skip = divmod(first, _CHUNK)
    rising, falling = _chunk_gains(chunk, length, shape)
    if skip + count <= len(rising):
        return rising[skip : skip + count], falling[skip : skip + count]
    chunks = [_chunk_gains(at, length, shape) for at in range(chunk, (end - 1) // _CHUNK + 1)]
    rising, falling = (np.concatenate(parts) for parts in zip(*chunks, strict=True))
    return rising[skip : skip + count], falling[skip : skip + count]


def gains_ahead(first: int, length: int, shape: FadeShape) -> tuple[Samples, Samples]:
    """Return the gains of `crossfade_gains` from frame `first` on: at least one, at most 2048."""
    chunk, skip = divmod(first, _CHUNK)
    rising, falling = _chunk_gains(chunk, length, shape)
    return rising[skip:], falling[skip:]


@lru_cache(maxsize=_REMEMBERED)
def _chunk_gains(chunk: int, length: int, shape: FadeShape) -> tuple[Samples, Samples]:
    """Return the gains of the frames from `chunk` * `_CHUNK` on, up to the end of the fade."""
    first = chunk * _CHUNK
    index = np.add(_COUNTING[: length - first], first + 0.5)
    pair = _shaped(index / length, shape), _shaped((length - index) / length, shape)
    for gains in pair:
        gains.flags.writeable = False
    return pair


def _shaped(x: npt.NDArray[np.float64], shape: FadeShape) -> Samples:
    """Return what a fade-in has come to at `x`, 0..1."""
    gains = x.astype(np.float32)
    if shape == "equal_power":
        bend = np.multiply(gains, np.float32(-2.0))
        np.add(bend, np.float32(3.0), bend)
        np.multiply(bend, gains, bend)
        np.multiply(bend, gains, bend)
        np.minimum(bend, np.float32(1.0), out=bend)
        np.sqrt(bend, gains)
    return gains
