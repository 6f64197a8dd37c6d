"""Braces: what dragging in the upper half of the ruler does to the loop."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from acestep_desktop.domain.project import TickRange
from acestep_desktop.domain.time import Tick
from acestep_desktop.ui.timeline.grid import Snap
from acestep_desktop.ui.timeline.scale import Scale

_GRIP: Final = 6
"""Pixels on both sides of an end that take hold of it."""


class Grip(Enum):
    """What of the loop was taken hold of."""

    NEW = "a new loop"
    START = "its start"
    END = "its end"
    WHOLE = "all of it"


@dataclass(frozen=True, slots=True)
class BraceDrag:
    """A drag that began at the tick `pressed`, when the loop was `loop`."""

    grip: Grip
    pressed: Tick
    loop: TickRange | None

    @classmethod
    def begin(cls, scale: Scale, loop: TickRange | None, x: float) -> "BraceDrag":
        """Take hold of what is at pixel `x`."""
        pressed = scale.tick_at(x)
        if loop is None:
            return cls(Grip.NEW, pressed, None)
        left, right = scale.x_of_tick(loop.start), scale.x_of_tick(loop.end)
        if abs(x - left) <= _GRIP:
            return cls(Grip.START, pressed, loop)
        if abs(x - right) <= _GRIP:
            return cls(Grip.END, pressed, loop)
        return cls(Grip.WHOLE if left < x < right else Grip.NEW, pressed, loop)

    def loop_at(self, tick: Tick, snap: Snap) -> TickRange | None:
        """Return the loop while the pointer is at `tick`; the old one where none would be left."""
        old = self.loop
        if old is None or self.grip is Grip.NEW:
            start, end = sorted((snap.near(self.pressed), snap.near(tick)))
        elif self.grip is Grip.START:
            start, end = snap.near(tick), old.end
        elif self.grip is Grip.END:
            start, end = old.start, snap.near(tick)
        else:
            start = snap.near(max(0, old.start + tick - self.pressed))
            end = Tick(start + old.end - old.start)
        return TickRange(start, end) if start < end else old
