"""One installation at a time."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from boot.lock import WAITING, locked, try_lock

from tests.needs import needs

PACKAGING = Path(__file__).parents[2] / "packaging"
HOLD = """
import sys
sys.path.insert(0, sys.argv[1])
from boot.lock import locked
with locked(sys.argv[2]) as lock:
    print("held", flush=True)
    sys.stdin.readline()
"""


def holder(lock: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(PACKAGING), str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_free(lock: Path) -> bool:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT)
    try:
        return try_lock(descriptor)
    finally:
        os.close(descriptor)


def test_a_second_start_says_that_it_waits_and_then_goes_on(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with holder(lock) as first:
        assert first.stdout and first.stdout.readline() == "held\n"
        with holder(lock) as second:
            assert second.stderr and second.stderr.readline() == WAITING + "\n"
            first.communicate("\n")
            assert second.stdout and second.stdout.readline() == "held\n"
            second.communicate("\n")
    assert first.returncode == second.returncode == 0
    assert is_free(lock)


def test_a_start_that_is_killed_leaves_no_lock(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with holder(lock) as first:
        assert first.stdout and first.stdout.readline() == "held\n"
        assert not is_free(lock)
        first.kill()
        first.communicate()
    assert is_free(lock)


def test_the_lock_is_given_back_when_the_installation_fails(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with pytest.raises(RuntimeError), locked(str(lock)):
        raise RuntimeError
    assert is_free(lock)


@needs("posix")
def test_pip_holds_the_lock_when_the_start_that_ran_it_is_killed(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    reader, writer = os.pipe()
    with locked(str(lock)) as descriptor:
        pip = subprocess.Popen(["cat"], stdin=reader, pass_fds=(descriptor,))
    os.close(reader)
    assert not is_free(lock)
    os.close(writer)
    pip.wait()
    assert is_free(lock)


@needs("posix")
@pytest.mark.parametrize(
    ("number", "granted"),
    [(errno.EAGAIN, False), (errno.EACCES, False), (errno.ENOLCK, True), (errno.ENOTSUP, True)],
)
def test_a_disk_without_locks_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, granted: bool
) -> None:
    import fcntl

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert is_free(tmp_path / "lock") is granted
