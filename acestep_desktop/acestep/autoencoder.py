"""The autoencoder made ready for inference: weights folded, activations fused, samples in rows.

Everything is [1, C, 1, L] in memory order L, C ("channels last"): that is how
the convolutions of processors and cards are fastest.
"""

from typing import Any, Final, cast

import torch
from torch import Tensor, nn
from torch.nn.utils import remove_weight_norm

_CACHED: Final = 1 << 16
"""Samples that are worked on at once on a processor: they stay in its cache (256 KiB)."""

_TINY: Final = 1e-9
"""Keeps 1 / beta finite, as the autoencoder was trained."""


class Snake(nn.Module):
    """x + sin²(alpha x) / beta, each channel with its own alpha and beta.

    On a processor a short span at a time goes through all of it while it is in
    the cache: the same numbers in a fraction of the time.

    Args:
        alpha: [1, C, 1], how fast the sine is.
        beta: [1, C, 1], what its square is divided by.
    """

    def __init__(self, alpha: Tensor, beta: Tensor) -> None:
        super().__init__()
        self.register_buffer("alpha", alpha.reshape(1, -1, 1, 1))
        self.register_buffer("inverse", (beta + _TINY).reciprocal().reshape(1, -1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return the activation of `x`, [B, C, 1, L]."""
        alpha, inverse = cast("Tensor", self.alpha), cast("Tensor", self.inverse)
        if x.device.type != "cpu" or x.shape[0] != 1:
            return torch.addcmul(x, torch.sin(alpha * x).square_(), inverse)
        spans = x[0, :, 0].t().contiguous()
        result = torch.empty_like(spans)
        alpha, inverse = alpha.flatten(), inverse.flatten()
        step = max(1, _CACHED // spans.shape[1])
        scratch = torch.empty((step, spans.shape[1]), dtype=x.dtype)
        for start in range(0, len(spans), step):
            here = spans[start : start + step]
            sine = torch.mul(here, alpha, out=scratch[: len(here)])
            torch.addcmul(here, sine.sin_().square_(), inverse, out=result[start : start + step])
        return result.t()[None, :, None]


def prepare(vae: nn.Module) -> None:
    """Fold the weight norm of all convolutions of `vae`, lay them flat, fuse its activations.

    Afterwards its encoder and its decoder take and give what `flat` and
    `lines` make; it can be neither trained nor saved.
    """
    for module in list(vae.modules()):
        if hasattr(module, "weight_g"):
            remove_weight_norm(module)
    for module in list(vae.modules()):
        for name, child in list(module.named_children()):
            if type(child).__name__ == "Snake1d":
                setattr(module, name, _fused(child))
            elif isinstance(child, nn.Conv1d | nn.ConvTranspose1d):
                setattr(module, name, _flat_convolution(child))
    vae.requires_grad_(False)


def flat(signal: Tensor) -> Tensor:
    """Return [B, C, L] as [B, C, 1, L] in the order that a prepared autoencoder works on."""
    return signal.unsqueeze(2).contiguous(memory_format=torch.channels_last)


def lines(signal: Tensor) -> Tensor:
    """Return what a prepared autoencoder gives as [B, C, L]."""
    return signal.squeeze(2)


def _fused(snake: Any) -> Snake:
    alpha, beta = snake.alpha.detach(), snake.beta.detach()
    return Snake(alpha.exp(), beta.exp()) if snake.logscale else Snake(alpha, beta)


def _flat_convolution(line: nn.Conv1d | nn.ConvTranspose1d) -> nn.Module:
    """Return the convolution of a line as one of a picture that is one sample high."""
    shape = {
        "kernel_size": (1, line.kernel_size[0]),
        "stride": (1, line.stride[0]),
        "padding": (0, int(line.padding[0])),
        "dilation": (1, line.dilation[0]),
    }
    kind: Any = nn.Conv2d if isinstance(line, nn.Conv1d) else nn.ConvTranspose2d
    made = kind(line.in_channels, line.out_channels, **shape, device="meta")
    made.weight = nn.Parameter(flat(line.weight.detach()), requires_grad=False)
    bias = line.bias
    made.bias = None if bias is None else nn.Parameter(bias.detach(), requires_grad=False)
    return cast("nn.Module", made)
