"""From an idea to a clip in another program, with nothing but keys and pointer."""

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.takes import TakeLibrary
from tests.e2e.screen import Eyes, Screen, program, screen, seen, wait_until
from tests.needs import needs
from tests.realtime.jack_server import JackServer, ports, samples_of

pytestmark = needs("xvfb", "xdotool", "openbox", "jack")

TARGET = (1400, 200)
DROP = (1600, 400)
FIRST_CARD = (230, 695)
"""The first take of the tray, in a window of 1280x800 at the corner of the screen."""

FIRST_ROW = (200, 150)
TITLES = ("kick & bass loop", "Über größe", "雨の家", "100 % dry", "a'b", "naïve café")


def app(on: Screen, home: Path) -> Any:
    return program(on, "-m", "acestep_desktop", ACESTEP_HOME=str(home))


def target(on: Screen) -> Any:
    return program(on, "-m", "tests.e2e.target", *map(str, TARGET))


def said(process: "subprocess.Popen[str]") -> dict[str, Any]:
    return dict(Eyes(process).hear())


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def takes_in(home: Path) -> list[Path]:
    return sorted((home / "Takes").glob("*.wav"))


def app_outputs() -> list[str]:
    return [port for port in ports() if ":out_" in port or ":output" in port]


def test_an_idea_is_heard_after_two_gestures_and_in_the_daw_after_three(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with JackServer(1024, realtime=False) as jack, screen() as hands, target(hands) as other:
        assert other.stdout is not None and other.stdout.readline() == "ready\n"
        with app(hands, home):
            hands.place("ACE-Step", 0, 0, 1280, 800)
            wait_until(app_outputs, "the program's JACK ports")
            hands.write("techno, 132 bpm, A minor, 4 bars")
            hands.press("ctrl+Return")
            wait_until(lambda: takes_in(home), "a take")
            recording = tmp_path / "heard.wav"
            recorder = jack.record(recording, 3, *app_outputs()[:2])
            recorder.wait(timeout=30)
            assert np.abs(samples_of(recording)).max() > 0.05
            to_sound = len(hands.gestures)
            hands.drag(FIRST_CARD, DROP)
            report = said(other)
        to_clip = len(hands.gestures)
        print(f"gestures to the first sound: {to_sound}, to the clip outside: {to_clip}")
    (take,) = takes_in(home)
    assert report["files"] == [[str(take), sha(take)]]
    assert report["action"] == "CopyAction"
    assert "text/uri-list" in report["formats"]
    assert to_sound <= 3 and to_clip <= 5


def test_twelve_files_with_any_name_arrive_whole(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shelf = TakeLibrary(folders_below(home))
    for number in range(12):
        noise = np.random.default_rng(number).uniform(-0.2, 0.2, (24_000, 2)).astype(np.float32)
        shelf.commit(noise, title=f"{TITLES[number % len(TITLES)]} {number}")
    shelf.close()
    with screen() as hands, target(hands) as other:
        assert other.stdout is not None and other.stdout.readline() == "ready\n"
        with seen(hands, home):
            hands.place("ACE-Step", 0, 0, 1280, 800)
            hands.click(*FIRST_ROW)
            hands.press("ctrl+a")
            hands.drag(FIRST_ROW, DROP)
            report = said(other)
    assert report["action"] == "CopyAction"
    assert sorted(report["files"]) == sorted([str(path), sha(path)] for path in takes_in(home))
    assert len(report["files"]) == 12
    assert all(take.handed_out for take in TakeLibrary(folders_below(home)).search())
