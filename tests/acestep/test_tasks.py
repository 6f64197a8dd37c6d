"""What the model is given for tasks on audio is what AceStepPipeline gives it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AceStepPipeline

from acestep_desktop.acestep.errors import TaskRefusedError
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.sampler import seeded_noise
from acestep_desktop.domain.request import (
    AddLayer,
    Complete,
    Cover,
    Extend,
    Extract,
    Repaint,
    Sampling,
    Task,
    TextToMusic,
    Variation,
)
from tests.acestep.hearing import (
    NOISE_SEED,
    STEPS,
    Evaluation,
    latents_of,
    music,
    near,
    pipeline_latents,
    plan_of,
    states_of,
    tensor_of,
    written,
)

Pair = tuple[AceStepPipeline, LoadedModel]

SOURCE = music(12.0)
LONG = music(60.0)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("source"), SOURCE)


@pytest.fixture(scope="module")
def long_source(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("long"), LONG)


@pytest.fixture(params=["turbo", "base"])
def pair(
    request: pytest.FixtureRequest, turbo_pair: Pair, base_pair: Pair
) -> tuple[AceStepPipeline, LoadedModel]:
    """A pipeline and a model of the same weights."""
    return turbo_pair if request.param == "turbo" else base_pair


def assert_same_inputs(plan: Any, model: LoadedModel, seen: list[Evaluation]) -> None:
    assert near(plan.context, seen[0].context[:1])
    assert near(states_of(plan, model), seen[0].states[:1])
    times = list(dict.fromkeys(evaluation.time for evaluation in seen))
    assert list(plan.timesteps) == pytest.approx(times, abs=1e-7)
    guided = seen[0].context.shape[0] == 2
    assert (plan.guidance_scale > 1.0) == guided


def test_a_reference_is_heard_as_the_pipeline_hears_it(pair: Pair, source: str) -> None:
    pipeline, model = pair
    plan = plan_of(TextToMusic(), model, seconds=10.0, reference=source)
    theirs, seen = pipeline_latents(
        pipeline, reference_audio=tensor_of(SOURCE), audio_duration=10.0
    )
    assert_same_inputs(plan, model, seen)
    assert near(latents_of(plan, model), theirs)


def test_a_long_reference_is_heard_in_three_pieces(turbo_pair: Pair, long_source: str) -> None:
    turbo, turbo_model = turbo_pair
    plan = plan_of(TextToMusic(), turbo_model, seconds=10.0, reference=long_source)
    _, seen = pipeline_latents(turbo, reference_audio=tensor_of(LONG), audio_duration=10.0)
    assert_same_inputs(plan, turbo_model, seen)


@pytest.mark.parametrize("strength", [1.0, 0.4])
def test_a_cover_is_the_pipelines(pair: Pair, source: str, strength: float) -> None:
    pipeline, model = pair
    plan = plan_of(Cover(source, strength), model)
    theirs, seen = pipeline_latents(
        pipeline,
        task_type="cover",
        src_audio=tensor_of(SOURCE),
        audio_cover_strength=strength,
    )
    assert_same_inputs(plan, model, seen)
    assert len(seen) == STEPS * (1 if strength == 1.0 else 2)
    assert near(latents_of(plan, model), theirs)


def test_a_repaint_without_its_hold_is_the_pipelines(pair: Pair, source: str) -> None:
    pipeline, model = pair
    plan = plan_of(Repaint(source, 4.0, 7.3), model)
    theirs, seen = pipeline_latents(
        pipeline,
        task_type="repaint",
        src_audio=tensor_of(SOURCE),
        repainting_start=4.0,
        repainting_end=7.3,
    )
    assert_same_inputs(plan, model, seen)
    assert near(latents_of(replace(plan, after_step=None), model), theirs)


def test_a_repaint_sets_what_is_outside_back_after_each_step(turbo_pair: Pair, source: str) -> None:
    turbo, turbo_model = turbo_pair
    torch.manual_seed(0)
    encoded = turbo.vae.encode(tensor_of(SOURCE)[None]).latent_dist.sample().transpose(1, 2)
    noise = seeded_noise(NOISE_SEED, encoded.shape[1], turbo_model.channels)
    inside = torch.zeros(1, encoded.shape[1], 1)
    inside[:, 100:150] = 1

    def hold(pipe: Any, step: int, time: float, given: dict[str, Any]) -> dict[str, Any]:
        after = float([*pipe.scheduler.timesteps, 0.0][step + 1])
        kept = after * noise + (1 - after) * encoded
        return {"latents": torch.where(inside > 0, given["latents"], kept)}

    theirs, _ = pipeline_latents(
        turbo,
        task_type="repaint",
        src_audio=tensor_of(SOURCE),
        repainting_start=4.0,
        repainting_end=6.0,
        callback_on_step_end=hold,
    )
    ours = latents_of(plan_of(Repaint(source, 4.0, 6.0), turbo_model), turbo_model)
    assert near(ours, theirs)
    assert near(ours[:, :100], encoded[:, :100])
    assert near(ours[:, 150:], encoded[:, 150:])


@pytest.mark.parametrize(
    ("task", "seconds", "window"),
    [
        (Extend("", after_s=3.0), (0.0, 3.0), (12.0, 15.0)),
        (Extend("", before_s=2.0), (2.0, 0.0), (0.0, 2.0)),
    ],
)
def test_an_extension_is_the_pipelines_repaint_of_silence_beside_the_source(
    pair: Pair,
    source: str,
    task: Extend,
    seconds: tuple[float, float],
    window: tuple[float, float],
) -> None:
    pipeline, model = pair
    before, after = (round(s * 48_000) for s in seconds)
    padded = torch.nn.functional.pad(tensor_of(SOURCE), (before, after))
    plan = plan_of(replace(task, source=source), model)
    theirs, seen = pipeline_latents(
        pipeline,
        task_type="repaint",
        src_audio=padded,
        repainting_start=window[0],
        repainting_end=window[1],
    )
    assert_same_inputs(plan, model, seen)
    assert near(latents_of(replace(plan, after_step=None), model), theirs)


def test_an_extension_on_both_sides_makes_both(turbo_pair: Pair, source: str) -> None:
    plan = plan_of(Extend(source, before_s=1.0, after_s=2.0), turbo_pair[1])
    mask = plan.context[0, :, turbo_pair[1].channels]
    assert mask.tolist() == [1.0] * 25 + [0.0] * 300 + [1.0] * 50


TRACK_TASKS: list[tuple[Task, dict[str, Any]]] = [
    (Extract("", "vocals"), {"task_type": "extract", "track_name": "vocals"}),
    (
        AddLayer("", "backing_vocals"),
        {"task_type": "lego", "track_name": "backing_vocals", "guidance_scale": 1.0},
    ),
    (
        Complete("", ("drums", "bass")),
        {"task_type": "complete", "complete_track_classes": ["drums", "bass"]},
    ),
]


@pytest.mark.parametrize(("task", "call"), TRACK_TASKS, ids=["extract", "layer", "complete"])
def test_a_task_on_tracks_is_the_pipelines(
    base_pair: Pair, long_source: str, task: Task, call: dict[str, Any]
) -> None:
    base, base_model = base_pair
    plan = plan_of(replace(task, source=long_source), base_model, sampling=Sampling(steps=2))
    theirs, seen = pipeline_latents(base, src_audio=tensor_of(LONG), num_inference_steps=2, **call)
    assert_same_inputs(plan, base_model, seen)
    assert near(latents_of(plan, base_model), theirs)


def test_a_layer_gets_the_guidance_that_is_asked_for(base_pair: Pair, long_source: str) -> None:
    plan = plan_of(
        AddLayer(long_source, "drums"), base_pair[1], sampling=Sampling(steps=2, guidance_scale=3.0)
    )
    assert plan.guidance_scale == 3.0


@pytest.mark.parametrize("task", [task for task, _ in TRACK_TASKS])
def test_a_model_that_is_no_base_refuses_tasks_on_tracks(
    turbo_pair: Pair, source: str, task: Task
) -> None:
    with pytest.raises(TaskRefusedError, match="Only a base model can"):
        plan_of(replace(task, source=source), turbo_pair[1])


@pytest.mark.parametrize(("strength", "steps"), [(0.0, 1), (0.1, 1), (0.5, 4), (0.75, 6), (1.0, 8)])
def test_a_variation_does_the_last_steps_alone(
    turbo_pair: Pair, source: str, strength: float, steps: int
) -> None:
    whole = plan_of(TextToMusic(), turbo_pair[1], sampling=Sampling(steps=8)).timesteps
    plan = plan_of(Variation(source, strength), turbo_pair[1], sampling=Sampling(steps=8))
    assert plan.timesteps == whole[-steps:]


def test_a_variation_is_the_pipelines_from_the_same_start(pair: Pair, source: str) -> None:
    pipeline, model = pair
    torch.manual_seed(0)
    encoded = pipeline.vae.encode(tensor_of(SOURCE)[None]).latent_dist.sample().transpose(1, 2)
    plan = plan_of(Variation(source, 0.5), model, sampling=Sampling(steps=4))
    time = plan.timesteps[0]
    noise = seeded_noise(NOISE_SEED, encoded.shape[1], model.channels)
    theirs, seen = pipeline_latents(
        pipeline,
        audio_duration=12.0,
        latents=time * noise + (1 - time) * encoded,
        timesteps=list(plan.timesteps),
    )
    assert_same_inputs(plan, model, seen)
    assert near(latents_of(plan, model), theirs)


def test_the_words_length_is_not_told_to_a_task_on_audio(turbo_pair: Pair, source: str) -> None:
    plan = plan_of(Cover(source), turbo_pair[1], bars=4, bpm=120.0)
    assert "- duration: 12 seconds\n" in plan.prompt.text
    assert "- bpm: 120\n" in plan.prompt.text


def test_no_tempo_is_made_up_for_a_source(turbo_pair: Pair, source: str) -> None:
    plan = plan_of(Cover(source), turbo_pair[1])
    assert "- bpm: N/A\n" in plan.prompt.text
    assert plan.music.bpm is None


def test_bars_are_known_where_the_source_is_exactly_so_long(
    turbo_pair: Pair, tmp_path: Path, source: str
) -> None:
    from acestep_desktop.domain.time import Meter

    fields = {"bpm": 120.0, "meter": Meter(4, 4)}
    assert plan_of(Cover(source), turbo_pair[1], **fields).music.bars == 6
    longer = written(tmp_path, music(12.01))
    assert plan_of(Cover(longer), turbo_pair[1], **fields).music.bars is None
