"""The command line in trouble: engines that fail, disks that are full, pipes that close."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import psutil
import pytest
import soundfile

from acestep_desktop.cli import generate as generate_verb
from acestep_desktop.generation.client import EngineClient
from acestep_desktop.generation.patience import JobPatience
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.takes import TakeLibrary
from tests.disks import fill, read_only, small_disk
from tests.generation.fake_engines import ENVIRONMENT, FRAMES
from tests.needs import needs

Run = Callable[..., tuple[int, list[dict[str, Any]], str]]
Say = Callable[..., tuple[int, str, str]]

IMPATIENT = JobPatience(opening_s=20.0, silence_s=0.4, times_estimate=1.0, look_every_s=0.05)


@pytest.fixture
def noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `generate` use an engine that makes noise, and trouble on request."""
    use_noise(monkeypatch, JobPatience())


def use_noise(monkeypatch: pytest.MonkeyPatch, patience: JobPatience) -> None:
    def client(engine: str) -> EngineClient:
        return EngineClient(
            engine, entry="fake_engines:create", environment=ENVIRONMENT, patience=patience
        )

    monkeypatch.setattr(generate_verb, "EngineClient", client)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("refuse", "knows no polka"),
        ("fail", "error: "),
        ("no memory", "memory"),
        ("full disk", "disk"),
        ("die", "error: "),
        ("exit", "error: "),
        ("die at once", "error: "),
        ("unestimable", "Nobody knows how long"),
    ],
)
@pytest.mark.usefixtures("noise")
def test_an_engine_in_trouble_is_one_sentence_and_no_take(
    say: Say, home: Path, words: str, said: str
) -> None:
    code, out, err = say("generate", words)
    assert (code, out) == (1, "")
    assert err.startswith("error: ") and err.count("\n") == 1
    assert said in err
    assert not list(home.glob("Takes/*.wav"))


@pytest.mark.usefixtures("noise")
def test_what_was_finished_before_the_trouble_is_kept_and_printed(run: Run, home: Path) -> None:
    code, takes, said = run("generate", "fail in variation 2", "--variations", "4", "--seed", "1")
    assert code == 1
    assert [take["frames"] for take in takes] == [FRAMES, FRAMES]
    assert all(Path(take["path"]).is_file() for take in takes)
    assert said.startswith("error: ")
    _, listed, _ = run("takes", "list")
    assert {take["id"] for take in listed} == {take["id"] for take in takes}


@needs("posix")
def test_an_engine_that_hangs_is_noted_before_it_is_ended(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_noise(monkeypatch, IMPATIENT)
    code, out, err = say("generate", "sit still")
    assert (code, out) == (1, "")
    note, error = err.strip().splitlines()
    assert note.startswith("note: the engine has said nothing for")
    assert "will be ended in" in note
    assert error.startswith("error: ") and "was ended" in error


@pytest.mark.usefixtures("noise")
def test_garbage_that_an_engine_prints_never_reaches_stdout(run: Run) -> None:
    code, takes, _ = run("generate", "chatter", "--seed", "1")
    assert code == 0
    assert [take["kind"] for take in takes] == ["take"]


@pytest.mark.usefixtures("noise")
def test_warnings_of_the_engine_are_notes_of_the_take(run: Run) -> None:
    _, (take,), _ = run("generate", "some noise", "--seed", "1")
    assert "It is only noise." in take["notes"]


@pytest.mark.usefixtures("noise")
def test_an_engine_without_stems_and_notes_writes_neither(run: Run, tmp_path: Path) -> None:
    stems, midi = tmp_path / "stems", tmp_path / "a.mid"
    code, (take,), _ = run("generate", "bare", "--stems", str(stems), "--midi", str(midi))
    assert code == 0
    assert (take["stems"], take["midi"]) == ([], None)
    assert any("no stems" in note for note in take["notes"])
    assert any("no notes" in note for note in take["notes"])
    assert not stems.exists() and not midi.exists()


@needs("root", "linux")
@pytest.mark.usefixtures("noise")
@pytest.mark.parametrize("option", ["--out", "--stems", "--midi"])
def test_a_full_disk_is_said_and_leaves_nothing_half_written(
    say: Say, tmp_path: Path, option: str
) -> None:
    name = {"--out": "a.wav", "--stems": "stems", "--midi": "a.mid"}[option]
    with small_disk(tmp_path / "disk") as disk:
        ballast = fill(disk)
        code, _, err = say("generate", "some noise", option, str(disk / name))
        assert code == 1
        assert err.count("\n") == 1 and ("full" in err or "space" in err)
        assert [path for path in disk.rglob("*") if path.is_file()] == [ballast]


@needs("root", "linux")
@pytest.mark.usefixtures("noise")
def test_a_library_on_a_full_disk_keeps_what_it_has(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        monkeypatch.setenv("ACESTEP_HOME", str(disk / "home"))
        _, (first,), _ = run("generate", "some noise", "--seed", "1")
        fill(disk)
        code, takes, said = run("generate", "some noise", "--seed", "2")
        assert (code, takes) == (1, [])
        assert said.count("\n") == 1
        (disk / "ballast").unlink()
        _, listed, _ = run("takes", "list")
        assert [take["id"] for take in listed] == [first["id"]]
        assert [file.name for file in (disk / "home" / "Takes").glob("*.wav")] == [
            Path(first["path"]).name
        ]


@needs("root", "linux")
@pytest.mark.usefixtures("noise")
def test_a_library_that_may_only_be_read_is_said(
    say: Say, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        monkeypatch.setenv("ACESTEP_HOME", str(disk / "home"))
        with read_only(disk):
            code, out, err = say("generate", "some noise", "--seed", "2")
        assert (code, out) == (1, "")
        assert err.startswith("error: ") and err.count("\n") == 1


@pytest.mark.usefixtures("noise")
def test_an_index_that_was_deleted_is_built_anew(run: Run, home: Path) -> None:
    _, (take,), _ = run("generate", "some noise", "--seed", "1")
    run("takes", "star", str(take["number"]))
    for file in folders_below(home).index.parent.iterdir():
        file.unlink(missing_ok=True)
    _, (found,), _ = run("takes", "list", "--starred")
    assert found["id"] == take["id"]


@pytest.mark.usefixtures("noise")
@pytest.mark.parametrize("damage", [b"", b"not a database", bytes(4_096)])
def test_an_index_that_is_damaged_is_built_anew(run: Run, home: Path, damage: bytes) -> None:
    _, (take,), _ = run("generate", "some noise", "--seed", "1")
    index = folders_below(home).index
    for file in index.parent.iterdir():
        file.unlink(missing_ok=True)
    index.write_bytes(damage)
    code, found, _ = run("takes", "list")
    assert code == 0
    assert [each["id"] for each in found] == [take["id"]]


def test_an_index_that_vanishes_while_the_library_is_open_loses_no_take(home: Path) -> None:
    folders = folders_below(home)
    open_library = TakeLibrary(folders)
    sound = np.full((4_800, 2), 0.1, np.float32)
    first = open_library.commit(sound)
    for file in folders.index.parent.iterdir():
        file.unlink(missing_ok=True)
    second = open_library.commit(sound * 0.5)
    open_library.close()
    again = TakeLibrary(folders)
    again.rebuild()
    assert {take.take_id for take in again.search()} == {first.take_id, second.take_id}
    again.close()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("generate",), 2),
        (("generate", "x", "--bars", "one"), 2),
        (("generate", "x", "--bars", "4", "--seconds", "9"), 2),
        (("generate", "x", "--seconds", "nan"), 2),
        (("generate", "x", "--seconds", "-1"), 2),
        (("generate", "x", "--bpm", "inf"), 2),
        (("generate", "x", "--bpm", "29.9"), 2),
        (("generate", "x", "--seed", "-1"), 2),
        (("generate", "x", "--seed", "1.5"), 2),
        (("generate", "x", "--variations", "0"), 2),
        (("generate", "x", "--variations", "1000"), 2),
        (("generate", "x", "--task", "sing"), 2),
        (("generate", "x", "--ba", "4"), 2),
        (("takes",), 2),
        (("takes", "eat"), 2),
        (("takes", "show"), 2),
        (("takes", "show", "0"), 1),
        (("takes", "show", "../../etc/passwd"), 1),
        (("takes", "show", ""), 1),
        (("takes", "trash", "no such take"), 1),
        (("takes", "import", "nowhere.wav"), 1),
        (("takes", "import", "."), 1),
        (("render",), 2),
        (("render", "nowhere.acestep"), 1),
        (("render", "nowhere.acestep", "--depth", "8"), 2),
        (("render", "nowhere.acestep", "--rate", "many"), 2),
        (("play", "no such take"), 1),
        (("info",), 2),
        (("info", ""), 1),
        (("info", "nowhere.wav"), 2),
        (("gui", "a.acestep", "b.acestep"), 2),
        (("--json", "doctor"), 2),
    ],
)
def test_a_wrong_command_line_is_one_sentence(
    say: Say, arguments: tuple[str, ...], code: int
) -> None:
    got, out, err = say(*arguments)
    assert (got, out) == (code, "")
    assert err.startswith("error: ") and err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize("text", ["\udcff", "a\x00b", "x" * 5_000, "\n\n", "\x1b[31mred"])
def test_hostile_names_are_refused_in_one_line(say: Say, text: str) -> None:
    for arguments in (("takes", "show", text), ("takes", "import", text), ("info", text)):
        code, out, err = say(*arguments)
        assert code in (1, 2) and out == ""
        assert err.count("\n") == 1


@pytest.mark.parametrize("text", ["\udcff", "a\x00b", "x" * 5_000, "\x1b[31mred"])
def test_hostile_words_find_no_take(say: Say, text: str) -> None:
    code, out, err = say("takes", "list", text)
    assert (code, out) == (0, "")
    assert err.startswith("note: no takes here") and err.count("\n") == 1


def test_one_bad_file_does_not_keep_the_others_out(run: Run, home: Path, tmp_path: Path) -> None:
    files = []
    for number, level in enumerate((0.1, 0.2, 0.3)):
        files.append(str(tmp_path / f"{number}.wav"))
        soundfile.write(files[-1], np.full((4_800, 2), level), 48_000)
    (tmp_path / "1.wav").write_bytes(b"RIFF\xff\xff\xff\xffWAVEfmt ")
    code, takes, said = run("takes", "import", *files)
    assert code == 1
    assert [take["title"] for take in takes] == ["0", "2"]
    assert said.count("error: ") == 1 and "1.wav" in said


PROGRAM = (sys.executable, "-m", "acestep_desktop")


@needs("posix")
def test_a_terminal_sees_a_bar_that_is_wiped_and_a_file_never_does(home: Path) -> None:
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [*PROGRAM, "generate", "house, 128 bpm, 1 bar", "--seed", "1", "--json"],
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            piece = os.read(ours, 4_096)
        except OSError:
            break  # Linux says so when the last one has closed a terminal
        if not piece:
            break
        seen += piece
    os.close(ours)
    out, _ = program.communicate(timeout=20)
    assert program.returncode == 0
    drawn = [part for part in seen.split(b"\r") if b"%" in part]
    assert drawn and all(part.startswith(b"\x1b[K[") for part in drawn)
    assert seen.endswith(b"\r\x1b[K")
    assert json.loads(out)["kind"] == "take"
    assert b"\x1b" not in out


@needs("posix")
def test_a_reader_that_leaves_early_ends_the_listing_quietly(home: Path) -> None:
    library = TakeLibrary(folders_below(home))
    for number in range(3):
        library.commit(np.full((480, 2), 0.1 * (number + 1), np.float32))
    library.close()
    reading, writing = os.pipe()
    os.close(reading)
    listing = subprocess.run(
        [*PROGRAM, "takes", "list"], stdout=writing, stderr=subprocess.PIPE, timeout=30, check=False
    )
    os.close(writing)
    assert listing.returncode == 1
    assert listing.stderr == b""


@needs("linux")
def test_being_killed_at_any_moment_leaves_no_half_take(home: Path) -> None:
    dice = Random(7)
    whole: set[str] = set()
    for number, printed in enumerate((0, 1, 2)):
        program = subprocess.Popen(
            [
                *(*PROGRAM, "generate", "techno, 140 bpm, 1 bar", "--seed", str(number * 10)),
                *("--variations", "3", "--json"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert program.stdout is not None
        lines = [program.stdout.readline() for _ in range(printed)]
        select.select([program.stdout], [], [], dice.uniform(0.0, 1.0))
        children = psutil.Process(program.pid).children(recursive=True)
        os.kill(program.pid, signal.SIGKILL)
        out, _ = program.communicate(timeout=20)
        psutil.wait_procs(children, timeout=10)
        assert not any(
            child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children
        )
        lines += [line for line in out.splitlines(keepends=True) if line.endswith("\n")]
        whole |= {json.loads(line)["id"] for line in lines}
    assert len(whole) >= 3
    library = TakeLibrary(folders_below(home))
    library.rebuild()
    takes = library.search()
    assert whole <= {take.take_id for take in takes}
    for take in takes:
        assert soundfile.info(take.path).frames == take.frames
        assert all(soundfile.info(stem.path).frames == take.frames for stem in take.stems)
    known = {take.path for take in takes}
    assert set(home.glob("Takes/*.wav")) == known
    library.close()


MEASURED = (
    "import sys\n"
    "from acestep_desktop.cli import main\n"
    "code = main(sys.argv[1:])\n"
    "from acestep_desktop.child.memory import peak_memory_bytes\n"
    "print(peak_memory_bytes())\n"
    "sys.exit(code)\n"
)
CHANNELS = 8


def long_file(path: Path, seconds: int) -> Path:
    """Write silence of 16 bits at 48 kHz in eight channels, as a file that takes no space."""
    soundfile.write(path, np.zeros((1, CHANNELS)), 48_000, "PCM_16")
    header = bytearray(path.read_bytes())
    at = header.index(b"data")
    size = seconds * 48_000 * CHANNELS * 2
    header[4:8] = (at + size).to_bytes(4, "little")
    header[at + 4 : at + 8] = size.to_bytes(4, "little")
    with path.open("wb") as file:
        file.write(header[: at + 8])
        file.truncate(at + 8 + size)
    return path


def peak_of(*arguments: str) -> tuple[dict[str, Any], int]:
    """Run a command in a process of its own; return its object and the most bytes it held."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments, "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    printed, peak = done.stdout.splitlines()
    result: dict[str, Any] = json.loads(printed)
    return result, int(peak)


@needs("linux")
def test_the_memory_of_an_import_does_not_grow_with_the_file(home: Path, tmp_path: Path) -> None:
    peaks = []
    for seconds in (5, 50):
        path = long_file(tmp_path / f"{seconds}.wav", seconds)
        take, peak = peak_of("takes", "import", str(path))
        assert (take["frames"], take["channels"]) == (seconds * 48_000, 2)
        peaks.append(peak)
        Path(take["path"]).unlink()
    more_bytes = 45 * 48_000 * CHANNELS * 4  # what it would hold, decoded as a whole
    assert peaks[1] - peaks[0] < more_bytes / 2


@needs("linux")
def test_an_hour_and_a_half_in_eight_channels_is_looked_at_without_reading_them(
    home: Path, tmp_path: Path
) -> None:
    # 4.1 GB: about as much as a WAV can say that it holds.
    path = long_file(tmp_path / "long.wav", 5_400)
    facts, peak = peak_of("info", str(path))
    assert (facts["channels"], facts["seconds"]) == (CHANNELS, 5_400.0)
    assert peak < 2**28
