"""A screen of its own with a window manager, and a person's hands: keys and pointer, counted."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENCE_S: Final = 40.0
STEPS: Final = 12

Point = tuple[int, int]
Area = tuple[int, int, int, int]


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

    def drag(self, start: Point, end: Point) -> None:
        """Drag, as slowly as a hand: one gesture."""
        self.gestures.append("drag")
        way = ["mousemove", str(start[0]), str(start[1]), "mousedown", "1"]
        for step in range(1, STEPS + 1):
            x = start[0] + (end[0] - start[0]) * step // STEPS
            y = start[1] + (end[1] - start[1]) * step // STEPS
            way += ["mousemove", str(x), str(y), "sleep", "0.06"]
        self.do(*way, "sleep", "0.3", "mouseup", "1")

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


@dataclass
class Eyes:
    """Knows where the things of the program are; `tests.e2e.seen` tells."""

    process: "subprocess.Popen[str]"

    def ask(self, question: str) -> Any:
        """Return what the program answers."""
        assert self.process.stdin is not None
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        return self.hear()

    def hear(self) -> Any:
        """Return what the program says next; AssertionError if it keeps silent."""
        answer = self.process.stdout
        assert answer is not None
        # One line at a time is said, so that none can wait unread in the buffer.
        assert select.select([answer], [], [], PATIENCE_S)[0], "it says nothing"
        return json.loads(answer.readline())

    def area(self, name: str) -> Area:
        """Return where a widget lies, once it is there."""
        found: list[Any] = [None]

        def look() -> bool:
            found[0] = self.ask(f"widget {name}")
            return found[0] is not None

        wait_until(look, f"a widget called {name}")
        return tuple(found[0])

    def middle(self, name: str) -> Point:
        """Return the middle of a widget."""
        x, y, width, height = self.area(name)
        return x + width // 2, y + height // 2

    def clips(self, count: int) -> list[dict[str, Any]]:
        """Return the clips of the timeline, once there are so many."""
        found: list[dict[str, Any]] = []

        def look() -> bool:
            found[:] = self.ask("clips")
            return len(found) == count

        wait_until(look, f"{count} clips on the timeline, there are {len(found)}")
        return found


@contextlib.contextmanager
def seen(on: Screen, home: Path, *arguments: str) -> Iterator[Eyes]:
    """Run the program on a screen, with eyes for it."""
    with program(on, "-m", "tests.e2e.seen", *arguments, ACESTEP_HOME=str(home)) as process:
        eyes = Eyes(process)
        assert eyes.hear() == "shown"
        eyes.area("Audition tray")  # by then the window is furnished
        yield eyes


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
        stdin=subprocess.PIPE,
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
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
