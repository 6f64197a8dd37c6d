"""The autoencoder made ready for inference: weights folded, activations fused."""

from typing import Any, Final, cast

import torch
from torch import Tensor, nn
from torch.nn.utils import remove_weight_norm

_CACHED: Final = 1 << 17
"""Samples that are worked on at once on a processor: they stay in its cache (512 KiB)."""

_TINY: Final = 1e-9
"""Keeps 1 / beta finite, as the autoencoder was trained."""


class Snake(nn.Module):
    """x + sin²(alpha x) / beta, each channel with its own alpha and beta.

    On a processor a few channels at a time go through all of it while they are
    in the cache: the same numbers in a fraction of the time.

    Args:
        alpha: [1, C, 1], how fast the sine is.
        beta: [1, C, 1], what its square is divided by.
    """

    def __init__(self, alpha: Tensor, beta: Tensor) -> None:
        super().__init__()
        self.register_buffer("alpha", alpha)
        self.register_buffer("inverse", (beta + _TINY).reciprocal())

    def forward(self, x: Tensor) -> Tensor:
        """Return the activation of `x`, [B, C, L]."""
        alpha, inverse = cast("Tensor", self.alpha), cast("Tensor", self.inverse)
        if x.device.type != "cpu" or x.shape[0] != 1:
            return torch.addcmul(x, torch.sin(alpha * x).square_(), inverse)
        x = x.contiguous()
        result = torch.empty_like(x)
        rows = min(x.shape[1], max(1, _CACHED // max(1, x.shape[2])))
        scratch = torch.empty((1, rows, x.shape[2]), dtype=x.dtype)
        for start in range(0, x.shape[1], rows):
            channels = slice(start, start + rows)
            here = x[:, channels]
            sine = torch.mul(here, alpha[:, channels], out=scratch[:, : here.shape[1]])
            squared = sine.sin_().square_()
            torch.addcmul(here, squared, inverse[:, channels], out=result[:, channels])
        return result


def prepare(vae: nn.Module) -> None:
    """Fold the weight norm of all convolutions of `vae` and fuse its activations.

    Afterwards it can compute, but be neither trained nor saved.
    """
    for module in list(vae.modules()):
        if hasattr(module, "weight_g"):
            remove_weight_norm(module)
        for name, child in list(module.named_children()):
            if type(child).__name__ == "Snake1d":
                setattr(module, name, _fused(child))
    vae.requires_grad_(False)


def _fused(snake: Any) -> Snake:
    alpha, beta = snake.alpha.detach(), snake.beta.detach()
    return Snake(alpha.exp(), beta.exp()) if snake.logscale else Snake(alpha, beta)
