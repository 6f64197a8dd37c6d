"""Folders for audio that is being made: none outlives its maker for long."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from acestep_desktop.cli.work import work_folder


def test_a_folder_lasts_as_long_as_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with work_folder() as folder:
        (folder / "take.wav").write_bytes(b"audio")
        assert folder.parent == tmp_path
    assert not list(tmp_path.iterdir())


def test_what_a_killed_program_left_goes_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = (
        "import os\nfrom acestep_desktop.cli.work import work_folder\n"
        "with work_folder() as folder:\n"
        "    (folder / 'take.wav').write_bytes(b'audio')\n"
        "    os._exit(9)\n"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TMPDIR": str(tmp_path), "TEMP": str(tmp_path)},
        check=False,
    )
    (left,) = tmp_path.iterdir()
    living = tmp_path / f"acestep-work-{os.getpid()}-other"
    mine = tmp_path / "acestep-work-notes"
    living.mkdir()
    mine.mkdir()

    with work_folder() as folder:
        assert sorted(tmp_path.iterdir()) == sorted([folder, living, mine])
    assert not left.exists()
