"""Sines that bend sines: electric pianos, glassy basses, bells of the eighties."""

from dataclasses import dataclass

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.signal import (
    TOP_HZ,
    Mono,
    coloured_noise,
    faded,
    falling,
    generator,
    without_drift,
)
from acestep_desktop.sketch.sound.voice import Strike, levelled


@dataclass(frozen=True, slots=True)
class FmVoice:
    """Pairs of a carrier and a modulator.

    Each pair is (carrier ratio, modulator ratio, index when played hard, seconds the index
    takes to fall by e, index that stays, level, seconds the level takes to fall by e; 0 holds,
    detune in cents). `force_index` says how much of the index force decides, `key_index` how
    much an octave up takes away. `drive` is the preamp; `knock` the mechanics.
    """

    pairs: tuple[tuple[float, float, float, float, float, float, float, float], ...]
    force_index: float = 0.8
    key_index: float = 0.75
    fall_octave: float = 0.8
    drive: float = 0.0
    attack_s: float = 0.001
    knock: tuple[float, float, float, float] = (0.0, 500.0, 4000.0, 0.005)

    def sound(self, strike: Strike) -> Mono:
        """Return the tone, for all frames."""
        rng = generator(*strike.words("fm"))
        octaves = (strike.pitch - 60) / 12
        slower = self.fall_octave**octaves
        audio = np.zeros(strike.frames, dtype=np.float32)
        for carrier, modulator, index, index_s, rest, level, level_s, cents in self.pairs:
            hz = strike.hz * 2.0 ** (cents / 1200.0)
            if hz * max(carrier, modulator) > TOP_HZ:
                continue
            depth = (1 - self.force_index + self.force_index * strike.force) * (
                self.key_index**octaves
            )
            bend = falling(strike.frames, index_s * slower) * np.float32(index * depth)
            bend += np.float32(rest * depth)
            tone = self._tone(hz * carrier, hz * modulator, bend)
            tone *= np.float32(level)
            if level_s:
                tone *= falling(strike.frames, level_s * slower)
            audio += tone
        if self.drive:
            hot = np.float32(self.drive * (0.4 + strike.force))
            audio = np.tanh(audio * hot + np.float32(0.2)) - np.tanh(np.float32(0.2))
            without_drift(audio, strike.hz)
        level, low, high, seconds = self.knock
        if level:
            count = min(strike.frames, int(seconds * SAMPLE_RATE * 7))
            burst = coloured_noise(count, rng, low, high) * falling(count, seconds)
            audio[:count] += faded(burst, 0.0003, 0.001) * np.float32(level * strike.force)
        return levelled(faded(audio, self.attack_s))

    @staticmethod
    def _tone(carrier_hz: float, modulator_hz: float, bend: Mono) -> Mono:
        steps = np.arange(len(bend), dtype=np.float64)
        turns = steps * (modulator_hz / SAMPLE_RATE)
        turns -= np.floor(turns)
        bend *= np.sin(turns.astype(np.float32) * np.float32(2 * np.pi))
        turns = steps * (carrier_hz / SAMPLE_RATE)
        turns -= np.floor(turns)
        wave: Mono = np.sin(turns.astype(np.float32) * np.float32(2 * np.pi) + bend)
        return wave
