"""`takes`: the library from the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

Run = Callable[..., tuple[int, list[dict[str, Any]], str]]
Say = Callable[..., tuple[int, str, str]]


def tone(path: Path, rate: int = 48_000, channels: int = 2, seconds: float = 0.5) -> Path:
    time = np.arange(round(rate * seconds)) / rate
    sound = 0.2 * np.sin(2 * np.pi * 440 * time)[:, None] * np.ones(channels)
    soundfile.write(path, sound, rate)
    return path


@pytest.fixture
def imported(run: Run, tmp_path: Path) -> dict[str, Any]:
    code, takes, _ = run("takes", "import", str(tone(tmp_path / "Warm tone_124bpm_Amin.wav")))
    assert code == 0
    return takes[0]


def test_an_imported_file_is_listed_with_what_its_name_says(
    run: Run, imported: dict[str, Any]
) -> None:
    _, takes, _ = run("takes", "list")
    assert [take["id"] for take in takes] == [imported["id"]]
    assert (takes[0]["title"], takes[0]["bpm"], takes[0]["key"]) == ("Warm tone", 124.0, "A minor")


@pytest.mark.parametrize(("rate", "channels"), [(44_100, 1), (96_000, 2), (22_050, 6)])
@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff", ".ogg"])
def test_any_rate_and_number_of_channels_becomes_a_take(
    run: Run, tmp_path: Path, rate: int, channels: int, suffix: str
) -> None:
    path = tone(tmp_path / f"sound{suffix}", rate, channels)
    code, takes, said = run("takes", "import", str(path))
    assert (code, said) == (0, "")
    assert takes[0]["frames"] == 24_000
    assert takes[0]["channels"] == min(channels, 2)


def test_mp3_becomes_a_take(run: Run, tmp_path: Path) -> None:
    code, takes, _ = run("takes", "import", str(tone(tmp_path / "sound.mp3", 44_100)))
    assert code == 0
    assert takes[0]["frames"] == pytest.approx(24_000, abs=3_000)


def test_several_files_are_imported_though_one_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "no.wav").write_bytes(b"this is no sound")
    code, takes, said = run(
        "takes", "import", str(tmp_path / "no.wav"), str(tone(tmp_path / "yes.wav"))
    )
    assert code == 1
    assert [take["title"] for take in takes] == ["yes"]
    assert said.count("\n") == 1 and "no.wav" in said


def test_star_trash_and_restore(run: Run, imported: dict[str, Any]) -> None:
    number = str(imported["number"])
    assert run("takes", "star", number)[1][0]["starred"]
    assert len(run("takes", "list", "--starred")[1]) == 1
    assert not run("takes", "star", number, "--off")[1][0]["starred"]
    assert run("takes", "trash", number)[1][0]["trashed"]
    assert run("takes", "list")[1] == []
    assert len(run("takes", "list", "--trashed")[1]) == 1
    assert Path(imported["path"]).is_file()
    assert not run("takes", "restore", number)[1][0]["trashed"]
    assert len(run("takes", "list")[1]) == 1


def test_words_find_takes(run: Run, imported: dict[str, Any], tmp_path: Path) -> None:
    run("takes", "import", str(tone(tmp_path / "Cold noise.wav", seconds=0.6)))
    assert [take["title"] for take in run("takes", "list", "warm")[1]] == ["Warm tone"]
    assert run("takes", "list", "nothing", "here")[1] == []


def test_the_index_is_built_anew_from_the_files(
    run: Run, imported: dict[str, Any], home: Path
) -> None:
    run("takes", "star", str(imported["number"]))
    for index in home.rglob("*.sqlite*"):
        # SQLite may tidy up beside us.
        index.unlink(missing_ok=True)
    assert run("takes", "rebuild")[1] == [{"kind": "rebuilt", "takes": 1}]
    take = run("takes", "list")[1][0]
    assert (take["id"], take["starred"]) == (imported["id"], True)


def test_whole_takes_are_verified(run: Run, imported: dict[str, Any]) -> None:
    code, problems, said = run("takes", "verify")
    assert (code, problems) == (0, [])
    assert "every take is whole" in said


def test_a_damaged_take_is_named_with_what_to_do(
    run: Run, say: Say, imported: dict[str, Any], tmp_path: Path
) -> None:
    run("takes", "import", str(tone(tmp_path / "Whole.wav", seconds=0.6)))
    path = Path(imported["path"])
    data = bytearray(path.read_bytes())
    data[20_000] ^= 0xFF
    path.write_bytes(data)
    code, problems, said = run("takes", "verify")
    assert code == 1
    assert [problem["path"] for problem in problems] == [str(path)]
    assert "trash the take and make it again" in said
    assert str(path) in say("takes", "verify")[1]


def test_a_file_that_is_gone_is_missed_unless_its_take_is_in_the_trash(
    run: Run, imported: dict[str, Any]
) -> None:
    Path(imported["path"]).unlink()
    assert run("takes", "verify")[0] == 1
    run("takes", "trash", str(imported["number"]))
    assert run("takes", "verify")[:2] == (0, [])


def test_show_names_file_length_and_levels(say: Say, imported: dict[str, Any]) -> None:
    code, out, _ = say("takes", "show", str(imported["id"]))
    assert code == 0
    assert imported["path"] in out and "0:00.5" in out and "LUFS" in out


def test_a_take_that_is_not_there_is_one_sentence(say: Say) -> None:
    code, out, err = say("takes", "show", "nobody")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1 and "nobody" in err


def test_an_empty_library_says_how_to_begin(say: Say) -> None:
    code, out, err = say("takes", "list")
    assert (code, out) == (0, "")
    assert "generate" in err
