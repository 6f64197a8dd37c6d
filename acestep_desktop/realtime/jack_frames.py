"""JACK's own count of frames, by which sound and MIDI of different programs agree exactly."""

import contextlib
from typing import Any, Final

from acestep_desktop.realtime.errors import PortError

MASK: Final = 0xFFFFFFFF
"""JACK counts frames in 32 bits."""

_NAME: Final = "ACE-Step Desktop Frames"


class JackFrames:
    """Asks the server where it is, and does nothing else."""

    def __init__(self) -> None:
        """Join the server; PortError where none runs."""
        try:
            import jack

            self._client: Any = jack.Client(_NAME, no_start_server=True)
        except jack_errors() as error:
            raise PortError("JACK is not running.") from error

    def cycle(self) -> int:
        """Return the frame at which the current cycle began; from any thread, at once."""
        return int(self._client.last_frame_time)

    def close(self) -> None:
        """Leave the server."""
        with contextlib.suppress(Exception):
            self._client.close()


def signed(difference: int) -> int:
    """Return the difference of two frames of JACK's clock, which wraps at 32 bits."""
    return (difference + 0x80000000) % 0x100000000 - 0x80000000


def jack_errors() -> tuple[type[Exception], ...]:
    """Return what the JACK library raises, also where it is not there."""
    try:
        import jack
    except (ImportError, OSError):
        return (ImportError, OSError)
    return (ImportError, OSError, jack.JackError)
