"""A screen of its own with a window manager, and a person's hands: keys and pointer, counted."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENCE_S: Final = 60.0
STEPS: Final = 12


def wait_until(holds: Callable[[], object], what: str) -> None:
    """Wait until something is so; AssertionError names what never came."""
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until, f"never came: {what}"
        time.sleep(0.05)


@dataclass
class Screen:
    """An X display, and what was done on it."""

    environment: dict[str, str]
    gestures: list[str] = field(default_factory=list)

    def press(self, keys: str) -> None:
        """Press a combination of keys: one gesture."""
        self.gestures.append(f"press {keys}")
        self.do("key", keys)

    def write(self, text: str) -> None:
        """Type words: one gesture."""
        self.gestures.append("type an idea")
        self.do("type", "--delay", "15", text)

    def click(self, x: int, y: int) -> None:
        """Click: one gesture."""
        self.gestures.append("click")
        self.do("mousemove", str(x), str(y), "click", "1")

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag, as slowly as a hand: one gesture."""
        self.gestures.append("drag")
        self.do("mousemove", str(start[0]), str(start[1]), "mousedown", "1")
        for step in range(1, STEPS + 1):
            x = start[0] + (end[0] - start[0]) * step // STEPS
            y = start[1] + (end[1] - start[1]) * step // STEPS
            self.do("mousemove", str(x), str(y), "sleep", "0.06")
        self.do("sleep", "0.3", "mouseup", "1")

    def window(self, title: str) -> str:
        """Return the id of the window with this title, once it is on the screen."""
        found: list[str] = []

        def look() -> bool:
            search = ("search", "--onlyvisible", "--name", title)
            found[:] = self.do(*search, check=False).split()
            return bool(found)

        wait_until(look, f"a window called {title}")
        return found[-1]

    def place(self, title: str, x: int, y: int, width: int, height: int) -> str:
        """Put a window somewhere and give it the keyboard; return its id."""
        window = self.window(title)
        self.do("windowsize", "--sync", window, str(width), str(height))
        self.do("windowmove", window, str(x), str(y))
        self.do("windowactivate", "--sync", window)
        return window

    def do(self, *words: str, check: bool = True) -> str:
        """Have xdotool do something that no person counts."""
        run = subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True, check=check
        )
        return run.stdout


@contextlib.contextmanager
def screen() -> Iterator[Screen]:
    """Give an empty screen of 1920x1080 with openbox on it."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as told:
        display = f":{told.readline().strip()}"
    environment = os.environ | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    manager = subprocess.Popen(["openbox"], env=environment, stderr=subprocess.DEVNULL)
    try:
        yield Screen(environment)
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait()


@contextlib.contextmanager
def program(on: Screen, *arguments: str, **more: str) -> "Iterator[subprocess.Popen[str]]":
    """Run a Python program on a screen until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=on.environment | {"PYTHONPATH": str(ROOT)} | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
