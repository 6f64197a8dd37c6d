"""LoRA: small files that add something to a model, for as long as a job lasts.

A LoRA adds scale * B(A(x)) to what a linear layer makes of x. It is added by a
hook on the layer: the weights stay as they are, also quantised ones, and without
the hook the model is bit for bit the one it was. The scale is the strength times
alpha / r, or alpha / sqrt(r) of a rank-stabilised one; alpha is in the file or in
the `adapter_config.json` beside it, and r is the rank.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from acestep_desktop.acestep.adapter_files import Lora, LoraLayer, read_lora
from acestep_desktop.acestep.errors import AdapterError
from acestep_desktop.domain.request import Adapter, Request


def read_adapters(request: Request) -> tuple[Request, tuple[Lora, ...]]:
    """Return the LoRA files of `request`, and the request with their full paths and hashes.

    Raises AdapterError for a file that is no LoRA, or that is not the one that an
    earlier take was made with.
    """
    loras, adapters = [], []
    for adapter in request.adapters:
        lora = read_lora(Path(adapter.path))
        if adapter.sha256 not in ("", lora.sha256):
            raise AdapterError(
                f'The LoRA "{lora.name}" is not the file that this take was made with any more: '
                "choose that file, or ask without the old take's recipe."
            )
        loras.append(lora)
        adapters.append(replace(adapter, path=str(lora.path), sha256=lora.sha256))
    return replace(request, adapters=tuple(adapters)), tuple(loras)


@contextmanager
def applied(
    adapters: Sequence[Adapter], loras: Sequence[Lora], transformer: nn.Module
) -> Iterator[None]:
    """Add `loras` to `transformer` at the strengths of `adapters`, for as long as this lasts.

    Raises AdapterError, before anything is changed, for one that does not fit.
    """
    layers = _linear_layers(transformer)
    parts: dict[str, list[tuple[LoraLayer, float]]] = {}
    for adapter, lora in zip(adapters, loras, strict=True):
        for name, layer in _fitting(lora, layers).items():
            if adapter.strength != 0.0:
                parts.setdefault(name, []).append((layer, adapter.strength))
    with ExitStack() as stack:
        for name, added in parts.items():
            hook = layers[name].register_forward_hook(_Addition(added))
            stack.callback(hook.remove)
        yield


class _Addition:
    """Adds what several LoRA layers make of a linear layer's input to its output."""

    def __init__(self, added: Sequence[tuple[LoraLayer, float]]) -> None:
        self._down = torch.cat([layer.down.float() for layer, _ in added])
        self._up = torch.cat(
            [layer.up.float() * (layer.scale * strength) for layer, strength in added], dim=1
        )
        self._here = (self._down, self._up)

    def __call__(self, _: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> Tensor:
        x = given[0]
        if (self._here[0].device, self._here[0].dtype) != (x.device, x.dtype):
            self._here = (self._down.to(x), self._up.to(x))
        down, up = self._here
        return linear(linear(x, down), up).add_(output)


def _linear_layers(transformer: nn.Module) -> dict[str, Any]:
    """Return the layers that a LoRA can be added to, by name: all that are linear."""
    return {
        name: module
        for name, module in transformer.named_modules()
        if hasattr(module, "in_features") and hasattr(module, "out_features")
    }


def _fitting(lora: Lora, layers: dict[str, Any]) -> dict[str, LoraLayer]:
    """Return the layers of `lora` by the model's names for them; AdapterError if one is wrong."""
    flat = {name.replace(".", "_"): name for name in layers}
    fitting = {}
    for key, layer in lora.layers.items():
        name = key if key in layers else flat.get(key.replace(".", "_"))
        if name is None:
            raise AdapterError(
                f'The LoRA "{lora.name}" does not fit this model, which has no layer "{key}": '
                "it was made for another model. Choose the model it was made for, or leave it out."
            )
        wanted = (layers[name].in_features, layers[name].out_features)
        if layer.features != wanted:
            raise AdapterError(
                f'The LoRA "{lora.name}" does not fit this model: its layer "{key}" is for '
                f"{layer.features[0]} to {layer.features[1]} values, the model's has "
                f"{wanted[0]} to {wanted[1]}. LoRA files of 2B and XL models cannot be exchanged: "
                "choose the model it was made for, or leave it out."
            )
        fitting[name] = layer
    return fitting
