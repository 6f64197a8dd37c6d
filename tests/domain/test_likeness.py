"""Likeness: what one more take keeps of an earlier one."""

import pytest

from acestep_desktop.domain.codec import from_json, to_json
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.likeness import Likeness
from acestep_desktop.domain.request import Prompt, Request

FIRST = Request(Prompt("house"), seed=7, variations=3)


def test_a_request_of_its_own_takes_nothing_over() -> None:
    assert FIRST.likeness == Likeness()
    assert Likeness().seed_of("Bass", 7) == 7
    assert Likeness().names == ()


def test_one_more_like_it_keeps_the_plan_and_nothing_else() -> None:
    more = FIRST.like(8)
    assert (more.seed, more.variations, more.likeness) == (8, 1, Likeness(plan_seed=7))
    assert more.like(9).likeness.plan_seed == 7


def test_a_locked_part_keeps_its_seed_through_the_generations() -> None:
    second = FIRST.like(8, locked=("Bass", "Bass"))
    assert second.likeness.part_seeds == (("Bass", 7),)
    third = second.like(9, locked=("Bass", "Drums"))
    assert dict(third.likeness.part_seeds) == {"Bass": 7, "Drums": 8}
    assert third.like(10).likeness.part_seeds == ()


def test_who_is_muted_stays_muted() -> None:
    likeness = Likeness().with_muted("Drums").with_muted("Drums", "Bass").with_part("Pad", 3)
    assert likeness.muted == ("Drums", "Bass")
    assert likeness.with_part("Pad", 4).part_seeds == (("Pad", 4),)
    assert likeness.names == ("Pad", "Drums", "Bass")
    assert Request(Prompt(""), likeness=likeness).like(1).likeness.muted == ("Drums", "Bass")


def test_a_file_keeps_it_and_one_from_before_has_none() -> None:
    more = Request(Prompt(""), likeness=Likeness(3, (("Bass", 4),), ("Drums",)))
    data = to_json(more)
    assert from_json(Request, data) == more
    assert isinstance(data, dict)
    del data["likeness"]
    assert from_json(Request, data).likeness == Likeness()


def test_no_file_may_name_parts_without_end() -> None:
    with pytest.raises(InvalidValueError, match="32 parts at most"):
        Likeness(muted=tuple(str(number) for number in range(33)))
