import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from acestep_desktop.domain.time import Frame
from acestep_desktop.realtime.client import Notice, RealtimeClient
from tests.child.processes import is_gone_within
from tests.needs import needs
from tests.realtime.recordings import Piece, piece
from tests.realtime.studio import brace


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Piece:
    return piece(tmp_path_factory.mktemp("takes"), tracks=3, clips=4, seconds=8)


@pytest.fixture
def notices() -> list[Notice]:
    return []


@pytest.fixture
def client(
    small: Piece, notices: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> Iterator[RealtimeClient]:
    """A client with a real process, on a machine without a device."""
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    made = RealtimeClient(notices.append)
    made.start()
    made.set_project(small.project, small.paths)
    assert made.wait_until_open(20)
    yield made
    made.close()


def child_of(client: RealtimeClient) -> int:
    child = client._child
    assert child is not None
    return child.pid


def test_a_project_plays_in_a_process_of_its_own(client: RealtimeClient) -> None:
    client.play()

    assert client.wait_for(lambda status: status.rolling and status.frame > 9_600)
    assert client.status.revision == client.revision
    assert client.status.peak_left > 0.01
    client.stop()
    assert client.wait_for(lambda status: not status.rolling)


def test_time_passes_as_fast_as_it_should_where_there_is_no_device(client: RealtimeClient) -> None:
    client.play()
    assert client.wait_for(lambda status: status.frame > 0)
    first = client.status
    assert client.wait_for(lambda status: status.frame > first.frame + 24_000)
    last = client.status

    passed_s = (last.time_ns - first.time_ns) / 1e9
    assert passed_s == pytest.approx((last.frame - first.frame) / 48_000, rel=0.02)


def test_a_process_that_is_killed_comes_back_where_it_was(
    client: RealtimeClient, small: Piece, notices: list[Notice]
) -> None:
    client.set_loop(brace(small.project, 0, 480_000))
    client.locate(Frame(96_000))
    client.play()
    assert client.wait_for(lambda status: status.frame > 100_000)
    notices.clear()

    os.kill(child_of(client), signal.SIGKILL)
    assert client.wait_for(lambda status: client._child is None)
    died_at = client.status.frame
    epoch = client.status.epoch

    assert client.wait_for(lambda status: status.epoch != epoch and status.frame > died_at, 20)
    status = client.status
    assert died_at < status.frame < died_at + 24_000
    assert (status.loop_end, status.revision) == (480_000, client.revision)
    assert [notice.kind for notice in notices][:1] == ["restarted"]


def test_an_edit_made_while_the_process_is_dead_is_heard_afterwards(
    client: RealtimeClient, small: Piece
) -> None:
    os.kill(child_of(client), signal.SIGKILL)
    client.set_project(small.project, small.paths)
    client.play()

    assert client.wait_for(lambda s: s.revision == client.revision and s.rolling, 20)


def test_the_lack_of_a_device_is_said_once(client: RealtimeClient, notices: list[Notice]) -> None:
    client.play()
    assert client.wait_for(lambda status: status.frame > 4_800)

    assert [notice.kind for notice in notices] == ["no_device"]
    assert not client.status.has_device


def test_a_device_that_is_not_there_is_said_and_time_goes_on(
    client: RealtimeClient, notices: list[Notice]
) -> None:
    client.play()
    client.set_device("Gramophone")

    assert client.wait_until_open()
    assert any("Gramophone" in notice.text for notice in notices)
    frame = client.status.frame
    assert client.wait_for(lambda status: status.frame > frame + 4_800)


def test_closing_ends_the_process_and_takes_its_memory_away(client: RealtimeClient) -> None:
    pid, path = child_of(client), client.status_path

    client.close()

    assert is_gone_within(pid, 2.0)
    assert not path.exists()


@needs("posix")
def test_a_parent_that_is_killed_takes_the_process_with_it(tmp_path: Path) -> None:
    import subprocess
    import sys

    script = (
        "from acestep_desktop.realtime.client import RealtimeClient\n"
        "client = RealtimeClient(); client.start(); client.wait_until_open(20)\n"
        "print(client._child.pid, client.status_path, flush=True)\n"
        "import time; time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid, path = parent.stdout.readline().split()
        parent.kill()

        assert is_gone_within(int(pid), 2.0)
    Path(os.fsdecode(path)).unlink()


def test_looking_for_devices_does_not_disturb_what_plays(client: RealtimeClient) -> None:
    client.play()
    assert client.wait_for(lambda status: status.rolling)
    pid = child_of(client)

    devices = client.devices()

    assert all(device.channels > 0 for device in devices)
    assert child_of(client) == pid
    assert client.status.rolling


def test_another_device_keeps_the_blocks_and_other_blocks_the_device() -> None:
    client, sent = RealtimeClient(device="Speakers", block=256), []
    try:
        client._send = lambda message: sent.append(dict(message.fields))  # type: ignore[method-assign]
        client.set_device("Phones")
        client.set_block(128)
        client.set_device(None, 1024)
    finally:
        client.close()

    assert sent == [
        {"device": "Phones", "block": 256},
        {"device": "Phones", "block": 128},
        {"device": None, "block": 1024},
    ]
