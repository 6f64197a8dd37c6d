"""What there is to have, where it is kept, and what suits a machine."""

import re
import sys
from pathlib import Path

import pytest

from acestep_desktop.library.folders import standard_folders
from acestep_desktop.models import machine as machine_module
from acestep_desktop.models.catalogue import CATALOGUE, GIB, find_model, fitting_model
from acestep_desktop.models.errors import NoModelError
from acestep_desktop.models.folder import models_folder
from acestep_desktop.models.machine import Machine, find_machine, parse_nvidia
from acestep_desktop.models.overview import overview
from acestep_desktop.models.placing import in_words
from acestep_desktop.models.store import ModelStore

CPU = Machine(None, None, 16 * GIB)


def test_names_are_single_and_every_entry_says_all() -> None:
    assert len({model.name for model in CATALOGUE}) == len(CATALOGUE) == 6
    for model in CATALOGUE:
        assert model.licence and model.needs and model.abilities and model.label
        assert 0 < model.least_vram_bytes < model.vram_bytes
        assert model.download_bytes > 6 * 10**9
        assert model.name == (model.kind if model.size == "2B" else f"xl-{model.kind}")
        assert re.fullmatch(r"[0-9a-f]{40}|main", model.revision)


def test_a_model_is_found_by_its_name() -> None:
    assert find_model(" XL-Base ").kind == "base"
    with pytest.raises(NoModelError, match="turbo, base, sft"):
        find_model("huge")


@pytest.mark.parametrize(
    ("vram", "memory", "name"),
    [
        (None, None, "turbo"),
        (None, 64 * GIB, "turbo"),
        (6 * GIB, 16 * GIB, "turbo"),
        (16 * GIB, 32 * GIB, "turbo"),
        (24 * GIB, 32 * GIB, "xl-turbo"),
        (24 * GIB, None, "xl-turbo"),
        (24 * GIB, 8 * GIB, "turbo"),
    ],
)
def test_the_model_that_fits_is_turbo_in_the_size_of_the_card(
    vram: int | None, memory: int | None, name: str
) -> None:
    assert fitting_model(vram, memory).name == name


@pytest.mark.parametrize(
    ("machine", "small", "large"),
    [
        (CPU, "runs on the processor, slowly", "runs on the processor, slowly"),
        (Machine(None, None, 8 * GIB), "runs on the processor", "needs more memory"),
        (Machine("card", 3 * GIB, None), "needs a card with 4.3 GB", "needs a card with 12.9 GB"),
        (Machine("card", 6 * GIB, None), "fits with parts kept off", "needs a card"),
        (Machine("card", 12 * GIB, None), "fits this card", "fits with parts kept off"),
        (Machine("card", 24 * GIB, None), "fits this card", "fits this card"),
    ],
)
def test_every_model_says_how_it_would_do(machine: Machine, small: str, large: str) -> None:
    assert machine.sentence(find_model("turbo")).startswith(small)
    assert machine.sentence(find_model("xl-turbo")).startswith(large)


def test_what_the_driver_says_is_understood() -> None:
    assert parse_nvidia("NVIDIA A, 8188\nNVIDIA, B, 24564\n") == ("NVIDIA, B", 24564 * 2**20)
    for said in ("", "No devices were found", "card, [N/A]"):
        assert parse_nvidia(said) is None


@pytest.mark.skipif(sys.platform != "linux", reason="a stand-in for nvidia-smi is a shell script")
def test_the_card_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text('#!/bin/sh\necho "NVIDIA RTX 4070, 12282"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    machine = find_machine()
    assert (machine.card, machine.vram_bytes) == ("NVIDIA RTX 4070", 12282 * 2**20)
    assert machine.memory_bytes and machine.memory_bytes > GIB // 4
    for failing in ("exit 9", "true", "echo", "kill -9 $$"):
        tool.write_text(f"#!/bin/sh\n{failing}\n")
        assert find_machine().vram_bytes is None


@pytest.mark.skipif(sys.platform != "linux", reason="a stand-in for nvidia-smi is a shell script")
def test_inside_windows_the_card_is_asked_for_off_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "lent"
    tool.write_text('#!/bin/sh\necho "NVIDIA RTX 4070, 12282"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(machine_module, "WSL_TOOL", str(tool))
    assert find_machine().card == "NVIDIA RTX 4070"


def test_weights_are_kept_where_the_person_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACESTEP_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ACESTEP_MODELS", raising=False)
    assert models_folder() == standard_folders().data / "models"
    monkeypatch.setenv("ACESTEP_MODELS", str(tmp_path / "disk"))
    assert models_folder() == tmp_path / "disk"
    monkeypatch.delenv("ACESTEP_MODELS")
    monkeypatch.delenv("ACESTEP_HOME")
    assert models_folder() == standard_folders().data / "models"


def test_one_model_is_the_one_to_begin_with(store: ModelStore) -> None:
    assert [state.name for state in overview(store, CPU) if state.best] == ["turbo"]


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 kB"), (1, "1 kB"), (999_000, "999 kB"), (5 * 10**6, "5 MB"), (6336571606, "6.3 GB")],
)
def test_bytes_are_said_as_people_do(count: int, words: str) -> None:
    assert in_words(count) == words
