"""The autoencoder in tiles: as exact as at once, in bounded memory, a tile at a time.

A tile is computed together with as much of its surroundings as the network can
see from there, and the surroundings are cut off again.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

FIRST_TILE: Final = 25
"""Latents of the first tile: one second, so that something is heard soon."""

TILE: Final = 64
CARD_TILE: Final = 256
"""Latents of the others, on a processor and on a card: as many as keep it busy."""

_RESIDUAL: Final = 3 * (1 + 3 + 9)
"""What three residual units see on each side: kernels of 7, dilated by 1, 3 and 9."""

_SPARE: Final = 2
"""More latents than the network sees, against rounding of its uneven kernels."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Latents [start, end) are wanted, and computed from those of [seen_from, seen_to)."""

    start: int
    end: int
    seen_from: int
    seen_to: int


def overlap_of(ratios: Sequence[int]) -> int:
    """Return how many latents on each side of a tile the decoder and the encoder can see.

    `ratios` are the encoder's, from sound to latents. For 2, 4, 4, 6, 10 the
    decoder sees 8.9 latents.
    """
    seen = 3.0
    rate = 1
    for ratio in reversed(ratios):
        seen += 1.0 / rate
        rate *= ratio
        seen += _RESIDUAL / rate
    return math.ceil(seen + 3.0 / rate) + _SPARE


def tiles_of(
    start: int, end: int, length: int, *, tile: int, overlap: int, first: int = FIRST_TILE
) -> Iterator[Tile]:
    """Yield the tiles of latents [start, end) out of `length`; the first has at most `first`."""
    size = min(tile, first)
    while start < end:
        stop = min(end, start + size)
        yield Tile(start, stop, max(0, start - overlap), min(length, stop + overlap))
        start, size = stop, tile
