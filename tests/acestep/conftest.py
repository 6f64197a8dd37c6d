"""Tiny models of the real classes, made once and shared by the tests of this room."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from diffusers import AceStepPipeline

from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.placement import Placement, prepare_processor
from acestep_desktop.acestep.steps import done
from tests.acestep import tiny

CPU = Placement(torch.device("cpu"), torch.float32)


@pytest.fixture(scope="module", autouse=True)
def _processor() -> Iterator[None]:
    """Threads of tiny networks wait for one another more than they work."""
    before = torch.get_num_threads()
    prepare_processor()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
    # Hypothesis, in other rooms, makes numbers that would be flushed.
    torch.set_flush_denormal(False)


@pytest.fixture(scope="session")
def turbo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.saved(tmp_path_factory.mktemp("turbo") / "turbo", kind="turbo")


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.saved(tmp_path_factory.mktemp("base") / "base", kind="base", seed=1)


@pytest.fixture(scope="session")
def turbo() -> AceStepPipeline:
    """The plain pipeline of diffusers with the weights of `turbo_folder`."""
    return tiny.build("turbo")


@pytest.fixture(scope="session")
def base() -> AceStepPipeline:
    """The plain pipeline of diffusers with the weights of `base_folder`."""
    return tiny.build("base", seed=1)


@pytest.fixture(scope="session")
def turbo_model(turbo_folder: Path) -> LoadedModel:
    return done(LoadedModel.load(turbo_folder, "turbo", CPU))


@pytest.fixture(scope="session")
def base_model(base_folder: Path) -> LoadedModel:
    return done(LoadedModel.load(base_folder, "base", CPU))


Pair = tuple[AceStepPipeline, LoadedModel]


@pytest.fixture(scope="session")
def turbo_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The plain pipeline and a model of the same weights, with a small autoencoder."""
    folder = tiny.saved(tmp_path_factory.mktemp("fast") / "turbo", kind="turbo", seed=2, fast=True)
    model = done(LoadedModel.load(folder, "turbo", CPU))
    return tiny.build("turbo", seed=2, fast=True), model


@pytest.fixture(scope="session")
def base_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The same of a base checkpoint."""
    folder = tiny.saved(tmp_path_factory.mktemp("fast") / "base", kind="base", seed=3, fast=True)
    return tiny.build("base", seed=3, fast=True), done(LoadedModel.load(folder, "base", CPU))
