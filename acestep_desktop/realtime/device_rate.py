"""From 48 kHz to a device's own rate, block by block, with the same work for every block.

A polyphase filter: output m lies at input m * M / L and is the sum of the inputs around it,
weighted by a sinc under a Kaiser window (J. F. Kaiser, "Nonrecursive digital filter design
using the I0-sinh window function", 1974). Its transition is centred on the lower Nyquist
frequency, so what folds back lies above 0.907 of it: 20 kHz of 22.05. Libraries that resample
better take in 37 ms before anything comes out, which is too much work for one call of a device.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.dsp.samples import Samples, silence

PASSBAND: Final = 0.907
"""Of the lower Nyquist frequency: up to here nothing changes."""

STOPBAND_DB: Final = 110.0


class DeviceRate:
    """A stream of stereo blocks at 48 kHz, given at another rate. One thread's.

    Linear phase and no delay: a frame comes out once the frames that follow it are known.
    What comes out does not depend on how the stream is cut into blocks.
    """

    def __init__(self, rate: int) -> None:
        """Begin a stream; `rate` is in Hz, above 0."""
        divisor = math.gcd(rate, SAMPLE_RATE)
        self._up, self._down = rate // divisor, SAMPLE_RATE // divisor
        self._bank = _filters(self._up, rate)
        self._half = self._bank.shape[1] // 2
        self._kept = silence(self._half - 1)
        # Where output 0 of those to come lies: whole frames into what is kept, and phase.
        self._at = self._phase = 0

    def __call__(self, block: Samples) -> Samples:
        """Return what can be given after `block`, of shape (frames, 2); maybe no frame."""
        heard = np.concatenate((self._kept, block))
        taps = self._bank.shape[1]
        # The last output of all whose taps are there lies here.
        room = len(heard) - taps - self._at
        count = max(0, ((room + 1) * self._up - self._phase - 1) // self._down + 1)
        steps = self._phase + self._down * np.arange(count + 1)
        places, phases = self._at + steps // self._up, steps % self._up
        if count:
            windows = sliding_window_view(heard, taps, axis=0)[places[:-1]]
            out: Samples = np.einsum("mck,mk->mc", windows, self._bank[phases[:-1]])
        else:
            out = silence(0)
        done = min(int(places[-1]), len(heard))
        self._kept = heard[done:].copy()
        self._at, self._phase = int(places[-1]) - done, int(phases[-1])
        return out


def _filters(up: int, rate: int) -> npt.NDArray[np.float32]:
    """Return the weights of the inputs around an output, one row for each phase."""
    lower = min(rate, SAMPLE_RATE)
    width = (1.0 - PASSBAND) * lower / SAMPLE_RATE
    half = math.ceil((STOPBAND_DB - 8.0) / (2.285 * 2 * math.pi * width) / 2)
    places = np.arange(1 - half, half + 1) - np.arange(up)[:, None] / up
    shares = np.clip(1.0 - (places / half) ** 2, 0.0, None)
    beta = 0.1102 * (STOPBAND_DB - 8.7)
    cutoff = lower / SAMPLE_RATE
    bank = cutoff * np.sinc(cutoff * places) * np.i0(beta * np.sqrt(shares)) / np.i0(beta)
    # Every phase passes a steady level alike.
    return np.asarray(bank / bank.sum(axis=1, keepdims=True), np.float32)
