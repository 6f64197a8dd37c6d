"""Tasks that make a whole source anew: covers, which keep its structure, and variations of it.

A source that is too short is looped, and what is made is cut back to its length.
"""

from dataclasses import replace

from torch import Tensor

from acestep_desktop.acestep.finishing import Levelled
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.plan import Blend, Plan, Wish
from acestep_desktop.acestep.sources import latents_of, looped, read_source
from acestep_desktop.acestep.steps import Work
from acestep_desktop.acestep.tasks_length import LEAST
from acestep_desktop.acestep.tasks_shared import all_of, source_plan
from acestep_desktop.acestep.tasks_wording import COVER
from acestep_desktop.acestep.wording import INSTRUCTION
from acestep_desktop.domain.request import Cover, Variation
from acestep_desktop.domain.time import Frame


def cover(wish: Wish, task: Cover, model: LoadedModel) -> Work[Plan]:
    """Return the plan of a cover: the source's five codes a second are what is kept of it.

    Below a strength of 1, each step's velocity is blended with that of new music
    which sees the same source: the law of AceStepPipeline.
    """
    source = read_source(task.source)
    latents = yield from latents_of(looped(source.samples, LEAST), model)
    context = all_of(model.requantised(latents))
    plan = source_plan(
        wish,
        model,
        instruction=COVER,
        context=context,
        frames=source.frames,
        finish=lambda: Levelled(Frame(source.frames)),
        warnings=source.notes,
        blend=None
        if task.strength >= 1.0
        else Blend(
            model.wording(wish, INSTRUCTION, context.shape[1] / model.latents_per_second),
            task.strength,
        ),
    )
    return plan


def variation(wish: Wish, task: Variation, model: LoadedModel) -> Work[Plan]:
    """Return the plan of a variation: sampling begins on the way from noise to the source.

    Of the steps there are, the last `strength` of them are done, at least one
    (SDEdit, Meng and others 2021). The first latents are t of noise and 1 - t of
    the source, where t is the time of the first step done.
    """
    source = read_source(task.source)
    latents = yield from latents_of(looped(source.samples, LEAST), model)
    plan = source_plan(
        wish,
        model,
        instruction=INSTRUCTION,
        context=all_of(model.silence(latents.shape[1])),
        frames=source.frames,
        finish=lambda: Levelled(Frame(source.frames)),
        warnings=source.notes,
    )
    return from_source(plan, latents, task.strength)


def from_source(plan: Plan, latents: Tensor, strength: float) -> Plan:
    """Return `plan`, begun from `latents` with the last `strength` (0..1) of its steps."""
    steps = len(plan.timesteps)
    done = max(1, min(steps, round(steps * strength)))
    times = plan.timesteps[steps - done :]

    def begin(noise: Tensor) -> Tensor:
        return times[0] * noise + (1.0 - times[0]) * latents.to(noise)

    return replace(plan, timesteps=times, begin=begin)
