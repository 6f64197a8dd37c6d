"""Damaged copies of good files: flipped, cut, doubled and with hostile numbers."""

import random
from collections.abc import Iterator

_HOSTILE = (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80")


def mutations(good: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Yield `count` damaged copies of `good`; most damage is in the first 200 bytes."""
    dice = random.Random(seed)
    for _ in range(count):
        data = bytearray(good)
        for _ in range(dice.choice((1, 1, 2, 4, 16))):
            _damage(data, dice)
        yield bytes(data)


def _damage(data: bytearray, dice: random.Random) -> None:
    if not data:
        return
    place = dice.randrange(min(len(data), dice.choice((48, 200, len(data)))))
    kind = dice.randrange(6)
    if kind == 0:
        data[place] ^= 1 << dice.randrange(8)
    elif kind == 1:
        data[place] = dice.randrange(256)
    elif kind == 2:
        data[place : place + 4] = dice.choice(_HOSTILE)
    elif kind == 3:
        del data[place:]
    elif kind == 4:
        data[place:place] = data[: dice.randrange(64)]
    else:
        del data[place : place + dice.randrange(1, 16)]
