"""Strings that are struck or plucked: pianos, guitars, basses, harps."""

from dataclasses import dataclass

import numpy as np

from acestep_desktop.sketch.sound.modal import Modes, modes, ring, together
from acestep_desktop.sketch.sound.signal import (
    TOP_HZ,
    Curve,
    Mono,
    band,
    coloured_noise,
    faded,
    falling,
    generator,
    peaks,
    without_drift,
)
from acestep_desktop.sketch.sound.voice import Strike, levelled


@dataclass(frozen=True, slots=True)
class StringVoice:
    """A string by its partials.

    `pluck` is where it is struck (share of its length), `tilt` how fast the partials fall,
    `soft_hz` and `hard_hz` where they end when played softly and hard. `t60_s` is the ring of
    middle C's fundamental, `t60_octave` what an octave up makes of it, `damp_hz` where a
    partial rings half as long. `cents` are the unison strings, `wolf_hz` the beating of a
    string's two planes. `knock` is the noise of hammer, pick or finger: level, low Hz, high Hz,
    seconds; `body` are the modes of the wood: Hz, level, seconds. `drive` bends the wave as a
    buzzing bridge or a hot pickup does.
    """

    partials: int = 60
    inharmonicity: float = 0.0
    pluck: float = 0.13
    pickup: float = 0.0
    tilt: float = 1.0
    soft_hz: float = 1200.0
    hard_hz: float = 6000.0
    key_track: float = 0.4
    t60_s: float = 4.0
    t60_octave: float = 0.62
    damp_hz: float = 2500.0
    cents: tuple[float, ...] = (0.0,)
    wolf_hz: float = 0.25
    bells: tuple[tuple[float, float, float], ...] = ()
    low_cut_hz: float = 35.0
    knock: tuple[float, float, float, float] = (0.0, 200.0, 2000.0, 0.02)
    body: tuple[tuple[float, float, float], ...] = ()
    attack_s: float = 0.0008
    drive: float = 0.0

    def sound(self, strike: Strike) -> Mono:
        """Return the string, ringing for all frames."""
        rng = generator(*strike.unforced("string"))
        audio = ring(self._bank(strike, rng), strike.frames)
        peak = float(np.max(np.abs(audio[:9600])))
        audio *= np.float32(1.0 / max(peak, 1e-9))
        if self.drive:
            hot = np.float32(self.drive * (0.5 + strike.force))
            audio = np.tanh(audio * hot + np.float32(0.25)) - np.tanh(np.float32(0.25))
            without_drift(audio, strike.hz)
        self._add_knock(audio, strike, rng)
        return levelled(faded(audio, self.attack_s))

    def _bank(self, strike: Strike, rng: np.random.Generator) -> Modes:
        number = np.arange(1, self.partials + 1, dtype=np.float64)
        octaves = (strike.pitch - 60) / 12
        stiff = self.inharmonicity * 2.0 ** (octaves * 1.1)
        ratio = number * np.sqrt((1.0 + stiff * number**2) / (1.0 + stiff))
        hz = strike.hz * ratio
        keep = hz < TOP_HZ
        number, hz = number[keep], hz[keep]
        gains = self._gains(strike, number, hz) * rng.uniform(0.85, 1.15, len(hz))
        base = self.t60_s * self.t60_octave**octaves
        t60 = np.maximum(base / (1.0 + (hz / self.damp_hz) ** 1.3), 0.03)
        banks = [self._body(strike)] if self.body else []
        for index, cents in enumerate(self.cents):
            tuned = hz * 2.0 ** (cents / 1200.0)
            beat_hz = min(self.wolf_hz, 0.0022 * strike.hz) * (1 + 0.3 * index)
            planes = ((0.72, 1.0, -0.28 * beat_hz), (0.28, 1.7, 0.72 * beat_hz))
            for share, longer, beat in planes:
                banks.append(modes(tuned + beat, gains * share / len(self.cents), t60 * longer))
        return together(*banks)

    def _gains(self, strike: Strike, number: Curve, hz: Curve) -> Curve:
        track = (strike.hz / 262.0) ** self.key_track
        ends = self.soft_hz * (self.hard_hz / self.soft_hz) ** strike.force * track
        gains = np.abs(np.sin(np.pi * number * self.pluck)) + 0.04
        if self.pickup:
            gains = gains * (np.abs(np.sin(np.pi * number * self.pickup)) + 0.06)
        gains = gains / number**self.tilt * np.exp(-((hz / ends) ** 1.2))
        return np.asarray(gains * peaks(hz, self.bells) * band(hz, self.low_cut_hz, np.inf, 1))

    def _body(self, strike: Strike) -> Modes:
        table = np.array(self.body, dtype=np.float64)
        return modes(table[:, 0], table[:, 1] * (0.3 + 0.7 * strike.force), table[:, 2])

    def _add_knock(self, audio: Mono, strike: Strike, rng: np.random.Generator) -> None:
        level, low, high, seconds = self.knock
        if not level:
            return
        count = min(len(audio), int(seconds * 48_000 * 7))
        burst = coloured_noise(count, rng, low, high * (0.5 + strike.force))
        burst *= falling(count, seconds) * np.float32(level * (0.25 + 0.75 * strike.force))
        audio[:count] += faded(burst, 0.0004, 0.002)
