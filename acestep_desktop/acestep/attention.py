"""Attention of one clip: rotary positions, a sliding window in blocks, grouped heads."""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

_BLOCK: Final = 512
"""Queries of a sliding window that are attended together."""


def rotary(length: int, head_dim: int, theta: float, like: Tensor) -> tuple[Tensor, Tensor]:
    """Return cosines and sines of the positions, [length, head_dim], halves alike."""
    even = torch.arange(0, head_dim, 2, dtype=torch.float32, device=like.device)
    frequencies = 1.0 / (theta ** (even / head_dim))
    positions = torch.arange(length, dtype=torch.float32, device=like.device)
    angles = torch.outer(positions, frequencies)
    both = torch.cat([angles, angles], dim=-1)
    return both.cos().to(like.dtype), both.sin().to(like.dtype)


def rotated(x: Tensor, positions: tuple[Tensor, Tensor]) -> Tensor:
    """Return `x`, [B, H, L, D], turned by its positions, halves against each other."""
    cosines, sines = positions
    low, high = x.chunk(2, dim=-1)
    turned = x.float() * cosines + torch.cat([-high, low], dim=-1).float() * sines
    return turned.to(x.dtype)


def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return full attention; query is [B, H, L, D], key and value [B, G, S, D], H a multiple of G.

    The kernels of a CPU are slow with grouped heads, and repeating the few
    keys costs nothing beside that.
    """
    if query.device.type != "cpu" or query.shape[1] == key.shape[1]:
        return F.scaled_dot_product_attention(
            query, key, value, enable_gqa=query.shape[1] != key.shape[1]
        )
    times = query.shape[1] // key.shape[1]
    return F.scaled_dot_product_attention(
        query, key.repeat_interleave(times, dim=1), value.repeat_interleave(times, dim=1)
    )


def attend_near(query: Tensor, key: Tensor, value: Tensor, window: int) -> Tensor:
    """Return attention to what is at most `window` positions away, on both sides.

    Done in blocks of queries with the keys they can see: as much work as the
    window, not as the square of the length.
    """
    length = query.shape[2]
    if length <= window + 1:
        return attend(query, key, value)
    times = query.shape[1] // key.shape[1]
    key, value = key.repeat_interleave(times, dim=1), value.repeat_interleave(times, dim=1)
    outputs = []
    for start in range(0, length, _BLOCK):
        end = min(length, start + _BLOCK)
        low, high = max(0, start - window), min(length, end + window)
        asking = torch.arange(start, end, device=query.device)[:, None]
        asked = torch.arange(low, high, device=query.device)[None, :]
        near = (asking - asked).abs() <= window
        outputs.append(
            F.scaled_dot_product_attention(
                query[:, :, start:end], key[:, :, low:high], value[:, :, low:high], attn_mask=near
            )
        )
    return outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=2)
