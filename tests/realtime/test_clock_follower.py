from fractions import Fraction

from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame
from acestep_desktop.realtime.clock_follower import Follower, due_frame, due_ns
from acestep_desktop.realtime.clock_grammar import CONTINUE, PULSE, START, STOP, Event
from acestep_desktop.realtime.status import STALE_NS, Status

MAPS = {1: TempoMap.steady(120.0)}
ROLLING = Status(rolling=True, rolled=-1_440, epoch=1, tempo_revision=1, time_ns=10**9)
NOW_NS = 10**9


def test_nothing_is_sent_while_nothing_rolls() -> None:
    follower = Follower()

    assert follower.observe(Status(), MAPS, NOW_NS) == b""
    assert follower.head is None


def test_a_roll_that_is_announced_brings_its_start_before_its_first_pulse() -> None:
    follower = Follower()
    follower.observe(ROLLING, MAPS, NOW_NS)

    events = [follower.take() for _ in range(3)]

    assert [event.data for event in events] == [START, PULSE, PULSE]
    assert [event.pulse for event in events] == [-1, 0, 1]


def test_the_same_roll_is_not_begun_twice() -> None:
    follower = Follower()
    follower.observe(ROLLING, MAPS, NOW_NS)
    follower.take()

    follower.observe(
        Status(rolling=True, frame=Frame(256), rolled=256, epoch=1, tempo_revision=1), MAPS, 0
    )

    assert follower.take().pulse == 0


def test_a_stop_is_sent_at_once_and_only_once() -> None:
    follower = Follower()
    follower.observe(ROLLING, MAPS, NOW_NS)

    assert follower.observe(Status(epoch=2), MAPS, NOW_NS) == STOP
    assert follower.observe(Status(epoch=2), MAPS, NOW_NS) == b""
    assert follower.head is None


def test_a_seek_stops_before_it_continues_elsewhere() -> None:
    follower = Follower()
    follower.observe(ROLLING, MAPS, NOW_NS)
    jumped = Status(
        rolling=True, frame=Frame(96_000), rolled=-480, epoch=2, tempo_revision=1, time_ns=10**9
    )

    assert follower.observe(jumped, MAPS, NOW_NS) == STOP
    assert follower.take().data == b"\xf2\x10\x00"
    assert follower.take().data == CONTINUE


def test_a_status_that_nobody_renews_is_a_stop() -> None:
    follower = Follower()
    follower.observe(ROLLING, MAPS, NOW_NS)

    assert follower.observe(ROLLING, MAPS, NOW_NS + STALE_NS) == STOP


def test_a_device_that_comes_back_in_mid_roll_continues_where_it_is() -> None:
    follower = Follower()
    status = Status(
        rolling=True, frame=Frame(50_000), rolled=9_999, epoch=7, tempo_revision=1, time_ns=10**9
    )
    follower.observe(status, MAPS, NOW_NS)

    assert follower.take() == Event(Fraction(9_999), b"\xf2\x09\x00")
    assert follower.take().data == CONTINUE
    assert follower.take() == Event(Fraction(9_999 + 4_000), PULSE, 54)


def test_a_roll_waits_for_its_tempo_map() -> None:
    follower = Follower()

    assert follower.observe(ROLLING, {}, NOW_NS) == b""
    assert follower.head is None
    follower.observe(ROLLING, MAPS, NOW_NS)
    assert follower.head is not None


def test_an_unknown_tempo_map_does_not_interrupt_a_roll_that_goes_on() -> None:
    follower = Follower()
    follower.observe(ROLLING, MAPS, NOW_NS)
    later = Status(rolling=True, rolled=-1_000, epoch=1, tempo_revision=2, time_ns=10**9)

    assert follower.observe(later, MAPS, NOW_NS) == b""
    assert follower.head is not None


def test_a_new_tempo_map_sends_each_pulse_once() -> None:
    follower = Follower()
    follower.observe(ROLLING, MAPS, NOW_NS)
    sent = [follower.take().pulse for _ in range(8)]
    maps = {**MAPS, 2: TempoMap.steady(60.0)}
    changed = Status(
        rolling=True, frame=Frame(10_000), rolled=5_000, epoch=1, tempo_revision=2, time_ns=10**9
    )

    follower.observe(changed, maps, NOW_NS)

    sent += [follower.take().pulse for _ in range(4)]
    assert sent == [-1, *range(11)]


def test_a_port_that_comes_back_is_told_where_the_song_is() -> None:
    follower = Follower()
    status = Status(
        rolling=True, frame=Frame(24_000), rolled=24_000, epoch=1, tempo_revision=1, time_ns=10**9
    )
    follower.observe(status, MAPS, NOW_NS)
    follower.recue()

    assert follower.observe(status, MAPS, NOW_NS) == b""
    assert follower.take().data == b"\xf2\x04\x00"


def test_an_event_is_due_by_the_devices_own_rate() -> None:
    status = Status(rolled=1_000, time_ns=2_000_000_000, rate=24_000.0)

    assert due_ns(Event(Fraction(25_000), PULSE), status) == 3_000_000_000


def test_frames_of_events_are_those_of_the_device() -> None:
    assert due_frame(Event(Fraction(48_000), PULSE), 48_000) == 48_000
    assert due_frame(Event(Fraction(48_000), PULSE), 44_100) == 44_100


def test_pulses_that_were_not_sent_after_all_follow_the_new_tempo_map() -> None:
    follower = Follower()
    follower.observe(ROLLING, MAPS, NOW_NS)
    for _ in range(9):
        follower.take()
    maps = {**MAPS, 2: TempoMap.steady(60.0)}
    changed = Status(
        rolling=True, frame=Frame(6_000), rolled=3_000, epoch=1, tempo_revision=2, time_ns=10**9
    )
    assert follower.changes(changed)
    assert not follower.changes(ROLLING)

    follower.give_back(4)
    follower.observe(changed, maps, NOW_NS)

    assert follower.take() == Event(Fraction(3_000 + 2_000), PULSE, 4)
    assert not follower.changes(changed)


def test_a_start_that_was_not_sent_after_all_is_sent_under_the_new_loop() -> None:
    follower = Follower()
    follower.observe(ROLLING, MAPS, NOW_NS)
    for _ in range(5):
        follower.take()
    looped = Status(
        rolling=True,
        rolled=-1_000,
        epoch=1,
        tempo_revision=1,
        time_ns=10**9,
        loop_end=Frame(24_000),
    )

    follower.give_back(5)
    follower.observe(looped, MAPS, NOW_NS)

    assert [follower.take().data for _ in range(2)] == [START, PULSE]
