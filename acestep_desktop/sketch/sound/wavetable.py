"""Oscillators through filters, as tables: one band-limited cycle for each of many brightnesses.

A filter that is swept slowly acts on each harmonic by its response at that harmonic. So one
cycle is stored for each of `LEVELS` cutoffs, and a sweep is a walk through the tables.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.signal import TOP_HZ, Curve, Mono, band, peaks

CYCLE: Final = 4096
"""Points of a cycle; with straight lines between them the error stays below -80 dB."""

LEVELS: Final = 40
LOWEST_HZ: Final = 60.0
HIGHEST_HZ: Final = 18_000.0
"""Cutoffs of the first and the last table; those between are spaced evenly in pitch."""

HARMONICS: Final = 512


@dataclass(frozen=True, slots=True)
class Filter:
    """A low-pass of 1 to 4 poles; `resonance` 0..1, where 1 is about to whistle."""

    poles: int = 2
    resonance: float = 0.0
    low_cut_hz: float = 25.0
    bells: tuple[tuple[float, float, float], ...] = ()


def harmonics_of(shape: str, *, duty: float = 0.5, bars: tuple[float, ...] = ()) -> Curve:
    """Return the amplitudes of harmonics 1.. of a named wave.

    `saw`, `square`, `triangle`, `pulse` (of `duty`), `sine`, or `bars`: amplitudes as given.
    """
    number = np.arange(1, HARMONICS + 1, dtype=np.float64)
    if shape == "saw":
        return 1.0 / number
    if shape == "square":
        return np.where(number % 2 == 1, 1.0 / number, 0.0)
    if shape == "triangle":
        return np.where(number % 2 == 1, 1.0 / number**2, 0.0)
    if shape == "pulse":
        return np.abs(np.sin(np.pi * number * duty)) / number
    given = np.zeros(HARMONICS)
    chosen = bars if shape == "bars" else (1.0,)
    given[: len(chosen)] = chosen
    return given


def brightness_tables(harmonics: Curve, hz: float, shape: Filter) -> Mono:
    """Return tables of shape (LEVELS, CYCLE + 1) for a tone of `hz`, from darkest to brightest."""
    count = int(min(len(harmonics), max(1.0, TOP_HZ / hz)))
    partial_hz = np.arange(1, count + 1, dtype=np.float64) * hz
    fixed = harmonics[:count] * peaks(partial_hz, shape.bells)
    fixed = fixed * band(partial_hz, shape.low_cut_hz, np.inf, 1)
    cutoffs = LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** (np.arange(LEVELS) / (LEVELS - 1))
    spectrum = np.zeros((LEVELS, CYCLE // 2 + 1), dtype=np.complex64)
    response = _low_pass(partial_hz[None, :] / cutoffs[:, None], shape)
    spectrum[:, 1 : count + 1] = fixed * response * (-1j * CYCLE / 2)
    tables = np.fft.irfft(spectrum, CYCLE, axis=1)
    return np.concatenate([tables, tables[:, :1]], axis=1).astype(np.float32, copy=False)


def _low_pass(ratio: Curve, shape: Filter) -> npt.NDArray[np.complex128]:
    """Return the response of a ladder of one-pole stages with feedback at f / cutoff."""
    stage = 1.0 / (1.0 + 1j * ratio)
    if shape.poles == 1:
        return np.asarray(stage)
    feedback = 3.9 * shape.resonance
    ladder = stage**4 * (1.0 + 0.5 * feedback) / (1.0 + feedback * stage**4)
    if shape.poles == 4:
        return np.asarray(ladder)
    # Two poles: a state-variable section whose damping falls with the resonance.
    damping = 1.4 - 1.32 * shape.resonance
    return np.asarray(1.0 / (1.0 + 1j * damping * ratio - ratio**2))


def level_of(cutoff_hz: Mono) -> Mono:
    """Return where a cutoff lies among the tables, 0..LEVELS-1 with fractions."""
    octaves = np.log2(np.maximum(cutoff_hz, np.float32(1.0)) / np.float32(LOWEST_HZ))
    scale = (LEVELS - 1) / np.log2(HIGHEST_HZ / LOWEST_HZ)
    return np.clip(octaves * np.float32(scale), 0.0, LEVELS - 1.001).astype(np.float32)


def phase_of(hz: float, bend: Mono | None, frames: int, start: float = 0.0) -> Curve:
    """Return the phase in cycles of a tone; `bend` multiplies its frequency over time."""
    step = hz / SAMPLE_RATE
    if bend is None:
        return np.arange(frames, dtype=np.float64) * step + start
    phase = np.cumsum(bend, dtype=np.float64)
    phase -= phase[0]
    phase *= step
    phase += start
    return phase


def play(tables: Mono, phase: Curve, level: Mono | float) -> Mono:
    """Return the tone read from `tables` at each phase (in cycles) and brightness level."""
    flat = tables.reshape(-1)
    width = tables.shape[1]
    position = phase - np.floor(phase)
    position *= CYCLE
    index = position.astype(np.intp)
    fraction = (position - index).astype(np.float32)
    if isinstance(level, float):
        index += int(level) * width
        return _between(flat, index, fraction)
    floor = level.astype(np.intp)
    index += floor * width
    low = _between(flat, index, fraction)
    index += width
    low += (_between(flat, index, fraction) - low) * (level - floor.astype(np.float32))
    return low


def _between(flat: Mono, index: npt.NDArray[np.intp], fraction: Mono) -> Mono:
    low = flat.take(index)
    high = flat.take(index + 1)
    high -= low
    high *= fraction
    low += high
    return low
