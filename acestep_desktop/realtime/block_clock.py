"""When a block's first frame is at the device, freed of the jitter of callbacks."""

import math
from typing import Final

from acestep_desktop.domain.time import SAMPLE_RATE

_ACQUIRE_HZ: Final = 1.0
_TRACK_HZ: Final = 0.1
_ACQUIRE_S: Final = 4.0
_LOST_S: Final = 0.05
"""A callback this far off its time is no jitter: blocks were lost, or the computer slept."""

_SLIPPED_S: Final = 0.001
_SLIPPED_BLOCKS: Final = 8
_SLIPPED_FOR_S: Final = 0.04
"""Callbacks that all come later (or sooner) than this are no jitter either: the device itself
stood still, and its time goes on from there."""

_RATE_TOLERANCE: Final = 0.002
"""No crystal is off by 2,000 parts in a million; a faster loop would chase its own noise."""


class BlockClock:
    """A delay-locked loop over callback times (F. Adriaensen, "Using a DLL to filter time").

    Works in 48 kHz frames whatever the device's rate is. Used by the audio thread.
    """

    def __init__(self) -> None:
        self._time_s = 0.0
        self._expected_s = -1.0
        self._frame_s = 1.0 / SAMPLE_RATE
        self._since_s = 0.0
        self._least_s = 0.0
        self._off_blocks = 0
        self._off_for_s = 0.0

    @property
    def rate(self) -> float:
        """Frames a second of this device, as measured by the computer's clock."""
        return 1.0 / self._frame_s

    def block(self, called_ns: int, frames: int) -> int:
        """Return the filtered time of a block of `frames` whose callback came at `called_ns`."""
        called_s = called_ns * 1e-9
        error_s = called_s - self._expected_s
        if self._expected_s < 0 or abs(error_s) > _LOST_S:
            self._restart(called_s)
            error_s = 0.0
        span_s = frames / SAMPLE_RATE
        slip_s = self._slip_s(error_s, span_s)
        self._expected_s += slip_s
        # What is far off time and again has slipped: that does not say how fast time goes.
        error_s = 0.0 if self._off_blocks > 1 else error_s - slip_s
        error_s = min(max(error_s, -_SLIPPED_S), _SLIPPED_S)
        omega = 2 * math.pi * self._bandwidth_hz() * span_s
        self._time_s = self._expected_s
        correction_s = math.sqrt(2.0) * omega * error_s
        self._frame_s += omega * omega * error_s / max(frames, 1)
        self._frame_s = _within_tolerance(self._frame_s)
        self._expected_s += correction_s + frames * self._frame_s
        self._since_s += span_s
        return round(self._time_s * 1e9)

    def _slip_s(self, error_s: float, span_s: float) -> float:
        """Return by how much the device's own time has slipped; 0 while that is not sure."""
        agrees = error_s * self._least_s > 0
        if abs(error_s) < _SLIPPED_S or not (agrees or self._off_blocks == 0):
            self._least_s, self._off_blocks, self._off_for_s = 0.0, 0, 0.0
            return 0.0
        if not agrees or abs(error_s) < abs(self._least_s):
            self._least_s = error_s
        self._off_blocks += 1
        self._off_for_s += span_s
        if self._off_blocks < _SLIPPED_BLOCKS or self._off_for_s < _SLIPPED_FOR_S:
            return 0.0
        slip_s = self._least_s
        self._least_s, self._off_blocks, self._off_for_s = 0.0, 0, 0.0
        return slip_s

    def _restart(self, called_s: float) -> None:
        self._expected_s = called_s
        self._since_s = 0.0

    def _bandwidth_hz(self) -> float:
        return _ACQUIRE_HZ if self._since_s < _ACQUIRE_S else _TRACK_HZ


def _within_tolerance(frame_s: float) -> float:
    nominal = 1.0 / SAMPLE_RATE
    return min(max(frame_s, nominal * (1 - _RATE_TOLERANCE)), nominal * (1 + _RATE_TOLERANCE))
