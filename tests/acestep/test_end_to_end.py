"""The engine where a person meets it: in its own process, behind the client and the commands."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from acestep_desktop.domain.raw import RAW_HEAD_BYTES
from acestep_desktop.domain.recipe import EngineIdentity
from acestep_desktop.domain.request import Extract, Prompt, Request
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import Meter
from acestep_desktop.generation.client import EngineClient
from acestep_desktop.generation.events import Cancelled, Event, Failed, Finished, TakeReady
from acestep_desktop.generation.generator import AudioChunk, Progress
from acestep_desktop.library.verify import read_take
from tests.acestep import tiny

ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""Threads of tiny networks wait for one another more than they work."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny.installed(folder, "tiny", kind="turbo")
    return folder


@pytest.fixture(scope="module")
def engine(models: Path) -> Iterator[EngineClient]:
    """One engine process for all tests that leave it alive."""
    with EngineClient(
        "acestep", environment={"ACESTEP_MODELS": str(models), **ONE_THREAD}
    ) as client:
        yield client


def wish(words: str = "warm keys, 100 bpm", **fields: object) -> Request:
    return Request(Prompt(words), **fields)  # type: ignore[arg-type]


def take_in(events: list[Event]) -> np.ndarray:
    (ready,) = [event for event in events if isinstance(event, TakeReady)]
    return np.fromfile(ready.draft.mix, "<f4", offset=RAW_HEAD_BYTES).reshape(-1, 2)


def test_a_request_becomes_a_take_in_the_engines_own_process(
    engine: EngineClient, tmp_path: Path
) -> None:
    events = list(engine.run(wish(bars=2, seed=3), tmp_path))

    take = take_in(events)
    assert isinstance(events[-1], Finished)
    assert len(take) == frames_of_bars(2, Meter(), 100.0)
    heard = [event for event in events if isinstance(event, AudioChunk)]
    assert sum(len(chunk.samples) for chunk in heard) == len(take)
    (ready,) = [event for event in events if isinstance(event, TakeReady)]
    assert ready.draft.recipe.engine.model.startswith("tiny@")
    assert isinstance(engine.identity(), EngineIdentity)


def test_a_job_that_is_cancelled_ends_and_the_next_is_right(
    engine: EngineClient, tmp_path: Path
) -> None:
    before = take_in(list(engine.run(wish(bars=1, seed=4), tmp_path / "a")))
    run = engine.run(wish(seconds=60.0, variations=8), tmp_path / "b")
    ends = []
    for event in run:
        if isinstance(event, Progress) and event.stage == "Sampling":
            run.cancel()
        ends.append(event)
    pid = engine.pid

    after = take_in(list(engine.run(wish(bars=1, seed=4), tmp_path / "c")))

    assert isinstance(ends[-1], Cancelled)
    assert np.array_equal(before, after)
    assert engine.pid == pid


def test_a_task_that_the_model_cannot_do_fails_in_words(
    engine: EngineClient, tmp_path: Path
) -> None:
    *_, last = engine.run(wish(task=Extract("a.wav", "bass")), tmp_path)

    assert isinstance(last, Failed)
    assert "Only a base model" in last.reason


def test_unloading_keeps_the_process_and_the_next_job_loads_again(
    engine: EngineClient, tmp_path: Path
) -> None:
    before = take_in(list(engine.run(wish(bars=1, seed=6), tmp_path / "a")))
    pid = engine.pid
    engine.unload()

    events = list(engine.run(wish(bars=1, seed=6), tmp_path / "b"))

    assert engine.pid == pid
    assert any(isinstance(e, Progress) and e.stage == "Loading the model" for e in events)
    assert np.array_equal(take_in(events), before)


def test_the_command_line_makes_a_take_with_a_model_of_the_store(
    models: Path, tmp_path: Path
) -> None:
    environment = os.environ | ONE_THREAD | {"ACESTEP_MODELS": str(models)}
    environment["ACESTEP_HOME"] = str(tmp_path)
    command = [sys.executable, "-m", "acestep_desktop", "generate", "dub, 2 bars at 140 bpm"]
    options = ["--engine", "acestep", "--model", "tiny", "--seed", "7", "--json"]

    said = subprocess.run(
        command + options, env=environment, capture_output=True, text=True, check=False
    )

    assert said.returncode == 0, said.stderr
    printed = json.loads(said.stdout.splitlines()[-1])
    take = read_take(Path(printed["path"]))
    assert soundfile.info(printed["path"]).frames == frames_of_bars(2, Meter(), 140.0)
    assert take.recipe is not None and take.recipe.engine.licence == "MIT (test)"
    assert take.recipe.request.seed == 7 and take.recipe.request.model == "tiny"
