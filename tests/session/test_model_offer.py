"""The offer of a first model: what suits the machine, its size, an honest time."""

from dataclasses import replace
from pathlib import Path

import pytest

from acestep_desktop.models.machine import Machine
from acestep_desktop.models.overview import ModelState, overview
from acestep_desktop.models.store import ModelStore
from acestep_desktop.session.model_offer import device_words, offer_words
from acestep_desktop.session.model_presets import PRESETS, model_refusal

GIB = 2**30
CARD = Machine("NVIDIA GeForce RTX 4090", 24 * GIB, 64 * GIB)
PLAIN = Machine(None, None, 16 * GIB)
APPLE = Machine("Apple GPU", 11 * GIB, 16 * GIB)


def states(folder: Path, machine: Machine) -> tuple[ModelState, ...]:
    return overview(ModelStore(folder), machine)


@pytest.mark.parametrize(
    ("machine", "cores", "said"),
    [
        (CARD, 8, ("seconds on a large card", "the makers' figures")),
        (APPLE, 8, ("by what others measured",)),
        (PLAIN, 2, ("about 2 minutes", "this processor's cores")),
        (PLAIN, 8, ("about 23 s",)),
    ],
)
def test_the_offer_names_model_size_and_time(
    tmp_path: Path, machine: Machine, cores: int, said: tuple[str, ...]
) -> None:
    words = offer_words(states(tmp_path, machine), machine, cores)
    best = next(state for state in states(tmp_path, machine) if state.best)
    assert best.label in words and "GB to download" in words and best.suits in words
    assert all(part in words for part in said)


def test_nothing_is_offered_to_whoever_has_a_model_or_before_the_look(tmp_path: Path) -> None:
    found = states(tmp_path, PLAIN)
    assert offer_words(found, None) == ""
    assert offer_words((), PLAIN) == ""
    assert offer_words((replace(found[0], installed=True), *found[1:]), PLAIN) == ""


def test_a_device_is_named_as_far_as_it_is_seen() -> None:
    assert [device_words(m) for m in (None, PLAIN, CARD)] == ["", "processor", CARD.card]


def test_a_kind_s_guidance_is_shown_where_it_can_be_changed() -> None:
    assert {kind: preset.guidance for kind, preset in PRESETS.items()} == {
        "turbo": None,
        "base": 7.0,
        "sft": 7.0,
    }


def test_a_model_is_refused_what_it_cannot_do() -> None:
    whole = ("audio_tokenizer", "audio_token_detokenizer")
    assert "Only a base model" in model_refusal("turbo", whole, "Extract")
    assert model_refusal("base", whole, "Extract") == model_refusal("turbo", whole, "Cover") == ""
    assert "listens for a cover" in model_refusal("base", (), "Cover")
