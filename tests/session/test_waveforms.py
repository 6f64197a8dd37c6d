"""Waveforms at any zoom, from files that are read in the background."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from acestep_desktop.audiofile.wav import write_wav
from acestep_desktop.domain.project import Media, Project
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame
from acestep_desktop.session.waveforms import WaveformSession, binned

THERE, GONE = TakeId("a" * 32), TakeId("b" * 32)
PROJECT = Project(
    media=(Media(THERE, "a.wav", Frame(200_000), 2), Media(GONE, "b.wav", Frame(10), 1))
)


@pytest.fixture
def sound() -> np.ndarray:
    return np.random.default_rng(1).uniform(-1, 1, (200_000, 2)).astype(np.float32)


@pytest.fixture
def waveforms(qtbot: QtBot, tmp_path: Path, sound: np.ndarray) -> Iterator[WaveformSession]:
    path = tmp_path / "a.wav"
    write_wav(path, sound)
    session = WaveformSession(lambda project: {THERE: path})
    with qtbot.waitSignal(session.waveform_ready):
        session.show_project(PROJECT)
    with qtbot.waitSignal(session.waveform_ready):
        assert session.extremes(THERE, 0, 1024, 10) is None
    yield session
    session.close()


def extremes_of(sound: np.ndarray, first: int, step: int, columns: int) -> np.ndarray:
    parts = [sound[first + step * n : first + step * (n + 1)] for n in range(columns)]
    return np.array([[part.min() for part in parts], [part.max() for part in parts]])


@pytest.mark.parametrize("step", [256, 1024, 4096, 16_384])
def test_columns_hold_the_extremes_of_their_samples(
    waveforms: WaveformSession, sound: np.ndarray, step: int
) -> None:
    shown = waveforms.extremes(THERE, step, step, 5)
    assert np.array_equal(shown, extremes_of(sound, step, step, 5))


def test_a_close_look_is_coarse_first_and_then_made_from_samples(
    waveforms: WaveformSession, sound: np.ndarray, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(waveforms.waveform_ready):
        coarse = waveforms.extremes(THERE, 512, 16, 32)
    assert np.all(coarse[1] == sound[512:768].max(), where=np.arange(32) < 16)
    fine = waveforms.extremes(THERE, 512, 16, 32)
    assert np.array_equal(fine, extremes_of(sound, 512, 16, 32))


def test_behind_the_end_there_is_silence(waveforms: WaveformSession) -> None:
    shown = waveforms.extremes(THERE, 199_680, 256, 10)
    assert np.all(shown[:, 2:] == 0)


def test_a_take_without_a_file_is_missing_until_looked_for_again(
    waveforms: WaveformSession,
) -> None:
    assert waveforms.is_missing(GONE)
    assert not waveforms.is_missing(THERE)
    waveforms.look_again()
    assert not waveforms.is_missing(GONE)


def test_nothing_has_no_waveform() -> None:
    assert np.array_equal(binned(np.zeros((2, 0), np.float32), 0, 1, 3), np.zeros((2, 3)))
