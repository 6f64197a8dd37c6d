"""Fades: gains that are exact functions of a frame's index.

Frame i of a fade of n frames has x = (i + 1/2) / n, so a fade and its mirror
image share their values, and neither end wastes a frame. A fade-in is

    linear        x
    equal_power   sqrt(s) with s = x²(3 - 2x)

and a fade-out is its complement: 1 - x, or sqrt(1 - s). Linear pairs sum to 1,
equal-power pairs sum to 1 in power. Only + - * / and sqrt are used, which round
correctly in every processor: no block size can change a bit.
"""

from functools import lru_cache
from typing import Final

import numpy as np

from acestep_desktop.domain.clip import FadeShape
from acestep_desktop.dsp.samples import Samples

SHAPES: Final[tuple[FadeShape, ...]] = ("linear", "equal_power")
"""Records of the arrangement name a shape by its index here."""

_REMEMBERED: Final = 128
"""Tracks whose clips meet at one bar line ask for the same gains in the same block."""

_COUNTING: Final = np.repeat(np.arange(4096, dtype=np.float64), 2).reshape(-1, 2)
"""0 0, 1 1, 2 2 ...: both sides at once, because equal shapes multiply fastest."""


def fade_in_gains(first: int, count: int, length: int, shape: FadeShape) -> Samples:
    """Return the gains, on both sides, of `count` frames from frame `first` of a fade-in.

    Frames before a fade of `length` frames are 0, frames behind it 1. The shape
    of the array is (count, 2); it is shared, so nobody may write to it.
    """
    return crossfade_gains(first, count, length, shape)[0]


def fade_out_gains(first: int, count: int, length: int, shape: FadeShape) -> Samples:
    """Return the complement of `fade_in_gains`: 1 before the fade, 0 behind it."""
    return crossfade_gains(first, count, length, shape)[1]


@lru_cache(maxsize=_REMEMBERED)
def crossfade_gains(
    first: int, count: int, length: int, shape: FadeShape
) -> tuple[Samples, Samples]:
    """Return the gains of a fade-in and of its complement; see `fade_in_gains`."""
    if length < 1:
        raise ValueError(f"a fade needs at least one frame, got {length}")
    if count <= len(_COUNTING):
        index = np.add(_COUNTING[:count], first + 0.5)
    else:
        index = np.repeat(np.arange(first, first + count) + 0.5, 2).reshape(-1, 2)
    x = np.divide(index, length, index).astype(np.float32)
    if first < 0 or first + count > length:
        np.clip(x, 0.0, 1.0, out=x)
    pair = (x, np.subtract(_ONE, x)) if shape == "linear" else _equal_power(x)
    for gains in pair:
        gains.flags.writeable = False
    return pair


_ONE: Final = np.float32(1.0)
_TWO: Final = np.float32(2.0)
_THREE: Final = np.float32(3.0)


def _equal_power(x: Samples) -> tuple[Samples, Samples]:
    """Return sqrt(s) and sqrt(1 - s)."""
    power = np.multiply(x, _TWO)
    np.subtract(_THREE, power, power)
    np.multiply(power, x, power)
    np.multiply(power, x, power)
    np.minimum(power, _ONE, out=power)
    rest = np.subtract(_ONE, power)
    return np.sqrt(power, power), np.sqrt(rest, rest)
