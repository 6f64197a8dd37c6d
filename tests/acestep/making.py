"""Makes takes in this process, and records what the transformer is told: ours, the pipeline's."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AceStepPipeline
from torch import Tensor

from acestep_desktop.acestep import job as job_module
from acestep_desktop.acestep.job import Job, Telling
from acestep_desktop.acestep.ladder import Ladder
from acestep_desktop.acestep.length import settled
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.plan import Plan, Wish
from acestep_desktop.acestep.planning import planned
from acestep_desktop.acestep.steps import done
from acestep_desktop.acestep.velocity import ClipVelocity
from acestep_desktop.domain.recipe import EngineIdentity
from acestep_desktop.domain.request import Prompt, Request, Sampling
from acestep_desktop.domain.understanding import understand
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.generation.generator import AudioChunk, Output, Rendered

WHO = EngineIdentity("acestep", "1", "tiny", "0" * 32, "MIT (test)")
WORDS = "lofi hip hop, warm keys"
LYRICS = "[verse]\nhello there"


def wish(
    words: str = WORDS,
    *,
    lyrics: str = "",
    language: str = "unknown",
    steps: int | None = None,
    **fields: Any,
) -> Wish:
    """Return a wish; ten seconds long unless its fields say otherwise."""
    if not {"bars", "seconds"} & set(fields):
        fields["seconds"] = 10.0
    request = Request(Prompt(words, lyrics, language), sampling=Sampling(steps=steps), **fields)
    return Wish(request, settled(understand(request)))


def never() -> bool:
    """Say that no job is cancelled."""
    return False


def outputs_of(
    model: LoadedModel, wished: Wish, cancelled: Callable[[], bool] = never
) -> Iterator[Output]:
    """Do a job for `wished` with `model`."""
    return Job(model, Ladder(model), Telling(cancelled), WHO).takes(wished)


def takes_of(model: LoadedModel, wished: Wish) -> list[Rendered]:
    """Return the takes of a whole job."""
    return [o for o in outputs_of(model, wished) if isinstance(o, Rendered)]


def chunks_in(outputs: Sequence[Output]) -> list[AudioChunk]:
    """Return the audio that was sent before the take was done."""
    return [o for o in outputs if isinstance(o, AudioChunk)]


class _Raw:
    """Leaves audio as it was decoded."""

    def preview(self, start: int, samples: Samples) -> tuple[int, Samples] | None:
        return start, samples

    def whole(self, samples: Samples) -> Samples:
        return samples


def raw_take(model: LoadedModel, wished: Wish, whole: bool = True) -> Samples:
    """Return what a job decodes, before any gain; all that was made unless `whole` is false."""
    plan: Plan = replace(done(planned(wished, model)), finish=_Raw)
    if whole:
        plan = replace(plan, decode=(0, plan.context.shape[1]))
    made = Job(model, Ladder(model), Telling(never), WHO).planned_takes(plan, wished)
    (take,) = [o for o in made if isinstance(o, Rendered)]
    assert take.mix is not None
    return take.mix


def raw_of_pipeline(pipeline: AceStepPipeline, seed: int = 0, **call: Any) -> Samples:
    """Return what the plain pipeline decodes, before its final gain."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        latents = pipeline(**call, generator=generator, output_type="latent").audios
        sound = pipeline.vae.decode(latents.transpose(1, 2)).sample
    samples: Samples = sound[0].float().numpy().T
    return samples


def snr_db(reference: Samples, other: Samples) -> float:
    """Return how far `other` is from `reference`, in dB; infinite if they are the same."""
    assert reference.shape == other.shape
    error = float(np.sum((reference.astype(np.float64) - other) ** 2))
    power = float(np.sum(reference.astype(np.float64) ** 2))
    return float("inf") if error == 0 else 10 * np.log10(power / error)


@dataclass(slots=True)
class Told:
    """What a transformer was told in one job: conditions, context, times and latents."""

    states: list[Tensor] = field(default_factory=list)
    contexts: list[Tensor] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    latents: list[Tensor] = field(default_factory=list)


def told_by_pipeline(pipeline: AceStepPipeline, seed: int = 0, **call: Any) -> Told:
    """Return what the plain pipeline tells its transformer; the first of a guided pair is kept."""
    told = Told()

    def note(module: Any, arguments: Any, named: dict[str, Any]) -> None:
        told.states.append(named["encoder_hidden_states"].clone())
        told.contexts.append(named["context_latents"].clone())
        told.times.append(float(named["timestep"][0]))
        told.latents.append(named["hidden_states"].clone())

    hook = pipeline.transformer.register_forward_pre_hook(note, with_kwargs=True)
    try:
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            pipeline(**call, generator=generator, output_type="latent")
    finally:
        hook.remove()
    return told


@contextmanager
def telling(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """Record what our jobs tell the transformer while this lasts."""
    told = Told()

    class Recording(ClipVelocity):
        def __init__(self, transformer: Any, conditions: Tensor, context: Tensor) -> None:
            super().__init__(transformer, conditions, context)
            told.states.append(conditions.clone())
            told.contexts.append(context.clone())

        def at(self, latents: Tensor, time: float) -> Iterator[Tensor | None]:
            told.times.append(time)
            told.latents.append(latents.clone())
            return super().at(latents, time)

    with monkeypatch.context() as patched:
        patched.setattr(job_module, "ClipVelocity", Recording)
        yield told
