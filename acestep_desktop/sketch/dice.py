"""Chance that is the same everywhere: a stream of draws for each named purpose."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws that depend on the seed and the names alone.

    Two streams with different names are independent, so one part can be drawn
    anew without changing another.
    """

    def __init__(self, seed: int, *names: str | int) -> None:
        text = "|".join(str(name) for name in (seed, *names))
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        self._random = random.Random(int.from_bytes(digest, "big"))

    def ratio(self) -> float:
        """Return a number in [0, 1)."""
        return self._random.random()

    def happens(self, chance: float) -> bool:
        """Return true with this chance, 0..1."""
        return self.ratio() < chance

    def within(self, low: int, high: int) -> int:
        """Return a whole number in low..high, both included, all equally likely."""
        return low + int(self.ratio() * (high - low + 1))

    def around(self, spread: int) -> int:
        """Return a whole number in -spread..spread, most likely near 0."""
        return (self.within(-spread, spread) + self.within(-spread, spread)) // 2

    def pick(self, options: Sequence[T]) -> T:
        """Return one of `options`."""
        return options[int(self.ratio() * len(options))]

    def weighted(self, options: Sequence[tuple[T, int]]) -> T:
        """Return one of `options`, each as likely as its weight says."""
        left = self.within(1, sum(weight for _, weight in options))
        for option, weight in options:
            left -= weight
            if left <= 0:
                return option
        return options[-1][0]
