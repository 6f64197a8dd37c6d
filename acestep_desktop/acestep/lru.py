"""A bounded memory of what was computed: the oldest unused goes first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """Keeps the results used last, as many as `size` and as heavy as `budget` together.

    `weigh` says what a result weighs; one that is heavier than the whole budget
    is not kept.
    """

    def __init__(
        self, size: int, *, budget: float = float("inf"), weigh: Callable[[T], float] | None = None
    ) -> None:
        self._size = size
        self._budget = budget
        self._weigh = weigh or (lambda _: 0.0)
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._weight = 0.0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> T | None:
        """Return what is kept under `key`, or None."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: Hashable, result: T) -> T:
        """Keep and return `result`, and let go of what no longer fits."""
        self.drop(key)
        self._kept[key] = result
        self._weight += self._weigh(result)
        while self._kept and (len(self._kept) > self._size or self._weight > self._budget):
            self._weight -= self._weigh(self._kept.popitem(last=False)[1])
        return result

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept under `key`, made now if there is nothing."""
        found = self.get(key)
        return self.put(key, make()) if found is None else found

    def drop(self, key: Hashable) -> None:
        """Let go of what is kept under `key`, if anything is."""
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._weight -= self._weigh(gone)

    def clear(self) -> None:
        """Let go of everything."""
        self._kept.clear()
        self._weight = 0.0
