"""The master: one gain over time for all stems, so that stems still sum to the mix.

The gain has no start and no end (it is as round as the music): a slow part that glues,
a constant that reaches the target loudness, and a fast part that keeps peaks below the ceiling.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.dsp.samples import Samples
from acestep_desktop.sketch.sound.level import WINDOW, gated_db, window_energies
from acestep_desktop.sketch.sound.signal import Curve, Mono, Stereo, amplitude

TARGET_LUFS: Final = -14.0
CEILING_DB: Final = -1.45
"""Some way below -1 dBTP: the gain is a straight line within a cell, and peaks are estimated."""

CELL: Final = 64
"""Frames between two points of the gain."""

_HOLD_CELLS: Final = 9
"""How many cells before and after a peak the gain stays down: 12 ms."""

_TRIES: Final = 6
_MOST_STEP_DB: Final = 4.0
"""How often, and how far at once, the level is raised to reach the target."""

_REACH: Final = 8
_PHASES: Final = 4

_GLUE_MOST_DB: Final = 5.0
_GLUE_CELLS: Final = 90
"""The gluing gain follows the level over 120 ms on either side."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """A finished mix and its stems, each (frames, 2); the stems sum to the mix."""

    mix: Samples
    stems: tuple[Samples, ...]


def mastered(
    stems: Sequence[Stereo],
    glue: float = 0.4,
    crest_db: float = 24.0,
    target: float = TARGET_LUFS,
) -> Mixed:
    """Return stems, each (2, frames), and their sum, as loud as wanted and below the ceiling.

    `glue` 0..1 is how strongly loud moments are held back, and `crest_db` how far peaks may
    stand above the loudness. The stems are used up.
    """
    raw = np.zeros_like(stems[0])
    for stem in stems:
        stem -= stem.mean(axis=1, dtype=np.float64, keepdims=True).astype(np.float32)
        raw += stem
    curve = gain_curve(raw, glue, target, min(CEILING_DB, target + crest_db))
    total = np.zeros((raw.shape[1], 2), dtype=np.float64)
    finished = []
    for stem in stems:
        samples = np.empty(total.shape, dtype=np.float32)
        for side in (0, 1):
            np.multiply(stem[side], curve, out=samples[:, side])
        total += samples
        finished.append(samples)
    return Mixed(total.astype(np.float32), tuple(finished))


def gain_curve(mix: Stereo, glue: float, target: float, ceiling_db: float = CEILING_DB) -> Mono:
    """Return the gain of every frame, smooth and without a seam."""
    frames = mix.shape[1]
    cells = -(-frames // CELL)
    energies = window_energies(mix)
    if gated_db(energies) < -100.0:
        return np.ones(frames, dtype=np.float32)
    glued = _glue(mix, cells, glue)
    peaks = _true_peaks(mix, cells)
    gain_db = target - gated_db(energies * _per_window(glued, len(energies)))
    curve = glued
    for _ in range(_TRIES):
        loud = glued * amplitude(gain_db)
        curve = loud * _limited(peaks * loud, ceiling_db)
        missing = target - gated_db(energies * _per_window(curve, len(energies)))
        if abs(missing) < 0.1:
            break
        # What is added is partly held back again, the more so the higher the peaks.
        gain_db += min(1.3 * missing, _MOST_STEP_DB)
    return _per_frame(curve, frames)


def _glue(mix: Stereo, cells: int, glue: float) -> Curve:
    """Return a slow gain that takes some of what is above the usual level."""
    power = np.zeros(cells * CELL, dtype=np.float32)
    power[: mix.shape[1]] = mix[0] * mix[0] + mix[1] * mix[1]
    level = _smoothed(power.reshape(cells, CELL).mean(axis=1, dtype=np.float64), _GLUE_CELLS)
    level_db = 10.0 * np.log10(level + 1e-9)
    usual = 10.0 * np.log10(float(np.mean(level)) + 1e-9)
    above = np.maximum(level_db - (usual - 2.0), 0.0)
    down_db = np.minimum(above * 0.5 * glue, _GLUE_MOST_DB)
    return _smoothed(10.0 ** (-down_db / 20.0), _GLUE_CELLS // 3)


def _true_peaks(mix: Stereo, cells: int) -> Curve:
    """Return the peak of each cell; between the samples where the cell is among the loud ones."""
    frames = mix.shape[1]
    padded = np.empty((2, cells * CELL + 2 * _REACH), dtype=np.float32)
    index = np.arange(-_REACH, cells * CELL + _REACH) % frames
    np.take(mix, index, axis=1, out=padded)
    inside = np.abs(padded[:, _REACH : _REACH + cells * CELL]).reshape(2, cells, CELL)
    peaks = inside.max(axis=2)
    loud = np.flatnonzero(peaks.max(axis=0) > 0.5 * float(np.percentile(peaks, 99.5)))
    matrix = _between()
    for side in (0, 1):
        windows = np.lib.stride_tricks.sliding_window_view(padded[side], CELL + 2 * _REACH)
        high = np.abs(windows[::CELL][loud] @ matrix).max(axis=1)
        peaks[side, loud] = np.maximum(peaks[side, loud], high)
    return np.asarray(peaks.max(axis=0), dtype=np.float64)


def _between() -> Mono:
    """Return the matrix from a cell and its surroundings to the values between its frames."""
    width = CELL + 2 * _REACH
    matrix = np.zeros((width, _PHASES - 1, CELL), dtype=np.float32)
    for phase in range(1, _PHASES):
        offsets = np.arange(1 - _REACH, _REACH + 1) - phase / _PHASES
        taps = np.sinc(offsets) * np.cos(0.5 * np.pi * offsets / (_REACH + 0.5)) ** 2
        taps /= taps.sum()
        for frame in range(CELL):
            matrix[frame + 1 : frame + 1 + 2 * _REACH, phase - 1, frame] = taps
    return matrix.reshape(width, -1)


def _limited(peaks: Curve, ceiling_db: float) -> Curve:
    """Return a gain that keeps `peaks` below the ceiling and moves smoothly."""
    needed = np.minimum(1.0, amplitude(ceiling_db) / np.maximum(peaks, 1e-9))
    if float(needed.min()) >= 1.0:
        return needed
    reach = min(_HOLD_CELLS, (len(needed) - 1) // 2)
    # One cell more on either side: between two points the gain is a straight line.
    held = _lowest(needed, reach + 1)
    return _smoothed(held, reach)


def _lowest(values: Curve, reach: int) -> Curve:
    """Return the minimum over `reach` neighbours on either side, in a circle."""
    wrapped = np.concatenate([values[-reach:], values, values[:reach]]) if reach else values
    windows = np.lib.stride_tricks.sliding_window_view(wrapped, 2 * reach + 1)
    return np.asarray(windows.min(axis=1))


def _smoothed(values: Curve, reach: int) -> Curve:
    """Return a weighted mean (raised cosine) over neighbours on either side, in a circle."""
    reach = min(reach, (len(values) - 1) // 2)
    if reach < 1:
        return values
    window = np.hanning(2 * reach + 3)[1:-1]
    wrapped = np.concatenate([values[-reach:], values, values[:reach]])
    return np.convolve(wrapped, window / window.sum(), mode="valid")


def _per_window(curve: Curve, count: int) -> Curve:
    """Return the mean power of the gain over each measured window."""
    size = WINDOW // CELL
    power = curve**2
    if len(power) < count * size:
        power = np.resize(power, count * size)
    return np.asarray(power[: count * size].reshape(count, size).mean(axis=1))


def _per_frame(curve: Curve, frames: int) -> Mono:
    """Return the gain of every frame: straight lines between cells, and over the end to frame 0."""
    centres = (np.arange(len(curve)) + 0.5) * (frames / len(curve))
    at = np.arange(frames, dtype=np.float64) + 0.5
    line: npt.NDArray[np.float64] = np.interp(at, centres, curve, period=float(frames))
    return line.astype(np.float32)
