"""Loudness and levels: LUFS by ITU-R BS.1770-4 and EBU Tech 3341, peaks, RMS, DC.

Everything is measured in one pass in bounded memory: a `LoudnessMeter` takes
blocks of any size, and keeps one number a channel for every 100 ms.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.domain.recipe import Measured
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.dsp.truepeak import TruePeakMeter

STEP: Final = SAMPLE_RATE // 10
"""Loudness is gathered every 100 ms: blocks of 400 ms overlap by three quarters."""

_MOMENTARY: Final = 4
_SHORT_TERM: Final = 30
"""Steps in the two sliding windows: 400 ms and 3 s."""

_ABSOLUTE_GATE: Final = -70.0
_RELATIVE_GATE: Final = -10.0
_OFFSET: Final = -0.691

_SHELF: Final = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
_HIGH_PASS: Final = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""The two filters of K-weighting at 48 kHz: (numerator, denominator), BS.1770-4 annex 1."""

_SETTLING: Final = 2 * STEP
_CHUNK: Final = 12 * STEP
"""Frames after which the filters' response is below 1e-17, and frames weighted at a time."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What was measured on a piece of audio; None where there is nothing but silence.

    `loudness_lufs` is integrated and gated; `momentary_lufs` and
    `short_term_lufs` are the highest of each. Peaks are dBFS and dBTP over all
    channels, `rms_db` is dBFS over all channels, `dc` the largest mean of a
    channel as an amplitude.
    """

    frames: int
    loudness_lufs: float | None
    momentary_lufs: float | None
    short_term_lufs: float | None
    true_peak_db: float | None
    peak_db: float | None
    rms_db: float | None
    dc: float

    def measured(self) -> Measured:
        """Return the part that a take keeps."""
        return Measured(self.peak_db, self.true_peak_db, self.loudness_lufs)


def measure_levels(blocks: Samples | Iterable[Samples]) -> Levels:
    """Return the levels of audio, given whole (a memory map, too) or as blocks in their order."""
    if isinstance(blocks, np.ndarray):
        whole = blocks
        blocks = (whole[at : at + SAMPLE_RATE] for at in range(0, len(whole), SAMPLE_RATE))
    meter: LoudnessMeter | None = None
    for block in blocks:
        meter = meter or LoudnessMeter(block.shape[1])
        meter.add(block)
    return (meter or LoudnessMeter(1)).levels()


def loudness_lufs(samples: Samples) -> float | None:
    """Return the integrated loudness; None where nothing is above -70 LUFS."""
    meter = _LoudnessGatherer(samples.shape[1])
    meter.add(samples)
    return meter.integrated()


def true_peak_db(samples: Samples) -> float | None:
    """Return the highest true peak of all channels in dBTP; None for silence."""
    meter = TruePeakMeter(samples.shape[1])
    meter.add(samples)
    return _db(meter.finish())


class LoudnessMeter:
    """Gathers the levels of audio that comes in blocks."""

    def __init__(self, channels: int) -> None:
        self._loudness = _LoudnessGatherer(channels)
        self._true_peak = TruePeakMeter(channels)
        self._sums = np.zeros(channels)
        self._squares = np.zeros(channels)
        self._frames = 0
        self._peak = 0.0

    def add(self, block: Samples) -> None:
        """Take the next frames, of any number."""
        if not len(block):
            return
        self._loudness.add(block)
        self._true_peak.add(block)
        channels = np.ascontiguousarray(block.T, np.float64)
        self._sums += channels.sum(axis=1)
        np.square(channels, channels)
        self._squares += channels.sum(axis=1)
        self._frames += len(block)
        self._peak = max(self._peak, math.sqrt(float(channels.max())))

    def levels(self) -> Levels:
        """Return the levels of all that was added; the meter is done with."""
        samples = max(1, self._frames * len(self._sums))
        return Levels(
            frames=self._frames,
            loudness_lufs=self._loudness.integrated(),
            momentary_lufs=self._loudness.highest(_MOMENTARY),
            short_term_lufs=self._loudness.highest(_SHORT_TERM),
            true_peak_db=_db(self._true_peak.finish()),
            peak_db=_db(self._peak),
            rms_db=_db(math.sqrt(float(self._squares.sum()) / samples)),
            dc=float(np.abs(self._sums).max()) / max(1, self._frames),
        )


class _LoudnessGatherer:
    """K-weights audio chunk by chunk and keeps the energy of every 100 ms."""

    def __init__(self, channels: int) -> None:
        if channels not in (1, 2):
            raise ValueError(f"loudness is measured on 1 or 2 channels, got {channels}")
        self._window = np.zeros((channels, _SETTLING + _CHUNK), np.float32)
        self._held = 0
        self._frames = 0
        self._energies: list[npt.NDArray[np.float64]] = []
        self._finished = False

    def add(self, block: Samples) -> None:
        at = 0
        while at < len(block):
            part = block[at : at + _CHUNK - self._held]
            begin = _SETTLING + self._held
            self._window[:, begin : begin + len(part)] = part.T
            self._held += len(part)
            self._frames += len(part)
            at += len(part)
            if self._held == _CHUNK:
                self._weigh()

    def integrated(self) -> float | None:
        """Return the gated loudness, BS.1770-4 equations 3 to 7.

        Audio shorter than one block of 400 ms counts as one block of its length.
        """
        energies = self._blocks(_MOMENTARY)
        heard = energies[_lufs_of(energies) > _ABSOLUTE_GATE]
        if not len(heard):
            return None
        gate = float(_lufs_of(heard.mean())) + _RELATIVE_GATE
        return float(_lufs_of(heard[_lufs_of(heard) > gate].mean()))

    def highest(self, steps: int) -> float | None:
        """Return the loudest window of that many steps, ungated; None below -70 LUFS."""
        energies = self._blocks(steps)
        lufs = float(_lufs_of(energies.max())) if len(energies) else -math.inf
        return lufs if lufs > _ABSOLUTE_GATE else None

    def _blocks(self, steps: int) -> npt.NDArray[np.float64]:
        """Return the mean square, summed over channels, of each window, 100 ms apart."""
        self._finish()
        energies = np.concatenate((*self._energies, np.zeros(0)))
        whole = self._frames // STEP
        if whole < steps:
            return np.full(1, energies.sum() / self._frames) if self._frames else energies
        sums = np.concatenate(((0.0,), np.cumsum(energies[:whole])))
        means: npt.NDArray[np.float64] = (sums[steps:] - sums[:-steps]) / (steps * STEP)
        return means

    def _finish(self) -> None:
        if self._held and not self._finished:
            self._window[:, _SETTLING + self._held :] = 0.0
            self._weigh()
        self._finished = True

    def _weigh(self) -> None:
        """Weight what the window holds, circularly: only its first frames are spoilt."""
        frames = self._window.shape[1]
        # NumPy is several times faster in single precision when it scales: undone by the weights.
        spectrum = np.fft.rfft(self._window, axis=1, norm="forward") * _weighting(frames)
        weighted = np.fft.irfft(spectrum, frames, axis=1)[:, _SETTLING:]
        weighted[:, self._held :] = 0.0
        steps = weighted.reshape(len(weighted), -1, STEP)
        self._energies.append(np.square(steps).sum(axis=2).sum(axis=0, dtype=np.float64))
        self._window[:, :_SETTLING] = self._window[:, -_SETTLING:].copy()
        self._held = 0


@lru_cache(maxsize=1)
def _weighting(frames: int) -> npt.NDArray[np.complex64]:
    """Return K-weighting on the bins of a transform of `frames` that divides by `frames`."""
    z = np.exp(-2j * np.pi * np.arange(frames // 2 + 1) / frames)
    response = np.ones(len(z), np.complex128)
    for numerator, denominator in (_SHELF, _HIGH_PASS):
        response *= np.polyval(numerator[::-1], z) / np.polyval(denominator[::-1], z)
    return (frames * response).astype(np.complex64)


def _lufs_of(energy: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the loudness of a mean square summed over channels, BS.1770-4 equation 2."""
    return np.asarray(_OFFSET + 10.0 * np.log10(np.maximum(energy, 1e-30)))


def _db(amplitude: float) -> float | None:
    return 20.0 * math.log10(amplitude) if amplitude > 1e-6 else None
