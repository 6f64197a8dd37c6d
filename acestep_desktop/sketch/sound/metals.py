"""Cymbals, hats, claps, shakers and small percussion."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.modal import modes, ring
from acestep_desktop.sketch.sound.signal import (
    Mono,
    coloured_noise,
    faded,
    falling,
    frames_in,
    generator,
)
from acestep_desktop.sketch.sound.skins import burst
from acestep_desktop.sketch.sound.voice import Strike, levelled

_SQUARES: Final = (1.0, 1.483, 1.932, 2.546, 2.63, 3.897)
"""Ratios of the six square waves in the metal of an analogue drum machine."""


@dataclass(frozen=True, slots=True)
class HatPiece:
    """A hi-hat: six square waves that do not agree, and hiss, above a high cut.

    `metal` and `hiss` are levels; `chick_s` is the first, quick fall and `decay_s` the rest,
    which `stays` says how loud it is.
    """

    hz: float = 420.0
    metal: float = 0.6
    hiss: float = 0.7
    low_hz: float = 6500.0
    high_hz: float = 16_000.0
    chick_s: float = 0.012
    decay_s: float = 0.05
    stays: float = 0.35

    def sound(self, strike: Strike) -> Mono:
        """Return the hat."""
        rng = generator(*strike.words("hat"))
        frames = strike.frames
        bases = self.hz * np.array(_SQUARES) * (1 + 0.004 * rng.standard_normal(6))
        odd = np.arange(1, 40, 2)
        hz = (bases[:, None] * odd).ravel()
        gains = np.broadcast_to(1.0 / odd, (6, len(odd))).ravel()
        gains = gains * (hz / self.low_hz) ** 2 / (1 + (hz / self.low_hz) ** 2)
        phases = rng.uniform(0, 2 * np.pi, len(hz))
        audio = ring(modes(hz, gains, self.decay_s * 14, phases), frames)
        audio *= np.float32(self.metal / max(1e-9, float(np.std(audio[:4800]))))
        high = self.high_hz * (0.6 + 0.4 * strike.force)
        audio += coloured_noise(frames, rng, self.low_hz, high) * np.float32(self.hiss)
        envelope = falling(frames, self.decay_s) * np.float32(self.stays)
        envelope += falling(frames, self.chick_s) * np.float32(1 - self.stays)
        audio *= envelope
        return levelled(faded(audio, 0.0002, strike.seconds * 0.25))


@dataclass(frozen=True, slots=True)
class CymbalPiece:
    """A crash, a ride or a bell: a crowd of partials and the wash between them.

    `low_hz`..`high_hz` is where the partials lie, `count` how many; `decay_s` is the ring at
    1 kHz and `damp` how much shorter each octave above; `ping` are clear partials of the bow
    or bell (Hz, level, seconds); `wash` the hiss: level, seconds; `bloom_s` lets it open.
    """

    count: int = 170
    low_hz: float = 300.0
    high_hz: float = 15_000.0
    tilt: float = 0.3
    decay_s: float = 2.5
    damp: float = 0.75
    ping: tuple[tuple[float, float, float], ...] = ()
    wash: tuple[float, float] = (0.4, 0.8)
    bloom_s: float = 0.0
    stick: tuple[float, float, float, float] = (0.3, 3000.0, 14_000.0, 0.004)

    def sound(self, strike: Strike) -> Mono:
        """Return the cymbal."""
        rng = generator(strike.patch, strike.pitch, "cymbal")
        frames = strike.frames
        octaves = np.log2(self.high_hz / self.low_hz)
        places = np.sort(rng.random(self.count)) ** 0.7
        hz = self.low_hz * 2.0 ** (octaves * places)
        gains = rng.rayleigh(1.0, self.count) * (hz / 1000.0) ** -self.tilt
        gains = gains * np.exp(-hz / (4000.0 + 14_000.0 * strike.force))
        t60 = np.maximum(self.decay_s * self.damp ** np.log2(hz / 1000.0), 0.08)
        own = generator(*strike.words("cymbal"))
        phases = own.uniform(0, 2 * np.pi, self.count)
        audio = ring(modes(hz, gains, t60, phases), frames)
        audio *= np.float32(1.0 / max(1e-9, float(np.std(audio[:9600]))))
        for ping_hz, level, time_s in self.ping:
            ping = ring(modes([ping_hz, ping_hz * 1.0017], level, time_s * 6.9), frames)
            audio += ping * np.float32(0.6 + 0.4 * strike.force)
        level, time_s = self.wash
        wash = coloured_noise(frames, own, self.low_hz * 6, 15_000.0) * falling(frames, time_s)
        if self.bloom_s:
            wash *= 1 - falling(frames, self.bloom_s) * np.float32(0.6)
        audio += wash * np.float32(level * (0.4 + 0.6 * strike.force))
        level, low, high, time_s = self.stick
        audio += burst(frames, own, low, high, time_s) * np.float32(level * 4 * strike.force)
        return levelled(faded(audio, 0.0003, strike.seconds * 0.25))


@dataclass(frozen=True, slots=True)
class ClapPiece:
    """Hands: several short bursts, a few milliseconds apart, and the room's answer."""

    spread_s: tuple[float, ...] = (0.0, 0.009, 0.019, 0.027)
    low_hz: float = 900.0
    high_hz: float = 4500.0
    burst_s: float = 0.004
    tail: tuple[float, float] = (0.6, 0.07)

    def sound(self, strike: Strike) -> Mono:
        """Return the clap."""
        rng = generator(*strike.words("clap"))
        high = self.high_hz * (0.7 + 0.5 * strike.force)
        audio = np.zeros(strike.frames, dtype=np.float32)
        for at in self.spread_s:
            first = round(at * SAMPLE_RATE * (1 + 0.06 * rng.standard_normal()))
            if first < strike.frames:
                hand = burst(strike.frames - first, rng, self.low_hz, high, self.burst_s)
                audio[first:] += hand * np.float32(rng.uniform(0.7, 1.0))
        last = min(strike.frames - 1, round(self.spread_s[-1] * SAMPLE_RATE))
        tail = burst(strike.frames - last, rng, self.low_hz, high * 0.9, self.tail[1])
        audio[last:] += tail * np.float32(self.tail[0])
        return levelled(faded(audio, 0.0002, strike.seconds * 0.25))


@dataclass(frozen=True, slots=True)
class ShakePiece:
    """Beads, seeds and jingles: a shaker, maracas, a cabasa, a tambourine.

    `rise_s` and `decay_s` shape the shake, which sounds at once and then swells; `grain`
    0..1 is how much single beads are heard; `jingles` are (Hz, level, seconds).
    """

    low_hz: float = 3500.0
    high_hz: float = 14_000.0
    rise_s: float = 0.015
    decay_s: float = 0.04
    grain: float = 0.4
    jingles: tuple[tuple[float, float, float], ...] = ()

    def sound(self, strike: Strike) -> Mono:
        """Return the shake."""
        rng = generator(*strike.words("shake"))
        frames = strike.frames
        high = self.high_hz * (0.6 + 0.4 * strike.force)
        audio = coloured_noise(frames, rng, self.low_hz, high)
        beads = np.repeat(rng.rayleigh(0.8, frames // 60 + 1).astype(np.float32), 60)[:frames]
        audio *= np.float32(1 - self.grain) + np.float32(self.grain) * beads
        rise = min(frames, frames_in(self.rise_s))
        envelope = np.empty(frames, dtype=np.float32)
        envelope[:rise] = np.linspace(0.45, 1.0, rise, dtype=np.float32)
        envelope[rise:] = falling(frames - rise, self.decay_s) if frames > rise else 0
        audio *= envelope
        for hz, level, time_s in self.jingles:
            tuned = hz * (1 + 0.01 * rng.standard_normal())
            near = [tuned, tuned * 1.07, tuned * 1.31]
            audio += ring(modes(near, level, time_s * 6.9), frames)
        return levelled(faded(audio, 0.0003, strike.seconds * 0.25))


@dataclass(frozen=True, slots=True)
class BlockPiece:
    """Wood and metal blocks, claves, rims, cowbells: a few partials (Hz, level, seconds)."""

    partials: tuple[tuple[float, float, float], ...] = ((1000.0, 1.0, 0.03),)
    knock: tuple[float, float, float, float] = (0.3, 1500.0, 8000.0, 0.003)
    drive: float = 0.0

    def sound(self, strike: Strike) -> Mono:
        """Return the block."""
        rng = generator(*strike.words("block"))
        table = np.array(self.partials, dtype=np.float64)
        gains = table[:, 1] * (0.4 + 0.6 * strike.force) ** np.arange(len(table))
        hz = table[:, 0] * (1 + 0.002 * rng.standard_normal())
        audio = ring(modes(hz, gains, table[:, 2] * 6.9), strike.frames)
        if self.drive:
            audio = np.tanh(audio * np.float32(self.drive))
        level, low, high, time_s = self.knock
        audio += burst(strike.frames, rng, low, high, time_s) * np.float32(level * strike.force)
        return levelled(faded(audio, 0.0002, strike.seconds * 0.25))
