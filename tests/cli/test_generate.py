"""`generate`: from words to files, through the real engine in its real process."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile

from acestep_desktop.library.verify import read_take

Run = Callable[..., tuple[int, list[dict[str, Any]], str]]
Say = Callable[..., tuple[int, str, str]]

SHORT = ("generate", "house loop, 128 bpm, 1 bar", "--seed", "5")


def test_a_prompt_becomes_a_take_in_the_library(run: Run, home: Path) -> None:
    code, takes, _ = run("generate", "slow house, A minor", "--bars", "2", "--bpm", "110")
    assert code == 0
    take = takes[0]
    path = Path(take["path"])
    assert path.parent == home / "Takes"
    assert (take["bpm"], take["key"], take["bars"], take["meter"]) == (110.0, "A minor", 2, "4/4")
    assert take["frames"] == round(2 * 4 * 60 / 110 * 48_000) == soundfile.info(path).frames
    assert take["engine"] == "sketch"
    recipe = read_take(path).recipe
    assert recipe is not None
    assert recipe.request.seed == take["seed"]


def test_stems_sum_to_the_mix_that_was_delivered(run: Run) -> None:
    _, takes, _ = run(*SHORT)
    mix, _ = soundfile.read(takes[0]["path"], dtype="float32")
    stems = [soundfile.read(s["path"], dtype="float32")[0] for s in takes[0]["stems"]]
    assert len(stems) >= 2
    difference = np.sum(np.asarray(stems, np.float64), axis=0) - mix
    assert np.abs(difference).max() <= 1e-6


def test_the_same_seed_gives_the_same_sound_alone_or_among_others(run: Run, tmp_path: Path) -> None:
    out = str(tmp_path / "many")
    _, many, _ = run(*SHORT[:-1], "5", "--variations", "2", "--out", out)
    _, alone, _ = run(*SHORT[:-1], "6", "--out", str(tmp_path / "alone.wav"))
    assert many[1]["id"] == alone[0]["id"]
    assert many[0]["id"] != many[1]["id"]


def test_the_seed_that_is_printed_makes_the_same_take_again(run: Run) -> None:
    _, first, _ = run("generate", "techno loop, 1 bar")
    _, again, _ = run("generate", "techno loop, 1 bar", "--seed", str(first[0]["seed"]))
    assert again[0]["id"] == first[0]["id"]
    assert any("same sound" in note or "already" in note for note in again[0]["notes"])


def test_out_writes_there_instead_of_into_the_library(run: Run, home: Path, tmp_path: Path) -> None:
    out = tmp_path / "new folder" / "idea.wav"
    code, takes, _ = run(*SHORT, "--out", str(out), "--stems", str(tmp_path / "stems"))
    assert code == 0
    assert takes[0]["path"] == str(out)
    assert soundfile.info(out).frames == takes[0]["frames"]
    assert {Path(stem["path"]).parent for stem in takes[0]["stems"]} == {tmp_path / "stems"}
    assert not list(home.glob("Takes/*.wav"))


def test_flac_holds_the_same_length(run: Run, tmp_path: Path) -> None:
    _, takes, _ = run(*SHORT, "--out", str(tmp_path / "idea.flac"))
    info = soundfile.info(tmp_path / "idea.flac")
    assert (info.format, info.subtype, info.frames) == ("FLAC", "PCM_24", takes[0]["frames"])


def test_the_midi_file_has_the_tempo_and_the_parts(run: Run, tmp_path: Path) -> None:
    _, takes, _ = run(*SHORT, "--out", str(tmp_path / "a.wav"), "--midi", str(tmp_path / "a.mid"))
    midi = mido.MidiFile(tmp_path / "a.mid")
    tempos = [
        message.tempo for track in midi.tracks for message in track if message.type == "set_tempo"
    ]
    assert tempos == [round(60_000_000 / 128)]
    names = [
        message.name for track in midi.tracks for message in track if message.type == "track_name"
    ]
    assert set(takes[0]["parts"]) <= set(names)


def test_the_folder_of_the_midi_file_is_made(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "a.mid"
    code, takes, _ = run(*SHORT, "--variations", "2", "--midi", str(path))
    assert code == 0
    files = [path.with_name("a_v1.mid"), path.with_name("a_v2.mid")]
    assert [take["midi"] for take in takes] == [str(file) for file in files]
    assert all(file.is_file() for file in files)


@pytest.mark.parametrize("option", ["--stems", "--midi"])
def test_a_take_that_was_kept_is_printed_whatever_becomes_of_the_rest(
    run: Run, tmp_path: Path, option: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    code, takes, said = run(*SHORT, option, str(tmp_path / "file" / "a.mid"))
    assert code == 1
    assert said.startswith("error: ") and said.count("\n") == 1
    assert [Path(take["path"]).is_file() for take in takes] == [True]


def test_what_was_not_understood_is_part_of_the_result(run: Run) -> None:
    _, takes, _ = run("generate", "house with xylozonk, 128 bpm, 1 bar")
    assert "xylozonk" in takes[0]["ignored"]
    assert any("128" in word for word in takes[0]["understood"])


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "🎉🎷",
        "静かなピアノ、ゆっくり",
        "x" * 10_000,
        "fast slow waltz in 7/8, 400 bpm, no instruments",
    ],
)
def test_any_words_make_music(run: Run, prompt: str) -> None:
    code, takes, said = run("generate", prompt, "--bars", "1")
    assert (code, said) == (0, "")
    sound, _ = soundfile.read(takes[0]["path"])
    assert np.abs(sound).max() > 0.01


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("x" * 10_001,), "characters"),
        (("house", "--bpm", "0"), "bpm must be within 30..300"),
        (("house", "--bars", "0"), "bars must be within"),
        (("house", "--meter", "4/3"), "meter"),
        (("house", "--key", "H minor"), "key"),
        (("house", "--out", "song.mp3"), "--out writes"),
        (("house", "--engine", "acestep"), "ACE-Step"),
        (("house", "--engine", "moog"), "invalid choice"),
        ((), "say what to make"),
    ],
)
def test_bad_input_is_one_line_on_stderr(say: Say, options: tuple[str, ...], said: str) -> None:
    code, out, err = say("generate", *options)
    assert code != 0
    assert out == ""
    assert err.startswith("error: ") and err.count("\n") == 1
    assert said in err


def test_a_task_that_sketch_cannot_do_says_who_can(say: Say, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((48_000, 2)), 48_000)
    code, _, err = say("generate", "rock", "--task", "cover", "--source", str(tmp_path / "a.wav"))
    assert code == 1
    assert "ACE-Step" in err and err.count("\n") == 1


def test_a_folder_that_cannot_be_made_is_said(say: Say, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    code, _, err = say(*SHORT, "--out", str(tmp_path / "file" / "a.wav"))
    assert code == 1
    assert err.count("\n") == 1


def test_nothing_heavy_is_imported_on_the_way(home: Path) -> None:
    program = (
        "import sys; from acestep_desktop.cli import main; "
        "code = main(['generate', 'house, 1 bar']); "
        "heavy = {'torch', 'diffusers', 'transformers', 'PySide6', 'scipy'} & set(sys.modules); "
        "sys.exit(code or (9 if heavy else 0))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_hash_seeds_do_not_change_a_sample(home: Path, tmp_path: Path) -> None:
    sounds = []
    for hash_seed in ("1", "2"):
        out = tmp_path / f"{hash_seed}.wav"
        subprocess.run(
            [sys.executable, "-m", "acestep_desktop", *SHORT, "--out", str(out)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
        )
        sounds.append(soundfile.read(out, dtype="float32")[0])
    assert np.array_equal(*sounds)
