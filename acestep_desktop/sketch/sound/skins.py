"""Drums with a skin: kicks, snares, toms and hand drums."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.signal import (
    Mono,
    coloured_noise,
    faded,
    falling,
    filtered,
    frames_in,
    generator,
)
from acestep_desktop.sketch.sound.voice import Strike, levelled

MEMBRANE: Final = (1.0, 1.594, 2.136, 2.296, 2.653, 2.918)
"""Ratios of a round membrane's modes (Rayleigh, The Theory of Sound, chapter IX)."""


def swept(frames: int, start_hz: float, end_hz: float, time_s: float, turn: float = 0.0) -> Mono:
    """Return a sine that falls from one frequency to another, from phase `turn` (in cycles) on."""
    steps = np.arange(frames, dtype=np.float64) / SAMPLE_RATE
    cycles = end_hz * steps + (start_hz - end_hz) * time_s * -np.expm1(-steps / time_s) + turn
    cycles -= np.floor(cycles)
    wave: Mono = np.sin(cycles.astype(np.float32) * np.float32(2 * np.pi))
    return wave


def burst(
    frames: int, rng: np.random.Generator, low_hz: float, high_hz: float, time_s: float
) -> Mono:
    """Return noise in a band that is there at once and falls by e in `time_s`."""
    count = min(frames, frames_in(time_s * 8))
    audio = np.zeros(frames, dtype=np.float32)
    audio[:count] = coloured_noise(count, rng, low_hz, high_hz) * falling(count, time_s)
    faded(audio[:count], 0.0002, min(0.01, time_s))
    return audio


@dataclass(frozen=True, slots=True)
class KickPiece:
    """A bass drum: a sine that falls in pitch, a click, and warmth.

    `sweep` is (start Hz, seconds), `punch` a second, faster fall on top (Hz, seconds). The
    body holds for `hold_s` and falls by e in `decay_s`. `click` is level, low Hz, high Hz,
    seconds; `drive` saturates; `knock` adds the modes of a shell (Hz, level, seconds).
    """

    hz: float = 48.0
    sweep: tuple[float, float] = (160.0, 0.03)
    punch: tuple[float, float] = (400.0, 0.006)
    hold_s: float = 0.02
    decay_s: float = 0.16
    click: tuple[float, float, float, float] = (0.25, 1500.0, 9000.0, 0.003)
    drive: float = 1.0
    knock: tuple[tuple[float, float, float], ...] = ()
    room: float = 0.0

    def sound(self, strike: Strike) -> Mono:
        """Return the drum."""
        rng = generator(*strike.words("kick"))
        frames = strike.frames
        start = self.sweep[0] * (0.75 + 0.35 * strike.force)
        body = swept(frames, start, self.hz, self.sweep[1], 0.02)
        if self.punch[0]:
            fall = falling(frames, self.punch[1] * 2)
            body += swept(frames, self.punch[0], self.hz, self.punch[1]) * fall * np.float32(0.6)
        hold = min(frames, frames_in(self.hold_s))
        envelope = np.ones(frames, dtype=np.float32)
        envelope[hold:] = falling(frames - hold, self.decay_s) if frames > hold else 1.0
        body *= envelope
        for hz, level, time_s in self.knock:
            tone = swept(frames, hz * 1.15, hz, 0.02) * falling(frames, time_s)
            body += tone * np.float32(level * strike.force)
        if self.drive:
            body = np.tanh(body * np.float32(self.drive)) / np.float32(np.tanh(self.drive))
        level, low, high, time_s = self.click
        tap = burst(frames, rng, low, high * (0.4 + 0.6 * strike.force), time_s)
        body += tap * np.float32(level * (0.2 + 0.8 * strike.force**1.5))
        if self.room:
            body += burst(frames, rng, 120.0, 1800.0, 0.09) * np.float32(self.room)
        return levelled(faded(filtered(body, 24.0, 18_000.0, 1), 0.0002, strike.seconds * 0.25))


@dataclass(frozen=True, slots=True)
class SnarePiece:
    """A snare drum: two modes of the skin, the wires under it, and the snap of the stick.

    `tones` are (Hz, level, seconds), `wires` is level, low Hz, high Hz, seconds; `snap` the
    same for the stick; `tail` a second, longer fall of the wires (level, seconds); `swirl_s`
    lets the wires rise as a brush does.
    """

    tones: tuple[tuple[float, float, float], ...] = ((185.0, 1.0, 0.06), (330.0, 0.5, 0.04))
    bend: float = 1.3
    wires: tuple[float, float, float, float] = (0.8, 1200.0, 9000.0, 0.09)
    snap: tuple[float, float, float, float] = (0.4, 2500.0, 14_000.0, 0.006)
    tail: tuple[float, float] = (0.0, 0.3)
    swirl_s: float = 0.0
    drive: float = 0.0

    def sound(self, strike: Strike) -> Mono:
        """Return the drum."""
        rng = generator(*strike.words("snare"))
        frames = strike.frames
        audio = np.zeros(frames, dtype=np.float32)
        sway = 1.0 + 0.006 * rng.standard_normal()
        for hz, level, time_s in self.tones:
            tone = swept(frames, hz * self.bend * sway, hz * sway, 0.012)
            audio += tone * falling(frames, time_s) * np.float32(level)
        level, low, high, time_s = self.wires
        wires = burst(frames, rng, low, high * (0.55 + 0.45 * strike.force), time_s)
        if self.tail[0]:
            wires += burst(frames, rng, low, high * 0.8, self.tail[1]) * np.float32(self.tail[0])
        if self.swirl_s:
            count = min(frames, frames_in(self.swirl_s))
            wires[:count] *= np.linspace(0.25, 1.0, count, dtype=np.float32)
        audio += wires * np.float32(level * (0.55 + 0.45 * strike.force))
        level, low, high, time_s = self.snap
        audio += burst(frames, rng, low, high, time_s) * np.float32(level * strike.force**1.5)
        if self.drive:
            audio = np.tanh(audio * np.float32(self.drive)) / np.float32(np.tanh(self.drive))
        return levelled(faded(filtered(audio, 90.0, 18_000.0), 0.0002, strike.seconds * 0.25))


@dataclass(frozen=True, slots=True)
class SkinPiece:
    """A tom, a conga, a bongo, a timpano: the modes of a membrane that relaxes after the blow.

    `bend` is how much sharper it is at first, `modes` how loud each of the membrane's modes
    is, `slap` the hand or stick: level, low Hz, high Hz, seconds.
    """

    hz: float = 110.0
    bend: float = 1.25
    bend_s: float = 0.03
    decay_s: float = 0.2
    modes: tuple[float, ...] = (1.0, 0.45, 0.25, 0.18, 0.1, 0.06)
    slap: tuple[float, float, float, float] = (0.25, 400.0, 5000.0, 0.008)
    drive: float = 0.0

    def sound(self, strike: Strike) -> Mono:
        """Return the drum."""
        rng = generator(*strike.words("skin"))
        audio = np.zeros(strike.frames, dtype=np.float32)
        bend = 1.0 + (self.bend - 1.0) * (0.4 + 0.6 * strike.force)
        for index, (ratio, level) in enumerate(zip(MEMBRANE, self.modes, strict=False)):
            hz = self.hz * ratio * (1.0 + 0.004 * rng.standard_normal() * (index > 0))
            tone = swept(strike.frames, hz * bend, hz, self.bend_s, 0.0)
            tone *= falling(strike.frames, self.decay_s / (1.0 + 0.6 * index))
            audio += tone * np.float32(level * (0.35 + 0.65 * strike.force) ** (0.5 * index))
        if self.drive:
            audio = np.tanh(audio * np.float32(self.drive)) / np.float32(np.tanh(self.drive))
        level, low, high, time_s = self.slap
        hit = burst(strike.frames, rng, low, high * (0.4 + 0.6 * strike.force), time_s)
        audio += hit * np.float32(level * (0.3 + 0.7 * strike.force))
        return levelled(faded(filtered(audio, 35.0, 18_000.0, 1), 0.0003, strike.seconds * 0.25))
