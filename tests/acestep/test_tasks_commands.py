"""Every task on audio through the command line, in an engine process that stays warm."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from acestep_desktop.audiofile.decode import read_all
from acestep_desktop.cli import generate, main
from acestep_desktop.generation.client import EngineClient
from acestep_desktop.library.verify import read_take
from tests.acestep import tiny
from tests.acestep.hearing import music, written

RATE = 48_000
SOURCE = music(4.0)


class Warm:
    """Hands out one engine process again and again; the first torch is the last."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client

    def __call__(self, engine: str) -> "Warm":
        assert engine == "acestep"
        return self

    def __enter__(self) -> EngineClient:
        return self._client

    def __exit__(self, *_: object) -> None:
        """Leave the process as it is."""


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    models = tmp_path_factory.mktemp("models")
    tiny.installed(models, "tiny", kind="turbo", fast=True)
    tiny.installed(models, "tiny-base", kind="base", fast=True)
    # Threads of tiny networks wait for one another more than they work.
    environment = {"ACESTEP_MODELS": str(models), "OMP_NUM_THREADS": "1"}
    with EngineClient("acestep", environment=environment) as client:
        yield Warm(client)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("source"), SOURCE)


@pytest.fixture
def command(
    warm: Warm,
    source: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    """Run `generate` on the source; return its exit code, what it printed and what it said."""
    monkeypatch.setattr(generate, "EngineClient", warm)
    monkeypatch.setenv("ACESTEP_HOME", str(tmp_path / "home"))

    def run(task: str, *options: str, model: str = "tiny-base") -> tuple[int, Any, str]:
        asked = ["generate", "warm keys", "--engine", "acestep", "--model", model]
        asked += ["--task", task, "--steps", "1", "--seed", "3", "--json", *options]
        if task != "text2music":
            asked += ["--source", source]
        code = main(asked)
        said = capsys.readouterr()
        lines = said.out.splitlines()
        return code, json.loads(lines[-1]) if lines else None, said.err

    return run


TASKS = [
    ("cover", ("--strength", "0.6"), 4.0),
    ("variation", ("--strength", "0.5"), 4.0),
    ("repaint", ("--from", "1", "--to", "2"), 4.0),
    ("extend", ("--seconds", "2"), 6.0),
    ("extend", ("--from", "-1.5"), 5.5),
    ("extract", ("--track", "vocals"), 4.0),
    ("addlayer", ("--track", "drums"), 4.0),
    ("complete", ("--track", "drums,bass"), 4.0),
]


@pytest.mark.parametrize(
    ("task", "options", "seconds"), TASKS, ids=[f"{t[0]}-{t[2]}" for t in TASKS]
)
def test_a_task_makes_a_take_that_keeps_its_recipe(
    command: Any, source: str, task: str, options: tuple[str, ...], seconds: float
) -> None:
    code, printed, said = command(task, *options)

    assert code == 0, said
    sound = read_all(Path(printed["path"]))
    assert sound.shape == (round(seconds * RATE), 2)
    assert sound.any()
    recipe = read_take(Path(printed["path"])).recipe
    assert recipe is not None
    assert type(recipe.request.task).__name__.lower() == task
    assert getattr(recipe.request.task, "source", "") == source
    if task == "repaint":
        assert np.array_equal(sound[:RATE], SOURCE[:RATE])
        assert np.array_equal(sound[2 * RATE :], SOURCE[2 * RATE :])
    if task == "extend":
        at = round((seconds - 4.0) * RATE) if "--from" in options else 0
        assert np.array_equal(sound[at : at + len(SOURCE)], SOURCE)


def test_a_reference_is_taken(command: Any, source: str) -> None:
    code, printed, said = command("text2music", "--seconds", "1", "--reference", source)

    assert code == 0, said
    assert len(read_all(Path(printed["path"]))) == RATE


def test_what_a_turbo_model_cannot_do_is_said_in_a_sentence(command: Any) -> None:
    code, _, said = command("extract", "--track", "bass", model="tiny")

    assert code != 0
    assert "Only a base model can take a track out" in said


def test_a_lora_that_is_none_is_refused_by_name(command: Any, source: str) -> None:
    code, _, said = command("cover", "--lora", source)

    assert code != 0
    assert '"source.wav" cannot be read as a safetensors file' in said
