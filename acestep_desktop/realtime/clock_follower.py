"""What one MIDI port is to be sent, and when, from where the audio process is."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final

from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.realtime.clock_grammar import (
    STOP,
    TICKS_PER_PULSE,
    Event,
    joined,
    roll,
)
from acestep_desktop.realtime.status import STALE_NS, Status
from acestep_desktop.realtime.transport import Loop

_REMEMBERED: Final = 512
"""Events that were taken, kept to know what a slave has heard when the tempo map changes."""


class Follower:
    """Follows the transport and deals out events in order of time. Pure but for its memory."""

    def __init__(self) -> None:
        self._epoch: int | None = None
        self._under: tuple[int, Loop | None] = (-1, None)
        self._events: Iterator[Event] = iter(())
        self._head: Event | None = None
        self._taken: deque[Event] = deque(maxlen=_REMEMBERED)

    @property
    def head(self) -> Event | None:
        """The next event, in frames since the roll began; None while nothing rolls."""
        return self._head

    @property
    def epoch(self) -> int | None:
        """The roll that is followed; None while nothing rolls."""
        return self._epoch

    def observe(self, status: Status, tempos: Mapping[int, TempoMap], now_ns: int) -> bytes:
        """Take in where the audio process is; return what must be sent at once.

        A status that is no longer renewed is a stop: the device went away. Tempo
        maps are found by their revision; a roll waits for its own.
        """
        rolls = status.rolling and now_ns - status.time_ns < STALE_NS
        if not rolls:
            return self._halt()
        tempo = tempos.get(status.tempo_revision)
        if tempo is None:
            return b"" if status.epoch == self._epoch else self._halt()
        under = (status.tempo_revision, status.loop)
        if status.epoch != self._epoch:
            before = self._halt()
            self._epoch, self._under = status.epoch, under
            self._begin(status, tempo, under[1])
            return before
        if under != self._under:
            self._under = under
            self._join(status, tempo, under[1])
        return b""

    def recue(self) -> None:
        """Begin anew at the next look: the port is back, and its slave knows nothing."""
        self._epoch, self._head = None, None

    def take(self) -> Event:
        """Return the next event and go on to the one behind it."""
        event = self._head
        assert event is not None
        self._taken.append(event)
        self._head = next(self._events, None)
        return event

    def changes(self, status: Status) -> bool:
        """Whether `status` puts the roll that is followed under another tempo map or loop."""
        under = (status.tempo_revision, status.loop)
        return status.epoch == self._epoch and under != self._under

    def give_back(self, count: int) -> None:
        """Forget the last `count` events: they were taken, and were not sent after all."""
        for _ in range(min(count, len(self._taken))):
            self._taken.pop()

    def _halt(self) -> bytes:
        was_rolling = self._epoch is not None
        self._epoch, self._head = None, None
        self._taken.clear()
        return STOP if was_rolling else b""

    def _begin(self, status: Status, tempo: TempoMap, loop: Loop | None) -> None:
        at = max(status.rolled, 0)
        pre_roll = max(-status.rolled, 0)
        self._go_on_with(roll(tempo, status.frame, loop, at=at, pre_roll=pre_roll))

    def _join(self, status: Status, tempo: TempoMap, loop: Loop | None) -> None:
        if not any(event.pulse >= 0 for event in self._taken):
            # The slave has not begun yet, and what would have begun it is void.
            self._begin(status, tempo, loop)
            return
        at = max(status.rolled, 0)
        before = -(-tempo.tick_at(status.frame) // TICKS_PER_PULSE) - 1
        heard = [event.pulse for event in self._taken if event.at >= at and event.pulse >= 0]
        after = max([before, *heard])
        self._go_on_with(joined(tempo, status.frame, loop, at=at, after=after))

    def _go_on_with(self, events: Iterator[Event]) -> None:
        self._events = events
        self._head = next(events, None)


def due_ns(event: Event, status: Status) -> int:
    """Return the monotonic time of an event, as seen from a status of its roll."""
    frames = float(event.at - status.rolled)
    return status.time_ns + round(frames * 1e9 / status.rate)


def due_frame(event: Event, rate: int) -> int:
    """Return the frame of an event since the roll began, on a device of that rate."""
    return round(event.at * rate / SAMPLE_RATE)
