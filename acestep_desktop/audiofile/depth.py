"""Samples as the bytes of a file: 32-bit float, 24 bit, and 16 bit with dither."""

from typing import Any

import numpy as np
import numpy.typing as npt

from acestep_desktop.audiofile.errors import RefusedAudioError
from acestep_desktop.audiofile.formats import DEPTHS, Depth
from acestep_desktop.audiofile.samples import Samples


class Quantiser:
    """Turns samples into the bytes of a depth; block size does not change the bytes.

    16 bit gets triangular dither, two steps wide, uncorrelated between channels
    (Lipshitz, Wannamaker & Vanderkooy, "Quantization and Dither", JAES 1992):
    the error is free of distortion and its power is a quarter step squared. The
    same `seed` gives the same dither. 24 bit is rounded: its steps lie below
    every converter's noise. Integers clip at full scale.
    """

    def __init__(self, depth: Depth, seed: int = 0) -> None:
        if depth not in DEPTHS:
            raise RefusedAudioError(f'A depth is 16, 24 or 32f, not "{str(depth)[:20]}".')
        self._depth = depth
        self._random = np.random.default_rng(seed)

    def __call__(self, samples: Samples) -> npt.NDArray[Any]:
        """Return the next samples as an array whose memory is the file's bytes."""
        if self._depth == "32f":
            return np.ascontiguousarray(samples, dtype="<f4")
        if self._depth == "24":
            whole = _rounded(samples.astype(np.float64) * 2.0**23, 2**23)
            four = np.ascontiguousarray(whole, dtype="<i4").view(np.uint8)
            return np.ascontiguousarray(four.reshape(*samples.shape, 4)[..., :3])
        steps = samples.astype(np.float64) * 2.0**15
        pairs = self._random.random((*samples.shape, 2))
        return _rounded(steps + pairs[..., 0] - pairs[..., 1], 2**15).astype("<i2")


def _rounded(steps: npt.NDArray[np.float64], full: int) -> npt.NDArray[np.float64]:
    clean = np.nan_to_num(steps, nan=0.0, posinf=full, neginf=-full)
    return np.clip(np.rint(clean), -full, full - 1)
