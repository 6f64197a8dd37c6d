"""Safe writes: whole or as before, on any disk, whatever happens in between."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from acestep_desktop.audiofile import locking
from acestep_desktop.audiofile.atomic import (
    Draft,
    draft_in,
    make_folder,
    sweep_leftovers,
    temporary_name,
    work_folder,
    write_atomically,
    write_new,
)
from acestep_desktop.audiofile.errors import (
    BusyError,
    DiskError,
    DiskFullError,
    NameTakenError,
    disk_error,
    disk_errors,
)
from acestep_desktop.audiofile.locking import locked, try_lock, unlock
from tests.disks import fill, read_only, size_limit, small_disk
from tests.needs import needs


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    with write_atomically(tmp_path / "a.txt") as file:
        assert file.write(b"hello") == 5
        assert file.write(np.arange(3, dtype="<i2")) == 6
        assert file.write(b"") == 0
    assert (tmp_path / "a.txt").read_bytes() == b"hello\0\0\1\0\2\0"
    assert names(tmp_path) == ["a.txt"]


def test_until_the_block_ends_the_old_file_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")
    with write_atomically(tmp_path / "a.txt") as file:
        file.write(b"new and longer")
        assert (tmp_path / "a.txt").read_bytes() == b"old"
    assert (tmp_path / "a.txt").read_bytes() == b"new and longer"


def test_an_error_in_the_block_leaves_everything_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")
    with pytest.raises(KeyError), write_atomically(tmp_path / "a.txt") as file:
        file.write(b"new")
        raise KeyError
    assert (tmp_path / "a.txt").read_bytes() == b"old"
    assert names(tmp_path) == ["a.txt"]


def test_a_header_can_be_written_last(tmp_path: Path) -> None:
    with write_atomically(tmp_path / "a.txt") as file:
        file.write(b"????body")
        file.seek(0)
        file.write(b"head")
        assert file.tell() == 4
    assert (tmp_path / "a.txt").read_bytes() == b"headbody"


def test_the_disk_keeps_the_bytes_before_they_get_their_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noting_fsync(descriptor: int) -> None:
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        done.append("folder kept" if folder else "bytes kept")
        fsync(descriptor)

    def noting_replace(draft: Path, path: Path) -> Path:
        done.append("named")
        return replace(draft, path)

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(Path, "replace", noting_replace)
    with write_atomically(tmp_path / "a.txt") as file:
        file.write(b"hello")
        done.append("written")
    assert done == ["written", "bytes kept", "named", "folder kept"]


def test_a_new_file_never_replaces_another(tmp_path: Path) -> None:
    with write_new(tmp_path / "a.txt") as file:
        file.write(b"first")
    with pytest.raises(NameTakenError, match="already"), write_new(tmp_path / "a.txt") as file:
        file.write(b"second")
    assert (tmp_path / "a.txt").read_bytes() == b"first"
    assert names(tmp_path) == ["a.txt"]


def test_a_new_file_yields_to_one_that_appeared_meanwhile(tmp_path: Path) -> None:
    with pytest.raises(NameTakenError), write_new(tmp_path / "a.txt") as file:
        file.write(b"mine")
        (tmp_path / "a.txt").write_bytes(b"theirs")
    assert (tmp_path / "a.txt").read_bytes() == b"theirs"
    assert names(tmp_path) == ["a.txt"]


def test_a_disk_without_hard_links_claims_the_name_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(draft: Path, path: Path) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    with write_new(tmp_path / "a.txt") as file:
        file.write(b"first")
    with pytest.raises(NameTakenError), write_new(tmp_path / "b.txt") as file:
        (tmp_path / "b.txt").write_bytes(b"theirs")
    assert (tmp_path / "a.txt").read_bytes() == b"first"
    assert (tmp_path / "b.txt").read_bytes() == b"theirs"
    assert names(tmp_path) == ["a.txt", "b.txt"]


def test_a_short_write_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, bytes(data)[:3]))
    with write_atomically(tmp_path / "a.txt") as file:
        assert file.write(b"hello world") == 11
    assert (tmp_path / "a.txt").read_bytes() == b"hello world"


def test_a_disk_that_takes_nothing_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with write_atomically(tmp_path / "a.txt") as file:
        file.write(b"old")
    monkeypatch.setattr(os, "write", lambda fd, data: 0)
    with pytest.raises(DiskError, match="no more"), write_atomically(tmp_path / "a.txt") as file:
        file.write(b"hello")
    assert (tmp_path / "a.txt").read_bytes() == b"old"


def test_a_file_that_the_disk_cut_short_is_never_named(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="cut short"), write_atomically(tmp_path / "a") as file:
        file.write(b"hello")
        os.truncate(file.path, 3)
    assert names(tmp_path) == []


@needs("posix")
def test_a_link_is_followed_and_permissions_stay(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_bytes(b"old")
    (tmp_path / "real.txt").chmod(0o600)
    (tmp_path / "link.txt").symlink_to("real.txt")
    with write_atomically(tmp_path / "link.txt") as file:
        file.write(b"new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_bytes() == b"new"
    assert (tmp_path / "real.txt").stat().st_mode & 0o777 == 0o600


@needs("posix")
def test_a_size_limit_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")
    for limit in (0, 1, 4_096, 99_999):
        with (
            size_limit(limit),
            pytest.raises(DiskFullError, match="disk is full"),
            write_atomically(tmp_path / "a.txt") as file,
        ):
            file.write(bytes(100_000))
        assert (tmp_path / "a.txt").read_bytes() == b"old"
        assert names(tmp_path) == ["a.txt"]


@needs("linux", "root")
def test_a_full_disk_leaves_the_old_file_wherever_it_ends(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        (disk / "a.txt").write_bytes(b"old")
        for leave in range(0, 60_000, 6_000):
            ballast = fill(disk, leave=leave)
            with pytest.raises(DiskFullError), write_atomically(disk / "a.txt") as file:
                for _ in range(200):
                    file.write(bytes(1_000))
            assert (disk / "a.txt").read_bytes() == b"old"
            assert names(disk) == ["a.txt", "ballast"]
            ballast.unlink()
        with write_atomically(disk / "a.txt") as file:
            file.write(bytes(200_000))
        assert (disk / "a.txt").stat().st_size == 200_000


@needs("linux", "root")
def test_a_read_only_disk_is_said_in_a_sentence(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        (disk / "a.txt").write_bytes(b"old")
        with (
            read_only(disk),
            pytest.raises(DiskError, match=r"read-only\. Choose another folder"),
            write_atomically(disk / "a.txt") as file,
        ):
            file.write(b"new")
        assert (disk / "a.txt").read_bytes() == b"old"


def test_a_missing_folder_is_said_in_a_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(DiskError, match="folder is missing"),
        write_atomically(tmp_path / "no" / "a.txt"),
    ):
        pass


def test_a_folder_in_the_way_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(DiskError, match="is a folder"), write_atomically(tmp_path / "a.txt"):
        pass
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DiskError, match=r"file"):
        make_folder(tmp_path / "file" / "below")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EDQUOT, "disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permissions"),
        (errno.ENAMETOOLONG, "too long"),
        (errno.EIO, "Check the disk"),
        (None, "Check the disk"),
    ],
)
def test_every_refusal_of_a_disk_is_one_sentence_and_what_to_do(
    code: int | None, words: str
) -> None:
    failure = OSError("odd") if code is None else OSError(code, os.strerror(code))
    message = str(disk_error(failure, Path("/music/song\n.wav")))
    assert words in message
    assert "\n" not in message
    assert message.endswith(".")


def test_other_mistakes_are_not_taken_for_the_disks() -> None:
    with pytest.raises(ValueError, match="mine"), disk_errors(Path("a")):
        raise ValueError("mine")


def _dead_process() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_drafts_of_dead_processes_are_swept_and_nothing_else(tmp_path: Path) -> None:
    dead = _dead_process()
    for name in (f".a.wav.tmp-{dead}-0123abcd", f".b.tmp-{dead}-00000000"):
        (tmp_path / name).write_bytes(b"half")
    (tmp_path / f".stems.tmp-{dead}-0123abcd").mkdir()
    (tmp_path / f".stems.tmp-{dead}-0123abcd" / "01 Drums.wav").write_bytes(b"half")
    kept = [".hidden", "a.wav", f"a.tmp-{dead}-0123abcd", f".a.tmp-{dead}-0123", ".tmp-1-z"]
    for name in kept:
        (tmp_path / name).write_bytes(b"keep")
    assert sweep_leftovers(tmp_path) == 3
    assert names(tmp_path) == sorted(kept)


def test_drafts_of_living_processes_stay(tmp_path: Path) -> None:
    with draft_in(tmp_path, "mine.wav") as draft:
        draft.write(b"half")
        assert sweep_leftovers(tmp_path) == 0
        assert draft.path.exists()


@needs("posix")
def test_a_number_that_lives_again_protects_a_dead_draft_only_for_a_while(tmp_path: Path) -> None:
    leftover = tmp_path / temporary_name("a.wav")
    leftover.write_bytes(b"half")
    assert sweep_leftovers(tmp_path) == 0
    os.utime(leftover, (1_000_000_000, 1_000_000_000))
    assert sweep_leftovers(tmp_path) == 1
    with draft_in(tmp_path, "held.wav") as draft:
        os.utime(draft.path, (1_000_000_000, 1_000_000_000))
        assert sweep_leftovers(tmp_path) == 0


def test_a_work_folder_is_not_swept_while_it_is_used_however_old(tmp_path: Path) -> None:
    with work_folder(tmp_path, "job") as folder:
        (folder / "mix.f32").write_bytes(b"half")
        os.utime(folder, (1_000_000_000, 1_000_000_000))
        assert sweep_leftovers(tmp_path) == 0
        assert (folder / "mix.f32").is_file()
    assert list(tmp_path.iterdir()) == []


def test_the_work_folder_of_a_dead_process_is_swept(tmp_path: Path) -> None:
    code = (
        "import os, sys, pathlib\n"
        "from acestep_desktop.audiofile.atomic import work_folder\n"
        "with work_folder(pathlib.Path(sys.argv[1]), 'job') as folder:\n"
        "    (folder / 'mix.f32').write_bytes(b'half')\n"
        "    os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True)
    assert len(list(tmp_path.iterdir())) == 1
    assert sweep_leftovers(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_sweeping_a_folder_that_is_not_there_is_nothing(tmp_path: Path) -> None:
    assert sweep_leftovers(tmp_path / "no") == 0


@pytest.mark.parametrize("name", ["a" * 255, "雨" * 85, "🎹" * 60 + ".wav"])
def test_the_longest_names_can_be_written(tmp_path: Path, name: str) -> None:
    with write_atomically(tmp_path / name) as file:
        file.write(b"x")
    assert names(tmp_path) == [name]


def test_a_draft_that_is_not_named_is_removed_once(tmp_path: Path) -> None:
    draft = Draft(tmp_path, "a.wav")
    draft.write(b"x")
    draft.discard()
    draft.discard()
    assert names(tmp_path) == []


def test_a_lock_keeps_others_out_until_it_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = os.open(path, os.O_RDWR | os.O_CREAT)
    second = os.open(path, os.O_RDWR)
    with locked(first, path):
        assert not try_lock(second)
        with pytest.raises(BusyError, match="another window"), locked(second, path, wait_s=0.0):
            pass
    assert try_lock(second)
    os.close(first)
    os.close(second)


class WindowsLocks:
    """Python's `msvcrt`, as far as locks go: it notes which byte was locked, and how."""

    LK_NBLCK, LK_UNLCK = 2, 0

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def locking(self, descriptor: int, mode: int, count: int) -> None:
        """Lock from the current position on."""
        self.asked.append((mode, os.lseek(descriptor, 0, os.SEEK_CUR)))


@pytest.fixture
def windows_locks(monkeypatch: pytest.MonkeyPatch) -> WindowsLocks:
    locks = WindowsLocks()
    monkeypatch.setattr(locking, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(locking, "msvcrt", locks, raising=False)
    return locks


def test_a_lock_on_windows_leaves_the_next_write_where_it_was(
    tmp_path: Path, windows_locks: WindowsLocks
) -> None:
    with write_atomically(tmp_path / "a.txt") as file:
        file.write(b"hello")
    assert (tmp_path / "a.txt").read_bytes() == b"hello"
    assert windows_locks.asked == [(windows_locks.LK_NBLCK, 0x7FFF_0000)]


def test_a_lock_that_is_given_back_on_windows_leaves_the_next_write_where_it_was(
    tmp_path: Path, windows_locks: WindowsLocks
) -> None:
    with draft_in(tmp_path, "a.txt") as file:
        file.write(b"hello")
        unlock(file._descriptor)
        assert file.tell() == 5
    assert windows_locks.asked[-1] == (windows_locks.LK_UNLCK, 0x7FFF_0000)
