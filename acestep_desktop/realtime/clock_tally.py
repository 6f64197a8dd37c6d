"""How well the clock keeps time: pulses sent, late and lost, and by how much late."""

from collections import deque
from dataclasses import dataclass
from typing import Final

LATE_NS: Final = 1_000_000
"""A pulse more than 1 ms behind its time counts as late."""

_REMEMBERED: Final = 20_000
PULSES_PER_QUARTER: Final = 24


@dataclass(frozen=True, slots=True)
class ClockReport:
    """What was sent to all ports since the last report.

    Lateness is what passed between an event's time and the call that sent it. `bpm` is the
    mean tempo of the calls, by the computer's clock, since pulses last went on without a
    jump; 0 where JACK sends them.
    """

    sent: int = 0
    late: int = 0
    lost: int = 0
    late_p50_ms: float = 0.0
    late_p99_ms: float = 0.0
    late_max_ms: float = 0.0
    bpm: float = 0.0


class Tally:
    """Counts. Used by the clock's own thread."""

    def __init__(self) -> None:
        self._sent = self._late = self._lost = 0
        self._lateness: deque[int] = deque(maxlen=_REMEMBERED)

    def sent(self, late_ns: int) -> None:
        """Count an event that was sent so much behind its time."""
        self._sent += 1
        self._late += late_ns > LATE_NS
        self._lateness.append(late_ns)

    def lost(self) -> None:
        """Count an event that could not be sent."""
        self._lost += 1

    def report(self) -> ClockReport:
        """Return the counts, and begin again."""
        values = sorted(self._lateness)
        report = ClockReport(
            self._sent,
            self._late,
            self._lost,
            _rank_ms(values, 0.5),
            _rank_ms(values, 0.99),
            _rank_ms(values, 1.0),
        )
        self._sent = self._late = self._lost = 0
        self._lateness.clear()
        return report


class Pace:
    """Finds the mean tempo of pulses: a straight line through the times of the calls."""

    def __init__(self) -> None:
        self._next = -1
        self._first_ns = 0
        self._count = self._sum_ns = self._product = 0

    def sent(self, pulse: int, sent_ns: int) -> None:
        """Take in a pulse, by its number and the monotonic time of its call."""
        if pulse != self._next or not self._count:
            self._first_ns, self._count, self._sum_ns, self._product = sent_ns, 0, 0, 0
        passed_ns = sent_ns - self._first_ns
        self._product += self._count * passed_ns
        self._sum_ns += passed_ns
        self._count += 1
        self._next = pulse + 1

    def bpm(self) -> float:
        """Return the tempo; 0 before there are enough pulses to tell."""
        count = self._count
        if count < PULSES_PER_QUARTER:
            return 0.0
        rises = 12 * self._product - 6 * (count - 1) * self._sum_ns
        return 60e9 / PULSES_PER_QUARTER * (count * (count * count - 1)) / rises


def _rank_ms(values: list[int], share: float) -> float:
    if not values:
        return 0.0
    return values[min(len(values) - 1, int(share * len(values)))] / 1e6
