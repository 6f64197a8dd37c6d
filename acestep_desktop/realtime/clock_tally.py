"""How well the clock keeps time: pulses sent, late and lost, and by how much late."""

from collections import deque
from dataclasses import dataclass
from typing import Final

LATE_NS: Final = 1_000_000
"""A pulse more than 1 ms behind its time counts as late."""

_REMEMBERED: Final = 20_000


@dataclass(frozen=True, slots=True)
class ClockReport:
    """What was sent to all ports since the last report.

    Lateness is what passed between an event's time and the call that sent it.
    """

    sent: int = 0
    late: int = 0
    lost: int = 0
    late_p50_ms: float = 0.0
    late_p99_ms: float = 0.0
    late_max_ms: float = 0.0


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


def _rank_ms(values: list[int], share: float) -> float:
    if not values:
        return 0.0
    return values[min(len(values) - 1, int(share * len(values)))] / 1e6
