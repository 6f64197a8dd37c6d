import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.project import TickRange
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.realtime.transport import MIN_LOOP, Loop, Span, Transport, loop_of

frames = st.integers(0, 100_000).map(Frame)
loops = st.builds(
    lambda start, length: Loop(Frame(start), Frame(start + length)),
    st.integers(0, 50_000),
    st.integers(MIN_LOOP, 5_000),
)


def test_playing_and_stopping_leave_the_playhead_where_it_is() -> None:
    transport = Transport(Frame(7))

    assert transport.played() == Transport(Frame(7), rolling=True)
    assert transport.played().stopped() == transport


def test_a_locate_keeps_rolling_what_rolled() -> None:
    assert Transport(Frame(7), True).located(Frame(9)) == Transport(Frame(9), True)
    assert Transport(Frame(7)).located(Frame(9)) == Transport(Frame(9))


def test_a_span_ends_on_the_very_frame_at_which_the_loop_wraps() -> None:
    transport = Transport(Frame(900), True, Loop(Frame(100), Frame(1_000)))

    assert list(transport.spans(256)) == [Span(Frame(900), 100), Span(Frame(100), 156)]
    assert transport.advanced(256).frame == 256


@pytest.mark.parametrize(
    ("start", "end", "loop"),
    [
        (0, 960_000, Loop(Frame(0), Frame(24_000))),
        (960_000, 960_001, Loop(Frame(24_000), Frame(24_000 + MIN_LOOP))),
        (0, 19_160, Loop(Frame(0), Frame(MIN_LOOP))),
        (0, 19_240, Loop(Frame(0), Frame(MIN_LOOP + 1))),
    ],
)
def test_a_brace_however_narrow_is_looped(start: int, end: int, loop: Loop) -> None:
    assert loop_of(TickRange(Tick(start), Tick(end)), TempoMap.steady(120.0)) == loop


def test_a_block_may_hold_several_passes_of_a_short_loop() -> None:
    transport = Transport(Frame(0), True, Loop(Frame(0), Frame(500)))

    spans = list(transport.spans(1_200))

    assert spans == [Span(Frame(0), 500), Span(Frame(0), 500), Span(Frame(0), 200)]


@pytest.mark.parametrize("frame", [1_000, 1_001, 50_000])
def test_a_playhead_behind_the_loop_never_wraps(frame: int) -> None:
    transport = Transport(Frame(frame), True, Loop(Frame(100), Frame(1_000)))

    assert transport.to_wrap() is None
    assert transport.advanced(70_000).frame == frame + 70_000


def test_a_playhead_before_the_loop_runs_into_it() -> None:
    transport = Transport(Frame(0), True, Loop(Frame(1_000), Frame(2_000)))

    assert [span.start for span in transport.spans(3_500)] == [0, 1_000, 1_000]


@given(frames, loops, st.lists(st.integers(1, 3_000), max_size=20))
def test_how_time_is_cut_into_blocks_does_not_change_where_the_playhead_gets(
    frame: Frame, loop: Loop, blocks: list[int]
) -> None:
    transport = Transport(frame, True, loop)
    stepped = transport
    for block in blocks:
        stepped = stepped.advanced(block)

    assert stepped == transport.advanced(sum(blocks))


@given(frames, loops, st.integers(0, 9_000))
def test_spans_hold_exactly_the_frames_asked_for_and_none_outside_the_loop(
    frame: Frame, loop: Loop, count: int
) -> None:
    spans = list(Transport(frame, True, loop).spans(count))

    assert sum(span.frames for span in spans) == count
    assert all(span.frames > 0 for span in spans)
    if frame < loop.end:
        assert all(span.start + span.frames <= loop.end for span in spans)


@pytest.mark.parametrize(("start", "end"), [(-1, 5_000), (100, 100), (100, 100 + MIN_LOOP - 1)])
def test_a_loop_too_short_to_be_one_is_refused(start: int, end: int) -> None:
    with pytest.raises(InvalidValueError, match="a loop needs"):
        Loop(Frame(start), Frame(end))


def test_a_playhead_before_bar_one_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="before bar 1"):
        Transport(Frame(-1))
