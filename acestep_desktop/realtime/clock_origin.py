"""At which frame of JACK's clock a roll began: what all its events are counted from."""

from typing import Final, Protocol

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.realtime.jack_frames import MASK, signed
from acestep_desktop.realtime.status import Status

_DRIFT_S: Final = 0.002
_DRIFT_LOOKS: Final = 25


class JackTime(Protocol):
    """JACK's clock, as far as an origin needs it."""

    @property
    def rate(self) -> int:
        """Frames a second."""

    def frame_at(self, time_ns: int) -> int:
        """Return the frame at a monotonic time near now."""


class Origin:
    """Follows the audio process. Used by the clock's thread alone.

    Where the audio goes through JACK as well, its process says in which frame of JACK's
    it is: the origin is exact, and moves along when blocks are lost. A device of
    another kind is followed by time, as its crystal drifts away from JACK's.
    """

    def __init__(self) -> None:
        self.frame = 0
        self._epoch: int | None = None
        self._doubt: tuple[int, int] | None = None
        self._adrift = 0

    def follow(self, status: Status, jack: JackTime) -> int:
        """Return the origin of the roll that `status` belongs to."""
        rolled = round(status.rolled * jack.rate / SAMPLE_RATE)
        if status.device_frame >= 0:
            found = (status.device_frame - rolled) & MASK
        else:
            found = (jack.frame_at(status.time_ns) - rolled) & MASK
        if status.epoch != self._epoch:
            self._epoch, self.frame = status.epoch, found
            self._doubt, self._adrift = None, 0
        elif status.device_frame >= 0:
            self._follow_exactly(found, status.rolled)
        else:
            self._follow_drift(found, jack.rate)
        return self.frame

    def _follow_exactly(self, found: int, rolled: int) -> None:
        # A block that was called late may take the next cycle for its own: one is no proof.
        doubt, self._doubt = self._doubt, None
        if abs(signed(found - self.frame)) <= 1:
            # At another rate than 48 kHz, frames are rounded.
            return
        if doubt is not None and doubt[0] == found and doubt[1] != rolled:
            self.frame = found
        else:
            self._doubt = (found, rolled if doubt is None or doubt[0] != found else doubt[1])

    def _follow_drift(self, found: int, rate: int) -> None:
        far = abs(signed(found - self.frame)) > rate * _DRIFT_S
        self._adrift = self._adrift + 1 if far else 0
        if self._adrift > _DRIFT_LOOKS:
            self.frame, self._adrift = found, 0
