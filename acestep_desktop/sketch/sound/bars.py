"""Bars, tines, bells and reeds: a few partials, each with its own ring."""

from dataclasses import dataclass

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.modal import modes, ring
from acestep_desktop.sketch.sound.signal import (
    Mono,
    coloured_noise,
    faded,
    falling,
    generator,
)
from acestep_desktop.sketch.sound.voice import Strike, levelled


@dataclass(frozen=True, slots=True)
class BarVoice:
    """A struck bar.

    `partials` are (ratio to the pitch, level, ring in seconds at middle C, hardness): a
    partial with hardness h is as loud as force^h lets it. `split_hz` doubles each partial
    for a slow shimmer; `tremolo` is (Hz, depth 0..1), the fans of a vibraphone; `knock`
    is the mallet: level, low Hz, high Hz, seconds.
    """

    partials: tuple[tuple[float, float, float, float], ...] = ((1.0, 1.0, 2.0, 0.0),)
    t60_octave: float = 0.7
    split_hz: float = 0.0
    tremolo: tuple[float, float] = (0.0, 0.0)
    knock: tuple[float, float, float, float] = (0.0, 500.0, 4000.0, 0.005)
    attack_s: float = 0.0006

    def sound(self, strike: Strike) -> Mono:
        """Return the bar, ringing for all frames."""
        rng = generator(*strike.unforced("bar"))
        table = np.array(self.partials, dtype=np.float64)
        hz = strike.hz * table[:, 0]
        gains = table[:, 1] * (0.15 + 0.85 * strike.force) ** table[:, 3]
        gains = gains * rng.uniform(0.9, 1.1, len(gains))
        t60 = table[:, 2] * self.t60_octave ** ((strike.pitch - 60) / 12)
        if self.split_hz:
            hz = np.concatenate([hz, hz + self.split_hz * np.sqrt(table[:, 0])])
            gains = np.concatenate([0.7 * gains, 0.3 * gains])
            t60 = np.concatenate([t60, t60])
        audio = ring(modes(hz, gains, t60), strike.frames)
        if self.tremolo[1]:
            audio *= self._fans(strike.frames)
        level, low, high, seconds = self.knock
        if level:
            count = min(strike.frames, int(seconds * SAMPLE_RATE * 7))
            burst = coloured_noise(count, rng, low, high) * falling(count, seconds)
            burst *= np.float32(level * strike.force * float(np.max(np.abs(audio))))
            audio[:count] += faded(burst, 0.0003, 0.001)
        return levelled(faded(audio, self.attack_s))

    def _fans(self, frames: int) -> Mono:
        rate, depth = self.tremolo
        angle = np.arange(frames, dtype=np.float32) * np.float32(2 * np.pi * rate / SAMPLE_RATE)
        gain: Mono = np.float32(1 - depth / 2) + np.float32(depth / 2) * np.cos(angle)
        return gain
