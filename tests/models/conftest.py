"""Tiny models on the disk, made once; and a store that is empty."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from acestep_desktop.models.store import ModelStore

if TYPE_CHECKING:
    from diffusers import AceStepPipeline

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store without models."""
    return ModelStore(tmp_path / "models")


@pytest.fixture(scope="session")
def pipe() -> "AceStepPipeline":
    """A tiny turbo in the proportions of 2B."""
    from tests.models.originals import build

    return build("2B", "turbo")


@pytest.fixture(scope="session")
def diffusers_folder(
    pipe: "AceStepPipeline", tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """That turbo as diffusers writes it; not to be changed."""
    from tests.models.originals import save_diffusers

    yield save_diffusers(pipe, tmp_path_factory.mktemp("diffusers") / "tiny-turbo")


@pytest.fixture(scope="session")
def original_folder(
    pipe: "AceStepPipeline", tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """That turbo in the makers' first layout; not to be changed."""
    from tests.models.originals import save_original

    yield save_original(pipe, tmp_path_factory.mktemp("original") / "checkpoints")
