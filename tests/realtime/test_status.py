import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from acestep_desktop.domain.time import Frame
from acestep_desktop.realtime.status import STALE_NS, Status, StatusBlock, sweep_blocks

FULL = Status(
    rolling=True,
    frame=Frame(123_456),
    rolled=-480,
    time_ns=987_654_321_000,
    rate=47_999.5,
    epoch=3,
    loop_start=Frame(5),
    loop_end=Frame(9_000),
    revision=7,
    tempo_revision=2,
    done=11,
    xruns=1,
    bpm=174.3,
    latency_s=0.01,
    peak_left=0.5,
    peak_right=0.25,
    rms_left=0.1,
    rms_right=0.05,
    buffering=True,
    has_device=True,
    device_rate=44_100,
    block=256,
    device_frame=2**32 - 1,
)


@pytest.fixture
def block() -> Iterator[StatusBlock]:
    made = StatusBlock.create()
    yield made
    made.unlink()


def test_a_reader_in_this_process_gets_every_value_that_was_published(block: StatusBlock) -> None:
    reader = StatusBlock(block.path)

    block.publish(FULL)

    assert reader.read() == FULL


def test_a_new_block_holds_the_state_of_a_program_that_has_just_begun(block: StatusBlock) -> None:
    assert block.read() == Status()


def test_another_process_reads_what_this_one_publishes(block: StatusBlock) -> None:
    block.publish(FULL)

    script = (
        "import sys; from pathlib import Path\n"
        "from acestep_desktop.realtime.status import StatusBlock\n"
        "print(StatusBlock(Path(sys.argv[1])).read().frame)"
    )
    run = subprocess.run([sys.executable, "-c", script, block.path], capture_output=True, text=True)

    assert run.stdout.strip() == "123456", run.stderr


def test_a_status_that_is_half_written_is_not_taken(block: StatusBlock) -> None:
    reader = StatusBlock(block.path)
    block.publish(FULL)
    assert reader.read() == FULL

    block._memory[40] ^= 0xFF

    assert reader.read() == FULL


def test_a_writer_that_died_while_writing_leaves_the_status_before(block: StatusBlock) -> None:
    reader = StatusBlock(block.path)
    block.publish(FULL)
    reader.read()

    block._memory[0] |= 1

    assert reader.read() == FULL


def test_a_new_writer_goes_on_where_a_dead_one_stopped(block: StatusBlock) -> None:
    block._memory[0] |= 1

    StatusBlock(block.path).publish(FULL)

    assert block.read() == FULL


def test_readers_see_whole_statuses_while_a_process_writes_without_pause(
    block: StatusBlock,
) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from acestep_desktop.realtime.status import Status, StatusBlock\n"
        "block = StatusBlock(Path(sys.argv[1]))\n"
        "print('go', flush=True)\n"
        "for k in range(20_000): block.publish(Status(frame=k, time_ns=2 * k, epoch=3 * k))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, block.path], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        seen = set()
        while writer.poll() is None:
            status = block.read()
            seen.add(status.frame)
            assert (status.time_ns, status.epoch) == (2 * status.frame, 3 * status.frame)

    assert block.read().frame == 19_999
    assert len(seen) > 10


def test_the_playhead_is_told_for_any_time_near_the_status() -> None:
    status = Status(rolling=True, frame=Frame(48_000), time_ns=5_000_000_000)

    assert status.frame_at(5_100_000_000) == 52_800
    assert status.frame_at(4_000_000_000) == 48_000


def test_the_playhead_is_behind_a_status_of_what_is_yet_to_be_given() -> None:
    status = Status(rolling=True, frame=Frame(48_000), rolled=300, time_ns=10_000_000)

    assert status.frame_at(8_000_000) == 48_000 - 96
    assert status.frame_at(0) == 48_000 - 300


def test_the_playhead_wraps_with_the_loop() -> None:
    status = Status(
        rolling=True, frame=Frame(900), loop_start=Frame(100), loop_end=Frame(1_000), time_ns=0
    )

    assert status.frame_at(round(200 / 48_000 * 1e9)) == 200


def test_the_playhead_waits_for_a_roll_to_begin() -> None:
    status = Status(rolling=True, frame=Frame(500), rolled=-480, time_ns=0)

    assert status.frame_at(5_000_000) == 500
    assert status.frame_at(20_000_000) == 980


def test_the_playhead_does_not_run_away_when_nobody_renews_the_status() -> None:
    status = Status(rolling=True, frame=Frame(0), time_ns=0)

    assert status.frame_at(10 * STALE_NS) == status.frame_at(STALE_NS)


def test_a_playhead_that_stands_still_is_where_it_is() -> None:
    assert Status(frame=Frame(77), time_ns=0).frame_at(10**12) == 77


def test_blocks_of_programs_that_were_killed_are_swept(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    orphan = tmp_path / f"acestep-status-{ended.pid}-abc"
    living = tmp_path / f"acestep-status-{os.getpid()}-abc"
    other = tmp_path / "acestep-status-of-somebody"
    for path in (orphan, living, other):
        path.touch()

    sweep_blocks(tmp_path)

    assert sorted(tmp_path.iterdir()) == sorted((living, other))
