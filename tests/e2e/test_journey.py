"""A whole afternoon in one test: from words to takes, to a song, to a file in another program."""

import hashlib
import json
from pathlib import Path
from typing import Any

from acestep_desktop.domain.project import Project
from acestep_desktop.domain.time import TICKS_PER_QUARTER
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.projects import load_project
from acestep_desktop.library.takes import TakeLibrary
from tests.e2e.screen import Eyes, Point, Screen, program, screen, seen, wait_until
from tests.needs import needs

pytestmark = needs("xvfb", "xdotool", "openbox")

BAR = 4 * TICKS_PER_QUARTER
TARGET: Point = (1400, 200)
DROP: Point = (1600, 400)


def middle(clip: dict[str, Any]) -> Point:
    x, y, width, height = clip["area"]
    return x + width // 2, y + height // 2


def bar_pixels(eyes: Eyes) -> float:
    """Return how wide a bar is: the first take has two."""
    return eyes.clips(1)[0]["area"][2] / 2


def saved(path: Path) -> Project:
    wait_until(path.is_file, "the project's file")
    return load_project(path)


def shape(project: Project) -> list[list[tuple[int, int, int]]]:
    """Return where every clip starts, in sixteenths, and what of its take it shows."""
    sixteenth = BAR // 16
    return [[(c.start // sixteenth, c.offset, c.length) for c in t.clips] for t in project.tracks]


def make_a_take(hands: Screen, home: Path, words: str, count: int) -> None:
    hands.press("ctrl+a")
    hands.write(words)
    hands.press("ctrl+Return")
    wait_until(lambda: len(list((home / "Takes").glob("*.wav"))) == count, f"take {count}")


def save_as(hands: Screen, path: Path) -> None:
    hands.press("ctrl+s")
    hands.window("Save")
    hands.write(str(path))
    hands.press("Return")


def test_from_words_to_a_song_and_into_another_program(tmp_path: Path) -> None:
    home, song = tmp_path / "home", tmp_path / "Song.acestep"
    with screen() as hands:
        with seen(hands, home) as eyes:
            hands.place("ACE-Step", 0, 0, 1280, 800)
            make_a_take(hands, home, "techno, 130 bpm, A minor, 2 bars", 1)
            eyes.area("Take 1")
            hands.press("alt+s")
            wait_until(lambda: _starred(home), "a star")

            # Onto the timeline; then a second one half over it.
            left, top, _, _ = eyes.area("Timeline")
            hands.drag(eyes.middle("Take 1"), (left + 8, top + 30))
            full = bar_pixels(eyes)
            for _ in range(3):
                hands.press("ctrl+minus")
            wait_until(lambda: bar_pixels(eyes) < full / 2, "room for more bars")
            bar = bar_pixels(eyes)
            hands.click(*eyes.middle("Prompt"))
            make_a_take(hands, home, "techno, 130 bpm, A minor, 2 bars", 2)
            eyes.area("Take 2")
            hands.drag(eyes.middle("Take 1"), (round(left + bar) + 4, top + 30))
            first, second = eyes.clips(2)
            assert second["area"][0] < first["area"][0] + first["area"][2], "they crossfade"

            # Split the second at bar 3, and move its rest a bar to the right.
            hands.click(round(left + 2 * bar), top - 40)
            hands.click(*middle(second))
            hands.press("s")
            *_, rest = eyes.clips(3)
            x, y = middle(rest)
            hands.drag((x, y), (round(x + bar), y))
            save_as(hands, song)
            moved = shape(saved(song))
            assert [start for start, _, _ in moved[0]] == [0, 16, 48]
            hands.press("ctrl+z")
            hands.press("ctrl+z")
            assert len(eyes.clips(2)) == 2
            hands.press("ctrl+shift+z")
            hands.press("ctrl+shift+z")
            before = eyes.clips(3)
            hands.press("ctrl+s")
            hands.press("ctrl+q")
            assert eyes.process.wait(timeout=30) == 0
        assert shape(saved(song)) == moved

        with (
            seen(hands, home, str(song)) as eyes,
            program(hands, "-m", "tests.e2e.target", *map(str, TARGET)) as other,
        ):
            assert other.stdout is not None and other.stdout.readline() == "ready\n"
            hands.place("ACE-Step", 0, 0, 1280, 800)
            again = eyes.clips(3)
            assert [clip["name"] for clip in again] == [clip["name"] for clip in before]
            # A range over the crossfade, drawn with its tool, leaves as one file.
            left, top, _, _ = eyes.area("Timeline")
            bar = again[1]["area"][0] - again[0]["area"][0]
            hands.click(*eyes.middle("Range"))
            hands.drag((left + 6, top + 30), (left + 2 * bar, top + 30))
            folder = home / "Dragged"
            wait_until(lambda: list(folder.glob(".prepared/*.wav")), "the range's file")
            hands.drag((left + bar, top + 40), DROP)
            report = json.loads(other.stdout.readline())
            print(f"{len(hands.gestures)} gestures")
        (name, digest), *more = report["files"]
        assert not more
        assert Path(name).parent == folder
        assert digest == hashlib.sha256(Path(name).read_bytes()).hexdigest()
        assert report["action"] == "CopyAction"
        frames = 2 * round(4 * 60 / 130 * 48_000)
        assert abs(_frames_of(Path(name)) - frames) <= 2


def _starred(home: Path) -> bool:
    shelf = TakeLibrary(folders_below(home))
    try:
        return any(take.starred for take in shelf.search())
    finally:
        shelf.close()


def _frames_of(path: Path) -> int:
    import soundfile

    return int(soundfile.info(path).frames)
