"""The engine in this process: quick to open, honest about models, true to the port."""

import importlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from acestep_desktop.acestep import engine as engine_module
from acestep_desktop.acestep import estimate
from acestep_desktop.acestep.abilities import abilities_of
from acestep_desktop.acestep.engine import AceStepEngine, create
from acestep_desktop.acestep.errors import BrokenModelError, LengthError, TaskRefusedError
from acestep_desktop.acestep.estimate import cost_of, has_card
from acestep_desktop.acestep.placement import ON_CPU
from acestep_desktop.acestep.presets import preset_of, timesteps
from acestep_desktop.domain.request import (
    Complete,
    Cover,
    Extract,
    Prompt,
    Request,
    Sampling,
    TextToMusic,
)
from acestep_desktop.generation.abilities import TASK_NAMES
from acestep_desktop.generation.errors import EngineMissingError
from acestep_desktop.generation.generator import Progress, Rendered
from acestep_desktop.models.catalogue import GIB
from acestep_desktop.models.errors import NoModelError
from acestep_desktop.models.importing import import_folder
from acestep_desktop.models.kinds import PRESETS, reasons_against
from acestep_desktop.models.store import ModelStore
from tests.acestep import tiny
from tests.acestep.making import never
from tests.models.pretending import pretended_model
from tests.needs import needs

ALL_PARTS = ("vae", "audio_tokenizer", "audio_token_detokenizer")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    folder = tmp_path_factory.mktemp("models")
    tiny.installed(folder, "tiny", kind="turbo")
    tiny.installed(folder, "tiny-base", kind="base")
    return ModelStore(folder)


@pytest.fixture(scope="module")
def engine(store: ModelStore) -> AceStepEngine:
    return AceStepEngine(store)


def request(words: str = "warm keys", **fields: object) -> Request:
    fields.setdefault("seconds", 0.5)
    fields.setdefault("model", "tiny")
    return Request(Prompt(words), **fields)  # type: ignore[arg-type]


def take_of(engine: AceStepEngine, wished: Request) -> Rendered:
    (take,) = [o for o in engine.generate(wished, never) if isinstance(o, Rendered)]
    return take


def test_opening_the_engine_and_asking_it_imports_no_torch(store: ModelStore) -> None:
    code = (
        "import sys, json\n"
        "from acestep_desktop.acestep.engine import create\n"
        "from acestep_desktop.domain.request import Prompt, Request\n"
        "engine = create()\n"
        "able = [a.task for a in engine.abilities().tasks if a.able]\n"
        "cost = engine.estimate(Request(Prompt('house'), seconds=30.0))\n"
        "heavy = [m for m in ('torch', 'diffusers', 'transformers') if m in sys.modules]\n"
        "print(json.dumps([engine.identity.model, len(able), cost.work_s > 0, heavy]))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={"ACESTEP_MODELS": str(store.folder), "PATH": ""},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(said.stdout) == ["tiny@0123456789ab", len(TASK_NAMES), True, []]


def test_without_weights_every_job_says_how_to_get_them(tmp_path: Path) -> None:
    engine = AceStepEngine(ModelStore(tmp_path))

    with pytest.raises(NoModelError, match="acestep-desktop models download"):
        next(engine.generate(request(model=None), never))
    with pytest.raises(NoModelError, match="ACESTEP_MODELS"):
        engine.estimate(request(model=None))
    assert engine.identity.model == ""
    assert all(ability.able for ability in engine.abilities().tasks)


def test_a_model_that_is_not_there_is_named(engine: AceStepEngine) -> None:
    with pytest.raises(NoModelError, match='"orchestra" is not on this disk'):
        next(engine.generate(request(model="orchestra"), never))


def test_the_recipe_names_model_revision_and_licence(
    engine: AceStepEngine, store: ModelStore
) -> None:
    made = take_of(engine, request(seed=9)).recipe

    assert made.engine.name == "acestep"
    assert made.engine.model == "tiny@0123456789ab"
    assert made.engine.model_hash == store.find("tiny").hash
    assert made.engine.licence == "MIT (test)"
    assert made.request == request(seed=9)


def test_a_folder_outside_the_store_is_a_model_too(
    engine: AceStepEngine, turbo_folder: Path
) -> None:
    take = take_of(engine, request(model=str(turbo_folder)))

    assert take.mix is not None and take.mix.shape == (24_000, 2)


def test_the_model_stays_loaded_until_another_is_asked_for(engine: AceStepEngine) -> None:
    def stages(wished: Request) -> list[str]:
        outputs = list(engine.generate(wished, never))
        steps = [o for o in outputs if isinstance(o, Progress) and o.steps > 1]
        return list(dict.fromkeys(step.stage for step in steps))

    stages(request())
    assert "Loading the model" not in stages(request(seed=1))
    other = stages(request(model="tiny-base", sampling=Sampling(steps=2)))
    assert other[0] == "Loading the model"


@pytest.fixture
def slow_import(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Have the libraries be imported only once the event is set."""
    gate = threading.Event()

    def wait(name: str) -> object:
        assert gate.wait(60)
        return importlib.import_module(name)

    monkeypatch.setattr(engine_module, "TELL_EVERY_S", 0.01)
    monkeypatch.setattr(engine_module, "import_module", wait)
    yield gate
    gate.set()


def test_a_long_import_of_the_libraries_is_told_all_along(
    store: ModelStore, slow_import: threading.Event
) -> None:
    outputs = AceStepEngine(store).generate(request(), never)
    assert {next(outputs) for _ in range(5)} == {Progress(0, 0.0, "Loading the model", 0, 1)}
    slow_import.set()
    assert any(isinstance(output, Rendered) for output in outputs)


def test_a_job_can_be_dropped_while_the_libraries_are_imported(
    store: ModelStore, slow_import: threading.Event
) -> None:
    engine = AceStepEngine(store)
    dropped = engine.generate(request(), never)
    next(dropped), next(dropped)
    dropped.close()
    slow_import.set()
    assert take_of(engine, request()).mix is not None


def test_libraries_that_are_missing_are_said(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_STUDIO", "no_such_library")
    with pytest.raises(EngineMissingError, match="choose Sketch"):
        list(AceStepEngine(store).generate(request(), never))


@pytest.mark.parametrize(("own", "found"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_threads_that_wait_sleep_unless_the_person_says_else(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, own: str | None, found: str
) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    if own is not None:
        monkeypatch.setenv("OMP_WAIT_POLICY", own)
    seen: list[str | None] = []

    def note(name: str) -> object:
        seen.append(os.environ.get("OMP_WAIT_POLICY"))
        raise ImportError(name)

    monkeypatch.setattr(engine_module, "import_module", note)
    with pytest.raises(EngineMissingError):
        list(AceStepEngine(store).generate(request(), never))
    assert seen == [found]


def test_unloading_lets_go_of_the_model_and_the_next_take_is_the_same(
    engine: AceStepEngine, store: ModelStore
) -> None:
    before = take_of(engine, request(seed=5))
    assert list((store.folder / ".in-use").rglob("*-*"))

    engine.unload()

    assert not [path for path in (store.folder / ".in-use").rglob("*") if path.is_file()]
    after = take_of(engine, request(seed=5))
    assert np.array_equal(before.mix, after.mix)


def test_working_on_the_processor_is_said_aloud(engine: AceStepEngine) -> None:
    assert ON_CPU in take_of(engine, request()).warnings


def test_a_task_that_the_asked_model_cannot_do_says_why(engine: AceStepEngine) -> None:
    with pytest.raises(TaskRefusedError, match="Only a base model"):
        next(engine.generate(request(task=Extract("a.wav", "bass")), never))


def test_without_a_wish_the_model_is_one_that_can_do_the_task(engine: AceStepEngine) -> None:
    chosen = engine._model_for(request(model=None, task=Extract("a.wav", "bass")))

    assert chosen.name == "tiny-base"
    assert engine._model_for(request(model=None)).name == "tiny"


def test_without_a_wish_the_model_suits_the_card(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models")
    for kind, hidden in (("turbo", 2048), ("base", 2048), ("turbo", 2560), ("base", 2560)):
        import_folder(
            store, pretended_model(tmp_path / f"{kind}{hidden}", kind=kind, hidden=hidden)
        )
    song, bass = request(model=None), request(model=None, task=Extract("a.wav", "bass"))
    for memory, names in ((None, ("turbo", "base")), (24 * GIB, ("xl-turbo", "xl-base"))):
        engine = AceStepEngine(store, memory)
        assert engine.identity.model == names[0]
        assert (engine._model_for(song).name, engine._model_for(bass).name) == names


def test_a_model_that_is_named_by_its_folder_is_judged_by_itself(
    turbo_folder: Path, base_folder: Path, tmp_path: Path
) -> None:
    tiny.installed(tmp_path, "tiny", kind="turbo", fast=True)
    abilities = AceStepEngine(ModelStore(tmp_path)).abilities()
    extract = Extract("a.wav", "bass")
    assert abilities.refusal(request(model=None, task=extract))
    assert abilities.refusal(request(model=str(base_folder), task=extract)) is None
    with pytest.raises(TaskRefusedError, match="Only a base model"):
        engine = AceStepEngine(ModelStore(tmp_path))
        next(engine.generate(request(model=str(turbo_folder), task=extract), never))


@pytest.mark.parametrize("kind", ["turbo", "sft"])
def test_only_base_models_take_tracks_apart(kind: str) -> None:
    reasons = reasons_against(kind, ALL_PARTS)  # type: ignore[arg-type]

    assert sorted(reasons) == ["AddLayer", "Complete", "Extract"]
    assert all("base model" in reason for reason in reasons.values())
    assert reasons_against("base", ALL_PARTS) == {}
    assert sorted(reasons_against("base", ("vae",))) == ["Cover"]


def test_abilities_are_those_of_the_best_model_for_each_task() -> None:
    abilities = abilities_of([("turbo", ALL_PARTS), ("base", ("vae",))])

    assert all(ability.able for ability in abilities.tasks)
    accompany = request(model=None, task=Complete("a.wav", ("drums",)))
    assert abilities_of([("turbo", ALL_PARTS)]).refusal(accompany)
    assert abilities_of([("sft", ("vae",))]).refusal(request(model=None, task=Cover("a.wav")))
    assert abilities.refusal(request(task=TextToMusic())) is None
    assert abilities.streams and (abilities.min_seconds, abilities.max_seconds) == (0.1, 600.0)


def test_more_than_ten_minutes_of_bars_are_refused_in_seconds(engine: AceStepEngine) -> None:
    with pytest.raises(LengthError, match="400 bars at 60 bpm are 1600 seconds"):
        list(engine.generate(request(seconds=None, bars=400, bpm=60.0), never))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / "vae" / "config.json").write_text("{"), "vae is damaged"),
        (lambda f: _cut(f / "vae" / "diffusion_pytorch_model.safetensors"), "vae is damaged"),
        (lambda f: (f / "text_encoder" / "model.safetensors").unlink(), "text_encoder is damaged"),
        (lambda f: _cut(f / "text_encoder" / "model.safetensors"), "text_encoder is damaged"),
        (lambda f: _shorten(f / "text_encoder" / "model.safetensors"), "text_encoder is damaged"),
        (lambda f: _thin(f / "condition_encoder"), "lacks"),
    ],
    ids=["config", "header", "weights", "words' header", "words' end", "tensor"],
)
def test_a_damaged_model_is_named_with_its_part(tmp_path: Path, spoil: object, said: str) -> None:
    model = tiny.installed(tmp_path, "tiny")
    spoil(model.path)  # type: ignore[operator]

    with pytest.raises(BrokenModelError, match=said) as caught:
        list(AceStepEngine(ModelStore(tmp_path)).generate(request(), never))

    assert "models verify tiny" in str(caught.value)


def _cut(path: Path) -> None:
    path.write_bytes(b"\xff" * 8 + path.read_bytes()[8:])


def _shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _thin(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = folder / "diffusion_pytorch_model.safetensors"
    tensors = load_file(path)
    del tensors["silence_latent"]
    save_file(tensors, path)


def test_the_cost_grows_with_the_length_the_steps_and_the_takes(engine: AceStepEngine) -> None:
    short = engine.estimate(request(seconds=10.0))
    long = engine.estimate(request(seconds=600.0))
    many = engine.estimate(request(seconds=10.0, variations=4))

    assert short.work_s < many.work_s < long.work_s
    assert short.peak_bytes < long.peak_bytes
    assert short.reason == ""


@needs("linux")
def test_a_card_is_known_by_the_files_of_its_driver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert estimate.WSL_TOOL in estimate._LINUX_SIGNS
    lent = tmp_path / "nvidia-smi"
    monkeypatch.setattr(estimate, "_LINUX_SIGNS", (str(tmp_path / "version"), str(lent)))
    assert not has_card()
    lent.touch()
    assert has_card()


def test_the_cost_of_the_real_model_is_reckoned_from_its_configuration(tmp_path: Path) -> None:
    cost = cost_of(tmp_path)

    # 9.26 TFLOP for 8 steps of 30 seconds, attention to words and distance included.
    assert 30 * 8 * cost.step == pytest.approx(9.26e12, rel=0.15)
    assert 30 * cost.decode == pytest.approx(3.66e12, rel=0.01)


def test_presets_belong_to_the_checkpoint_and_sampling_overrides_them() -> None:
    assert preset_of("turbo", Sampling()) == PRESETS["turbo"]
    assert preset_of("turbo", Sampling(guidance_scale=9.0)).guidance_scale == 1.0
    assert preset_of("base", Sampling()).steps == 50
    wanted = Sampling(steps=20, shift=3.0, guidance_scale=4.0)
    assert (preset_of("sft", wanted).steps, preset_of("sft", wanted).shift) == (20, 3.0)
    assert preset_of("sft", wanted).guidance_scale == 4.0
    assert preset_of("base", Sampling(guidance_scale=0.0)).guidance_scale == 1.0


def test_the_times_of_turbo_are_those_of_its_makers_table() -> None:
    table = (1.0, 0.9545, 0.9, 0.8333, 0.75, 0.6429, 0.5, 0.3)

    assert timesteps(8, 3.0) == pytest.approx(table, abs=5e-5)
    assert timesteps(4, 1.0) == (1.0, 0.75, 0.5, 0.25)


def test_create_uses_the_folder_of_models(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACESTEP_MODELS", str(store.folder))

    assert create().identity.model == "tiny@0123456789ab"
