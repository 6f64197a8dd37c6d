import random

import pytest

from acestep_desktop.realtime.block_clock import BlockClock

SECOND_NS = 1_000_000_000


def run(clock: BlockClock, rate: float, jitter_s: float, blocks: int) -> list[float]:
    """Return how far the filtered times are off, in seconds, block by block."""
    dice = random.Random(1)
    errors = []
    at_s = 100.0
    for _ in range(blocks):
        called_ns = round((at_s + dice.gauss(0, jitter_s)) * SECOND_NS)
        errors.append(clock.block(called_ns, 256) / SECOND_NS - at_s)
        at_s += 256 / rate
    return errors


def test_callbacks_that_come_on_time_are_believed() -> None:
    errors = run(BlockClock(), 48_000, 0.0, 100)

    assert max(map(abs, errors)) < 1e-6


@pytest.mark.parametrize("off", [-100e-6, 0.0, 100e-6])
def test_the_rate_of_a_device_is_found_behind_the_jitter(off: float) -> None:
    clock = BlockClock()

    run(clock, 48_000 * (1 + off), 0.0003, 6_000)

    assert clock.rate == pytest.approx(48_000 * (1 + off), rel=15e-6)


def test_jitter_is_taken_out() -> None:
    errors = run(BlockClock(), 48_000, 0.001, 6_000)[2_000:]

    assert max(map(abs, errors)) < 0.0003


def test_after_a_gap_time_goes_on_from_the_first_block_behind_it() -> None:
    clock = BlockClock()
    run(clock, 48_000, 0.0, 100)

    assert clock.block(200 * SECOND_NS, 256) == 200 * SECOND_NS


def test_no_jitter_makes_the_rate_absurd() -> None:
    clock = BlockClock()

    run(clock, 48_000, 0.02, 500)

    assert 47_900 < clock.rate < 48_100


def test_blocks_of_changing_size_keep_their_time() -> None:
    clock, dice, frames = BlockClock(), random.Random(2), 0
    for _ in range(500):
        due_ns = SECOND_NS + frames * SECOND_NS // 48_000
        count = dice.choice((1, 64, 333, 1_024))
        assert abs(clock.block(due_ns, count) - due_ns) < 2_000
        frames += count


@pytest.mark.parametrize("slip_s", [0.003, 0.02, -0.004])
def test_a_device_that_stood_still_is_followed_within_a_tenth_of_a_second(slip_s: float) -> None:
    clock = BlockClock()
    run(clock, 48_000, 0.0001, 2_000)
    rate = clock.rate
    dice, errors, at_s = random.Random(3), [], 100.0 + 2_000 * 256 / 48_000 + slip_s
    for _ in range(100):
        called_ns = round((at_s + abs(dice.gauss(0, 0.0001))) * SECOND_NS)
        errors.append(clock.block(called_ns, 256) / SECOND_NS - at_s)
        at_s += 256 / 48_000

    assert max(map(abs, errors[20:])) < 0.0005
    assert clock.rate == pytest.approx(rate, rel=20e-6)


def test_single_callbacks_that_come_late_move_nothing() -> None:
    clock, at_s = BlockClock(), 100.0
    for number in range(4_000):
        late_s = 0.02 if number % 97 == 5 else 0.0
        filtered_s = clock.block(round((at_s + late_s) * SECOND_NS), 256) / SECOND_NS
        assert abs(filtered_s - at_s) < 0.001
        at_s += 256 / 48_000
