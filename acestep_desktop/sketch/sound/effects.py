"""Effects and beds of any length: risers, impacts, sweeps, rain, the crackle of vinyl."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.signal import (
    Mono,
    audio_of,
    band,
    bins_hz,
    coloured_noise,
    faded,
    falling,
    frames_in,
    generator,
    spectrum_of,
)
from acestep_desktop.sketch.sound.skins import burst, swept
from acestep_desktop.sketch.sound.voice import Strike, levelled

_HOP: Final = 1024


def moving_noise(frames: int, rng: np.random.Generator, low: Mono, high: Mono) -> Mono:
    """Return noise, shape (2, frames), in a band that moves: `low` and `high` in Hz per hop."""
    hz = bins_hz(2 * _HOP)
    hops = len(low)
    noise = rng.standard_normal((2, hops, 2 * _HOP), dtype=np.float32)
    gain = np.stack([band(hz, float(a), float(b), 2) for a, b in zip(low, high, strict=True)])
    shaped = audio_of(spectrum_of(noise) * gain.astype(np.float32), 2 * _HOP)
    window = np.sin(np.pi * (np.arange(2 * _HOP) + 0.5) / (2 * _HOP)).astype(np.float32)
    shaped *= window
    audio = np.zeros((2, (hops + 1) * _HOP), dtype=np.float32)
    rows = audio.reshape(2, hops + 1, _HOP)
    rows[:, :hops] += shaped[:, :, :_HOP]
    rows[:, 1:] += shaped[:, :, _HOP:]
    return audio[:, _HOP // 2 : _HOP // 2 + frames]


def _hops(frames: int) -> Mono:
    """Return the position 0..1 within the effect of every hop that `moving_noise` needs."""
    count = frames // _HOP + 2
    return (np.arange(count, dtype=np.float32) / max(1, count - 1)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class RiserEffect:
    """Noise and a tone that climb, louder and brighter, to the last frame."""

    low_hz: float = 200.0
    high_hz: float = 9000.0
    tone: float = 0.35
    octaves: float = 3.0

    def sound(self, strike: Strike) -> Mono:
        """Return the riser; it is loudest where it ends."""
        rng = generator(*strike.words("riser"))
        along = _hops(strike.frames)
        top = self.low_hz * (self.high_hz / self.low_hz) ** along
        audio = moving_noise(strike.frames, rng, top * 0.5, top * 1.6)
        place = np.linspace(0, 1, strike.frames, dtype=np.float32)
        cycles = np.cumsum(110.0 * 2.0 ** (self.octaves * place.astype(np.float64))) / SAMPLE_RATE
        for side, cents in enumerate((0.997, 1.003)):
            turn = (cycles * cents) % 1.0
            audio[side] += (turn.astype(np.float32) * 2 - 1) * np.float32(self.tone) * place
        audio *= np.float32(0.03) + place**2 * np.float32(0.97)
        return levelled(faded(audio, 0.001, 0.006))


@dataclass(frozen=True, slots=True)
class ImpactEffect:
    """A deep hit with debris, for the first beat of a section."""

    hz: float = 42.0

    def sound(self, strike: Strike) -> Mono:
        """Return the impact; it is loudest where it begins."""
        rng = generator(*strike.words("impact"))
        frames = strike.frames
        seconds = frames / SAMPLE_RATE
        boom = swept(frames, 150.0, self.hz, 0.07, 0.02) * falling(frames, 0.25 * seconds)
        audio = np.stack([boom, boom]) * np.float32(1.2)
        along = _hops(frames)
        debris = moving_noise(
            frames,
            rng,
            np.float32(120) + 0 * along,
            np.float32(300) + np.float32(7000) * np.exp(-5 * along),
        )
        audio += debris * falling(frames, 0.13 * seconds) * np.float32(0.5)
        audio += burst(frames, rng, 800.0, 12_000.0, 0.012) * np.float32(0.5)
        return levelled(faded(np.tanh(audio), 0.0003, 0.05))


@dataclass(frozen=True, slots=True)
class SweepEffect:
    """Noise that opens and closes again."""

    low_hz: float = 300.0
    high_hz: float = 9000.0
    down: bool = False

    def sound(self, strike: Strike) -> Mono:
        """Return the sweep."""
        rng = generator(*strike.words("sweep"))
        along = _hops(strike.frames)
        arch = 1 - along if self.down else np.maximum(np.sin(np.pi * along), 0) ** 1.5
        centre = self.low_hz * (self.high_hz / self.low_hz) ** arch
        audio = moving_noise(strike.frames, rng, centre * 0.6, centre * 1.5)
        place = np.linspace(0, 1, strike.frames, dtype=np.float32)
        shape = 1 - place if self.down else np.maximum(np.sin(np.pi * place), 0) ** np.float32(0.8)
        audio *= np.float32(0.05) + np.float32(0.95) * shape
        return levelled(faded(audio, 0.001, 0.02))


@dataclass(frozen=True, slots=True)
class DropEffect:
    """A tone that falls: a sub drop, or, high and fast and more than once, a laser."""

    start_hz: float = 110.0
    end_hz: float = 30.0
    repeats: int = 1
    edge: float = 0.0

    def sound(self, strike: Strike) -> Mono:
        """Return the drop."""
        audio = np.zeros(strike.frames, dtype=np.float32)
        each = max(1, strike.frames // self.repeats)
        for index in range(self.repeats):
            first = index * each
            count = min(each, strike.frames - first)
            seconds = count / SAMPLE_RATE
            tone = swept(count, self.start_hz, self.end_hz, 0.3 * seconds)
            if self.edge:
                tone = np.tanh(tone * np.float32(1 + 4 * self.edge))
            tone *= falling(count, 0.45 * seconds) * np.float32(0.75**index)
            audio[first : first + count] += faded(tone, 0.0005, min(0.05, 0.2 * seconds))
        return levelled(audio)


@dataclass(frozen=True, slots=True)
class CrackleBed:
    """The crackle, the dust and the low rumble of an old record."""

    ticks_per_s: float = 26.0
    hiss: float = 0.012
    rumble: float = 0.012

    def sound(self, strike: Strike) -> Mono:
        """Return the bed, shape (2, frames)."""
        rng = generator(*strike.words("crackle"))
        frames = strike.frames
        audio = np.zeros((2, frames + 512), dtype=np.float32)
        count = max(1, round(frames / SAMPLE_RATE * self.ticks_per_s))
        places = rng.integers(0, frames, count)
        gains = rng.pareto(2.2, count).clip(0.05, 6.0) * 0.3
        for place, gain in zip(places, gains, strict=True):
            length = int(rng.integers(12, 160))
            tick = rng.standard_normal(length) * np.exp(-np.arange(length) / (length / 4))
            pan = rng.uniform(0.3, 0.7)
            audio[0, place : place + length] += (tick * gain * (1 - pan)).astype(np.float32)
            audio[1, place : place + length] += (tick * gain * pan).astype(np.float32)
        for side in (0, 1):
            audio[side, :frames] += coloured_noise(
                frames, rng, 700.0, 9000.0, order=1, tilt_db=-3.0
            ) * np.float32(self.hiss)
        low = coloured_noise(frames, rng, 30.0, 110.0) * np.float32(self.rumble)
        audio[:, :frames] += low
        return levelled(audio[:, :frames])


@dataclass(frozen=True, slots=True)
class RainBed:
    """Rain: a wide hiss, and drops near and far."""

    drops_per_s: float = 45.0
    low_hz: float = 900.0
    high_hz: float = 8000.0

    def sound(self, strike: Strike) -> Mono:
        """Return the bed, shape (2, frames)."""
        rng = generator(*strike.words("rain"))
        frames = strike.frames
        common = coloured_noise(frames, rng, self.low_hz, self.high_hz, order=1, tilt_db=-2.0)
        sides = np.stack(
            [
                coloured_noise(frames, rng, self.low_hz, self.high_hz, order=1, tilt_db=-2.0)
                for _ in range(2)
            ]
        )
        audio = sides * np.float32(0.8) + common * np.float32(0.5)
        count = max(1, round(frames / SAMPLE_RATE * self.drops_per_s))
        kinds = [self._drop(rng) for _ in range(24)]
        for place in rng.integers(0, max(1, frames - 2400), count):
            drop = kinds[int(rng.integers(len(kinds)))][: frames - int(place)]
            pan, gain = rng.uniform(0.1, 0.9), rng.rayleigh(0.8)
            audio[0, place : place + len(drop)] += drop * np.float32(gain * (1 - pan))
            audio[1, place : place + len(drop)] += drop * np.float32(gain * pan)
        return levelled(audio.astype(np.float32, copy=False))

    @staticmethod
    def _drop(rng: np.random.Generator) -> Mono:
        count = frames_in(0.03)
        hz = float(rng.uniform(900, 3800))
        tone = swept(count, hz, hz * 1.5, 0.02) * falling(count, float(rng.uniform(0.002, 0.006)))
        return faded(tone + burst(count, rng, 2000.0, 9000.0, 0.002) * np.float32(0.6), 0.0003)


@dataclass(frozen=True, slots=True)
class RoomBed:
    """The air of a quiet room."""

    high_hz: float = 2500.0

    def sound(self, strike: Strike) -> Mono:
        """Return the bed, shape (2, frames)."""
        rng = generator(*strike.words("room"))
        sides = [
            coloured_noise(strike.frames, rng, 35.0, self.high_hz, order=1, tilt_db=-4.5)
            for _ in range(3)
        ]
        both = np.stack([sides[0] + sides[2], sides[1] + sides[2]])
        return levelled(both.astype(np.float32, copy=False))
