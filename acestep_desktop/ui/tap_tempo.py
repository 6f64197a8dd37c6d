"""Tap tempo: the tempo of somebody who taps along."""

import itertools
from collections import deque
from statistics import fmean, median
from typing import Final

_PAUSE_S: Final = 2.5
"""After so long without a tap, the next one begins anew."""

_LEAST: Final = 3
_MOST: Final = 9
"""How many taps are needed, and how many are remembered."""


_SLIP: Final = 0.3
"""How far from the usual gap, as a share of it, a tap has slipped."""


class TapTempo:
    """Listens to taps. A single one that comes too early or too late does not matter."""

    def __init__(self) -> None:
        self._taps: deque[float] = deque(maxlen=_MOST)

    def tap(self, at_s: float) -> float | None:
        """Note a tap; return the tempo in whole beats per minute, None while it is unknown."""
        if self._taps and at_s - self._taps[-1] > _PAUSE_S:
            self._taps.clear()
        self._taps.append(at_s)
        if len(self._taps) < _LEAST:
            return None
        taps = list(self._taps)
        gaps = [b - a for a, b in itertools.pairwise(taps)]
        usual = median(gaps)
        # The median tells which taps slipped; the mean of the others is the steadier number.
        beat_s = fmean(gap for gap in gaps if abs(gap - usual) <= _SLIP * usual)
        return float(round(60.0 / beat_s)) if beat_s > 0 else None
