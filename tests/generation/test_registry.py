"""The engines there are, by name, and the seeds that they are given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.generation.errors import EngineMissingError, UnknownEngineError
from acestep_desktop.generation.registry import (
    BUILT_IN,
    ENGINES,
    EngineEntry,
    engine_entry,
    find_engine,
)
from acestep_desktop.generation.seeds import single_requests


def test_the_built_in_engine_is_sketch() -> None:
    assert BUILT_IN == "sketch"
    assert engine_entry("sketch") == "acestep_desktop.sketch.engine:create"
    assert find_engine("sketch").label == "Sketch"


def test_the_products_of_sketch_stay_in_the_threads_that_it_has() -> None:
    assert find_engine("sketch").environment["OPENBLAS_NUM_THREADS"] == "1"
    assert not find_engine("acestep").environment


def test_ace_step_is_imported_from_its_own_room() -> None:
    assert engine_entry("acestep") == "acestep_desktop.acestep.engine:create"


def test_an_engine_that_is_not_part_of_this_version_says_so_and_names_sketch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ENGINES, "choir", EngineEntry("choir", "Choir", "breath", None))

    with pytest.raises(EngineMissingError) as caught:
        engine_entry("choir")

    assert str(caught.value) == (
        "Choir is not part of this version of the program: choose Sketch, the built-in engine."
    )


@pytest.mark.parametrize("name", ["", "Sketch", "orchestra", "x" * 1000, "🎹"])
def test_an_unknown_engine_is_refused_with_a_list_of_the_known(name: str) -> None:
    with pytest.raises(
        UnknownEngineError, match='the engines are "sketch" and "acestep"'
    ) as caught:
        find_engine(name)

    assert isinstance(caught.value, UserError)
    assert len(str(caught.value)) < 120


def test_every_engine_is_described_for_people() -> None:
    assert all(
        engine.name == name and engine.label and engine.needs for name, engine in ENGINES.items()
    )


@given(st.integers(0, 2**62), st.integers(1, 64))
def test_variation_k_of_a_seed_is_the_first_of_the_seed_k_later(seed: int, variations: int) -> None:
    together = single_requests(Request(Prompt("x"), seed=seed, variations=variations))

    assert len(together) == variations
    for k, alone in enumerate(together):
        assert single_requests(Request(Prompt("x"), seed=seed + k)) == (alone,)
