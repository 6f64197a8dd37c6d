"""What the sampler and the decoder carry out to make a take."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from acestep_desktop.acestep.wording import PromptText
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.request import Request
from acestep_desktop.domain.time import Frame
from acestep_desktop.domain.understanding import Understanding

if TYPE_CHECKING:
    from torch import Tensor

    from acestep_desktop.dsp.samples import Samples


@dataclass(frozen=True, slots=True)
class Wish:
    """A request, and what its words and fields together ask for."""

    request: Request
    understanding: Understanding


@dataclass(frozen=True, slots=True, eq=False)
class StepState:
    """Where sampling is: `step` (from 0) is done, `latents` are those of time `t_next`.

    `noise` is what the clip began with. Both are [1, T, C], on the model's device.
    """

    step: int
    steps: int
    t_next: float
    latents: "Tensor"
    noise: "Tensor"


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """A second opinion on each step: v = strength * v + (1 - strength) * v of `prompt`.

    `context` is as in `Plan`; None is the plan's own.
    """

    prompt: PromptText
    strength: float
    context: "Tensor | None" = None


class Finish(Protocol):
    """What becomes of decoded audio: raw, before any gain, in order; one for each variation."""

    def preview(self, start: int, samples: "Samples") -> "tuple[int, Samples] | None":
        """Return what can be heard already of `samples`, and at which frame of the take.

        `start` counts frames from the first that is decoded. None where there is nothing.
        """
        ...

    def whole(self, samples: "Samples") -> "Samples":
        """Return the take, from all that was decoded."""
        ...


def noise_alone(noise: "Tensor") -> "Tensor":
    """Begin with nothing but noise."""
    return noise


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """All that makes a take but its noise; the variations of a request share one.

    Tensors are float32, on the CPU, of batch 1: T latents with C channels.

    Args:
        prompt: what the model reads.
        context: [1, T, 2C], source latents beside the mask of what is to be made.
        timesteps: from at most 1 down; 0 follows the last.
        frames: length of the take.
        music: the take's musical facts.
        finish: makes the `Finish` of one variation.
        guidance_scale: adaptive projected guidance, above 1.
        timbre: [1, 30 s, C] latents of a reference; None is silence.
        begin: makes the first latents from the noise, both [1, T, C].
        after_step: gives the latents to go on with after a step.
        blend: a second opinion on each step.
        decode: which latents are decoded, [from, to); None is as many as `frames` needs.
        warnings: sentences for a person.
    """

    prompt: PromptText
    context: "Tensor"
    timesteps: tuple[float, ...]
    frames: Frame
    music: Music
    finish: Callable[[], Finish]
    guidance_scale: float = 1.0
    timbre: "Tensor | None" = None
    begin: "Callable[[Tensor], Tensor]" = noise_alone
    after_step: "Callable[[StepState], Tensor] | None" = None
    blend: Blend | None = None
    decode: tuple[int, int] | None = None
    warnings: tuple[str, ...] = ()
