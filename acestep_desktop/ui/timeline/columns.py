"""Columns: the waveforms of a lane as the lowest and highest sample of every pixel column."""

from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from acestep_desktop.domain.level import amplitude_from_db
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.ui.timeline.lanes import Lane, Span

_METERED: Final = 1_600
"""Frames that a meter looks at: a thirtieth of a second."""

Extremes = npt.NDArray[np.float32]
"""Shape (2, n): the lowest and the highest sample of each of n columns."""


class Source(Protocol):
    """Where waveforms come from. Nothing here waits."""

    def extremes(
        self, take_id: TakeId, first: float, frames_per_column: float, columns: int
    ) -> Extremes | None:
        """Return `columns` columns from frame `first` of a take on; None while unknown."""

    def is_missing(self, take_id: TakeId) -> bool:
        """Return whether the file of a take is gone."""


def clip_columns(
    source: Source, span: Span, origin: float, frames_per_pixel: float, width: int
) -> tuple[int, Extremes] | None:
    """Return a clip's first column and its columns within `width` pixels from `origin` on.

    Gain and fades are in them. None where the clip is not seen, or not yet known.
    """
    left = max(0, int((span.start - origin) / frames_per_pixel + 0.5))
    right = min(width, max(left + 1, int((span.end - origin) / frames_per_pixel + 0.5)))
    if right <= left:
        return None
    clip = span.clip
    into = max(0.0, origin + left * frames_per_pixel - span.start)
    shown = source.extremes(clip.take_id, clip.offset + into, frames_per_pixel, right - left)
    if shown is None:
        return None
    if clip.fade_in.length or clip.fade_out.length:
        at = into + (np.arange(right - left, dtype=np.float64) + 0.5) * frames_per_pixel
        shown = shown * envelope(span, at)
    if clip.gain_db:
        shown = shown * np.float32(amplitude_from_db(clip.gain_db))
    return left, shown


def level_at(source: Source, lane: Lane, frame: int, *, solo: bool = False) -> float:
    """Return how loud a track is around a frame: an amplitude, after its clips and its fader.

    `solo` says that any track is soloed: only such tracks are heard then.
    """
    track = lane.track
    if track.muted or (solo and not track.soloed):
        return 0.0
    loudest = 0.0
    for span in lane.within(frame, frame + _METERED):
        if not span.clip.muted and span.start <= frame < span.end:
            found = clip_columns(source, span, frame, _METERED, 1)
            if found is not None:
                loudest = max(loudest, float(np.abs(found[1]).max()))
    return loudest * amplitude_from_db(track.gain_db)


def envelope(span: Span, at: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Return what a clip's own fades leave of it, `at` frames behind its start."""
    rise, fall = span.clip.fade_in, span.clip.fade_out
    gains = np.ones(len(at), np.float32)
    if rise.length:
        gains *= _risen((at + rise.begun) / rise.length, rise.shape == "linear")
    if fall.length:
        left = (span.clip.length - at + fall.begun) / fall.length
        gains *= _risen(left, fall.shape == "linear")
    return gains


def _risen(x: npt.NDArray[np.float64], linear: bool) -> npt.NDArray[np.float32]:
    x = np.clip(x, 0.0, 1.0)
    return (x if linear else np.sqrt(x * x * (3 - 2 * x))).astype(np.float32)
