"""Levels: decibels for people, amplitudes for the mixer."""

import math
from typing import Final

from acestep_desktop.domain.errors import InvalidValueError

MIN_GAIN_DB: Final = -120.0
MAX_GAIN_DB: Final = 24.0
"""At -120 dB a fader is off; more than +24 dB is a mistake."""


def checked_gain_db(gain_db: float) -> float:
    """Return `gain_db`, or raise InvalidValueError unless it is within -120..24 dB."""
    if not (math.isfinite(gain_db) and MIN_GAIN_DB <= gain_db <= MAX_GAIN_DB):
        raise InvalidValueError(
            f"a gain must be within {MIN_GAIN_DB:g}..{MAX_GAIN_DB:g} dB, got {gain_db:g}"
        )
    return float(gain_db)


def checked_pan(pan: float) -> float:
    """Return `pan`, or raise InvalidValueError unless it is within -1 (left)..1 (right)."""
    if not (math.isfinite(pan) and -1.0 <= pan <= 1.0):
        raise InvalidValueError(f"a pan must be within -1..1, got {pan:g}")
    return float(pan)


def amplitude_from_db(gain_db: float) -> float:
    """Return 10^(dB/20); -120 dB and less is silence."""
    return 0.0 if gain_db <= MIN_GAIN_DB else float(10.0 ** (gain_db / 20.0))


def db_from_amplitude(amplitude: float) -> float:
    """Return 20·log10(amplitude), never below -120 dB."""
    if amplitude <= 0.0:
        return MIN_GAIN_DB
    return max(MIN_GAIN_DB, 20.0 * math.log10(amplitude))
