"""Sustained tones from tables: synthesizers, and reeds, lips and bows imitated by them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.signal import (
    Mono,
    coloured_noise,
    faded,
    falling,
    generator,
    rising,
    without_drift,
)
from acestep_desktop.sketch.sound.voice import Strike, levelled
from acestep_desktop.sketch.sound.wavetable import (
    Filter,
    brightness_tables,
    harmonics_of,
    level_of,
    phase_of,
    play,
)

_UNISON: Final = (0.0, -1.0, 1.0, -0.57, 0.61, -0.21, 0.19)
"""Where up to seven voices lie within the detuning, the true pitch first."""


@dataclass(frozen=True, slots=True)
class OscillatorVoice:
    """A tone through a moving filter.

    The cutoff starts `cutoff_hz`, follows the keyboard by `cutoff_key`, is opened by
    `env_octaves` (falling over `env_decay_s` to `env_sustain` of it, after `env_attack_s`) and
    by `force_octaves` when played hard. Amplitude: `attack_s`, `decay_s` towards `sustain`.
    `unison` voices lie within `detune_cents` on either side, spread over `width`. `vibrato` is
    (Hz, cents, seconds before it sets in); `scoop` (cents, seconds) is where a player's pitch
    comes from; `glide_s` how long a slide takes. `air` is breath or rosin: level, low Hz, high
    Hz, share that stays after the attack.
    """

    shape: str = "saw"
    duty: float = 0.5
    bars: tuple[float, ...] = ()
    poles: int = 4
    resonance: float = 0.0
    cutoff_hz: float = 1200.0
    cutoff_key: float = 0.5
    env_octaves: float = 0.0
    env_attack_s: float = 0.0
    env_decay_s: float = 0.3
    env_sustain: float = 0.0
    force_octaves: float = 1.5
    attack_s: float = 0.003
    decay_s: float = 0.0
    sustain: float = 1.0
    onset: float = 0.0
    unison: int = 1
    detune_cents: float = 8.0
    width: float = 0.0
    sub: float = 0.0
    sub_octave: float = 0.5
    vibrato: tuple[float, float, float] = (5.2, 0.0, 0.4)
    scoop: tuple[float, float] = (0.0, 0.05)
    glide_s: float = 0.06
    air: tuple[float, float, float, float] = (0.0, 800.0, 6000.0, 0.3)
    drive: float = 0.0
    low_cut_hz: float = 25.0
    bells: tuple[tuple[float, float, float], ...] = ()

    def sound(self, strike: Strike) -> Mono:
        """Return the tone, held for all frames."""
        rng = generator(*strike.words("oscillator"))
        harmonics = harmonics_of(self.shape, duty=self.duty, bars=self.bars)
        shape = Filter(self.poles, self.resonance, self.low_cut_hz, self.bells)
        tables = brightness_tables(harmonics, strike.hz, shape)
        level = self._brightness(strike)
        bend = self._bend(strike)
        audio = self._voices(tables, level, bend, strike, rng)
        if self.sub:
            phase = phase_of(strike.hz * self.sub_octave, bend, strike.frames)
            phase -= np.floor(phase)
            below = np.sin(phase.astype(np.float32) * np.float32(2 * np.pi))
            audio += below * np.float32(self.sub * float(np.sqrt(np.mean(audio * audio))) * 1.414)
        if self.drive:
            loud = float(np.max(np.abs(audio))) or 1.0
            hot = np.float32(self.drive * (0.5 + 0.5 * strike.force) / loud)
            audio = without_drift(np.tanh(audio * hot), strike.hz)
        if self.air[0]:
            self._add_air(audio, strike, rng)
        audio *= self._loudness(strike.frames)
        return levelled(faded(audio, 0.0006))

    def _brightness(self, strike: Strike) -> Mono:
        track = (strike.hz / 262.0) ** self.cutoff_key
        base = self.cutoff_hz * track * 2.0 ** (self.force_octaves * (strike.force - 0.6))
        octaves = falling(strike.frames, self.env_decay_s)
        octaves *= np.float32(1 - self.env_sustain)
        octaves += np.float32(self.env_sustain)
        octaves *= np.float32(self.env_octaves * (0.4 + 0.6 * strike.force))
        if self.env_attack_s:
            octaves *= rising(strike.frames, self.env_attack_s)
        return level_of(np.float32(base) * np.exp2(octaves))

    def _bend(self, strike: Strike) -> Mono | None:
        rate, depth, after = self.vibrato
        cents = np.zeros(1, dtype=np.float32)
        if depth:
            steps = np.arange(strike.frames, dtype=np.float32) / np.float32(SAMPLE_RATE)
            drift = np.sin(steps * np.float32(2 * np.pi * rate)) * np.float32(depth)
            cents = cents + drift * np.clip((steps - after) * 2.5, 0.0, 1.0)
        if self.scoop[0]:
            cents = cents + falling(strike.frames, self.scoop[1]) * np.float32(-self.scoop[0])
        if strike.glide_from is not None:
            away = (strike.glide_from - strike.pitch) * 100.0
            cents = cents + falling(strike.frames, self.glide_s / 3) * np.float32(away)
        return np.exp2(cents / np.float32(1200)) if len(cents) > 1 else None

    def _voices(
        self, tables: Mono, level: Mono, bend: Mono | None, strike: Strike, rng: np.random.Generator
    ) -> Mono:
        # A filter that has come to rest needs only one table: half the work.
        steady: Mono | float = float(level[0]) if float(np.ptp(level)) < 1e-3 else level
        if self.unison == 1:
            return play(tables, phase_of(strike.hz, bend, strike.frames), steady)
        wide = self.width * min(1.0, strike.hz / 150.0)
        sides = np.zeros((2, strike.frames), dtype=np.float32)
        for index, place in enumerate(_UNISON[: self.unison]):
            hz = strike.hz * 2.0 ** (place * self.detune_cents / 1200.0)
            tone = play(tables, phase_of(hz, bend, strike.frames, rng.random()), steady)
            pan = 0.0 if index == 0 else wide * (1 if index % 2 else -1)
            gain = 1.0 if index == 0 else 0.75
            sides[0] += tone * np.float32(gain * (1 - pan))
            sides[1] += tone * np.float32(gain * (1 + pan))
        return sides if wide else sides[0]

    def _add_air(self, audio: Mono, strike: Strike, rng: np.random.Generator) -> None:
        level, low, high, stays = self.air
        loud = float(np.sqrt(np.mean(audio * audio)))
        air = coloured_noise(strike.frames, rng, low, high)
        chiff = falling(strike.frames, 0.03) * np.float32(1 - stays) + np.float32(stays)
        audio += air * chiff * np.float32(level * loud * (0.5 + 0.5 * strike.force))

    def _loudness(self, frames: int) -> Mono:
        curve = rising(frames, self.attack_s / 2.5)
        if self.onset:
            curve *= np.float32(1 - self.onset)
            curve += np.float32(self.onset)
        if self.decay_s:
            fall = falling(frames, self.decay_s)
            curve *= fall * np.float32(1 - self.sustain) + np.float32(self.sustain)
        return curve
