"""Rooms and echoes: linear and in a circle, so that stems sum and loops have no seam."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.convolution import blocks_of, convolved, partitions_of
from acestep_desktop.sketch.sound.signal import (
    Mono,
    Spectrum,
    Stereo,
    audio_of,
    band,
    bins_hz,
    fast_length,
    frames_in,
    generator,
    spectrum_of,
)


@dataclass(frozen=True, slots=True)
class Room:
    """A room: ring in seconds to -60 dB low, at 1 kHz and high, delay before it answers."""

    low_s: float
    middle_s: float
    high_s: float
    before_s: float = 0.008
    early: float = 0.8
    low_cut_hz: float = 180.0


ROOMS: Final = {
    "booth": Room(0.25, 0.28, 0.2, 0.002, 1.2, 160.0),
    "room": Room(0.5, 0.55, 0.35, 0.004, 1.1, 150.0),
    "plate": Room(1.2, 1.35, 0.85, 0.009, 0.5, 240.0),
    "spring": Room(1.0, 1.5, 0.4, 0.02, 0.4, 300.0),
    "chamber": Room(1.5, 1.6, 0.9, 0.014, 0.7, 170.0),
    "hall": Room(2.4, 2.3, 1.2, 0.022, 0.6, 150.0),
    "cathedral": Room(4.0, 3.6, 1.6, 0.03, 0.4, 140.0),
}
"""The rooms by name."""


@lru_cache(maxsize=8)
def impulse_of(name: str) -> Stereo:
    """Return how a room answers one click, shape (2, frames); each side has unit energy."""
    room = ROOMS[name]
    ring = max(room.low_s, room.middle_s, room.high_s)
    frames = frames_in(room.before_s + 0.92 * ring)
    length = fast_length(frames)
    hz = bins_hz(length)
    rng = generator("room", name)
    spectra = spectrum_of(rng.standard_normal((2, length), dtype=np.float32))
    times = np.arange(frames, dtype=np.float32) / np.float32(SAMPLE_RATE)
    answer = np.zeros((2, frames), dtype=np.float32)
    edges = ((room.low_cut_hz, 500.0, room.low_s), (500.0, 2200.0, room.middle_s))
    for low, high, ring_s in (*edges, (2200.0, 8500.0, room.high_s)):
        part = audio_of(spectra * band(hz, low, high, 2).astype(np.float32), length)
        answer += part[:, :frames] * np.exp(times * np.float32(-6.908 / ring_s))
    before = frames_in(room.before_s)
    build = frames_in(0.006 + room.before_s)
    answer[:, :before] = 0.0
    answer[:, before : before + build] *= np.linspace(0.1, 1, build, dtype=np.float32)
    _add_early(answer, room, rng)
    answer /= np.sqrt(np.sum(answer * answer, axis=1, keepdims=True, dtype=np.float64)).astype(
        np.float32
    )
    return answer


def _add_early(answer: Stereo, room: Room, rng: np.random.Generator) -> None:
    """Add the first reflections, other ones on each side, each a few frames wide."""
    loud = float(np.sqrt(np.sum(answer[0] ** 2)))
    shape = np.hanning(9)[1:-1].astype(np.float32) / 4
    shape = shape - np.mean(shape) * 0.85
    reach = min(0.07, 0.02 + 0.05 * room.middle_s)
    for side in (0, 1):
        for _ in range(14):
            at = frames_in(room.before_s * 0.6 + reach * float(rng.random()) ** 1.3 + 0.0012)
            if at + len(shape) < answer.shape[1]:
                gain = room.early * loud * rng.uniform(0.15, 0.45) * rng.choice((-1.0, 1.0))
                answer[side, at : at + len(shape)] += shape * np.float32(gain)


@lru_cache(maxsize=8)
def _partitions(name: str) -> tuple[Spectrum, Spectrum]:
    left, right = impulse_of(name)
    return partitions_of(left), partitions_of(right)


def reverberated(send: Stereo, name: str, width: float = 1.0) -> Stereo:
    """Return a room's answer to `send` (2, frames), in a circle; `width` 0..1 narrows it."""
    frames = send.shape[1]
    blocks = blocks_of((send[0] + send[1]) * np.float32(0.5))
    wet = np.stack([convolved(blocks, answer, frames) for answer in _partitions(name)])
    if width < 1.0:
        centre = (wet[0] + wet[1]) * np.float32(0.5)
        wet -= centre
        wet *= np.float32(width)
        wet += centre
    return wet


def echoed(send: Stereo, step: int, repeats: float = 0.42, count: int = 6) -> Stereo:
    """Return echoes every `step` frames from side to side, each duller, in a circle.

    `repeats` is how loud an echo is against the one before.
    """
    tone = _dull((send[0] + send[1]) * np.float32(0.5))
    tone -= moving_mean(tone)
    wet = np.zeros_like(send)
    gain = 1.0
    for index in range(1, count + 1):
        near, far = (0, 1) if index % 2 else (1, 0)
        _add_rolled(wet[near], tone, index * step, gain * 0.9)
        _add_rolled(wet[far], tone, index * step, gain * 0.35)
        gain *= repeats
        tone = _dull(tone)
    return wet


def _add_rolled(line: Mono, tone: Mono, shift: int, gain: float) -> None:
    frames = len(line)
    shift %= frames
    line[shift:] += tone[: frames - shift] * np.float32(gain)
    if shift:
        line[:shift] += tone[frames - shift :] * np.float32(gain)


def _dull(tone: Mono) -> Mono:
    """Return `tone` through a gentle low-pass (1 4 6 4 1 / 16), in a circle."""
    around = np.pad(tone, 2, mode="wrap")
    mean = tone * np.float32(6 / 16)
    pair = around[1:-3] + around[3:-1]
    pair *= np.float32(4 / 16)
    mean += pair
    np.add(around[:-4], around[4:], out=pair)
    pair *= np.float32(1 / 16)
    mean += pair
    return mean


def moving_mean(tone: Mono) -> Mono:
    """Return what lies below about 150 Hz: a moving mean, in a circle."""
    span = min(160, len(tone))
    padded = np.concatenate([tone[-span:], tone])
    total = np.cumsum(padded, dtype=np.float64)
    return ((total[span:] - total[:-span]) / span).astype(np.float32)
