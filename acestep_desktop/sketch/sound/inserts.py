"""Devices in a part's own channel, in a circle: what turns once more after the end turns on."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.convolution import BLOCK, blocks_of, convolved, partitions_of
from acestep_desktop.sketch.sound.patches import Insert
from acestep_desktop.sketch.sound.signal import (
    Mono,
    Spectrum,
    Stereo,
    audio_of,
    band,
    bins_hz,
    half_cosine,
    minimum_phase,
    peaks,
)
from acestep_desktop.sketch.sound.space import moving_mean
from acestep_desktop.sketch.sound.voice import REFERENCE

_MEAN_LATE: Final = 80
"""By how many frames a moving mean lags behind."""

_CABINET: Final = ((120.0, 3.0, 1.5), (420.0, -3.0, 1.2), (2300.0, 5.0, 1.4), (3600.0, 3.0, 2.0))
"""Peaks of a guitar loudspeaker in its box."""


def inserted(audio: Stereo, inserts: tuple[Insert, ...]) -> Stereo:
    """Return `audio` (2, frames) after all devices, in order."""
    for insert in inserts:
        audio = _DEVICES[insert.device](audio, insert.amount)
    return audio


def rounded_off(audio: Stereo, ceiling: float) -> Stereo:
    """Return `audio`, in place, with peaks bent so that none is above `ceiling`.

    Nothing changes below two thirds of it: a soft clipper, as drum buses have one.
    """
    knee = np.float32(ceiling * 2 / 3)
    room = np.float32(ceiling) - knee
    high = np.abs(audio) > knee
    peaks = audio[high]
    audio[high] = np.sign(peaks) * (knee + room * np.tanh((np.abs(peaks) - knee) / room))
    return audio


def _drive(audio: Stereo, amount: float) -> Stereo:
    """Warm saturation: the louder, the rounder."""
    hot = np.float32((0.6 + 2.2 * amount) / (4.0 * REFERENCE))
    warm: Stereo = np.tanh(audio * hot) / hot
    return warm


def _fuzz(audio: Stereo, amount: float) -> Stereo:
    """A guitar amplifier's overdrive, in two stages."""
    hot = np.float32((6.0 + 26.0 * amount) / (4.0 * REFERENCE))
    first = np.tanh(audio * hot + np.float32(0.15)) - np.tanh(np.float32(0.15))
    second = np.tanh(first * np.float32(1.8))
    loud: Stereo = second * np.float32(REFERENCE)
    return loud


def _cabinet(audio: Stereo, amount: float) -> Stereo:
    """A loudspeaker: nothing below 90 Hz or above 5 kHz."""
    return _equalised(audio, 90.0, 3900.0 + 900.0 * amount, 3, _CABINET)


def _dust(audio: Stereo, amount: float) -> Stereo:
    """An old sampler: dull."""
    return _equalised(audio, 30.0, 14_000.0 - 7000.0 * amount, 2, ())


def _equalised(
    audio: Stereo,
    low_hz: float,
    high_hz: float,
    order: int,
    bells: tuple[tuple[float, float, float], ...],
) -> Stereo:
    answer = _speaker(low_hz, high_hz, order, bells)
    return np.stack([convolved(blocks_of(side), answer, len(side)) for side in audio])


@lru_cache(maxsize=8)
def _speaker(
    low_hz: float, high_hz: float, order: int, bells: tuple[tuple[float, float, float], ...]
) -> Spectrum:
    """Return the answer of an equaliser as one block: causal, and short."""
    hz = bins_hz(BLOCK)
    response = minimum_phase(band(hz, low_hz, high_hz, order) * peaks(hz, bells))
    impulse = audio_of(response, BLOCK)[: BLOCK // 2]
    impulse[-256:] *= half_cosine(256)[::-1]
    return partitions_of(impulse)


def _turns(frames: int, hz: float, start: float = 0.0) -> Mono:
    """Return the angle of a wheel near `hz` that turns a whole number of times in all."""
    times = max(1, round(frames * hz / SAMPLE_RATE))
    cycles = np.arange(frames, dtype=np.float64) * (times / frames) + start
    cycles -= np.floor(cycles)
    return (cycles * (2 * np.pi)).astype(np.float32)


def _tremolo(audio: Stereo, amount: float) -> Stereo:
    wave = np.sin(_turns(audio.shape[1], 5.6))
    return audio * (np.float32(1 - amount / 2) + np.float32(amount / 2) * wave)


def _autopan(audio: Stereo, amount: float) -> Stereo:
    wave = np.sin(_turns(audio.shape[1], 3.1)) * np.float32(amount)
    return audio * np.stack([1 + wave, 1 - wave]) * np.float32(1 / (1 + amount / 2))


def _chorus(audio: Stereo, amount: float) -> Stereo:
    """A second, wavering copy on each side."""
    frames = audio.shape[1]
    middle = (audio[0] + audio[1]) * np.float32(0.5)
    wet = [_delayed(middle, 0.009, 0.0022, _turns(frames, 0.55, start)) for start in (0.0, 0.31)]
    return audio + np.stack(wet) * np.float32(0.7 * amount)


def _widen(audio: Stereo, amount: float) -> Stereo:
    """Early reflections that differ in sign between the sides: wide, and gone in mono."""
    middle = (audio[0] + audio[1]) * np.float32(0.5)
    # The mean is taken around each frame: one that came late would let bass through.
    middle -= np.roll(moving_mean(middle), -_MEAN_LATE)
    side = np.zeros_like(middle)
    for late, gain in ((353, 0.62), (631, -0.55), (947, 0.5)):
        side += np.roll(middle, late) * np.float32(gain * amount)
    wide: Stereo = audio + np.stack([side, -side])
    return wide


def _rotary(audio: Stereo, amount: float) -> Stereo:
    """A loudspeaker that turns before the microphones."""
    frames = audio.shape[1]
    middle = (audio[0] + audio[1]) * np.float32(0.5)
    sides = []
    for start in (0.0, 0.25):
        angle = _turns(frames, 6.3, start)
        moved = _delayed(middle, 0.0012, 0.00035, angle)
        sides.append(moved * (1 + np.float32(0.28 * amount) * np.sin(angle)))
    return np.stack(sides)


def _delayed(line: Mono, base_s: float, sway_s: float, angle: Mono) -> Mono:
    """Return `line` late by a time that sways, in a circle."""
    frames = len(line)
    late = np.float32(base_s * SAMPLE_RATE) + np.float32(sway_s * SAMPLE_RATE) * np.sin(angle)
    whole = late.astype(np.intp)
    part = late - whole.astype(np.float32)
    index = np.arange(frames) - whole
    near = line.take(index, mode="wrap")
    index -= 1
    return near + (line.take(index, mode="wrap") - near) * part


_DEVICES: Final[Mapping[str, Callable[[Stereo, float], Stereo]]] = {
    "drive": _drive,
    "fuzz": _fuzz,
    "cabinet": _cabinet,
    "dust": _dust,
    "tremolo": _tremolo,
    "autopan": _autopan,
    "chorus": _chorus,
    "rotary": _rotary,
    "widen": _widen,
}
