"""Takes and stems that are dragged into Audacity arrive there, sample for sample."""

from pathlib import Path

import numpy as np
import soundfile

from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.takes import TakeLibrary
from tests.e2e.audacity import Samples, audacity, pieces_of
from tests.e2e.screen import screen, seen, wait_until
from tests.needs import needs

pytestmark = needs("xvfb", "xdotool", "openbox", "audacity")


TITLES = ("kick & bass loop", "Über größe", "雨の家", "100 % dry", "a'b", "naïve café")


def read(path: Path) -> Samples:
    return np.asarray(soundfile.read(path, dtype="float32", always_2d=True)[0])


def test_a_take_and_its_stems_arrive_in_audacity_sample_for_sample(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with (
        screen() as hands,
        audacity(hands, tmp_path / "other", 1285, 630) as other,
        seen(hands, home) as eyes,
    ):
        hands.place("ACE-Step", 0, 0, 1280, 800)
        hands.write("techno, 140 bpm, A minor, 1 bar")
        hands.press("ctrl+Return")
        hands.drag(eyes.middle("Take 1"), other.tracks)
        (take,) = (home / "Takes").glob("*.wav")
        expected = pieces_of(read(take))
        wait_until(lambda: other.pieces() == sorted(expected), "the take in Audacity")

        hands.drag(eyes.middle("Drag the stems into your DAW"), other.tracks)
        stems = sorted((home / "Takes" / "Stems").glob("*/*.wav"))
        assert len(stems) > 1
        expected += [piece for stem in stems for piece in pieces_of(read(stem))]
        wait_until(lambda: other.pieces() == sorted(expected), "the stems in Audacity")


def test_twelve_files_with_any_name_arrive_in_audacity_and_stay_where_they_are(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    shelf = TakeLibrary(folders_below(home))
    for number in range(12):
        noise = np.random.default_rng(number).uniform(-0.2, 0.2, (24_000, 2)).astype(np.float32)
        shelf.commit(noise, title=f"{TITLES[number % len(TITLES)]} {number}")
    shelf.close()
    files = sorted((home / "Takes").glob("*.wav"))
    before = {path: path.read_bytes() for path in files}
    with (
        screen() as hands,
        audacity(hands, tmp_path / "other", 1285, 630) as other,
        seen(hands, home) as eyes,
    ):
        hands.place("ACE-Step", 0, 0, 1280, 800)
        x, y, width, _ = eyes.area("Takes")
        row = (x + width // 2, y + 30)
        hands.click(*row)
        hands.press("ctrl+a")
        hands.drag(row, other.tracks)
        expected = sorted(piece for path in files for piece in pieces_of(read(path)))
        wait_until(lambda: other.pieces() == expected, "twelve files in Audacity")
    assert len(files) == 12
    assert {path: path.read_bytes() for path in files} == before
