import random

import pytest

from acestep_desktop.realtime.clock_tally import LATE_NS, ClockReport, Pace, Tally


def test_what_was_sent_late_and_lost_is_counted() -> None:
    tally = Tally()
    for late_ns in (0, LATE_NS, LATE_NS + 1):
        tally.sent(late_ns)
    tally.lost()

    report = tally.report()

    assert (report.sent, report.late, report.lost) == (3, 1, 1)


def test_lateness_is_told_by_rank_in_milliseconds() -> None:
    tally = Tally()
    for late_ms in range(100):
        tally.sent(late_ms * 1_000_000)

    report = tally.report()

    assert (report.late_p50_ms, report.late_p99_ms, report.late_max_ms) == (50, 99, 99)


def test_a_report_begins_a_new_count() -> None:
    tally = Tally()
    tally.sent(5)
    tally.report()

    assert tally.report() == ClockReport()


@pytest.mark.parametrize("bpm", [20.0, 120.0, 174.3, 999.0])
def test_the_tempo_of_the_calls_is_found_behind_their_jitter(bpm: float) -> None:
    pace, dice = Pace(), random.Random(1)
    for pulse in range(7_200):
        pace.sent(pulse, 10**9 + round(pulse * 60e9 / bpm / 24 + abs(dice.gauss(0, 3e5))))

    assert pace.bpm() == pytest.approx(bpm, rel=2e-6)


def test_a_jump_begins_the_tempo_anew() -> None:
    pace = Pace()
    for pulse in range(100):
        pace.sent(pulse, pulse * 10_000_000)
    for pulse in range(500, 600):
        pace.sent(pulse, pulse * 20_000_000)

    assert pace.bpm() == pytest.approx(60e9 / 24 / 20_000_000)


def test_too_few_pulses_have_no_tempo() -> None:
    assert Pace().bpm() == 0.0
