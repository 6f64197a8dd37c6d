"""Likeness: what a take keeps of an earlier one, plan and parts."""

from dataclasses import dataclass, replace
from typing import Final

from acestep_desktop.domain.errors import InvalidValueError

MOST_PARTS: Final = 32
"""More parts than any engine plays."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Seeds that a request takes over from others; without any, its own seed decides all.

    `plan_seed` made the plan (key, tempo, chords, sections, who plays), `part_seeds` are the
    parts by name whose notes other seeds made, and who is in `muted` does not play. Engines
    that do not play parts pass over all of it.
    """

    plan_seed: int | None = None
    part_seeds: tuple[tuple[str, int], ...] = ()
    muted: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if max(len(self.part_seeds), len(self.muted)) > MOST_PARTS:
            raise InvalidValueError(f"a take has {MOST_PARTS} parts at most")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parts that are spoken of."""
        return (*(name for name, _ in self.part_seeds), *self.muted)

    def seed_of(self, name: str, seed: int) -> int:
        """Return the seed of a part in a request whose own seed is `seed`."""
        return dict(self.part_seeds).get(name, seed)

    def with_part(self, name: str, seed: int) -> "Likeness":
        """Return this likeness, the notes of one part made by another seed."""
        others = tuple(pair for pair in self.part_seeds if pair[0] != name)
        return replace(self, part_seeds=(*others, (name, seed)))

    def with_muted(self, *names: str) -> "Likeness":
        """Return this likeness, some more parts silent."""
        return replace(self, muted=tuple(dict.fromkeys((*self.muted, *names))))
