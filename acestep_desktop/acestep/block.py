"""One block of the diffusion transformer, walked through in our own order."""

from typing import Any

from torch import Tensor

from acestep_desktop.acestep.attention import attend, attend_near, rotated

KeyValue = tuple[Tensor, Tensor]


def walked(
    layer: Any,
    hidden: Tensor,
    modulation: Tensor,
    *,
    crossed: KeyValue,
    positions: KeyValue,
    window: int | None,
) -> Tensor:
    """Return what `layer`, a block of diffusers' transformer, makes of `hidden`, [B, L, E].

    Args:
        layer: its modules and weights.
        hidden: what the block before made.
        modulation: of the time, [1, 6, E].
        crossed: keys and values of the conditions, [B, heads, S, head_dim].
        positions: cosines and sines of the positions, [L, head_dim].
        window: how far a token sees; None is everywhere.
    """
    shift, scale, gate, mlp_shift, mlp_scale, mlp_gate = (
        layer.scale_shift_table + modulation
    ).chunk(6, dim=1)
    normed = (layer.self_attn_norm(hidden) * (1 + scale) + shift).type_as(hidden)
    attended = _self_attended(layer.self_attn, normed, positions, window)
    hidden = (hidden + attended * gate).type_as(hidden)
    normed = layer.cross_attn_norm(hidden).type_as(hidden)
    hidden = hidden + _cross_attended(layer.cross_attn, normed, crossed)
    normed = (layer.mlp_norm(hidden) * (1 + mlp_scale) + mlp_shift).type_as(hidden)
    out: Tensor = (hidden + layer.mlp(normed) * mlp_gate).type_as(hidden)
    return out


def keys_and_values(attention: Any, states: Tensor) -> KeyValue:
    """Return the keys and values of `states`, [B, S, E], each [B, heads, S, head_dim]."""
    return _heads(attention, "k", states), _heads(attention, "v", states)


def _self_attended(
    attention: Any, hidden: Tensor, positions: KeyValue, window: int | None
) -> Tensor:
    query = rotated(_heads(attention, "q", hidden), positions)
    key = rotated(_heads(attention, "k", hidden), positions)
    value = _heads(attention, "v", hidden)
    if window is None:
        return _joined(attention, attend(query, key, value))
    return _joined(attention, attend_near(query, key, value, window))


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
