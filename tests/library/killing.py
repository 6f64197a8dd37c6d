"""Kills a saver at random moments, again and again, and counts what was lost.

Run as `python -m tests.library.killing HOME ROUNDS SEED`. Each round forks a
process that keeps takes, changes titles, saves a project and settings, and
says what is done as soon as it is done. It is killed with SIGKILL; then
everything that was said must be there, every file must open, and nothing
unfinished may be left after a sweep.
"""

import json
import os
import random
import select
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from acestep_desktop.audiofile.errors import AudioFileError
from acestep_desktop.audiofile.samples import Samples
from acestep_desktop.audiofile.wav import map_wav
from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.project import Project
from acestep_desktop.library.preferences import Preferences
from acestep_desktop.library.projects import load_project, save_project
from acestep_desktop.library.stored import StoredTake, TakeQuery
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.library.verify import fingerprint, read_take
from tests.library.makers import quick_library, raw_bytes, recipe, sound


def save_on_and_on(home: Path, seed: int, out: int) -> None:
    """Do and say, until killed."""
    shelf = quick_library(home)
    number = 0
    while True:
        number += 1
        keep = _keep_copies if number % 2 else _keep_files
        take = keep(shelf, sound(seed * 1_000 + number, 300), sound(number, 300))
        _say(out, "take", take.take_id)
        shelf.set_title(take.take_id, f"title {number}")
        _say(out, "title", take.take_id, f"title {number}")
        save_project(Project(f"{seed} {number}", markers=()), home / "song.acestep")
        _say(out, "project", seed, number)
        Preferences(home / "preferences.json").set({"seed": seed, "number": number})
        _say(out, "settings", seed, number)


def _keep_copies(shelf: TakeLibrary, mix: Samples, stem: Samples) -> StoredTake:
    return shelf.commit(mix, [("Drums", stem), ("Bass", stem)], recipe())


def _keep_files(shelf: TakeLibrary, mix: Samples, stem: Samples) -> StoredTake:
    """Keep a take as an engine leaves it, whose files become the take's."""
    with shelf.workplace() as folder:
        files = [folder / f"{name}.f32" for name in ("mix", "Drums", "Bass")]
        for path, samples in zip(files, (mix, stem, stem), strict=True):
            path.write_bytes(raw_bytes(samples))
        stems = [(path.stem, path) for path in files[1:]]
        return shelf.commit_raw(files[0], stems, frames=300, channels=2, recipe=recipe())


def _say(out: int, *words: object) -> None:
    os.write(out, json.dumps(words).encode() + b"\n")


def kill_one(home: Path, seed: int, acks: int, wait_s: float) -> list[list[object]]:
    """Fork a saver, kill it `wait_s` after its `acks`-th word, and return what it said."""
    inlet, outlet = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(inlet)
        try:
            save_on_and_on(home, seed, outlet)
        finally:
            os._exit(3)
    os.close(outlet)
    said = b""
    while said.count(b"\n") < acks:
        piece = os.read(inlet, 65_536)
        assert piece, "the saver ended by itself"
        said += piece
    select.select([], [], [], wait_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the saver ended by itself"
    while piece := os.read(inlet, 65_536):
        said += piece
    os.close(inlet)
    return [json.loads(line) for line in said.splitlines()]


def problems_after(home: Path, said: list[list[object]]) -> list[str]:
    """Return what is amiss after a kill."""
    problems = []
    shelf = quick_library(home)
    shelf.sweep()
    latest: dict[str, list[object]] = {}
    for what, *values in said:
        latest[str(what)] = values
        if what in ("take", "title"):
            problems += _take_problems(shelf, what, *map(str, values))
    if "project" in latest:
        name = load_project(home / "song.acestep").name
        if _order(name.split()) < _order(latest["project"]):
            problems.append(f"project {latest['project']} was lost, {name} is there")
    if (home / "song.acestep").exists():
        load_project(home / "song.acestep")
    settings = Preferences(home / "preferences.json")
    if "settings" in latest:
        there = [settings.get("seed", 0), settings.get("number", 0)]
        if _order(there) < _order(latest["settings"]):
            problems.append(f"settings {latest['settings']} were lost, {there} are there")
    shelf.close()
    return problems + _leftovers(home)


def _order(values: list[object] | list[str] | list[int]) -> tuple[int, ...]:
    return tuple(int(str(value)) for value in values)


def _take_problems(shelf, what, take_id, title=None):  # type: ignore[no-untyped-def]
    try:
        take = shelf.get(take_id)
        if title is not None and take.title != title:
            return [f"the title {title} was lost"]
        if fingerprint(take.path) != take_id or read_take(take.path).take_id != take_id:
            return [f"{take.path.name} changed"]
        if [len(map_wav(stem.path)) for stem in take.stems] != [300, 300]:
            return [f"the stems of {take.path.name} are not whole"]
    except UserError as error:
        return [f"{what} {take_id}: {error}"]
    return []


def _leftovers(home: Path) -> list[str]:
    problems = []
    for path in home.rglob("*"):
        if ".tmp-" in path.name or path.name == ".unfinished":
            problems.append(f"leftover {path.name}")
        if path.parent == home / "Takes" and path.suffix == ".wav":
            try:
                map_wav(path)
            except AudioFileError as error:
                problems.append(str(error))
    mixes = {path.stem for path in (home / "Takes").glob("*.wav")}
    stems = home / "Takes" / "Stems"
    if stems.is_dir():
        problems += [f"stems of no take: {p.name}" for p in stems.iterdir() if p.name not in mixes]
    return problems


def main(home: Path, rounds: int, seed: int) -> dict[str, object]:
    """Kill `rounds` savers; return the counts."""
    dice = random.Random(seed)
    said: Counter[str] = Counter()
    problems: list[str] = []
    started = time.monotonic()
    step_s = 0.02
    for number in range(1, rounds + 1):
        # A fresh home now and then: first moments are moments, too.
        place = home / f"home {number // 50}"
        place.mkdir(parents=True, exist_ok=True)
        acks = dice.choice((0, 0, 1, 2, 3, 4, 6))
        before = time.monotonic()
        # Often at once: so that a word said too early is found out.
        wait_s = dice.choice((0.0, dice.uniform(0.0, 2 * step_s)))
        acked = kill_one(place, seed * 10_000 + number, acks, wait_s)
        if acks:
            # On a busy machine everything takes longer, and so must the waiting.
            step_s = 0.8 * step_s + 0.2 * (time.monotonic() - before - wait_s) / acks
        said.update(str(what) for what, *_ in acked)
        problems += problems_after(place, acked)
    whole = 0
    for place in home.iterdir():
        shelf = quick_library(place)
        takes = shelf.search(TakeQuery(trashed=None, present=None))
        problems += [problem.reason for problem in shelf.verify()]
        whole += len(takes)
        shelf.close()
    seconds = round(time.monotonic() - started, 1)
    return {"rounds": rounds, "said": said, "takes": whole, "problems": problems, "s": seconds}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
