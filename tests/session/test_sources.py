"""Sources: any audio file, looked into in the background."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.sources import Source, SourceSession
from tests.ui.conftest import keep


@pytest.fixture
def takes(tmp_path: Path) -> TakeLibrary:
    return TakeLibrary(folders_below(tmp_path / "home"))


@pytest.fixture
def sources(qapp: QCoreApplication, takes: TakeLibrary) -> Iterator[SourceSession]:
    session = SourceSession(takes)
    yield session
    session.close()


def found(sources: SourceSession, path: Path, qtbot: QtBot) -> Source:
    with qtbot.waitSignal(sources.found) as told:
        sources.look(path)
    return told.args[0]


def test_a_take_is_known_at_once_with_its_music(
    sources: SourceSession, takes: TakeLibrary, qtbot: QtBot
) -> None:
    take = takes.get(keep(takes, "warm house", bars=1))
    with qtbot.waitSignal(sources.found):
        source = sources.look(take.path)
    assert (source.title, source.music.bpm, source.seconds) == (take.title, 120.0, 2.0)


@pytest.mark.parametrize(("rate", "channels"), [(48_000, 2), (44_100, 1), (22_050, 2)])
def test_a_strange_file_gets_its_length_and_outline(
    sources: SourceSession, tmp_path: Path, rate: int, channels: int, qtbot: QtBot
) -> None:
    ramp = np.linspace(0, 0.8, rate * 3)[:, None].repeat(channels, 1)
    path = tmp_path / "my ramp.wav"
    soundfile.write(path, ramp, rate)
    source = found(sources, path, qtbot)
    assert source.title == "my ramp" and source.seconds == pytest.approx(3.0, abs=0.01)
    assert source.facts is not None and source.facts.outline.shape[0] == 2
    highs = source.facts.outline[1]
    assert highs[len(highs) // 2] == pytest.approx(0.4, abs=0.02)
    assert highs[len(highs) * 3 // 4] == pytest.approx(0.6, abs=0.02)


def test_a_file_that_is_no_audio_says_why(
    sources: SourceSession, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "letter.wav"
    path.write_text("Dear Sir")
    assert "letter.wav" in found(sources, path, qtbot).trouble


def test_a_file_that_is_gone_says_so(sources: SourceSession, tmp_path: Path, qtbot: QtBot) -> None:
    assert found(sources, tmp_path / "nothing.wav", qtbot).trouble


def test_one_frame_is_a_source_too(sources: SourceSession, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "click.wav"
    soundfile.write(path, np.ones((1, 2)) * 0.5, 48_000)
    source = found(sources, path, qtbot)
    assert source.facts is not None and source.facts.outline.shape == (2, 1)
