"""What files of sound are written as: their endings, and the bits of a sample."""

from typing import Final, Literal, get_args

Depth = Literal["16", "24", "32f"]

DEPTHS: Final[tuple[Depth, ...]] = get_args(Depth)
BYTES: Final[dict[Depth, int]] = {"16": 2, "24": 3, "32f": 4}
"""Bytes of one sample."""

SUFFIXES: Final = (".wav", ".flac")
