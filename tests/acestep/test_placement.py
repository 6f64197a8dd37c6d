"""Where the model computes, in which precision, and what is said of it."""

from pathlib import Path

import pytest
import torch

from acestep_desktop.acestep import placement as placement_module
from acestep_desktop.acestep import studio as studio_module
from acestep_desktop.acestep.ladder import PARTS_OFF
from acestep_desktop.acestep.loaded import LoadedModel, bring
from acestep_desktop.acestep.placement import (
    ON_CPU,
    ON_MPS,
    Placement,
    best_placement,
    free_bytes,
    prepare_processor,
)
from acestep_desktop.acestep.steps import done
from acestep_desktop.acestep.studio import Studio
from acestep_desktop.generation.generator import Rendered
from tests.acestep.conftest import CPU
from tests.acestep.making import WHO, never, wish


def machine(monkeypatch: pytest.MonkeyPatch, *, cuda: tuple[int, int] | None, mps: bool) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda is not None)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


@pytest.mark.parametrize("capability", [(8, 0), (8, 9), (9, 0), (12, 0)])
def test_a_card_from_ampere_on_computes_in_bfloat16(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int]
) -> None:
    machine(monkeypatch, cuda=capability, mps=False)

    assert best_placement() == Placement(torch.device("cuda"), torch.bfloat16)


@pytest.mark.parametrize("capability", [(6, 1), (7, 5)])
def test_an_older_card_computes_in_full_precision_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int]
) -> None:
    machine(monkeypatch, cuda=capability, mps=False)

    found = best_placement()

    assert (found.device.type, found.dtype, found.is_card) == ("cuda", torch.float32, True)
    assert "too old for bfloat16" in found.said


def test_apples_graphics_and_the_processor_compute_in_full_precision_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine(monkeypatch, cuda=None, mps=True)
    assert best_placement() == Placement(torch.device("mps"), torch.float32, ON_MPS)
    machine(monkeypatch, cuda=None, mps=False)
    assert best_placement() == Placement(torch.device("cpu"), torch.float32, ON_CPU)


def test_the_processors_own_memory_is_not_a_cards() -> None:
    assert free_bytes(CPU) is None
    assert not CPU.is_card


@pytest.mark.parametrize(("cores", "threads"), [(2, 8), (4, 8), (8, 7), (32, 8)])
def test_one_of_many_cores_is_left_to_the_rest_of_the_program(
    monkeypatch: pytest.MonkeyPatch, cores: int, threads: int
) -> None:
    chosen = [8]
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(placement_module, "usable_cores", lambda: cores)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    monkeypatch.setattr(torch, "set_num_threads", chosen.append)

    prepare_processor()

    assert chosen[-1] == threads


class Full(Placement):
    """A card, so far as can be told, that computes on the processor."""

    @property
    def is_card(self) -> bool:
        return True


@pytest.mark.parametrize(("free", "sparing"), [(2**20, True), (2**40, False)])
def test_a_model_that_does_not_fit_onto_the_card_starts_with_parts_off_it(
    turbo_folder: Path, monkeypatch: pytest.MonkeyPatch, free: int, sparing: bool
) -> None:
    monkeypatch.setattr(studio_module, "free_bytes", lambda _: free)
    studio = Studio(Full(torch.device("cpu"), torch.float32))

    outputs = list(studio.perform(wish(seconds=0.5), turbo_folder, "turbo", WHO, never))

    assert isinstance(outputs[-1], Rendered)
    assert (PARTS_OFF in outputs[-1].warnings) == sparing


def test_a_part_moves_only_where_it_is_not(turbo_folder: Path) -> None:
    model = done(LoadedModel.load(turbo_folder, "turbo", CPU))
    before = next(model.parts.transformer.parameters()).data_ptr()

    bring(model.parts.transformer, torch.device("cpu"), torch.float32)
    assert next(model.parts.transformer.parameters()).data_ptr() == before
    bring(model.parts.transformer, torch.device("cpu"), torch.bfloat16)
    assert next(model.parts.transformer.parameters()).dtype == torch.bfloat16
