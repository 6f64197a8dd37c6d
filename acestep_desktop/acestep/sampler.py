"""Sampling: from noise to latents along the velocity, a step at a time (Euler)."""

from typing import Any

import torch
from diffusers.guiders.adaptive_projected_guidance import MomentumBuffer, normalized_guidance
from torch import Tensor

from acestep_desktop.acestep.errors import BrokenSoundError
from acestep_desktop.acestep.plan import Plan, StepState
from acestep_desktop.acestep.steps import SAMPLING, Step, Work
from acestep_desktop.acestep.velocity import ClipVelocity

_MOMENTUM = -0.75
_NORM_THRESHOLD = 2.5
"""Of adaptive projected guidance, as the base checkpoints are sampled by their makers."""


class Guidance:
    """Adaptive projected guidance: remembers, from step to step, where it pushed."""

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._momentum: Any = MomentumBuffer(momentum=_MOMENTUM)

    def of(self, velocities: Tensor) -> Tensor:
        """Return the guided velocity of [conditioned, unconditioned]."""
        wanted, unwanted = velocities.chunk(2, dim=0)
        guided: Tensor = normalized_guidance(
            pred_cond=wanted,
            pred_uncond=unwanted,
            guidance_scale=self._scale - 1.0,
            momentum_buffer=self._momentum,
            eta=0.0,
            norm_threshold=_NORM_THRESHOLD,
            use_original_formulation=True,
            norm_dim=(1,),
        )
        return guided


class NotFiniteError(BrokenSoundError):
    """The latents hold NaN or Inf after the step `step` (from 1)."""

    def __init__(self, step: int) -> None:
        super().__init__(
            f"The model's numbers broke down at step {step}: try another seed, "
            "fewer or weaker LoRA files, or less guidance."
        )
        self.step = step


def seeded_noise(seed: int, latents: int, channels: int) -> Tensor:
    """Return [1, latents, channels] of noise, the same on every device."""
    generator = torch.Generator("cpu").manual_seed(seed)
    return torch.randn((1, latents, channels), generator=generator, dtype=torch.float32)


def sampled(
    plan: Plan,
    velocity: ClipVelocity,
    noise: Tensor,
    *,
    guided: bool,
    second: ClipVelocity | None = None,
) -> Work[Tensor]:
    """Return the latents [1, T, C] that `noise` flows to; yield each step.

    Args:
        plan: what is made.
        velocity: of the plan's conditions, with a second row of null conditions if `guided`.
        noise: [1, T, C], float32, on the device.
        guided: whether guidance is applied.
        second: of the plan's blend, if it has one.

    Latents stay float32 between steps whatever the network's precision. Raises
    NotFiniteError as soon as they are no numbers any more.
    """
    guidance = Guidance(plan.guidance_scale) if guided else None
    latents = plan.begin(noise)
    times = (*plan.timesteps, 0.0)
    steps = len(plan.timesteps)
    for step in range(steps):
        time, t_next = times[step], times[step + 1]
        flow = yield from _flow(velocity, latents, time, step, steps)
        v = guidance.of(flow) if guidance else flow
        if second is not None and plan.blend is not None:
            other = yield from _flow(second, latents, time, step, steps)
            v = plan.blend.strength * v + (1.0 - plan.blend.strength) * other
        latents = latents + (t_next - time) * v.float()
        if plan.after_step is not None:
            latents = plan.after_step(StepState(step, steps, t_next, latents, noise))
        if not bool(torch.isfinite(latents).all()):
            raise NotFiniteError(step + 1)
        yield Step(SAMPLING, step + 1, steps)
    return latents


def _flow(
    velocity: ClipVelocity, latents: Tensor, time: float, step: int, steps: int
) -> Work[Tensor]:
    """Return the velocity at `time`; yield the step that is under way after each layer."""
    flow = latents
    for layer, result in enumerate(velocity.at(latents, time)):
        if result is None:
            yield Step(SAMPLING, step, steps, (layer + 1) / (velocity.layers + 1))
        else:
            flow = result
    return flow
