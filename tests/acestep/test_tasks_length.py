"""Tasks on audio are as long as their source says, and that is known without torch."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from acestep_desktop.acestep.tasks_length import understood, worked_frames
from acestep_desktop.audiofile.errors import DiskError
from acestep_desktop.audiofile.wav import write_wav
from acestep_desktop.domain.request import (
    Complete,
    Cover,
    Extend,
    Prompt,
    Repaint,
    Request,
    Task,
    TextToMusic,
)

RATE = 48_000


def request(task: Task, words: str = "dub, 8 bars", **fields: object) -> Request:
    return Request(Prompt(words), task=task, **fields)  # type: ignore[arg-type]


def test_of_a_task_on_audio_no_length_and_no_tempo_are_understood() -> None:
    found = understood(request(Cover("a.wav")))
    assert (found.bars, found.seconds, found.bpm) == (None, None, None)
    assert not any("bars" in text for text in found.understood)
    assert any("dub" in text.lower() for text in found.understood)


def test_a_length_that_is_left_out_is_said() -> None:
    found = understood(request(Cover("a.wav"), bars=4))
    assert "This take is as long as its source says: the length was left out." in found.notes


def test_of_music_from_words_the_length_and_a_tempo_are_understood() -> None:
    found = understood(request(TextToMusic()))
    assert (found.bars, found.bpm) == (8, 120.0)


@pytest.mark.parametrize(
    ("seconds", "task", "worked"),
    [
        (3, Cover(""), 10),
        (200, Cover(""), 200),
        (3, Complete("", ("bass",)), 60),
        (300, Repaint("", 100.0, 110.0), 130),
        (30, Repaint("", 10.0, 11.0), 30),
        (30, Extend("", 0.0, 20.0), 50),
        (300, Extend("", 5.0, 0.0), 65),
        (300, Extend("", 5.0, 5.0), 310),
    ],
)
def test_how_much_the_model_will_work_on(
    tmp_path: Path, seconds: int, task: Task, worked: int
) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, np.zeros((seconds * 8_000, 1), np.float32), sample_rate=8_000)
    assert worked_frames(request(dataclasses.replace(task, source=str(path)))) == worked * RATE


def test_a_source_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match=r"gone\.wav"):
        worked_frames(request(Cover(str(tmp_path / "gone.wav"))))


def test_no_torch_is_needed() -> None:
    code = "import acestep_desktop.acestep.tasks_length, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
