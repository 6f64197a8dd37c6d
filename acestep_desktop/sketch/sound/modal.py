"""Partials that ring: a bank of decaying sines, summed as one matrix product.

A partial is exp(s·t) with s = -decay + 2πi·f. Split time into blocks:
exp(s·(b·B + j)) = exp(s·B)^b · exp(s)^j, so the sum over partials for all b and j is a
product of two small matrices, which costs a hundredth of what a sine each would.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.signal import TOP_HZ, Curve, Mono

BLOCK: Final = 512
"""Frames in a row of the product."""

_AT_ONCE: Final = 96
"""Partials in one product. A longer inner sum would be split by the number of threads, and with
it the last bits of the result."""


@dataclass(frozen=True, slots=True, eq=False)
class Modes:
    """Partials: frequencies, amplitudes, seconds to -60 dB, and phases (0: a sine)."""

    hz: Curve
    gains: Curve
    t60_s: Curve
    phases: Curve

    def audible(self) -> "Modes":
        """Return those within hearing and loud enough to matter."""
        loudest = float(np.max(np.abs(self.gains))) if len(self.gains) else 0.0
        keep = (self.hz > 15.0) & (self.hz < TOP_HZ) & (np.abs(self.gains) > loudest * 1e-5)
        return Modes(self.hz[keep], self.gains[keep], self.t60_s[keep], self.phases[keep])


def modes(
    hz: npt.ArrayLike, gains: npt.ArrayLike, t60_s: npt.ArrayLike, phases: npt.ArrayLike = 0.0
) -> Modes:
    """Return `Modes` of the given values, each broadcast to as many as there are frequencies."""
    table = np.asarray(hz, dtype=np.float64)
    return Modes(
        table,
        np.broadcast_to(np.asarray(gains, dtype=np.float64), table.shape),
        np.broadcast_to(np.asarray(t60_s, dtype=np.float64), table.shape),
        np.broadcast_to(np.asarray(phases, dtype=np.float64), table.shape),
    )


def together(*banks: Modes) -> Modes:
    """Return one bank that holds the partials of all."""
    return Modes(
        np.concatenate([bank.hz for bank in banks]),
        np.concatenate([bank.gains for bank in banks]),
        np.concatenate([bank.t60_s for bank in banks]),
        np.concatenate([bank.phases for bank in banks]),
    )


def ring(bank: Modes, frames: int) -> Mono:
    """Return the sum of all partials, struck at frame 0."""
    bank = bank.audible()
    if not len(bank.hz):
        return np.zeros(frames, dtype=np.float32)
    total = np.zeros((-(-frames // BLOCK), BLOCK), dtype=np.float32)
    for first in range(0, len(bank.hz), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        total += _product(
            Modes(bank.hz[some], bank.gains[some], bank.t60_s[some], bank.phases[some]), len(total)
        )
    return total.reshape(-1)[:frames]


def _product(bank: Modes, rows: int) -> Mono:
    """Return the sum of partials as blocks, shape (rows, BLOCK)."""
    pole = (-np.log(1000.0) / bank.t60_s + 2j * np.pi * bank.hz) / SAMPLE_RATE
    start = bank.gains * np.exp(1j * (bank.phases - np.pi / 2))
    within = _powers(np.exp(pole), BLOCK)
    across = _powers(np.exp(pole * BLOCK), rows)
    across *= start[:, None]
    left = np.concatenate([across.real, -across.imag]).astype(np.float32)
    right = np.concatenate([within.real, within.imag]).astype(np.float32)
    return left.T @ right


def _powers(base: npt.NDArray[np.complex128], count: int) -> npt.NDArray[np.complex128]:
    """Return base^0 .. base^(count-1) along a new last axis, by doubling."""
    table = np.empty((len(base), count), dtype=np.complex128)
    table[:, 0] = 1.0
    filled, step = 1, base.copy()
    while filled < count:
        more = min(filled, count - filled)
        np.multiply(table[:, :more], step[:, None], out=table[:, filled : filled + more])
        filled += more
        step = step * step
    return table
