"""Playback at random: any order of plays, seeks and loops, torn memory, hostile sound."""

from collections.abc import Iterator
from dataclasses import fields, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acestep_desktop.child.messages import decode, encode
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.tempo import TempoChange, TempoMap
from acestep_desktop.domain.time import Frame, Meter, Tick
from acestep_desktop.dsp.loudness import true_peak_db
from acestep_desktop.realtime.audition import Audition, When
from acestep_desktop.realtime.clock_follower import Follower
from acestep_desktop.realtime.clock_grammar import CONTINUE, CUE_LEAD, PULSE, START, STOP, roll
from acestep_desktop.realtime.gate import SWITCH, Gate
from acestep_desktop.realtime.safety import SafetyLimiter
from acestep_desktop.realtime.status import Status, StatusBlock
from acestep_desktop.realtime.transport import MIN_LOOP, Loop, Transport
from acestep_desktop.realtime.wire import (
    audition_message,
    read_audition,
    read_tempo,
    tempo_message,
)
from tests.realtime.clock_logs import log_of
from tests.realtime.test_audition import Listener, frames_heard, ramp

LOOPS = st.builds(
    lambda start, length: Loop(Frame(start), Frame(start + length)),
    st.integers(0, 3_000),
    st.integers(MIN_LOOP, 2_000),
)
ACTIONS = st.one_of(
    st.tuples(st.just("advance"), st.integers(1, 3_000)),
    st.tuples(st.just("locate"), st.integers(0, 6_000)),
    st.tuples(st.just("loop"), st.one_of(st.none(), LOOPS)),
)


def frame_by_frame(frame: int, loop: Loop | None, count: int) -> Iterator[int]:
    """Yield what is played, told as simply as it can be."""
    for _ in range(count):
        yield frame
        frame += 1
        if loop is not None and frame == loop.end:
            frame = loop.start


@given(st.lists(ACTIONS, max_size=12))
def test_a_transport_plays_the_frames_that_a_finger_on_the_score_would_find(
    actions: list[tuple[str, object]],
) -> None:
    transport = Transport(rolling=True)
    for kind, value in actions:
        if kind == "locate":
            transport = transport.located(value)
        elif kind == "loop":
            transport = transport.looped(value)
        else:
            spans = list(transport.spans(value))
            played = [at for span in spans for at in range(span.start, span.start + span.frames)]
            assert played == list(frame_by_frame(transport.frame, transport.loop, value))
            transport = transport.advanced(value)
            last = played[-1] + 1
            wrapped = transport.loop is not None and last == transport.loop.end
            assert transport.frame == (transport.loop.start if wrapped else last)


@pytest.mark.parametrize(
    ("meter", "bar", "sent"),
    [
        ("4/4", 1, [START]),
        ("4/4", 2, [b"\xf2\x10\x00", CONTINUE]),
        ("4/4", 9, [b"\xf2\x00\x01", CONTINUE]),
        ("3/4", 2, [b"\xf2\x0c\x00", CONTINUE]),
        ("6/8", 2, [b"\xf2\x0c\x00", CONTINUE]),
        ("7/8", 3, [b"\xf2\x1c\x00", CONTINUE]),
        ("4/4", 1_024, [b"\xf2\x70\x7f", CONTINUE]),
        ("4/4", 1_025, [CONTINUE]),
    ],
)
@pytest.mark.parametrize("bpm", [20.0, 120.0, 174.3, 999.0])
def test_bar_lines_are_announced_in_sixteenths_whatever_meter_and_tempo(
    meter: str, bar: int, sent: list[bytes], bpm: float
) -> None:
    tempo = TempoMap.steady(bpm, Meter.parse(meter))
    frame = tempo.frame_at(tempo.tick_of_bar(bar))
    events = log_of(roll(tempo, frame, None, pre_roll=2_000), 10)
    assert [data for _, data in events] == [*sent, PULSE]
    assert events[-2] == (-CUE_LEAD, sent[-1])
    assert events[-1][0] == 0


MAPS = {1: TempoMap.steady(120.0), 2: TempoMap.steady(97.3)}


class Slave:
    """Hears what a port is sent, and knows what a slave may be told when."""

    def __init__(self) -> None:
        self.rolling = False
        self.next_pulse: int | None = None
        self.pulses = 0

    def hear(self, data: bytes) -> None:
        if data == STOP:
            self.rolling, self.next_pulse = False, None
        elif data == PULSE:
            assert self.rolling, "no pulse without a start"
            self.pulses += 1
        elif data:
            assert not self.rolling, "a position, a start or a continue only while it stands"
            if data[0] == 0xF2:
                self.next_pulse = 6 * (data[1] | data[2] << 7)
            else:
                self.rolling = True
                self.next_pulse = 0 if data == START else self.next_pulse

    def hear_pulse(self, number: int) -> None:
        assert number == self.next_pulse, "pulses are neither missed nor doubled"
        self.next_pulse = number + 1


class Deck:
    """An audio process as a follower sees it, looked at whenever the test likes."""

    def __init__(self) -> None:
        self.follower, self.slave = Follower(), Slave()
        self.transport = Transport()
        self.epoch, self.rolled, self.revision = 0, 0, 1

    def play(self, pre_roll: int) -> None:
        self.transport = self.transport.played()
        self._begin(-pre_roll)

    def stop(self) -> None:
        self.transport = self.transport.stopped()
        self._begin(0)

    def locate(self, frame: int) -> None:
        self.transport = self.transport.located(Frame(frame))
        self._begin(-480 if self.transport.rolling else 0)

    def _begin(self, rolled: int) -> None:
        self.epoch, self.rolled = self.epoch + 1, rolled
        self.look()

    def advance(self, frames: int) -> None:
        if not self.transport.rolling:
            return
        self.rolled += frames
        moved = min(frames, max(0, self.rolled))
        self.transport = self.transport.advanced(moved)
        self.drain()
        self.look()

    def look(self) -> None:
        loop = self.transport.loop
        status = Status(
            rolling=self.transport.rolling,
            frame=self.transport.frame,
            rolled=self.rolled,
            epoch=self.epoch,
            tempo_revision=self.revision,
            loop_start=loop.start if loop else Frame(0),
            loop_end=loop.end if loop else Frame(0),
        )
        self.slave.hear(self.follower.observe(status, MAPS, 0))

    def drain(self) -> None:
        while self.follower.head is not None and self.follower.head.at <= self.rolled:
            event = self.follower.take()
            self.slave.hear(event.data)
            if event.pulse >= 0:
                self.slave.hear_pulse(event.pulse)


DECK_ACTIONS = st.one_of(
    st.tuples(st.just("play"), st.integers(0, 3_000)),
    st.tuples(st.just("advance"), st.integers(1, 20_000)),
    st.tuples(st.just("advance"), st.integers(1, 20_000)),
    st.tuples(st.just("locate"), st.integers(0, 500_000)),
    st.tuples(st.just("stop"), st.none()),
)


@given(st.lists(DECK_ACTIONS, max_size=25))
def test_whatever_is_played_a_slave_is_told_only_what_it_may_be_told_and_counts_right(
    actions: list[tuple[str, int | None]],
) -> None:
    deck = Deck()
    for kind, value in actions:
        if kind == "stop":
            deck.stop()
        else:
            getattr(deck, kind)(value)
    assert deck.slave.rolling <= deck.transport.rolling


@given(
    st.integers(1, 90_000), st.integers(6_000, 60_000), st.lists(st.integers(1, 9_000), max_size=40)
)
def test_a_slave_counts_right_through_any_loop(start: int, length: int, blocks: list[int]) -> None:
    deck = Deck()
    deck.transport = deck.transport.looped(Loop(Frame(start), Frame(start + length)))
    deck.locate(start + length // 2)
    deck.play(1_440)
    for block in blocks:
        deck.advance(block)


@given(st.lists(st.integers(1, 4_000), min_size=1, max_size=60), st.integers(1, 300_000))
def test_how_often_the_follower_looks_does_not_change_what_is_sent(
    blocks: list[int], frame: int
) -> None:
    often, once = Deck(), Deck()
    for deck in (often, once):
        deck.locate(frame)
        deck.play(960)
    for block in blocks:
        often.advance(block)
    once.advance(sum(blocks))
    assert often.slave.pulses == once.slave.pulses
    assert often.slave.next_pulse == once.slave.next_pulse


STATUSES = st.builds(
    Status,
    rolling=st.booleans(),
    frame=st.integers(0, 2**40).map(Frame),
    rolled=st.integers(-(2**40), 2**40),
    time_ns=st.integers(0, 2**62),
    rate=st.floats(40_000, 50_000),
    epoch=st.integers(0, 2**31),
    bpm=st.floats(20, 999),
    peak_left=st.floats(0, 8),
    has_device=st.booleans(),
    block=st.integers(0, 8_192),
)


@pytest.fixture(scope="module")
def block() -> Iterator[StatusBlock]:
    made = StatusBlock.create()
    yield made
    made.unlink()


@settings(max_examples=40)
@given(STATUSES)
def test_every_status_is_read_as_it_was_published(block: StatusBlock, status: Status) -> None:
    block.publish(status)
    assert StatusBlock(block.path).read() == status


@settings(max_examples=30)
@given(STATUSES, STATUSES, st.data())
def test_a_write_that_broke_off_anywhere_shows_the_old_status_or_the_new_one(
    block: StatusBlock, old: Status, new: Status, data: st.DataObject
) -> None:
    reader = StatusBlock(block.path)
    block.publish(new)
    whole = bytes(block._memory)
    block.publish(old)
    assert reader.read() == old
    cut = data.draw(st.integers(0, 16 + 8 * len(fields(Status))))
    block._memory[:cut] = whole[:cut]
    assert reader.read() in (old, new)
    block.publish(old)
    assert reader.read() == old, "the next write is whole again"


@given(LOOPS, st.integers(0, 5_000), st.lists(st.integers(0, 200_000_000), max_size=20))
def test_the_playhead_that_is_shown_never_runs_out_of_its_loop(
    loop: Loop, frame: int, times: list[int]
) -> None:
    status = Status(
        rolling=True, frame=Frame(frame), loop_start=loop.start, loop_end=loop.end, time_ns=0
    )
    shown = [status.frame_at(time_ns) for time_ns in sorted(times)]
    if frame < loop.end:
        assert all(min(frame, loop.start) <= at < loop.end for at in shown)
    else:
        assert shown == sorted(shown), "behind its loop it goes straight on"


@given(
    st.sampled_from([110.0, 440.0, 1_000.0, 5_000.0]),
    st.lists(st.integers(1, 2_000), min_size=1, max_size=12),
)
def test_a_gate_bends_no_sound_more_than_the_sound_bends_itself(
    hz: float, turns: list[int]
) -> None:
    tone = np.sin(2 * np.pi * hz / 48_000 * np.arange(sum(turns) + 2_000))
    out = np.repeat(tone[:, None], 2, axis=1).astype(np.float32)
    gate, at = Gate(), 0
    for number, frames in enumerate([*turns, 2_000]):
        (gate.shut if number % 2 else gate.open)()
        gate.apply(out[at : at + frames])
        at += frames
    bent = np.abs(np.diff(out[:, 0].astype(np.float64), 2)).max()
    assert bent <= 2.0 * (2 * np.pi * hz / 48_000) ** 2 + 1e-6


NOISE = np.random.default_rng(11).normal(0, 0.7, (6_000, 2)).astype(np.float32)
HOSTILE = st.lists(
    st.tuples(
        st.sampled_from([np.nan, np.inf, -np.inf, 1e30, -1e30, 1.0, 0.0, 3.4e38, 1e-45]),
        st.integers(1, 900),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25)
@given(HOSTILE, st.sampled_from([64, 256, 1_000]), st.booleans())
def test_no_mixture_of_bad_numbers_gets_past_the_safety_limiter(
    parts: list[tuple[float, int]], size: int, limited: bool
) -> None:
    pieces = [
        piece
        for value, frames in parts
        for piece in (np.full((frames, 2), value, np.float32), NOISE[:frames])
    ]
    audio = np.concatenate([*pieces, np.zeros((2_000, 2), np.float32)])
    limiter = SafetyLimiter()
    for at in range(0, len(audio), size):
        limiter.process(audio[at : at + size], limited=limited and at > len(audio) // 2)
    assert np.isfinite(audio).all()
    if not limited:
        peak = true_peak_db(audio)
        assert peak is None or peak <= -0.99


@settings(max_examples=50)
@given(st.integers(0, 30_000), st.floats(100, 240), st.sampled_from(["beat", "bar"]))
def test_the_next_take_begins_on_a_line_of_the_last_one_to_the_frame(
    position: int, bpm: float, when: When
) -> None:
    beat = Fraction(48_000 * 60) / Fraction(bpm)
    step = beat * (2 if when == "bar" else 1)
    listener = Listener()
    listener.begin(ramp(), Audition(loops=True, beat=beat, beats=2))
    listener.pull(SWITCH + position)
    listener.begin(ramp(), Audition(offset=Frame(50_000), when=when))
    to_line = round(-(-position // step) * step) - position
    whole = max(to_line, SWITCH)
    heard = frames_heard(listener.pull(whole + 2))
    assert heard[whole:] == [50_000 + whole - to_line, 50_001 + whole - to_line]
    before = max(0, to_line - SWITCH)
    assert heard[:before] == list(range(position, position + before)), "until then the last one"


WISHES = st.builds(
    Audition,
    gain=st.floats(0, 4),
    offset=st.integers(0, 2**40).map(Frame),
    when=st.sampled_from(["now", "beat", "bar"]),
    loops=st.booleans(),
    anchor=st.one_of(st.none(), st.integers(0, 2**40).map(Frame)),
    mutes_timeline=st.booleans(),
    beat=st.fractions(0, 200_000),
    beats=st.integers(1, 32),
)


@settings(max_examples=40)
@given(WISHES)
def test_every_wish_to_hear_a_take_arrives_as_it_was_sent(wish: Audition) -> None:
    message = decode(bytes(encode(audition_message("take", wish))))
    assert message.fields["take"] == "take"
    assert read_audition(message.fields) == wish


@settings(max_examples=30)
@given(st.lists(st.floats(20, 999), min_size=1, max_size=6), st.integers(1, 2**40))
def test_every_tempo_map_arrives_with_its_number(bpms: list[float], revision: int) -> None:
    changes = tuple(TempoChange(Tick(n * 12_345), bpm) for n, bpm in enumerate(bpms))
    sent = TempoMap(changes)
    message = decode(bytes(encode(tempo_message(sent, revision))))
    assert read_tempo(message.fields) == (revision, sent)


GOOD = audition_message("take", Audition()).fields


@pytest.mark.parametrize(
    "wrong",
    [
        {"gain": "loud"},
        {"gain": 4.1},
        {"gain": -0.1},
        {"offset": 1.5},
        {"offset": -1},
        {"when": "soon"},
        {"when": None},
        {"beat": 3},
        {"beat": [1]},
        {"beat": [-1, 2]},
        {"beats": 0},
        {"anchor": "bar 3"},
    ],
    ids=str,
)
def test_a_wish_that_makes_no_sense_is_refused_in_words(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        read_audition({**GOOD, **wrong})


def test_a_status_that_is_shown_again_after_a_stop_stands_where_it_stopped() -> None:
    rolling = Status(rolling=True, frame=Frame(100), time_ns=0)
    stopped = replace(rolling, rolling=False)
    assert rolling.frame_at(10**8) == 100 + 4_800
    assert stopped.frame_at(10**8) == 100
