"""Level match: the next audition as loud as the last, so that louder does not pass for better."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.wav import map_wav
from acestep_desktop.domain.level import amplitude_from_db, db_from_amplitude
from acestep_desktop.dsp.loudness import loudness_lufs
from acestep_desktop.realtime.audition import MAX_GAIN

_MEASURED_FRAMES: Final = 60 * 48_000
"""A minute tells how loud a take is."""


def loudness_of(path: Path) -> float | None:
    """Return the loudness of a take's beginning, None for silence; takes a moment."""
    return loudness_lufs(map_wav(path)[:_MEASURED_FRAMES])


class LevelMatch:
    """Remembers how loud the last audition was heard."""

    def __init__(self) -> None:
        self._last: Callable[[], float | None] = lambda: None

    def gain(self, loudness: Callable[[], float | None], gain: float, *, match: bool) -> float:
        """Return the gain to play a take with, which from now on is the last one.

        Args:
            loudness: Tells the take's loudness in LUFS; called only when it is needed.
            gain: Used where nothing is to be matched, or one of both is silent.
        """
        if match:
            before, now = self._last(), loudness()
            if before is not None and now is not None:
                gain = min(amplitude_from_db(before - now), MAX_GAIN)
        self._last = _scaled(loudness, gain)
        return gain


def _scaled(loudness: Callable[[], float | None], gain: float) -> Callable[[], float | None]:
    def heard() -> float | None:
        level = loudness()
        return None if level is None or gain <= 0 else level + db_from_amplitude(gain)

    return heard
