"""How loud parts are going to be, bar by bar, told from their notes before any of it is heard."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from acestep_desktop.sketch.sound.level import WINDOW, gated_db
from acestep_desktop.sketch.sound.patches import Kit, Patch
from acestep_desktop.sketch.sound.player import Hit
from acestep_desktop.sketch.sound.signal import Curve, amplitude, frames_in

_STRUCK_S: Final = 0.15
"""About how long a drum is loud."""


def expected_energies(hits: Sequence[Hit], device: Kit | Patch, frames: int) -> Curve:
    """Return the energy to be expected of a part in every window of `frames`, in no unit."""
    energies = np.zeros(max(1, -(-frames // WINDOW)))
    for hit in hits:
        power, length = _power(hit, device)
        end = min(frames, hit.start + length)
        first, last = hit.start // WINDOW, max(hit.start, end - 1) // WINDOW
        for window in range(first, last + 1):
            inside = min(end, (window + 1) * WINDOW) - max(hit.start, window * WINDOW)
            energies[window] += power * inside / WINDOW
    return energies


def _power(hit: Hit, device: Kit | Patch) -> tuple[float, int]:
    """Return how strong a hit is and for how many frames."""
    gain = (hit.velocity / 127.0) ** device.curve
    if isinstance(device, Kit):
        piece = device.piece(hit.pitch)
        gain *= amplitude(piece.level_db)
        return gain**2, frames_in(min(piece.seconds, _STRUCK_S))
    length = frames_in(device.ring_s) if device.rings else hit.gate
    if device.ring_s:
        length = min(length, frames_in(device.ring_s))
    return gain**2, max(1, length)


def rise_db(energies: Curve, windows: int) -> float:
    """Return how much louder the first `windows` are than the whole; 0 where either is silent."""
    part, whole = gated_db(energies[:windows]), gated_db(energies)
    return part - whole if min(part, whole) > -100.0 else 0.0
