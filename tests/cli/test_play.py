"""`play`: a project or a take, without a sound card too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

Run = Callable[..., tuple[int, list[dict[str, Any]], str]]
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Tone_120bpm.wav"
    sound = 0.1 * np.sin(np.arange(24_000) * 0.05)
    soundfile.write(path, np.stack((sound, sound), axis=1), 48_000)
    return path


def test_a_take_is_played_to_its_end(run: Run, file: Path) -> None:
    _, (take,), _ = run("takes", "import", str(file))
    code, (played,), _ = run("play", str(take["number"]))
    assert code == 0
    assert played["kind"] == "played"
    assert played["frame"] >= 24_000


def test_an_audio_file_becomes_a_take_and_is_played(run: Run, file: Path) -> None:
    code, played, _ = run("play", str(file))
    assert (code, len(played)) == (0, 1)
    assert [take["title"] for take in run("takes", "list")[1]] == ["Tone"]


@pytest.mark.parametrize("loop", ["1", "3:1", "a:b"])
def test_a_loop_that_is_none_is_one_sentence(say: Say, file: Path, loop: str) -> None:
    code, out, err = say("play", str(file), "--loop", loop)
    assert (code, out) == (2, "")
    assert err.count("error: ") == 1


def test_what_cannot_be_found_is_one_sentence(say: Say) -> None:
    code, out, err = say("play", "nothing here")
    assert (code, out) == (1, "")
    assert err.startswith("error: ") and err.count("\n") == 1
