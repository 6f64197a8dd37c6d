"""Convolution in a circle, block by block: what rings past the end goes on at frame 0."""

from typing import Final

import numpy as np

from acestep_desktop.sketch.sound.signal import Mono, Spectrum, audio_of, spectrum_of

BLOCK: Final = 16_384
"""Frames convolved at once."""


def partitions_of(answer: Mono) -> Spectrum:
    """Return an answer cut into blocks and transformed: (blocks, bins)."""
    count = -(-len(answer) // BLOCK)
    padded = np.zeros((count, 2 * BLOCK), dtype=np.float32)
    for index in range(count):
        piece = answer[index * BLOCK : (index + 1) * BLOCK]
        padded[index, : len(piece)] = piece
    return spectrum_of(padded)


def blocks_of(line: Mono) -> Spectrum:
    """Return a line cut into blocks and transformed: (blocks, bins)."""
    rows = -(-len(line) // BLOCK)
    padded = np.zeros((rows, 2 * BLOCK), dtype=np.float32)
    whole = len(line) // BLOCK
    padded[:whole, :BLOCK] = line[: whole * BLOCK].reshape(whole, BLOCK)
    if whole < rows:
        padded[whole, : len(line) - whole * BLOCK] = line[whole * BLOCK :]
    return spectrum_of(padded)


def convolved(blocks: Spectrum, answer: Spectrum, frames: int) -> Mono:
    """Return the convolution of a line of `frames` with an answer, folded into a circle."""
    rows, parts = len(blocks), len(answer)
    line = np.zeros((rows + parts) * BLOCK, dtype=np.float32)
    total, product = np.empty_like(blocks[0]), np.empty_like(blocks[0])
    # Row by row, so that all there is to multiply stays in the processor's cache.
    for row in range(rows + parts - 1):
        first, last = max(0, row - rows + 1), min(parts, row + 1)
        np.multiply(blocks[row - first], answer[first], out=total)
        for part in range(first + 1, last):
            np.multiply(blocks[row - part], answer[part], out=product)
            total += product
        line[row * BLOCK : (row + 2) * BLOCK] += audio_of(total, 2 * BLOCK)
    return folded(line, frames)


def folded(line: Mono, frames: int) -> Mono:
    """Return the first `frames`, with all that comes after laid over them, lap by lap."""
    result = np.zeros(frames, dtype=np.float32)
    for start in range(0, len(line), frames):
        lap = line[start : start + frames]
        result[: len(lap)] += lap
    return result
