"""How each kind of checkpoint is sampled, unless the request says otherwise."""

from acestep_desktop.domain.request import Sampling
from acestep_desktop.models.catalogue import ModelKind
from acestep_desktop.models.kinds import PRESETS, Preset


def preset_of(kind: ModelKind, sampling: Sampling) -> Preset:
    """Return how a checkpoint of `kind` is sampled; what `sampling` sets counts.

    A turbo checkpoint has its guidance distilled into the weights: it gets none.
    """
    preset = PRESETS[kind]
    guidance = preset.guidance_scale
    if kind != "turbo" and sampling.guidance_scale is not None:
        guidance = max(1.0, sampling.guidance_scale)
    return Preset(
        steps=preset.steps if sampling.steps is None else sampling.steps,
        shift=preset.shift if sampling.shift is None else sampling.shift,
        guidance_scale=guidance,
    )


def timesteps(steps: int, shift: float) -> tuple[float, ...]:
    """Return the times from 1 (noise) down, `steps` of them; 0 (sound) follows the last.

    They are shift * t / (1 + (shift - 1) * t) of even times t, in float32.
    """
    import torch

    even = torch.linspace(1.0, 0.0, steps + 1, dtype=torch.float32)
    if shift != 1.0:
        even = shift * even / (1 + (shift - 1) * even)
    return tuple(even[:-1].tolist())
