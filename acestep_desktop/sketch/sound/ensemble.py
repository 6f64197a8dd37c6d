"""Many players at once: pads, sections and choirs, made in the frequency domain.

Each harmonic is a narrow band of noise with random phases rather than a line; one inverse
transform gives a loop without a seam (the PADsynth idea of N. O. Paul, public domain).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.signal import (
    TOP_HZ,
    Curve,
    Mono,
    Spectrum,
    audio_of,
    band,
    bins_hz,
    coloured_noise,
    faded,
    falling,
    generator,
    peaks,
    rising,
)
from acestep_desktop.sketch.sound.voice import Strike, levelled
from acestep_desktop.sketch.sound.wavetable import harmonics_of

LOOP: Final = 131_072
"""Frames of a loop: 2.7 s, long enough that nobody hears it come round."""

_MONO_BELOW_HZ: Final = 170.0


@dataclass(frozen=True, slots=True)
class EnsembleVoice:
    """A section of players, or a pad.

    `spread_cents` is how far they are apart, `focus` 0..1 how much of each harmonic is a clean
    line. `layers` are (ratio, level) of further octaves. The sound is heard through a low-pass
    that opens from `dark_hz` to `bright_hz` over `bloom_s`, and then breathes at `motion_hz`.
    `attack_s` is the swell; `onset` 0..1 how much is there at once, so that the beat is heard.
    """

    shape: str = "saw"
    bars: tuple[float, ...] = ()
    duty: float = 0.5
    tilt: float = 0.0
    spread_cents: float = 22.0
    focus: float = 0.35
    layers: tuple[tuple[float, float], ...] = ((1.0, 1.0),)
    dark_hz: float = 700.0
    bright_hz: float = 3000.0
    force_octaves: float = 1.0
    bloom_s: float = 0.6
    motion_hz: float = 0.0
    width: float = 0.6
    attack_s: float = 0.08
    onset: float = 0.2
    decay_s: float = 0.0
    sustain: float = 1.0
    air: tuple[float, float, float] = (0.0, 2000.0, 9000.0)
    low_cut_hz: float = 90.0
    bells: tuple[tuple[float, float, float], ...] = ()

    def sound(self, strike: Strike) -> Mono:
        """Return the section, held for all frames, shape (2, frames)."""
        rng = generator(*strike.unforced("ensemble"))
        hz = bins_hz(LOOP)
        left, right = self._spectra(self._profile(strike.hz, hz), hz, rng)
        lift = 2.0 ** (self.force_octaves * (strike.force - 0.6))
        dark, bright = (
            self._loop(left, right, hz, cut * lift) for cut in (self.dark_hz, self.bright_hz)
        )
        bright -= dark
        audio = _repeated(dark, strike.frames)
        audio += _repeated(bright, strike.frames) * self._opening(strike.frames)
        if self.air[0]:
            level = np.float32(self.air[0] * float(np.sqrt(np.mean(audio * audio))))
            audio += coloured_noise(strike.frames, rng, self.air[1], self.air[2]) * level
        audio *= self._loudness(strike.frames)
        return levelled(faded(audio, 0.0012))

    def _profile(self, hz: float, bins: Curve) -> Curve:
        """Return the magnitude of every bin."""
        amplitudes = harmonics_of(self.shape, duty=self.duty, bars=self.bars)
        profile = np.zeros_like(bins)
        per_bin = bins[1]
        for ratio, level in self.layers:
            count = int(min(len(amplitudes), TOP_HZ / (hz * ratio)))
            for number in range(1, count + 1):
                gain = amplitudes[number - 1] * level / number**self.tilt
                if gain < 1e-4:
                    continue
                centre = hz * ratio * number / per_bin
                spread = max(0.4, centre * (2.0 ** (self.spread_cents / 2400.0) - 1.0))
                first = max(1, int(centre - 3.5 * spread))
                last = min(len(bins) - 1, int(centre + 3.5 * spread) + 2)
                away = (np.arange(first, last) - centre) / spread
                profile[first:last] += (
                    gain * (1 - self.focus) * np.exp(-0.5 * away**2) / (np.sqrt(spread))
                )
                profile[min(round(centre), len(bins) - 1)] += gain * self.focus
        fixed = peaks(bins, self.bells) * band(bins, self.low_cut_hz, np.inf, 1)
        return np.asarray(profile * fixed, dtype=np.float64)

    def _spectra(
        self, profile: Curve, bins: Curve, rng: np.random.Generator
    ) -> tuple[Spectrum, Spectrum]:
        """Return two spectra of one profile that share their low end and little else."""
        angles = rng.random((2, len(bins)), dtype=np.float32) * np.float32(2 * np.pi)
        angles[1] = np.where(bins < _MONO_BELOW_HZ, angles[0], angles[1])
        phases = np.empty(angles.shape, dtype=np.complex64)
        phases.real, phases.imag = np.cos(angles), np.sin(angles)
        phases *= profile.astype(np.float32)
        near = np.float32(1.0 - 0.75 * self.width)
        return phases[0] + near * phases[1], phases[1] + near * phases[0]

    def _loop(
        self,
        left: Spectrum,
        right: Spectrum,
        bins: Curve,
        cutoff_hz: float,
    ) -> Mono:
        gain = band(bins, 0.0, cutoff_hz, 1).astype(np.float32)
        both = np.stack([left * gain, right * gain])
        return audio_of(both, LOOP)

    def _opening(self, frames: int) -> Mono:
        curve = rising(frames, max(self.bloom_s, 0.001))
        if self.motion_hz:
            steps = np.arange(frames, dtype=np.float32)
            angle = steps * np.float32(2 * np.pi * self.motion_hz / SAMPLE_RATE)
            curve *= np.float32(0.75) - np.float32(0.25) * np.cos(angle)
        return curve

    def _loudness(self, frames: int) -> Mono:
        curve = rising(frames, self.attack_s / 2.5)
        curve *= np.float32(1 - self.onset)
        curve += np.float32(self.onset)
        if self.decay_s:
            fall = falling(frames, self.decay_s)
            curve *= fall * np.float32(1 - self.sustain) + np.float32(self.sustain)
        return curve


def _repeated(loop: Mono, frames: int) -> Mono:
    times = -(-frames // loop.shape[1])
    return np.tile(loop, (1, times))[:, :frames] if times > 1 else loop[:, :frames].copy()
