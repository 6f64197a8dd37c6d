"""The diffusion transformer bound to one clip: what does not change with the step is done once.

The modules and weights are those of diffusers' AceStepTransformer1DModel. Here
they are walked through in our own order, so that the projection of the
conditions, keys and values of all cross attentions, rotary positions and the
mask of the sliding window are computed once for a clip and not at each step.
"""

from collections.abc import Iterator
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from acestep_desktop.acestep.attention import attend, attend_near, rotary, rotated

KeyValue = tuple[Tensor, Tensor]


class ClipVelocity:
    """Says where latents of a clip should flow to, at a time between 1 (noise) and 0 (sound).

    Args:
        transformer: diffusers' AceStepTransformer1DModel, on its device.
        conditions: [B, S, E] encoder states, one row for each branch of guidance.
        context: [1, T, 2C] source latents and mask.
    """

    def __init__(self, transformer: nn.Module, conditions: Tensor, context: Tensor) -> None:
        self._dit = cast("Any", transformer)
        self._branches = conditions.shape[0]
        self._context = context.expand(self._branches, -1, -1)
        self._length = context.shape[1]
        patch = int(self._dit.patch_size)
        self._pad = -self._length % patch
        tokens = (self._length + self._pad) // patch
        states = self._dit.condition_embedder(conditions)
        self._crossed = [_keys_and_values(layer.cross_attn, states) for layer in self._dit.layers]
        self._positions = rotary(tokens, self._dit.head_dim, self._dit.rope_theta, states)

    @property
    def layers(self) -> int:
        """How many layers there are."""
        return len(self._crossed)

    def at(self, latents: Tensor, time: float) -> Iterator[Tensor | None]:
        """Yield None after each layer, and at last the velocity, [B, T, C].

        A layer of a big model on a small machine takes a second: a cancelled job
        need not wait for the whole step.
        """
        dit = self._dit
        hidden = self._patched(latents)
        embedded, modulation = self._time(time, hidden)
        for index, layer in enumerate(dit.layers):
            hidden = self._layer(index, layer, hidden, modulation)
            yield None
        shift, scale = (dit.scale_shift_table + embedded.unsqueeze(1)).chunk(2, dim=1)
        hidden = (dit.norm_out(hidden) * (1 + scale) + shift).type_as(hidden)
        velocity = dit.proj_out_conv(hidden.transpose(1, 2)).transpose(1, 2)
        yield velocity[:, : self._length]

    def _patched(self, latents: Tensor) -> Tensor:
        """Return the first hidden states: context and latents, two to a token."""
        dtype = self._context.dtype
        both = latents.to(dtype).expand(self._branches, -1, -1)
        stacked = torch.cat([self._context, both], dim=-1)
        if self._pad:
            stacked = F.pad(stacked, (0, 0, 0, self._pad))
        hidden: Tensor = self._dit.proj_in_conv(stacked.transpose(1, 2)).transpose(1, 2)
        return hidden

    def _time(self, time: float, like: Tensor) -> tuple[Tensor, Tensor]:
        """Return the embedding of `time` and its modulation; the flow's own end is now (r = t)."""
        now = torch.full((1,), time, dtype=like.dtype, device=like.device)
        embedded, modulation = self._dit.time_embed(now)
        embedded_r, modulation_r = self._dit.time_embed_r(torch.zeros_like(now))
        return embedded + embedded_r, modulation + modulation_r

    def _layer(self, index: int, layer: Any, hidden: Tensor, modulation: Tensor) -> Tensor:
        shift, scale, gate, mlp_shift, mlp_scale, mlp_gate = (
            layer.scale_shift_table + modulation
        ).chunk(6, dim=1)
        near = self._dit.layer_types[index] == "sliding_attention"
        window = int(self._dit.config.sliding_window) if near else None
        normed = (layer.self_attn_norm(hidden) * (1 + scale) + shift).type_as(hidden)
        hidden = (hidden + self._self_attended(layer.self_attn, normed, window) * gate).type_as(
            hidden
        )
        normed = layer.cross_attn_norm(hidden).type_as(hidden)
        hidden = hidden + _cross_attended(layer.cross_attn, normed, self._crossed[index])
        normed = (layer.mlp_norm(hidden) * (1 + mlp_scale) + mlp_shift).type_as(hidden)
        out: Tensor = (hidden + layer.mlp(normed) * mlp_gate).type_as(hidden)
        return out

    def _self_attended(self, attention: Any, hidden: Tensor, window: int | None) -> Tensor:
        query = rotated(_heads(attention, "q", hidden), self._positions)
        key = rotated(_heads(attention, "k", hidden), self._positions)
        value = _heads(attention, "v", hidden)
        if window is None:
            return _joined(attention, attend(query, key, value))
        return _joined(attention, attend_near(query, key, value, window))


def _keys_and_values(attention: Any, states: Tensor) -> KeyValue:
    return _heads(attention, "k", states), _heads(attention, "v", states)


def _cross_attended(attention: Any, hidden: Tensor, crossed: KeyValue) -> Tensor:
    return _joined(attention, attend(_heads(attention, "q", hidden), *crossed))


def _heads(attention: Any, which: str, states: Tensor) -> Tensor:
    """Return queries, keys or values, [B, heads, L, head_dim]; normed but for values."""
    split: Tensor = getattr(attention, f"to_{which}")(states).unflatten(
        -1, (-1, attention.head_dim)
    )
    if which != "v":
        split = getattr(attention, f"norm_{which}")(split)
    return split.transpose(1, 2)


def _joined(attention: Any, heads: Tensor) -> Tensor:
    out: Tensor = attention.to_out[0](heads.transpose(1, 2).flatten(2, 3))
    return out
