"""Finishing a take: trimmed to its frames, and its peak set to -1 dBFS."""

from typing import Final

import numpy as np

from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.samples import Samples

TARGET_PEAK: Final = 10.0 ** (-1.0 / 20.0)
"""The level of a take's peak: -1 dBFS, as the makers' own program sets it."""

MAX_GAIN: Final = 100.0
"""+40 dB: what is quieter is silence, and is not blown up to noise."""

_LIKELY_PEAK: Final = 1.0
"""What a take is taken to peak at until more of it is known: the decoder is made to fill 0 dBFS."""


def levelling_gain(peak: float) -> float:
    """Return the gain that sets `peak` to -1 dBFS, bounded."""
    return min(MAX_GAIN, TARGET_PEAK / peak) if peak > 0 else 1.0


class Levelled:
    """Makes a take of what was decoded from its first frame on.

    The exact gain needs the peak of the whole take. What is heard before that
    has the gain of a take that peaks at 0 dBFS, lowered as soon as something
    louder comes: it may be some decibels below the finished take, is never
    above -1 dBFS, and never jumps. The finished take replaces it all.
    """

    def __init__(self, frames: Frame) -> None:
        self._frames = frames
        self._loudest = _LIKELY_PEAK
        self._gain = TARGET_PEAK

    def preview(self, start: int, samples: Samples) -> tuple[int, Samples] | None:
        """Return the audio of these frames at a gain that holds for all so far."""
        samples = samples[: max(0, self._frames - start)]
        if not len(samples):
            return None
        self._loudest = max(self._loudest, float(np.abs(samples).max()))
        before, self._gain = self._gain, levelling_gain(self._loudest)
        if before == self._gain:
            return start, samples * np.float32(self._gain)
        # Lower from the first frame on, quickly but without a click.
        ramp = np.full(len(samples), self._gain, np.float32)
        fade = min(_RAMP, len(samples))
        ramp[:fade] = np.linspace(before, self._gain, fade, dtype=np.float32)
        heard = samples * ramp[:, None]
        return start, np.clip(heard, -TARGET_PEAK, TARGET_PEAK)

    def whole(self, samples: Samples) -> Samples:
        """Return the take with its peak at -1 dBFS."""
        take = samples[: self._frames]
        gain = levelling_gain(float(np.abs(take).max(initial=0.0)))
        return np.ascontiguousarray(take * np.float32(gain))


_RAMP: Final = 480
"""10 ms: so long takes a preview to become quieter."""
