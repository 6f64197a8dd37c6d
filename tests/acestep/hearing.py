"""What AceStepPipeline does with a call, and what this program makes of the same wish."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from diffusers import AceStepPipeline
from torch import Tensor

from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.plan import Plan, Wish
from acestep_desktop.acestep.planning import planned
from acestep_desktop.acestep.sampler import sampled, seeded_noise
from acestep_desktop.acestep.sources import SEED
from acestep_desktop.acestep.steps import done
from acestep_desktop.acestep.tasks_length import understood
from acestep_desktop.acestep.velocity import ClipVelocity
from acestep_desktop.audiofile.wav import write_wav
from acestep_desktop.domain.request import Prompt, Request, Sampling, Task
from acestep_desktop.dsp.samples import Samples

CAPTION = "lofi hip hop, warm keys"
NOISE_SEED = 7
STEPS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What the transformer was given once."""

    context: Tensor
    states: Tensor
    time: float
    latents: Tensor


def music(seconds: float, *, seed: int = 3, loud: float = 0.3) -> Samples:
    """Return stereo audio with tones and hiss, different in every second."""
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * 48_000)) / 48_000
    tones = [np.sin(2 * np.pi * hertz * time * (1 + 0.01 * time)) for hertz in (110, 173, 440)]
    hiss = random.standard_normal((len(time), 2)) * 0.05
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 0.7 * time)
    both = np.stack((tones[0] + tones[1], tones[1] - 0.5 * tones[2]), axis=1)
    return ((both * swell[:, None] * 0.4 + hiss) * loud).astype(np.float32)


def written(folder: Path, samples: Samples, name: str = "source.wav", rate: int = 48_000) -> str:
    """Write `samples` as 32-bit float and return the path."""
    path = folder / name
    if samples.shape[1] <= 2:
        write_wav(path, [samples], sample_rate=rate)
    else:
        soundfile.write(path, samples, rate, subtype="FLOAT")
    return str(path)


def plan_of(task: Task, model: LoadedModel, **fields: Any) -> Plan:
    """Return the plan of a short wish."""
    fields.setdefault("sampling", Sampling(steps=STEPS))
    request = Request(prompt=Prompt(CAPTION), task=task, **fields)
    return done(planned(Wish(request, understood(request)), model))


@torch.inference_mode()
def states_of(plan: Plan, model: LoadedModel) -> Tensor:
    """Return the encoder states of a plan."""
    return done(model.conditions.encoded(plan.prompt, plan.timbre))


@torch.inference_mode()
def latents_of(plan: Plan, model: LoadedModel, seed: int = NOISE_SEED) -> Tensor:
    """Return the latents that a plan leads to."""
    guided = plan.guidance_scale > 1.0 and model.kind != "turbo"
    states = states_of(plan, model)
    second = None
    if plan.blend is not None:
        others = done(model.conditions.encoded(plan.blend.prompt, plan.timbre))
        second = ClipVelocity(model.parts.transformer, others, plan.context)
    if guided:
        states = torch.cat([states, model.conditions.nothing(states)])
    noise = seeded_noise(seed, plan.context.shape[1], model.channels)
    velocity = ClipVelocity(model.parts.transformer, states, plan.context)
    return done(sampled(plan, velocity, noise, guided=guided, second=second))


def pipeline_latents(pipeline: AceStepPipeline, **call: Any) -> tuple[Tensor, list[Evaluation]]:
    """Return the latents that the pipeline makes of a call, and what its transformer was given."""
    seen: list[Evaluation] = []

    def look(_: Any, __: Any, given: dict[str, Any]) -> None:
        seen.append(
            Evaluation(
                given["context_latents"],
                given["encoder_hidden_states"],
                float(given["timestep"][0]),
                given["hidden_states"],
            )
        )

    options: dict[str, Any] = {
        "prompt": CAPTION,
        "lyrics": "[Instrumental]",
        "vocal_language": "unknown",
        "audio_duration": None,
        "num_inference_steps": STEPS,
        "guidance_scale": 1.0 if pipeline.is_turbo else 7.0,
        "shift": 3.0 if pipeline.is_turbo else 1.0,
        "generator": torch.Generator().manual_seed(NOISE_SEED),
        "output_type": "latent",
    }
    hook = pipeline.transformer.register_forward_pre_hook(look, with_kwargs=True)
    torch.manual_seed(SEED)
    try:
        made = pipeline(**{**options, **call}).audios
    finally:
        hook.remove()
    return made, seen


def tensor_of(samples: Samples) -> Tensor:
    """Return `samples` as the pipeline takes them."""
    return torch.from_numpy(np.ascontiguousarray(samples.T))


def near(ours: Tensor, theirs: Tensor) -> bool:
    """Return whether both are the same but for rounding (100 dB)."""
    error = (ours - theirs).double().square().sum()
    return bool(error <= 1e-10 * theirs.double().square().sum())
