"""Attention in blocks against a mask, and the transformer against its own forward."""

import pytest
import torch
import torch.nn.functional as F
from diffusers import AceStepPipeline
from torch import Tensor

from acestep_desktop.acestep.attention import attend, attend_near
from acestep_desktop.acestep.velocity import ClipVelocity


def heads(count: int, length: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, count, length, 8, generator=generator)


def by_mask(query: Tensor, key: Tensor, value: Tensor, window: int) -> Tensor:
    places = torch.arange(query.shape[2])
    near = (places[:, None] - places[None, :]).abs() <= window
    return F.scaled_dot_product_attention(query, key, value, attn_mask=near, enable_gqa=True)


@pytest.mark.parametrize("length", [1, 16, 17, 18, 511, 512, 513, 1300])
@pytest.mark.parametrize("window", [16, 128])
def test_a_window_in_blocks_is_a_window_by_mask(length: int, window: int) -> None:
    query, key, value = heads(4, length, 1), heads(2, length, 2), heads(2, length, 3)

    near = attend_near(query, key, value, window)

    torch.testing.assert_close(near, by_mask(query, key, value, window), rtol=1e-4, atol=1e-5)


def test_grouped_heads_attend_as_their_group() -> None:
    query, key, value = heads(4, 30, 1), heads(2, 50, 2), heads(2, 50, 3)

    both = attend(query, key, value)

    theirs = F.scaled_dot_product_attention(query, key, value, enable_gqa=True)
    torch.testing.assert_close(both, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("latents", [1, 2, 33, 100, 1501])
def test_the_velocity_is_that_of_the_transformer_itself(
    turbo: AceStepPipeline, latents: int
) -> None:
    generator = torch.Generator().manual_seed(latents)
    states = torch.randn(1, 40, 32, generator=generator)
    context = torch.randn(1, latents, 8, generator=generator)
    x = torch.randn(1, latents, 4, generator=generator)
    with torch.no_grad():
        clip = ClipVelocity(turbo.transformer, states, context)
        for time in (1.0, 0.3):
            now = torch.full((1,), time)
            theirs = turbo.transformer(x, now, now, states, context, return_dict=False)[0]
            *layers, ours = clip.at(x, time)

            assert layers == [None] * len(turbo.transformer.layers)
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_keys_and_values_of_the_conditions_are_computed_once(turbo: AceStepPipeline) -> None:
    asked: list[str] = []
    cross = turbo.transformer.layers[0].cross_attn
    hooks = [
        module.register_forward_hook(lambda *_, name=name: asked.append(name))
        for name, module in (
            ("key", cross.to_k),
            ("value", cross.to_v),
            ("conditions", turbo.transformer.condition_embedder),
        )
    ]
    try:
        with torch.no_grad():
            clip = ClipVelocity(turbo.transformer, torch.randn(1, 9, 32), torch.randn(1, 50, 8))
            for time in (1.0, 0.7, 0.2):
                list(clip.at(torch.randn(1, 50, 4), time))
    finally:
        for hook in hooks:
            hook.remove()

    assert sorted(asked) == ["conditions", "key", "value"]
