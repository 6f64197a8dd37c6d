"""The master limiter: no true peak above -1 dBTP, by a gain that needs no memory.

Time is cut into cells of 64 frames on the absolute grid. A cell whose true peak
P is too high may sound at most at r = ceiling / P. From those limits follows one
gain at each border between cells, in steps that look at a finite stretch only:

    m   the lower r of the two cells that meet there
    y   release: min over d = 0..127 of m[j - d] + d / 128 (an octave takes 85 ms)
    s   attack: the minimum over 7 borders, smoothed over 7 by weights 1 2 3 4 3 2 1

and between borders the gain moves in a straight line. Smoothing minima over the
same stretch never exceeds what any of its members allows, so no cell is too loud.
Where nothing is, within that stretch, every gain is 1 exactly and the samples keep
their bits. A gain depends on the audio around it and on nothing else: blocks and
seeks of any kind give the same bits.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.dsp.truepeak import GROWTH, REACH, true_peaks

CEILING_DB: Final = -1.0
CELL: Final = 64
RELEASE_CELLS: Final = 128
"""Cells in which the gain rises from 0 to 1: 171 ms."""

_ATTACK: Final = 3
CELLS_BEHIND: Final = RELEASE_CELLS - 1 + 2 * _ATTACK + 1
CELLS_AHEAD: Final = 2 * _ATTACK + 1
"""A frame's gain depends on this many cells before and behind its own."""

LOOK_BACK: Final = Frame(CELLS_BEHIND * CELL + CELL + REACH)
LOOK_AHEAD: Final = Frame(CELLS_AHEAD * CELL + CELL + REACH)
"""Frames of the mix before and behind a frame that decide its gain, at most."""

_CEILING: Final = 10.0 ** (CEILING_DB / 20.0)
_SHARES: Final = np.arange(CELL, dtype=np.float64) / CELL

Gains = npt.NDArray[np.float64]


def cell_limits(mix: Samples, first: int, count: int) -> Gains:
    """Return the highest gain (at most 1) that each of `count` cells may have.

    Args:
        mix: Stereo, with `REACH` frames before and behind the cells.
        first: Index into `mix` of the first cell.
    """
    around = mix[first - REACH : first + count * CELL + REACH]
    if not len(around) or max(around.max(), -around.min()) * GROWTH <= _CEILING:
        return np.ones(count)
    peaks = true_peaks(mix, first, count, CELL).astype(np.float64)
    return np.asarray(_CEILING / np.maximum(peaks, _CEILING))


def frame_gains(limits: Gains) -> npt.NDArray[np.float32] | None:
    """Return the gain of every frame of the cells whose surroundings `limits` holds.

    That is, of the cells from `CELLS_BEHIND` on, up to `CELLS_AHEAD` before the
    last. None stands for 1 everywhere.
    """
    if limits.min() >= 1.0:
        return None
    border = np.minimum(limits[:-1], limits[1:])
    step = 1
    while step < RELEASE_CELLS:
        border = np.minimum(border[step:], border[:-step] + step / RELEASE_CELLS)
        step *= 2
    low = np.minimum(border[:-1], border[1:])
    low = np.minimum(low[:-2], low[2:])
    low = np.minimum(low[:-3], low[3:])
    for step in (1, 2, 1, 2):
        low = low[:-step] + low[step:]
    nodes = low / 16.0
    gains = nodes[:-1, None] + (nodes[1:] - nodes[:-1])[:, None] * _SHARES
    return gains.astype(np.float32).reshape(-1)
