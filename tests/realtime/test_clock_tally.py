from acestep_desktop.realtime.clock_tally import LATE_NS, ClockReport, Tally


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
