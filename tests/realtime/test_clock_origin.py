from dataclasses import replace

from acestep_desktop.realtime.clock_origin import Origin
from acestep_desktop.realtime.jack_frames import MASK
from acestep_desktop.realtime.status import Status

BLOCK = 256


class FakeJack:
    """A JACK whose clock shows `now` at time 0, and runs at `rate`."""

    def __init__(self, rate: int = 48_000, now: int = 0) -> None:
        self.rate = rate
        self.now = now

    def frame_at(self, time_ns: int) -> int:
        return self.now + round(time_ns * self.rate / 1e9)


def block(number: int, device_frame: int, epoch: int = 1) -> Status:
    return Status(rolling=True, rolled=number * BLOCK, epoch=epoch, device_frame=device_frame)


def test_the_origin_of_sound_that_goes_through_jack_is_exact() -> None:
    origin, jack = Origin(), FakeJack(now=999)

    found = [origin.follow(block(n, 70_000 + n * BLOCK), jack) for n in range(5)]

    assert found == [70_000] * 5


def test_an_origin_is_found_where_the_count_of_frames_wraps() -> None:
    assert Origin().follow(block(2, 12), FakeJack()) == MASK + 1 + 12 - 2 * BLOCK


def test_a_block_that_was_called_late_moves_nothing() -> None:
    origin, jack = Origin(), FakeJack()
    origin.follow(block(0, 5_000), jack)

    late = block(1, 5_000 + 2 * BLOCK)
    assert [origin.follow(late, jack) for _ in range(4)] == [5_000] * 4
    assert origin.follow(block(2, 5_000 + 2 * BLOCK), jack) == 5_000


def test_blocks_that_were_lost_move_the_origin_for_good() -> None:
    origin, jack = Origin(), FakeJack()
    origin.follow(block(0, 5_000), jack)

    moved = [origin.follow(block(n, 5_000 + (n + 1) * BLOCK), jack) for n in (1, 2, 3)]

    assert moved == [5_000, 5_000 + BLOCK, 5_000 + BLOCK]


def test_a_frame_that_is_rounded_at_another_rate_moves_nothing() -> None:
    origin, jack = Origin(), FakeJack(44_100)
    frames = [round(n * BLOCK * 0.91875 + 0.4) for n in range(200)]

    found = {origin.follow(block(n, 5_000 + frame), jack) for n, frame in enumerate(frames)}

    assert len(found) == 1


def test_another_roll_has_another_origin_at_once() -> None:
    origin, jack = Origin(), FakeJack()
    origin.follow(block(0, 5_000), jack)

    assert origin.follow(block(0, 9_999, epoch=2), jack) == 9_999


def test_a_device_with_a_crystal_of_its_own_is_followed_by_time_once_it_has_drifted() -> None:
    origin, jack = Origin(), FakeJack(now=1_000)
    status = block(0, -1)
    assert origin.follow(status, jack) == 1_000

    near = replace(status, time_ns=1_500_000)
    assert {origin.follow(near, jack) for _ in range(50)} == {1_000}
    far = replace(status, time_ns=3_000_000)
    assert origin.follow(far, jack) == 1_000
    assert [origin.follow(far, jack) for _ in range(30)][-1] == 1_144
