"""What a device is given: blocks at its own rate, rendered a little ahead of its asking.

A renderer in Python waits now and then for the interpreter, or for the machine, longer than
a short block lasts. A thread that stays some blocks ahead makes up for it; the device's own
thread only copies.
"""

import queue
import threading
from collections.abc import Callable
from typing import Final, Protocol

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.dsp.samples import Samples, silence
from acestep_desktop.realtime.device_rate import DeviceRate
from acestep_desktop.realtime.jack_frames import MASK
from acestep_desktop.realtime.precedence import hasten_this_thread

_CONVERTED_BLOCK: Final = 256
_PATIENCE_S: Final = 1.0
"""A renderer that takes longer than this has failed."""


class Puller(Protocol):
    """What a device plays: a `Player`."""

    xruns: int
    latency_s: float
    device_rate: int
    device_block: int

    def pull(self, out: Samples, called_ns: int | None = None, device_frame: int = -1) -> None:
        """Fill `out` with the next frames, 48 kHz stereo."""


class Feed(Protocol):
    """Where the function that a device calls gets its frames from."""

    def take(self, out: Samples, called_ns: int, device_frame: int) -> None:
        """Fill stereo `out` with the next frames at the device's rate.

        Its first frame is given at `called_ns` of the monotonic clock, which is
        `device_frame` of JACK's; -1 elsewhere.
        """

    def close(self) -> None:
        """Give nothing any more."""


class Direct:
    """Pulls when it is asked; if the device has another rate, a resampler stands between."""

    def __init__(self, player: Puller, rate: int = SAMPLE_RATE) -> None:
        self._player = player
        self._rate = rate
        self._given = self._pulled = 0
        self._resampler = None if rate == SAMPLE_RATE else DeviceRate(rate)
        self._block = silence(_CONVERTED_BLOCK)
        self._rest = silence(0)

    def take(self, out: Samples, called_ns: int, device_frame: int) -> None:
        """Fill `out`, see `Feed`."""
        if self._resampler is None:
            self._player.pull(out, called_ns, device_frame)
        else:
            self._convert(self._resampler, out, called_ns, device_frame)
        self._given += len(out)

    def close(self) -> None:
        """Nothing waits here."""

    def _convert(
        self, resampler: DeviceRate, out: Samples, called_ns: int, device_frame: int
    ) -> None:
        def pulled() -> Samples:
            # What is pulled now is heard behind what is still to be given from before.
            ahead = round(self._pulled * self._rate / SAMPLE_RATE) - self._given
            self._player.pull(self._block, *_later(called_ns, device_frame, ahead, self._rate))
            self._pulled += len(self._block)
            return resampler(self._block)

        self._rest = _filled(out, self._rest, pulled)


class Reserve:
    """Keeps `ahead` to twice `ahead` frames of another feed ready, rendered by its own thread.

    Every frame is given in order: a renderer that is late is waited for.
    """

    def __init__(self, feed: Feed, ahead: int, rate: int = SAMPLE_RATE) -> None:
        """Begin the thread; `ahead` is in frames of the device, which has `rate` Hz."""
        self._feed = feed
        self._ahead = ahead
        self._rate = rate
        self._given = self._asked = 0
        self._rest = silence(0)
        self._asks: queue.SimpleQueue[tuple[int, int, int] | None] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[Samples | Exception] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._render, name="reserve", daemon=True)
        self._thread.start()

    def take(self, out: Samples, called_ns: int, device_frame: int) -> None:
        """Fill `out`, see `Feed`; raise what the renderer raised, or TimeoutError."""
        wanted = self._given + len(out) + self._ahead
        while self._asked < wanted:
            offset = self._asked - self._given
            # Short blocks are rendered together: a block costs much the same at any length.
            count = max(self._ahead, len(out))
            self._asks.put((count, *_later(called_ns, device_frame, offset, self._rate)))
            self._asked += count
        self._rest = _filled(out, self._rest, self._next)
        self._given += len(out)

    def close(self) -> None:
        """End the thread."""
        self._asks.put(None)
        self._thread.join(_PATIENCE_S)

    def _next(self) -> Samples:
        try:
            block = self._ready.get(timeout=_PATIENCE_S)
        except queue.Empty:
            raise TimeoutError("nothing was rendered") from None
        if isinstance(block, Exception):
            raise block
        return block

    def _render(self) -> None:
        hasten_this_thread()
        while (ask := self._asks.get()) is not None:
            count, called_ns, device_frame = ask
            # Memory of zeros would be asked for without the interpreter, and that waited for.
            block: Samples = np.empty((count, 2), np.float32)
            try:
                self._feed.take(block, called_ns, device_frame)
            except Exception as error:  # noqa: BLE001 - the edge of the thread
                self._ready.put(error)
                return
            self._ready.put(block)


def _filled(out: Samples, rest: Samples, more: Callable[[], Samples]) -> Samples:
    """Fill `out` with `rest` and, where that ends, with `more` blocks; return what is left over."""
    at = 0
    while at < len(out):
        if not len(rest):
            rest = more()
        count = min(len(out) - at, len(rest))
        out[at : at + count] = rest[:count]
        rest = rest[count:]
        at += count
    return rest


def _later(called_ns: int, device_frame: int, frames: int, rate: int) -> tuple[int, int]:
    """Return a time and a frame of JACK's clock, `frames` later."""
    frame = -1 if device_frame < 0 else (device_frame + frames) & MASK
    return called_ns + frames * 1_000_000_000 // rate, frame
