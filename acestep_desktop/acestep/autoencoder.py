"""The autoencoder made ready for inference: its encoder and its decoder take chunks."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, cast

import torch
from torch import Tensor, nn
from torch.nn.utils import remove_weight_norm

from acestep_desktop.acestep.rows import (
    Convolution,
    Kept,
    ResidualUnit,
    Snake,
    TransposedConvolution,
)

_CACHED: Final = 1 << 20
"""Numbers that a layer works on at once on a processor: they stay in its cache (4 MiB)."""

_RESIDUAL: Final = 3 * (1 + 3 + 9)
"""What three residual units see on each side: kernels of 7, dilated by 1, 3 and 9."""

_SPARE: Final = 2
"""More latents than the network sees, against rounding of its uneven kernels."""


class Network(nn.Module):
    """Layers one after the other, for a signal that comes in chunks.

    On a processor a chunk goes through them in pieces that stay in the cache,
    each through all layers before the next one is begun.
    """

    def __init__(self, layers: Iterable[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, rows: Tensor, kept: Kept, last: bool) -> Tensor:
        """Return all rows that can be told after `rows`, [L, C].

        Args:
            rows: the next of the signal.
            kept: what the layers keep of it; it is changed. Useless after an error.
            last: whether the signal ends here.
        """
        return torch.cat(list(self._through(0, rows, kept, last)))

    def _through(self, index: int, rows: Tensor, kept: Kept, last: bool) -> Iterator[Tensor]:
        if index == len(self.layers):
            yield rows
            return
        layer = self.layers[index]
        pieces = torch.split(rows, _at_once(layer, rows))
        for piece in pieces:
            ends = last and piece is pieces[-1]
            yield from self._through(index + 1, layer(piece, kept, ends), kept, ends)


def prepare(vae: nn.Module) -> None:
    """Fold the weight norm of all convolutions of `vae`, and make each half of it a `Network`.

    Afterwards they take and give rows in chunks, and it can be neither trained nor saved.
    """
    for module in list(vae.modules()):
        if hasattr(module, "weight_g"):
            remove_weight_norm(module)
    whole = cast("Any", vae)
    vae.encoder = Network(_encoding(whole.encoder))
    vae.decoder = Network(_decoding(whole.decoder))
    vae.requires_grad_(False)


def overlap_of(ratios: Sequence[int]) -> int:
    """Return how many latents to each side of a sound the decoder can see.

    `ratios` are the encoder's, from sound to latents. For 2, 4, 4, 6, 10 it
    sees 8.9 latents.
    """
    seen = 3.0
    rate = 1
    for ratio in reversed(ratios):
        seen += 1.0 / rate
        rate *= ratio
        seen += _RESIDUAL / rate
    return math.ceil(seen + 3.0 / rate) + _SPARE


def _encoding(encoder: Any) -> Iterator[nn.Module]:
    yield Convolution(encoder.conv1)
    for block in encoder.block:
        yield from _units(block)
        yield Convolution(block.conv1, Snake(block.snake1))
    yield Convolution(encoder.conv2, Snake(encoder.snake1))


def _decoding(decoder: Any) -> Iterator[nn.Module]:
    yield Convolution(decoder.conv1)
    for block in decoder.block:
        yield TransposedConvolution(block.conv_t1, Snake(block.snake1))
        yield from _units(block)
    yield Convolution(decoder.conv2, Snake(decoder.snake1))


def _units(block: Any) -> Iterator[nn.Module]:
    for plain in (block.res_unit1, block.res_unit2, block.res_unit3):
        yield ResidualUnit(plain)


def _at_once(layer: nn.Module, rows: Tensor) -> int:
    """Return how many of `rows` go through `layer` at once; a card takes all there are."""
    if rows.device.type != "cpu":
        return max(1, len(rows))
    return max(1, _CACHED // cast("int", layer.width))
