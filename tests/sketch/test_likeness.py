"""More like this: the plan stays, parts are played anew, kept, or left out."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from acestep_desktop.domain.likeness import Likeness
from acestep_desktop.domain.notes import Part
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.generation.generator import Rendered
from acestep_desktop.sketch.engine import NobodyPlaysError, create
from tests.sketch.judging import take_of

FIRST = Request(Prompt("pop, drums, bass, piano, saw lead"), bars=2, seed=5)


@cache
def made(request: Request) -> Rendered:
    """The take of a request."""
    return take_of(create(), request)[1]


def parts(request: Request) -> dict[str, Part]:
    """The parts of its take by name."""
    return {part.name: part for part in made(request).recipe.parts}


def test_one_more_like_it_has_the_plan_and_other_notes() -> None:
    first, more = made(FIRST), made(FIRST.like(6))
    assert more.recipe.music == first.recipe.music
    assert more.recipe.markers == first.recipe.markers
    assert list(parts(FIRST)) == list(parts(FIRST.like(6)))
    assert parts(FIRST) != parts(FIRST.like(6))
    assert parts(FIRST)["Saw lead"] != parts(FIRST.like(6))["Saw lead"]


def test_another_seed_alone_is_another_plan() -> None:
    plans = {made(replace(FIRST, seed=seed)).recipe.music for seed in (5, 6, 7)}
    assert len(plans) > 1


@pytest.mark.parametrize("name", ["Drums", "Piano", "Saw lead"])
def test_a_locked_part_stays_as_it_was_note_by_note(name: str) -> None:
    more = FIRST.like(6, locked=(name,))
    assert parts(more)[name] == parts(FIRST)[name]
    assert parts(more) != parts(FIRST)


def test_a_part_is_rolled_anew_alone() -> None:
    again = replace(FIRST, likeness=Likeness().with_part("Saw lead", 9))
    changed = {name for name, part in parts(again).items() if part != parts(FIRST)[name]}
    assert changed == {"Saw lead"}


def test_a_muted_part_has_no_stem_and_the_others_stay() -> None:
    quiet = replace(FIRST, likeness=Likeness(muted=("Drums",)))
    assert "Drums" not in {stem.name for stem in made(quiet).stems}
    whole = parts(FIRST)
    assert parts(quiet) == {name: part for name, part in whole.items() if name != "Drums"}
    total = np.sum([stem.samples for stem in made(quiet).stems], axis=0)
    assert np.abs(total).max() > 0.1


def test_everybody_muted_is_refused_in_words() -> None:
    silent = replace(FIRST, likeness=Likeness(muted=tuple(parts(FIRST))))
    with pytest.raises(NobodyPlaysError, match="let one of them play"):
        made(silent)


def test_a_part_that_nobody_plays_is_told() -> None:
    other = replace(FIRST, likeness=Likeness(muted=("Harp",)))
    assert any("Nobody here plays Harp" in warning for warning in made(other).warnings)


def test_a_recipe_of_a_kind_makes_the_same_take_again() -> None:
    more = FIRST.like(6, locked=("Drums",))
    again = take_of(create(), made(more).recipe.request)[1]
    for one, two in zip(made(more).stems, again.stems, strict=True):
        assert np.array_equal(one.samples, two.samples)
