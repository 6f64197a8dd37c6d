"""Form: the sections of a piece, their bars and their energy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from acestep_desktop.domain.reading import SectionWish
from acestep_desktop.sketch.tables import Form, section_kinds

PHRASE: Final = 4
"""Bars in a phrase; sections are whole phrases where the length allows."""


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of bars with one character; bars count from 0, energy is 0..1."""

    name: str
    first_bar: int
    bars: int
    energy: float

    @property
    def end_bar(self) -> int:
        """The bar after the last."""
        return self.first_bar + self.bars


def lay_out(
    form: Form,
    bars: int,
    asked: Sequence[SectionWish],
    lift: float,
    without: Sequence[str] = (),
) -> tuple[Section, ...]:
    """Return the sections of a piece of `bars` bars; `lift` is added to every energy.

    Kinds of sections in `without` are left out of the form's own layout.
    """
    names = [wish.form for wish in asked if wish.form in section_kinds()]
    fixed = [wish.bars for wish in asked if wish.form in section_kinds()]
    if not names:
        usual = next(names for most, names in form.layouts if bars <= most)
        names = [name for name in usual if name not in without] or ["loop"]
        fixed = [None] * len(names)
    names, fixed = names[:bars], fixed[:bars]
    lengths = _lengths(names, fixed, bars)
    sections, first = [], 0
    for name, length in zip(names, lengths, strict=True):
        energy = max(0.05, min(1.0, section_kinds()[name].energy / 100 + lift))
        sections.append(Section(name, first, length, round(energy, 3)))
        first += length
    return tuple(sections)


def _lengths(names: Sequence[str], fixed: Sequence[int | None], bars: int) -> list[int]:
    if all(fixed) and sum(length or 0 for length in fixed) == bars:
        return [length or 1 for length in fixed]
    kinds = section_kinds()
    weights = [
        length or kinds[name].weight * PHRASE for name, length in zip(names, fixed, strict=True)
    ]
    unit = next((u for u in (8, 4, 2, 1) if bars // u >= len(names) and bars % u == 0), 1)
    if unit == 1 and bars // PHRASE >= len(names):
        lengths = [PHRASE * share for share in _shares(weights, bars // PHRASE)]
        lengths[-1] += bars % PHRASE
        return lengths
    return [unit * share for share in _shares(weights, bars // unit)]


def _shares(weights: Sequence[int], units: int) -> list[int]:
    """Return whole shares of `units`, at least 1 each, as near to the weights as can be."""
    shares = [1] * len(weights)
    total = sum(weights)
    for _ in range(units - len(weights)):
        lacking = [
            weight * units / total - share for weight, share in zip(weights, shares, strict=True)
        ]
        shares[lacking.index(max(lacking))] += 1
    return shares
