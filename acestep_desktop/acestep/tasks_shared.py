"""What all audio tasks share: facts of the take, the mask, and the plan they all begin with."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.plan import Finish, Plan, Wish
from acestep_desktop.acestep.presets import preset_of, timesteps
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import SAMPLE_RATE, Frame
from acestep_desktop.domain.understanding import Understanding


def source_plan(
    wish: Wish,
    model: LoadedModel,
    *,
    instruction: str,
    context: Tensor,
    frames: int,
    finish: Callable[[], Finish],
    **changes: Any,
) -> Plan:
    """Return the plan of a task on audio, with `changes` to its other fields.

    The model is told that it makes as many seconds as there are latents: those
    of the source, whatever length the words speak of.
    """
    preset = preset_of(model.kind, wish.request.sampling)
    fields: dict[str, Any] = {
        "prompt": model.wording(wish, instruction, context.shape[1] / model.latents_per_second),
        "context": context,
        "timesteps": timesteps(preset.steps, preset.shift),
        "frames": Frame(frames),
        "music": music_in(wish.understanding, frames),
        "finish": finish,
        "guidance_scale": preset.guidance_scale,
    }
    return Plan(**{**fields, **changes})


def all_of(latents: Tensor) -> Tensor:
    """Return the context that shows `latents` and asks for all of it to be made."""
    return torch.cat([latents, torch.ones_like(latents)], dim=-1)


def part_of(latents: Tensor, silence: Tensor, mask: Tensor) -> Tensor:
    """Return the context that shows `latents` but where `mask`, [1, T, 1], asks for new ones."""
    hidden = torch.where(mask > 0, silence, latents)
    return torch.cat([hidden, mask.expand_as(latents)], dim=-1)


def music_in(understanding: Understanding, frames: int) -> Music:
    """Return the musical facts of a take of `frames`; its bars if it is exactly so many."""
    bpm, meter = understanding.bpm, understanding.meter
    bars = None
    if bpm is not None and meter is not None:
        count = round(frames * bpm / (60 * SAMPLE_RATE) / float(meter.quarters_per_bar))
        if count >= 1 and frames_of_bars(count, meter, bpm) == frames:
            bars = count
    return Music(bpm, understanding.key, meter, bars)
