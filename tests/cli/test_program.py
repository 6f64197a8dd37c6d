"""The program itself: verbs, exit codes, and Ctrl+C."""

import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from acestep_desktop.cli import main
from acestep_desktop.cli.doctor import examine
from acestep_desktop.cli.output import Printer

Run = Callable[..., tuple[int, list[dict[str, Any]], str]]
Say = Callable[..., tuple[int, str, str]]


def test_doctor_finds_the_engine_and_says_what_to_do_about_the_rest(run: Run) -> None:
    code, findings, _ = run("doctor")
    by_name = {finding["name"]: finding for finding in findings}
    assert code == 0
    assert by_name["Sketch engine"]["ok"]
    assert by_name["library"]["ok"]
    assert all(finding["ok"] or finding["advice"] for finding in findings)


def test_doctor_looks_at_everything_once(home: Path) -> None:
    names = [finding.name for finding in examine()]
    assert len(names) == len(set(names)) == 10


def test_without_a_display_the_window_says_what_else_can_be_done(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    code, out, err = say()
    assert (code, out) == (1, "")
    assert "generate" in err and err.count("\n") == 1


def test_the_window_is_opened_on_the_project_that_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    opened: list[Path | None] = []

    def open_window(project: Path | None) -> int:
        opened.append(project)
        return 7

    assert main(["gui", "song.acestep"], open_window=open_window) == 7
    assert main([], open_window=open_window) == 7
    assert opened == [Path("song.acestep"), None]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_a_path_keeps_its_letters_whatever_the_pipe_is_encoded_in(encoding: str) -> None:
    pipe = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    path = "/Musik/雨の夜 – caf\udce9.wav"
    Printer(as_json=True, out=pipe).result({"path": path}, [])
    pipe.seek(0)
    assert json.loads(pipe.read()) == {"path": path}


def test_an_unknown_verb_is_one_sentence(say: Say) -> None:
    code, out, err = say("sing")
    assert (code, out) == (2, "")
    assert err.startswith("error: ") and err.count("\n") == 1


def test_help_and_version_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--help", "--version"):
        with pytest.raises(SystemExit) as left:
            main([option])
        assert left.value.code == 0
        assert "acestep-desktop" in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_at_once_and_leaves_no_process(home: Path, number: int) -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "acestep_desktop", "generate", "techno", "--bars", "200"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    child = _wait_for_child(program.pid)
    program.send_signal(number)
    out, err = program.communicate(timeout=20)
    assert program.returncode == 130
    assert out == ""
    assert err.strip().splitlines()[-1] == "error: cancelled"
    assert _is_gone(child)
    assert not list(home.glob("Takes/*"))


def test_a_closed_pipe_ends_quietly(home: Path) -> None:
    listing = subprocess.Popen(
        [sys.executable, "-m", "acestep_desktop", "doctor"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert listing.stdout is not None
    listing.stdout.close()
    assert listing.stderr is not None
    with listing.stderr as errors:
        assert "Traceback" not in errors.read()
    listing.wait(timeout=20)


def test_each_line_of_json_is_one_object(run: Run) -> None:
    _, findings, _ = run("doctor")
    assert all(json.loads(json.dumps(finding))["kind"] == "finding" for finding in findings)


def _wait_for_child(pid: int) -> int:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children:
            return int(children[0])
    raise AssertionError("the engine was never started")


def _is_gone(pid: int) -> bool:
    """Wait a little for a process that notices that its parent is gone."""
    try:
        process = psutil.Process(pid)
        process.wait(timeout=3)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return process.status() == psutil.STATUS_ZOMBIE
    return True
