"""Autosaves: one window has the right to a project, and a crash leaves its work to the next."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.project import Project
from acestep_desktop.library import autosave
from acestep_desktop.library.autosave import (
    AUTOSAVE,
    FACTS,
    LOCK,
    Claim,
    ProjectInUseError,
    Recovery,
    recoveries,
)
from acestep_desktop.library.projects import load_project
from tests.disks import fill, read_only, size_limit, small_disk
from tests.needs import needs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "Autosaves"


def crashed(folder: Path, project: Project, path: Path | None) -> Path:
    """Leave work behind as a process that was killed does; return the autosave."""
    claim = Claim(folder, path)
    claim.write(project)
    claim.release()
    return claim.autosave


def test_work_is_written_aside_whole_and_read_again(folder: Path) -> None:
    claim = Claim(folder, Path("/music/Song.acestep"))
    claim.write(Project(name="Song"))
    assert load_project(claim.autosave) == Project(name="Song")
    claim.write(Project(name="Better song"))
    assert load_project(claim.autosave).name == "Better song"
    claim.release()


def test_a_project_is_claimed_once(folder: Path) -> None:
    path = Path("/music/Song.acestep")
    claim = Claim(folder, path)
    with pytest.raises(ProjectInUseError, match=r'"Song\.acestep" is open in another window'):
        Claim(folder, path)
    claim.release()
    Claim(folder, path).release()


def test_other_projects_are_free(folder: Path) -> None:
    claims = [Claim(folder, Path(f"/music/{number}.acestep")) for number in range(5)]
    claims += [Claim(folder, None) for _ in range(5)]
    assert len({claim.autosave for claim in claims}) == 10
    for claim in claims:
        claim.release()


def test_a_claim_that_is_released_twice_frees_nothing_of_anybody_else(folder: Path) -> None:
    path = Path("/music/Song.acestep")
    first = Claim(folder, path)
    first.release()
    second = Claim(folder, path)
    first.release()
    with pytest.raises(ProjectInUseError):
        Claim(folder, path)
    second.release()


def test_a_claim_that_ends_leaves_no_lock_behind(folder: Path) -> None:
    Claim(folder, None).release()
    assert list(folder.iterdir()) == []


@needs("posix")
def test_a_claim_ends_with_its_process(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from acestep_desktop.domain.project import Project\n"
        "from acestep_desktop.library.autosave import Claim\n"
        "claim = Claim(Path(sys.argv[1]), Path('/music/Song.acestep'))\n"
        "claim.write(Project(name='Lost?'))\n"
        "print('claimed', flush=True)\n"
        "sys.stdin.read()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None and other.stdin is not None
    assert other.stdout.readline() == "claimed\n"
    with pytest.raises(ProjectInUseError):
        Claim(folder, Path("/music/Song.acestep"))
    assert recoveries(folder) == []
    other.kill()
    other.wait(timeout=20)
    other.stdin.close()
    other.stdout.close()
    (found,) = recoveries(folder)
    assert load_project(found.autosave).name == "Lost?"
    assert found.project_path == Path("/music/Song.acestep")


def test_work_in_use_is_not_offered(folder: Path) -> None:
    claim = Claim(folder, None)
    claim.write(Project())
    assert recoveries(folder) == []
    claim.release()
    assert [found.autosave for found in recoveries(folder)] == [claim.autosave]


def test_the_newest_work_comes_first(folder: Path) -> None:
    for age, name in enumerate(("new", "older", "oldest")):
        autosave = crashed(folder, Project(name=name), Path(f"/music/{name}.acestep"))
        os.utime(autosave, (1_000_000_000 - age, 1_000_000_000 - age))
    names = [load_project(found.autosave).name for found in recoveries(folder)]
    assert names == ["new", "older", "oldest"]


def test_no_folder_is_no_work(folder: Path) -> None:
    assert recoveries(folder) == []
    folder.parent.joinpath("Autosaves").write_text("a file in the way")
    assert recoveries(folder) == []


@pytest.mark.parametrize(
    "facts", [b"", b"{", b"[]", b"null", b'{"path": 7}', b'{"other": 1}', b"\xff\xfe", b"[" * 9_999]
)
def test_work_whose_facts_are_damaged_is_still_work(folder: Path, facts: bytes) -> None:
    autosave = crashed(folder, Project(name="Lost?"), Path("/music/Song.acestep"))
    autosave.with_suffix(FACTS).write_bytes(facts)
    (found,) = recoveries(folder)
    assert found.project_path is None
    assert load_project(found.autosave).name == "Lost?"


def test_work_without_facts_is_still_work(folder: Path) -> None:
    autosave = crashed(folder, Project(), Path("/music/Song.acestep"))
    autosave.with_suffix(FACTS).unlink()
    assert recoveries(folder) == [Recovery(autosave, None)]


def test_facts_without_work_are_nothing(folder: Path) -> None:
    autosave = crashed(folder, Project(), None)
    autosave.unlink()
    assert recoveries(folder) == []


def test_what_is_forgotten_is_gone_with_its_facts(folder: Path) -> None:
    claim = Claim(folder, Path("/music/Song.acestep"))
    claim.write(Project())
    claim.forget()
    claim.forget()
    assert [path.suffix for path in folder.iterdir()] == [LOCK]
    claim.release()


def test_work_is_discarded_alone(folder: Path) -> None:
    for name in ("one", "two"):
        crashed(folder, Project(name=name), Path(f"/music/{name}.acestep"))
    first, second = recoveries(folder)
    first.discard()
    assert recoveries(folder) == [second]


@given(st.text(st.characters(exclude_characters="/\x00"), min_size=1, max_size=80))
def test_any_name_of_a_project_is_remembered(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    folder = tmp_path_factory.mktemp("autosaves")
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        name = "unpaired"
    path = Path("/music") / f"{name}.acestep"
    crashed(folder, Project(), path)
    (found,) = recoveries(folder)
    assert found.project_path == path


def test_a_name_in_another_encoding_is_remembered_too(folder: Path) -> None:
    path = Path(os.fsdecode(b"/music/caf\xe9.acestep"))
    autosave = crashed(folder, Project(), path)
    (found,) = recoveries(folder)
    assert found.project_path == path
    assert json.loads(autosave.with_suffix(FACTS).read_bytes().decode("utf-8", "surrogatepass"))


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError) as caught:
        Claim(tmp_path / "file" / "Autosaves", None)
    assert "\n" not in str(caught.value)


@needs("posix")
def test_a_write_that_fails_keeps_what_was_written_before(folder: Path) -> None:
    claim = Claim(folder, None)
    claim.write(Project(name="before"))
    with size_limit(16), pytest.raises(UserError):
        claim.write(Project(name="after"))
    assert load_project(claim.autosave).name == "before"
    leftovers = {path.suffix for path in folder.iterdir()} - {AUTOSAVE, FACTS, LOCK}
    assert leftovers == set()
    claim.release()


@needs("root", "linux")
def test_a_full_disk_keeps_what_was_written_before(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        claim = Claim(disk / "Autosaves", None)
        claim.write(Project(name="before"))
        fill(disk)
        with pytest.raises(UserError, match=r"(?i)full|space"):
            claim.write(Project(name="x" * 200))
        assert load_project(claim.autosave).name == "before"
        claim.release()


@needs("root", "linux")
def test_a_disk_that_may_only_be_read_is_a_sentence(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        crashed(disk / "Autosaves", Project(name="Lost?"), None)
        with read_only(disk):
            with pytest.raises(UserError):
                Claim(disk / "Autosaves", Path("/music/Song.acestep"))
            (found,) = recoveries(disk / "Autosaves")
            with pytest.raises(UserError):
                found.discard()


def test_a_window_that_comes_while_another_leaves_shares_the_project_with_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path("/music/Song.acestep")
    leaving = Claim(folder, path)
    quicker: list[Claim] = []
    lock = autosave.try_lock

    def leave_first(descriptor: int) -> bool:
        # The file is open by now; before it can be locked, its name passes to a third window.
        if not quicker:
            monkeypatch.setattr(autosave, "try_lock", lock)
            leaving.release()
            quicker.append(Claim(folder, path))
        return lock(descriptor)

    monkeypatch.setattr(autosave, "try_lock", leave_first)
    with pytest.raises(ProjectInUseError):
        Claim(folder, path)
    quicker[0].release()
    Claim(folder, path).release()


@needs("linux")
def test_on_windows_a_lock_is_closed_before_it_is_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = Claim(folder, None)
    lock = claim.autosave.with_suffix(LOCK)
    unlink = Path.unlink

    def refuse_open_files(path: Path, missing_ok: bool = False) -> None:
        open_files = [link.resolve() for link in Path("/proc/self/fd").iterdir()]
        if path.resolve() in open_files:
            raise PermissionError(13, "The process cannot access the file", str(path))
        unlink(path, missing_ok)

    monkeypatch.setattr(autosave, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(Path, "unlink", refuse_open_files)
    claim.release()
    assert not lock.exists()


def test_a_claim_ends_where_its_lock_cannot_be_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    claim = Claim(folder, Path("/music/Song.acestep"))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        claim.release()
    Claim(folder, Path("/music/Song.acestep")).release()
