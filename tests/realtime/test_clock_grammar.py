import itertools
import os
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.tempo import TempoChange, TempoMap
from acestep_desktop.domain.time import TICKS_PER_QUARTER, Frame, Tick
from acestep_desktop.realtime.clock_grammar import (
    CONTINUE,
    CUE_LEAD,
    PULSE,
    START,
    STOP,
    first_sixteenth,
    joined,
    roll,
    song_position,
    tick_of_pulse,
)
from acestep_desktop.realtime.transport import Loop, Transport
from tests.realtime.clock_logs import GOLDEN, Performance, log_of, text_of

BPM_120 = TempoMap.steady(120.0)
BPM_174_3 = TempoMap.steady(174.3)
SECOND = 48_000

bpms = st.sampled_from((20.0, 60.0, 97.37, 120.0, 174.3, 300.0, 999.0))


def test_there_are_24_pulses_to_the_quarter_note() -> None:
    assert tick_of_pulse(24) == TICKS_PER_QUARTER


@pytest.mark.parametrize(
    ("sixteenth", "data"),
    [(0, "F2 00 00"), (16, "F2 10 00"), (128, "F2 00 01"), (16_383, "F2 7F 7F"), (16_384, "")],
)
def test_a_song_position_is_sent_low_bits_first_as_far_as_it_reaches(
    sixteenth: int, data: str
) -> None:
    assert song_position(sixteenth).hex(" ").upper() == data


def test_a_roll_from_bar_one_begins_with_start_and_no_position() -> None:
    log = log_of(roll(BPM_120, Frame(0), None, pre_roll=1_440), 2_500)

    assert log == [(-CUE_LEAD, START), (0, PULSE), (1_000, PULSE), (2_000, PULSE)]


def test_a_roll_from_elsewhere_says_its_position_at_once_and_continues_on_a_sixteenth() -> None:
    bar_17 = BPM_120.frame_at(BPM_120.tick_of_bar(17))

    log = log_of(roll(BPM_120, Frame(bar_17 + 5), None, pre_roll=1_440), 8_000)

    assert log == [
        (-1_440, bytes((0xF2, 257 & 0x7F, 257 >> 7))),
        (5_995 - CUE_LEAD, CONTINUE),
        (5_995, PULSE),
        (6_995, PULSE),
        (7_995, PULSE),
    ]


@given(bpms, st.integers(1, 300))
def test_a_playhead_on_a_bar_line_continues_there_at_any_tempo(bpm: float, bar: int) -> None:
    tempo = TempoMap.steady(bpm)
    tick = tempo.tick_of_bar(bar)

    assert first_sixteenth(tempo, tempo.frame_at(tick)) == 16 * (bar - 1)


@given(bpms, st.integers(0, 5_000_000))
def test_a_roll_continues_at_the_first_sixteenth_at_or_behind_the_playhead(
    bpm: float, frame: int
) -> None:
    tempo = TempoMap.steady(bpm)
    step = TICKS_PER_QUARTER // 4

    sixteenth = first_sixteenth(tempo, Frame(frame))

    assert tempo.frame_at(sixteenth * step) >= frame
    assert sixteenth == 0 or tempo.frame_at((sixteenth - 1) * step) < frame


@given(bpms, st.integers(0, 1_000_000), st.integers(0, 4_000))
def test_events_come_in_order_of_time(bpm: float, frame: int, pre_roll: int) -> None:
    tempo = TempoMap.steady(bpm)
    loop = Loop(Frame(frame // 2), Frame(frame + 30_000))

    log = log_of(roll(tempo, Frame(frame), loop, pre_roll=pre_roll), 4 * SECOND)

    assert log == sorted(log, key=lambda event: event[0])
    assert log[0][0] >= -pre_roll


def test_no_tempo_makes_pulses_drift() -> None:
    *_, last = (e for e in _first(roll(BPM_174_3, Frame(0), None), 1 + 24 * 1_743) if e.pulse >= 0)

    assert last.pulse == 24 * 1_743 - 1
    assert last.at == Fraction(last.pulse) * 48_000 * 600 / 24 / 1_743


def test_a_wrapped_loop_stops_locates_and_continues_with_a_pulse_on_the_wrap() -> None:
    loop = Loop(Frame(24_000), Frame(48_000))

    log = log_of(roll(BPM_120, Frame(42_000), loop), 8_500)

    assert log[7:] == [
        (5_000, PULSE),
        (6_000 - CUE_LEAD, STOP),
        (6_000 - CUE_LEAD, song_position(4)),
        (6_000 - CUE_LEAD, CONTINUE),
        (6_000, PULSE),
        (7_000, PULSE),
        (8_000, PULSE),
    ]


def test_a_loop_back_to_bar_one_starts_again() -> None:
    log = log_of(roll(BPM_120, Frame(47_000), Loop(Frame(0), Frame(48_000))), 1_500)

    assert [data for frame, data in log if frame == 1_000 - CUE_LEAD] == [STOP, START]


@pytest.mark.parametrize("end", [47_999, 48_010, 48_040])
def test_no_pulse_follows_the_stop_of_a_loop_that_ends_off_the_grid(end: int) -> None:
    log = log_of(roll(BPM_120, Frame(0), Loop(Frame(24_000), Frame(end))), 60_000)

    stop = next(i for i, (_, data) in enumerate(log) if data == STOP)
    assert log[stop + 1][1] == song_position(4)
    assert log[stop - 1][0] <= log[stop][0]


def test_a_roll_that_goes_on_sends_only_pulses_not_yet_sent() -> None:
    log = log_of(joined(BPM_120, Frame(10_500), None, at=777, after=11), 4_000)

    assert log == [(777 + 1_500, PULSE), (777 + 2_500, PULSE)]


def test_pulses_follow_a_tempo_map() -> None:
    tempo = TempoMap((TempoChange(Tick(0), 120.0), TempoChange(Tick(TICKS_PER_QUARTER), 60.0)))

    frames = [frame for frame, _ in log_of(roll(tempo, Frame(0), None), 30_000)][1:]

    assert frames == [*range(0, 24_000, 1_000), 24_000, 26_000, 28_000]


def _play_at_bar_1() -> Performance:
    performance = Performance(BPM_120)
    performance.play()
    performance.run(SECOND)
    return performance


def _play_at_bar_17() -> Performance:
    performance = Performance(BPM_174_3)
    performance.locate(BPM_174_3.frame_at(BPM_174_3.tick_of_bar(17)))
    performance.play()
    performance.run(SECOND // 2)
    return performance


def _stop() -> Performance:
    performance = _play_at_bar_1()
    performance.stop()
    performance.run(SECOND // 2)
    return performance


def _continue() -> Performance:
    performance = _stop()
    performance.play()
    performance.run(SECOND // 2)
    return performance


def _loop() -> Performance:
    performance = Performance(BPM_120)
    performance.loop(Transport(loop=Loop(Frame(24_000), Frame(48_000))))
    performance.locate(Frame(36_000))
    performance.play()
    performance.run(SECOND)
    return performance


def _seek() -> Performance:
    performance = _play_at_bar_1()
    performance.locate(BPM_120.frame_at(BPM_120.tick_of_bar(5)))
    performance.run(SECOND // 4)
    performance.locate(Frame(100_000))
    performance.run(SECOND // 4)
    return performance


def _tempo_change() -> Performance:
    performance = _play_at_bar_1()
    performance.change_tempo(BPM_174_3)
    performance.run(SECOND)
    return performance


PERFORMANCES: dict[str, Callable[[], Performance]] = {
    "play_at_bar_1": _play_at_bar_1,
    "play_at_bar_17": _play_at_bar_17,
    "stop": _stop,
    "continue": _continue,
    "loop": _loop,
    "seek": _seek,
    "tempo_change": _tempo_change,
}


@pytest.mark.parametrize("name", PERFORMANCES)
def test_the_log_of_a_performance_is_the_golden_one_byte_for_byte(name: str) -> None:
    text = text_of(PERFORMANCES[name]().log)
    path = GOLDEN / f"clock_{name}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(text)

    assert text == path.read_text()


def test_a_tempo_change_loses_no_pulse_and_tells_the_slave_nothing_new() -> None:
    log = _tempo_change().log

    assert [data for _, data in log if data != PULSE] == [START]
    gaps = {b - a for (a, _), (b, _) in itertools.pairwise(log[1:])}
    assert gaps <= {1_000, 688, 689} | set(range(600, 1_000))


def _first(events: object, count: int) -> list[object]:
    return [next(events) for _ in range(count)]  # type: ignore[call-overload]
