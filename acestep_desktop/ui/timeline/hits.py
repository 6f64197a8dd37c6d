"""Hits: which part of which clip is under the pointer."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT, Lane, Lanes, Span
from acestep_desktop.ui.timeline.scale import Scale

NAME_HEIGHT: Final = 17
"""Pixels of the bar with a clip's name, at its top."""

EDGE: Final = 6
CORNER: Final = 11
"""Pixels that take hold of an edge, and of a fade's handle."""


class Part(Enum):
    """The parts of a clip that can be taken hold of."""

    BODY = "body"
    LEFT = "left edge"
    RIGHT = "right edge"
    FADE_IN = "fade in"
    FADE_OUT = "fade out"


@dataclass(frozen=True, slots=True)
class Hit:
    """A clip under the pointer, and the part of it."""

    row: int
    span: Span
    part: Part


def row_at(y: float) -> int:
    """Return the row at a height in the lanes, which may be below the last track."""
    return int(y // ROW_HEIGHT)


def hit_at(lanes: Lanes, scale: Scale, x: float, y: float) -> Hit | None:
    """Return what is at a point of the lanes (y counts from the first track), or None.

    Edges reach a little to their outside, where no other clip lies.
    """
    row = row_at(y)
    if not 0 <= row < len(lanes.lanes):
        return None
    lane = lanes.lanes[row]
    span = lane.at(scale.origin + x * scale.frames_per_pixel) or _beside(lane, scale, x)
    if span is None:
        return None
    return Hit(row, span, _part(span, scale, x, y - row * ROW_HEIGHT))


def _beside(lane: Lane, scale: Scale, x: float) -> Span | None:
    at = scale.origin + x * scale.frames_per_pixel
    reach = EDGE / 2 * scale.frames_per_pixel
    near = (s for s in lane.within(at - reach, at + reach) if s.start - reach <= at < s.end + reach)
    return next(near, None)


def _part(span: Span, scale: Scale, x: float, y: float) -> Part:
    left, right = scale.x_of_frame(span.start), scale.x_of_frame(span.end)
    edge = min(EDGE, (right - left) / 4)
    corner = min(CORNER, (right - left) / 4)
    if y <= CORNER and right - left >= 4 * EDGE:
        rise = left + _pixels(span.clip.fade_in.length - span.clip.fade_in.begun, scale)
        fall = right - _pixels(span.clip.fade_out.length - span.clip.fade_out.begun, scale)
        if abs(x - rise) <= corner and x >= left:
            return Part.FADE_IN
        if abs(x - fall) <= corner and x <= right:
            return Part.FADE_OUT
    if x <= left + edge:
        return Part.LEFT
    if x >= right - edge:
        return Part.RIGHT
    return Part.BODY


def _pixels(frames: int, scale: Scale) -> float:
    return frames / scale.frames_per_pixel
