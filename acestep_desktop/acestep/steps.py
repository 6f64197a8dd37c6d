"""Long work as a generator: it yields a step at a time, so that it can be told and cancelled."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final, TypeVar

LOADING: Final = "Loading the model"
LISTENING: Final = "Listening to the source"
READING: Final = "Reading the words"
SAMPLING: Final = "Sampling"
DECODING: Final = "Decoding"
"""The stages of a take, in their order, as a person reads them."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """The true `step` of `steps` in a named stage has been done, and `part` (0..1) of the next."""

    stage: str
    step: int
    steps: int
    part: float = 0.0


Work = Generator[Step, None, T]
"""Work that yields each step it has done and returns its result: `x = yield from work()`.

Whoever iterates asks between two steps whether the job is still wanted, and
closes the generator if it is not.
"""


def done(work: Work[T]) -> T:
    """Do all of `work` without telling, and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result
