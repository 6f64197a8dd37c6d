"""Layers that take a signal in chunks of rows, and give what they would give for all of it at once.

A row is a sample with all its channels, [L, C] in memory order. Each layer keeps
of a chunk what it needs for the next one: a convolution the rows that its kernel
still reaches, a residual unit the rows that wait for its branch. What lies before
the signal, and after its end, are the zeros that the layer pads with.
"""

from typing import Any, Final, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, linear

Kept = dict[nn.Module, Tensor]
"""What the layers keep of one signal between two chunks; a new one is empty."""

_TINY: Final = 1e-9
"""Keeps 1 / beta finite, as the autoencoder was trained."""


class Snake(nn.Module):
    """x + sin²(alpha x) / beta, each channel with its own alpha and beta.

    Args:
        plain: diffusers' Snake1d.
    """

    def __init__(self, plain: Any) -> None:
        super().__init__()
        alpha, beta = plain.alpha.detach().flatten(), plain.beta.detach().flatten()
        if plain.logscale:
            alpha, beta = alpha.exp(), beta.exp()
        self.register_buffer("alpha", alpha)
        self.register_buffer("inverse", (beta + _TINY).reciprocal())

    def into(self, out: Tensor, rows: Tensor) -> Tensor:
        """Write the activation of `rows` to `out`, which may be the same, and return it."""
        alpha, inverse = cast("Tensor", self.alpha), cast("Tensor", self.inverse)
        return torch.addcmul(rows, (rows * alpha).sin_().square_(), inverse, out=out)


class Convolution(nn.Module):
    """A convolution, of what a `Snake` makes of its input if it has one.

    Args:
        plain: diffusers' convolution, its weights folded.
        snake: the activation before it.
    """

    def __init__(self, plain: nn.Conv1d, snake: Snake | None = None) -> None:
        super().__init__()
        self.snake = snake
        self._padding = int(plain.padding[0])
        self._stride, self._dilation = plain.stride[0], plain.dilation[0]
        self._reach = self._dilation * (plain.kernel_size[0] - 1)
        self.width = max(plain.in_channels, -(-plain.out_channels // self._stride))
        # One sample high, channels last: that is rows to the kernels of processors and cards.
        flat = plain.weight.detach().unsqueeze(2).contiguous(memory_format=torch.channels_last)
        self.weight = nn.Parameter(flat, requires_grad=False)
        self.bias = _bias_of(plain)

    def forward(self, rows: Tensor, kept: Kept, last: bool) -> Tensor:
        """Return all rows that can be told by now."""
        window = _window(self, rows, kept, before=self._padding, after=self._padding * last)
        count = max(0, (len(window) - self._reach - 1) // self._stride + 1)
        if not last:
            kept[self] = window[count * self._stride :].clone()
        if not count:
            return rows.new_empty(0, len(self.weight))
        picture = window.t()[None, :, None]
        out = conv2d(picture, self.weight, self.bias, (1, self._stride), 0, (1, self._dilation))
        return out[0, :, 0].t()


class TransposedConvolution(nn.Module):
    """A transposed convolution whose kernel is two strides long, of what a `Snake` makes.

    Each row and the one before it make `stride` rows: one matrix product.

    Args:
        plain: diffusers' transposed convolution, its weights folded.
        snake: the activation before it.
    """

    def __init__(self, plain: nn.ConvTranspose1d, snake: Snake) -> None:
        super().__init__()
        self.snake = snake
        self._padding, self._stride = int(plain.padding[0]), plain.stride[0]
        self._channels = plain.out_channels
        self.width = max(plain.in_channels, self._stride * plain.out_channels)
        kernels = plain.weight.detach()
        halves = kernels.reshape(*kernels.shape[:2], 2, self._stride).permute(2, 0, 3, 1)
        # The row before comes first: it makes the second half of its kernel.
        self.weight = nn.Parameter(
            halves.flip(0).reshape(2 * plain.in_channels, -1).contiguous(), requires_grad=False
        )
        self.bias = _bias_of(plain, times=self._stride)

    def forward(self, rows: Tensor, kept: Kept, last: bool) -> Tensor:
        """Return all rows that can be told by now."""
        if not (len(rows) or last):
            return rows.new_empty(0, self._channels)
        begins = self not in kept
        window = _window(self, rows, kept, before=1, after=int(last))
        if not last:
            kept[self] = window[-1:].clone()
        pairs = torch.cat([window[:-1], window[1:]], dim=1)
        spread = linear(pairs, self.weight.t(), self.bias).view(
            len(pairs) * self._stride, self._channels
        )
        return spread[self._padding * begins : len(spread) - self._padding * last]


class ResidualUnit(nn.Module):
    """A signal, and what two activated convolutions add to it.

    Args:
        plain: diffusers' OobleckResidualUnit, its weights folded.
    """

    def __init__(self, plain: Any) -> None:
        super().__init__()
        self.wide = Convolution(plain.conv1, Snake(plain.snake1))
        self.snake = Snake(plain.snake2)
        self.width = self.wide.width
        mixing = plain.conv2.weight.detach()[:, :, 0].t().contiguous()
        self.weight = nn.Parameter(mixing, requires_grad=False)
        self.bias = _bias_of(plain.conv2)

    def forward(self, rows: Tensor, kept: Kept, last: bool) -> Tensor:
        """Return all rows that can be told by now."""
        branch = self.wide(rows, kept, last)
        waited = kept.pop(self, rows[:0])
        skip = rows.new_empty(len(waited) + len(rows), rows.shape[1])
        skip[: len(waited)] = waited
        torch.add(rows, cast("Tensor", self.bias), out=skip[len(waited) :])
        if not last:
            kept[self] = skip[len(branch) :].clone()
        return skip[: len(branch)].addmm_(self.snake.into(branch, branch), self.weight)


def _window(
    layer: "Convolution | TransposedConvolution",
    rows: Tensor,
    kept: Kept,
    *,
    before: int,
    after: int,
) -> Tensor:
    """Return what `layer` kept, or zeros `before`; then its activated `rows`; zeros `after`."""
    head = kept.pop(layer, None)
    if head is None:
        head = rows.new_zeros(before, rows.shape[1])
    end = len(head) + len(rows)
    window = rows.new_empty(end + after, rows.shape[1])
    window[: len(head)] = head
    window[end:] = 0
    if layer.snake is None:
        window[len(head) : end] = rows
    else:
        layer.snake.into(window[len(head) : end], rows)
    return window


def _bias_of(plain: nn.Conv1d | nn.ConvTranspose1d, times: int = 1) -> nn.Parameter | None:
    bias = plain.bias
    return None if bias is None else nn.Parameter(bias.detach().repeat(times), requires_grad=False)
