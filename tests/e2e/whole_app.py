"""The whole program in processes of its own: started, ended in hard ways, and looked at.

Run as `python -m tests.e2e.whole_app HOME ROUNDS SEED` to kill it again and
again; the report is JSON.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.project import Project
from acestep_desktop.library.autosave import recoveries
from acestep_desktop.library.folders import Folders, folders_below
from acestep_desktop.library.media import resolve_media
from acestep_desktop.library.projects import load_project
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.library.verify import fingerprint
from tests.e2e.person import FILE, edit_number

ROOT: Final = Path(__file__).resolve().parents[2]
PERSON: Final = ("-m", "tests.e2e.person")
MOMENTS: Final = ("take_kept", "autosaved", "generating")
PATIENCE_S: Final = 60.0
ORPHANS_S: Final = 6.0
"""How long a child may take to notice that its parent has been killed."""


@dataclass
class Running:
    """The program while it runs: its process, and the words that it has said."""

    home: Path
    process: subprocess.Popen[bytes]
    words: list[list[str]] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _silent: bool = False

    def listen(self) -> None:
        """Take down every word until the program ends. A thread of its own."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.words.append(line.decode().split())
                self._news.notify_all()
        with self._news:
            self._silent = True
            self._news.notify_all()

    def wait_for(self, word: str, count: int = 1) -> None:
        """Wait until a word was said so often; TimeoutError says what was heard instead."""
        with self._news:
            self._news.wait_for(lambda: self._silent or self.said(word) >= count, PATIENCE_S)
            if self.said(word) < count:
                raise TimeoutError(f"no {word!r} in {Counter(w[0] for w in self.words)}")

    def said(self, word: str) -> int:
        """Return how often a word was said."""
        return sum(words[0] == word for words in self.words)

    def numbers(self, *kinds: str) -> list[int]:
        """Return the numbers that were said behind these words."""
        return [int(words[1]) for words in self.words if words[0] in kinds and words[1].isdigit()]


@contextlib.contextmanager
def running(home: Path, arguments: Sequence[str] = PERSON) -> Iterator[Running]:
    """Start the program below `home`, without a screen; whatever is left at the end is killed."""
    environment = os.environ | {
        "ACESTEP_HOME": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    program = Running(home, process)
    listener = threading.Thread(target=program.listen)
    listener.start()
    try:
        yield program
    finally:
        process.kill()
        process.wait()
        for orphan in processes_of(home):
            with contextlib.suppress(psutil.Error):
                orphan.kill()
        listener.join()
        assert process.stdout is not None
        process.stdout.close()


def processes_of(home: Path) -> list[psutil.Process]:
    """Return every process, whoever its parent is, that was started for this home."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            if process.environ().get("ACESTEP_HOME") == str(home):
                found.append(process)
    return found


def orphans_of(home: Path, within_s: float = ORPHANS_S) -> list[str]:
    """Return the command lines of processes that are still there after a while."""
    until = time.monotonic() + within_s
    while (left := processes_of(home)) and time.monotonic() < until:
        psutil.wait_procs(left, timeout=0.2)
    return [" ".join(process.cmdline()) for process in left if process.is_running()]


def problems_after(program: Running) -> list[str]:
    """Return, as sentences, what was acknowledged and is not there."""
    folders = folders_below(program.home)
    library = TakeLibrary(folders)
    try:
        return _lost_takes(program, library) + _lost_work(program, folders, library)
    finally:
        library.close()


def offered(folders: Folders) -> list[Project]:
    """Return the projects that the next start could go on with; unreadable ones raise."""
    projects = [load_project(found.autosave) for found in recoveries(folders.data / "Autosaves")]
    saved = folders.projects / FILE
    return [*projects, load_project(saved)] if saved.exists() else projects


def _lost_takes(program: Running, library: TakeLibrary) -> list[str]:
    lost = []
    for words in program.words:
        if words[0] != "take_kept":
            continue
        try:
            take = library.get(words[1])
            if fingerprint(take.path) != words[1]:
                lost.append(f"the take {words[1]} sounds otherwise")
        except UserError as error:
            lost.append(f"the take {words[1]}: {error}")
    return lost


def _lost_work(program: Running, folders: Folders, library: TakeLibrary) -> list[str]:
    acknowledged = max(program.numbers("autosaved", "saved", "recovered"), default=0)
    try:
        projects = offered(folders)
    except UserError as error:
        return [f"damaged: {error}"]
    newest = max(projects, key=edit_number, default=Project())
    there = edit_number(newest)
    lost = [
        f"{media.path} is missing in edit {there}"
        for media in resolve_media(newest, folders.projects / FILE, library).missing
    ]
    if there < acknowledged:
        lost.append(f"edit {acknowledged} was acknowledged, {there} is what is there")
    return lost


def kill_once(home: Path, word: str, wait_s: float) -> tuple[Counter[str], list[str]]:
    """Start the program, kill it `wait_s` after a word; return what it said, and what is lost."""
    with running(home) as program:
        program.wait_for(word)
        time.sleep(wait_s)
        program.process.send_signal(signal.SIGKILL)
        program.process.wait()
        problems = [f"left running: {orphan}" for orphan in orphans_of(home)]
    return Counter(words[0] for words in program.words), problems + problems_after(program)


def main(arguments: Sequence[str]) -> int:
    """Kill the program at random moments, each time where the last one left off; report."""
    home, rounds, seed = Path(arguments[0]), int(arguments[1]), int(arguments[2])
    chance, begun = random.Random(seed), time.monotonic()
    said: Counter[str] = Counter()
    problems: list[str] = []
    for number in range(rounds):
        # In turn, so that kills fall before, in and after the making of a take.
        word = MOMENTS[number % len(MOMENTS)]
        words, lost = kill_once(home, word, chance.uniform(0.0, 1.0))
        said += words
        problems += [f"round {number}: {problem}" for problem in lost]
    took_s = round(time.monotonic() - begun, 1)
    print(json.dumps({"said": said, "problems": problems, "s": took_s}))
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
