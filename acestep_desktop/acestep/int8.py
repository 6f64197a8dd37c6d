"""Linear layers in eight bits, for processors that are faster with them.

Weights are rounded once, each output channel with its own scale; activations
are rounded as they come, each token with its own. Kernel: oneDNN's int8 matrix
product, as `torch.ops.onednn.qlinear_pointwise` offers it, with weights that were
packed for it by `qlinear_prepack`; it multiplies bytes into 32-bit sums (VNNI on
processors that have it). Products of random layers of the real size are off by
1.2 % (38 dB), a quarter of the memory is read, and the weights need a quarter of
the space. Where the kernel is missing or wrong, or the processor has no instructions
for it, nothing is changed. No stopwatch decides: the same request must sound the same
on a busy day.
"""

import logging
import weakref
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from acestep_desktop.acestep.steps import LOADING, Step, Work

log = logging.getLogger(__name__)

IN_EIGHT_BITS: Final = "Its weights were rounded to eight bits, which is faster on this processor."

_MOST_WRONG: Final = 0.03
"""A kernel whose products are off by more overflows: that of old processors does."""

_PROBE_SHAPE: Final = (64, 512, 1024)
"""Tokens, inputs and outputs of the layer that is tried."""

_SMALLEST: Final = 256
"""Layers with fewer inputs or outputs stay as they are: rounding costs more than it saves."""


class Rounding:
    """Rounds tokens to bytes: once for all layers that are given the same ones in a row.

    Queries, keys and values are made of the same tokens, and so are both halves
    of a gate. Nobody may change tokens in place between two such layers.
    """

    def __init__(self) -> None:
        self._given: weakref.ref[Tensor] | None = None
        self._bytes = self._scale = torch.empty(0)

    def of(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return `x`, [..., C], as bytes, [tokens, C], and the scale of each token."""
        if self._given is None or self._given() is not x:
            tokens = x.reshape(-1, x.shape[-1]).float()
            scale = (tokens.abs().amax(dim=1, keepdim=True) / 127).clamp_min(1e-12)
            rounded = (tokens / scale).round_().to(torch.int8)
            self._bytes, self._scale, self._given = rounded, scale, weakref.ref(x)
        return self._bytes, self._scale


class Int8Linear(nn.Module):
    """A linear layer whose weights are bytes.

    Args:
        exact: the layer that it stands for.
        rounding: what rounds its input; shared with layers that are given the same.
    """

    def __init__(self, exact: nn.Linear, rounding: Rounding | None = None) -> None:
        super().__init__()
        self._rounding = rounding or Rounding()
        self.in_features = exact.in_features
        self.out_features = exact.out_features
        weight = exact.weight.detach().float()
        scales = (weight.abs().amax(dim=1) / 127).clamp_min(1e-12)
        rounded = (weight / scales[:, None]).round().to(torch.int8)
        self._packed = torch.ops.onednn.qlinear_prepack(rounded, None)
        self._scales = scales
        self._zeros = torch.zeros(len(scales), dtype=torch.int8)
        self._bias = None if exact.bias is None else exact.bias.detach().float()

    def forward(self, x: Tensor) -> Tensor:
        """Return what the layer makes of `x`, [..., in_features], on the CPU."""
        rounded, scale = self._rounding.of(x)
        product = torch.ops.onednn.qlinear_pointwise(
            *(rounded, 1.0, 0, self._packed, self._scales, self._zeros, None),
            *(1.0, 0, torch.float32, "none", [], ""),
        )
        product.mul_(scale)
        if self._bias is not None:
            product.add_(self._bias)
        result: Tensor = product.reshape(*x.shape[:-1], self.out_features).to(x.dtype)
        return result


def pays_off() -> bool:
    """Return whether this processor has instructions for sums of bytes, and they are right."""
    tokens, inputs, outputs = _PROBE_SHAPE
    generator = torch.Generator().manual_seed(0)
    try:
        if not has_byte_sums():
            return False
        exact = nn.Linear(inputs, outputs, bias=False)
        exact.weight.data = torch.randn(outputs, inputs, generator=generator)
        x = torch.randn(tokens, inputs, generator=generator)
        with torch.inference_mode():
            truth, found = linear(x, exact.weight), Int8Linear(exact)(x)
    except (RuntimeError, AttributeError, NotImplementedError) as error:
        log.info("no eight-bit layers here: %s", error)
        return False
    return float((found - truth).norm() / truth.norm()) <= _MOST_WRONG


def has_byte_sums() -> bool:
    """Return whether the processor multiplies bytes into sums at once: VNNI, or AMX."""
    return bool(torch.cpu._is_vnni_supported() or torch.cpu._is_amx_tile_supported())


def quantised(transformer: nn.Module) -> Work[int]:
    """Put `Int8Linear` in the place of the large linear layers of all blocks; return how many.

    Yields after each block. One layer goes after the other: memory never holds
    more than one of them twice. Time embeddings and the ends of the network stay
    exact: they are small, and errors there are heard in every layer.
    """
    blocks = list(transformer.get_submodule("layers").children())
    rounding = Rounding()
    count = 0
    for index, block in enumerate(blocks):
        for module in block.modules():
            for name, child in list(module.named_children()):
                if isinstance(child, nn.Linear) and _is_large(child):
                    setattr(module, name, Int8Linear(child, rounding))
                    count += 1
        yield Step(LOADING, index + 1, len(blocks))
    return count


def _is_large(layer: nn.Linear) -> bool:
    return min(layer.in_features, layer.out_features) >= _SMALLEST
