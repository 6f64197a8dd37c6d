"""The diffusion transformer bound to one clip: what does not change with the step is done once.

The modules and weights are those of diffusers' AceStepTransformer1DModel. Here
they are walked through in our own order, so that the projection of the
conditions, keys and values of all cross attentions, rotary positions and the
mask of the sliding window are computed once for a clip and not at each step.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from acestep_desktop.acestep.attention import rotary
from acestep_desktop.acestep.block import keys_and_values, walked
from acestep_desktop.acestep.compiled import BlockShape, Form, shape_of, weights_of
from acestep_desktop.acestep.errors import FormError
from acestep_desktop.acestep.memory import is_out_of_memory


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
        self.forms: Mapping[BlockShape, Form] = {}
        """Compiled forms for all of `shapes`; empty while the layers are walked through plainly."""
        patch = int(self._dit.patch_size)
        self._pad = -self._length % patch
        tokens = (self._length + self._pad) // patch
        states = self._dit.condition_embedder(conditions)
        self._crossed = [keys_and_values(layer.cross_attn, states) for layer in self._dit.layers]
        self._positions = rotary(tokens, self._dit.head_dim, self._dit.rope_theta, states)
        self._weights = [weights_of(layer) for layer in self._dit.layers]
        self._shapes = [
            shape_of(self._dit, index, self._branches, tokens, states)
            for index in range(len(self._dit.layers))
        ]

    @property
    def layers(self) -> int:
        """How many layers there are."""
        return len(self._crossed)

    @property
    def shapes(self) -> frozenset[BlockShape]:
        """What has to be compiled for all layers; empty where one of them cannot be."""
        known = frozenset(shape for shape in self._shapes if shape is not None)
        return known if None not in self._shapes else frozenset()

    def at(self, latents: Tensor, time: float) -> Iterator[Tensor | None]:
        """Yield None after each layer, and at last the velocity, [B, T, C].

        A layer of a big model on a small machine takes a second: a cancelled job
        need not wait for the whole step.
        """
        dit = self._dit
        hidden = self._patched(latents)
        embedded, modulation = self._time(time, hidden)
        through = self._compiled if self.forms else self._plain
        for index, layer in enumerate(dit.layers):
            hidden = through(index, layer, hidden, modulation)
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

    def _plain(self, index: int, layer: Any, hidden: Tensor, modulation: Tensor) -> Tensor:
        near = self._dit.layer_types[index] == "sliding_attention"
        return walked(
            layer,
            hidden,
            modulation,
            crossed=self._crossed[index],
            positions=self._positions,
            window=int(self._dit.config.sliding_window) if near else None,
        )

    def _compiled(self, index: int, _: Any, hidden: Tensor, modulation: Tensor) -> Tensor:
        shape = self._shapes[index]
        assert shape is not None
        given = (hidden.contiguous(), modulation, *self._crossed[index], *self._positions)
        try:
            return self.forms[shape](*self._weights[index](), *given)
        except (RuntimeError, AssertionError, TypeError) as error:
            if is_out_of_memory(error):
                raise
            raise FormError(repr(error)) from error
