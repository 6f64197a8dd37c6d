"""Seams: how much a join stands out from the music around it.

No measure has a fixed limit: music itself clicks and changes. A join is judged
against untouched positions of the same material, by `separation`.
"""

from collections.abc import Sequence

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE, Frame
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.dsp.spectrum import FLUX_HOP, spectral_flux


def click_ratio(samples: Samples, at: int, fade: int = 0) -> float:
    """Return the largest bend of the wave at a seam, over the 99.9th percentile around it.

    A bend is |x[n] - 2x[n-1] + x[n-2]|; the seam is the `fade` frames from frame
    `at` on and 2 ms to either side, what is around it 1 s to either side.
    """
    near, around = SAMPLE_RATE // 500, SAMPLE_RATE
    first = max(0, at - around)
    bends = np.abs(np.diff(samples[first : at + fade + around].astype(np.float64), 2, axis=0))
    bends = bends.max(axis=1) if len(bends) else np.zeros(1)
    seam = bends[max(0, at - first - near - 2) : at - first + fade + near]
    usual = float(np.percentile(bends, 99.9))
    highest = float(seam.max()) if len(seam) else 0.0
    if usual <= 0.0:
        return 0.0 if highest <= 0.0 else float("inf")
    return highest / usual


def flux_percentile(samples: Samples, at: int) -> float:
    """Return the rank (0..1) of the spectral flux at frame `at` among the 2 s to either side."""
    first = max(0, at - 2 * SAMPLE_RATE) // FLUX_HOP * FLUX_HOP
    flux = spectral_flux(samples[first : at + 2 * SAMPLE_RATE])[1:]
    seam = (at - first) // FLUX_HOP - 1
    highest = float(flux[max(0, seam - 2) : seam + 3].max())
    return float(np.mean(flux <= highest))


def loop_seam(samples: Samples) -> tuple[Samples, Frame]:
    """Return the end of a loop followed by its beginning, and the frame where they meet."""
    half = min(len(samples), 2 * SAMPLE_RATE + 4096)
    return np.concatenate((samples[-half:], samples[:half])), Frame(half)


def separation(seams: Sequence[float], controls: Sequence[float]) -> float:
    """Return the chance that a seam measures higher than an untouched position (AUC).

    0.5 means that they cannot be told apart.
    """
    a, b = np.asarray(seams, np.float64)[:, None], np.asarray(controls, np.float64)[None, :]
    return float(np.mean((a > b) + 0.5 * (a == b)))
