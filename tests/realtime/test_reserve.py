"""The reserve: what a device gets from it is what it would have got without it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from acestep_desktop.dsp.samples import Samples, silence
from acestep_desktop.realtime import reserve
from acestep_desktop.realtime.reserve import Direct, Reserve
from acestep_desktop.realtime.stream import _ahead_of

AHEAD = 512
BEGIN = 2**32 - 1_000


class Counter:
    """A player whose samples are the numbers of their frames; it may be held up."""

    def __init__(self) -> None:
        self.xruns = 0
        self.latency_s = 0.0
        self.device_rate = 0
        self.device_block = 0
        self.pulled = 0
        self.asked: list[tuple[int, int, int]] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def pull(self, out: Samples, called_ns: int | None = None, device_frame: int = -1) -> None:
        assert self.may_go_on.wait(30)
        assert called_ns is not None
        self.asked.append((self.pulled, called_ns, device_frame))
        out[:] = np.arange(self.pulled, self.pulled + len(out), dtype=np.float32)[:, None]
        self.pulled += len(out)


class Broken(Counter):
    def pull(self, out: Samples, called_ns: int | None = None, device_frame: int = -1) -> None:
        if self.pulled:
            raise ZeroDivisionError
        super().pull(out, called_ns, device_frame)


@contextmanager
def kept(player: Counter, rate: int = 48_000) -> Iterator[Reserve]:
    feed = Reserve(Direct(player, rate), AHEAD, rate)
    try:
        yield feed
    finally:
        player.may_go_on.set()
        feed.close()


def blocks() -> list[int]:
    return np.random.default_rng(5).integers(1, 700, 60).tolist() + [256] * 20


def taken(feed: Direct | Reserve, sizes: list[int], rate: int = 48_000) -> Samples:
    heard, at = [], 0
    for size in sizes:
        out = silence(size)
        feed.take(out, at * 1_000_000_000 // rate, (BEGIN + at) % 2**32)
        heard.append(out)
        at += size
    return np.concatenate(heard)


@pytest.mark.parametrize("rate", [48_000, 44_100, 96_000])
def test_a_device_gets_the_same_frames_whatever_the_size_of_its_blocks(rate: int) -> None:
    expected = taken(Direct(Counter(), rate), blocks(), rate)

    with kept(Counter(), rate) as feed:
        assert np.array_equal(taken(feed, blocks(), rate), expected)


@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_each_block_is_told_when_it_is_given(rate: int) -> None:
    player = Counter()
    with kept(player, rate) as feed:
        taken(feed, blocks(), rate)

    # A resampler takes in blocks that the device gets a rounded frame later.
    slack = 0 if rate == 48_000 else 1
    for pulled, called_ns, device_frame in player.asked:
        given = round(pulled * rate / 48_000)
        assert abs((device_frame - BEGIN) % 2**32 - given) <= slack
        assert abs(called_ns * rate * 1e-9 - given) <= slack + 0.01


def test_so_much_is_rendered_ahead_and_no_more() -> None:
    player = Counter()
    with kept(player) as feed:
        for given in range(256, 20 * 256, 256):
            taken(feed, [256])
            while player.pulled < given + AHEAD:
                assert feed._thread.is_alive()
            assert player.pulled <= given + 2 * AHEAD


def test_short_blocks_are_rendered_together() -> None:
    player = Counter()
    with kept(player) as feed:
        taken(feed, [64] * 64)

    assert len(player.asked) <= 64 * 64 // AHEAD + 2


def test_a_renderer_that_is_held_up_is_not_missed_while_the_reserve_lasts() -> None:
    player = Counter()
    with kept(player) as feed:
        taken(feed, [256])
        while player.pulled < 256 + AHEAD:
            assert feed._thread.is_alive()
        player.may_go_on.clear()

        out = taken(feed, [256, 256])

        assert np.array_equal(out[:, 0], np.arange(256, 768))


def test_a_renderer_that_is_late_is_waited_for() -> None:
    player = Counter()
    player.may_go_on.clear()
    with kept(player) as feed:
        threading.Timer(0.05, player.may_go_on.set).start()

        assert np.array_equal(taken(feed, [300])[:, 0], np.arange(300))


def test_what_fails_while_it_renders_is_raised_where_it_is_missed() -> None:
    with kept(Broken()) as feed, pytest.raises(ZeroDivisionError):
        taken(feed, [256] * 4)


def test_a_renderer_that_never_comes_back_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reserve, "_PATIENCE_S", 0.01)
    player = Counter()
    player.may_go_on.clear()

    with kept(player) as feed, pytest.raises(TimeoutError):
        taken(feed, [256])


def test_the_thread_ends_with_the_device() -> None:
    with kept(Counter()) as feed:
        taken(feed, [256])

    assert not feed._thread.is_alive()


@pytest.mark.parametrize(
    ("block", "ahead"), [(0, 512), (64, 512), (256, 512), (512, 512), (1024, 0)]
)
def test_short_blocks_have_a_reserve(block: int, ahead: int) -> None:
    assert _ahead_of(block) == ahead
