"""Damaged and hostile audio files: refused in a sentence or read, never worse."""

from pathlib import Path

import pytest

from tests.audiofile.fuzz import fuzz
from tests.needs import needs


@needs("posix")
def test_a_thousand_damaged_files_are_read_or_refused_in_a_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    report = fuzz(tmp_path, 1_000)
    assert report.wrong == []
    assert capfd.readouterr().err == ""
    assert report.read + report.refused == 1_000
    assert report.read > 100
    assert report.refused > 100
    assert report.slowest_s < 60.0  # a file that would never end
    assert report.grown_mb < 300.0
