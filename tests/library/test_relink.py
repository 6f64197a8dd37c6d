"""Missing takes, found among other files by their sound."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from acestep_desktop.domain.project import Media
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.library import relink
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.media import media_name, media_of_take
from acestep_desktop.library.relink import MAX_FILES, FoundTakes, find_takes
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.library.verify import fingerprint


def sound(seed: int, frames: int = 4_800) -> np.ndarray:
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, (frames, 2))
    return noise.astype(np.float32)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[TakeLibrary]:
    library = TakeLibrary(folders_below(tmp_path / "home"))
    yield library
    library.close()


@pytest.fixture
def take(library: TakeLibrary) -> StoredTake:
    return library.commit(sound(1), title="Rain")


@pytest.fixture
def other(library: TakeLibrary) -> StoredTake:
    """A take of the same shape, and another sound."""
    return library.commit(sound(2), title="Snow")


def test_a_take_is_found_in_a_folder_below_under_another_name(
    take: StoredTake, tmp_path: Path
) -> None:
    place = tmp_path / "old" / "deep" / "renamed.WAV"
    place.parent.mkdir(parents=True)
    shutil.copy(take.path, place)
    assert find_takes([media_of_take(take)], [tmp_path / "old"]) == FoundTakes(
        {take.take_id: place}
    )


def test_a_file_that_was_pointed_at_is_found_whatever_its_ending(
    take: StoredTake, tmp_path: Path
) -> None:
    shutil.copy(take.path, tmp_path / "rain.bak")
    found = find_takes([media_of_take(take)], [tmp_path / "rain.bak"])
    assert found == FoundTakes({take.take_id: tmp_path / "rain.bak"})


def test_another_sound_under_the_right_name_is_not_the_take(
    take: StoredTake, other: StoredTake, tmp_path: Path
) -> None:
    shutil.copy(other.path, tmp_path / take.path.name)
    assert find_takes([media_of_take(take)], [tmp_path / take.path.name]) == FoundTakes({})


def test_the_record_in_a_file_is_not_believed_its_sound_is(
    take: StoredTake, tmp_path: Path
) -> None:
    forged = bytearray(take.path.read_bytes())
    at = forged.index(b"data") + 8
    forged[at : at + 4] = b"\x00\x00\x00\x00"
    (tmp_path / "forged.wav").write_bytes(forged)
    assert find_takes([media_of_take(take)], [tmp_path / "forged.wav"]) == FoundTakes({})


def test_a_file_without_a_record_is_the_take_if_it_sounds_the_same(
    take: StoredTake, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "bare.wav", sound(1), 48_000, "FLOAT")
    found = find_takes([media_of_take(take)], [tmp_path / "bare.wav"])
    assert found == FoundTakes({take.take_id: tmp_path / "bare.wav"})


def test_all_missing_takes_are_looked_for_at_once(
    take: StoredTake, other: StoredTake, tmp_path: Path
) -> None:
    missing = [media_of_take(take), media_of_take(other)]
    found = find_takes(missing, [take.path.parent])
    assert found == FoundTakes({take.take_id: take.path, other.take_id: other.path})


def test_files_that_are_no_sound_and_places_that_are_gone_are_passed_over(
    take: StoredTake, tmp_path: Path
) -> None:
    (tmp_path / "noise.wav").write_bytes(b"RIFF")
    (tmp_path / "empty.wav").touch()
    assert find_takes(
        [media_of_take(take)], [tmp_path / "noise.wav", tmp_path / "gone"]
    ) == FoundTakes({})


def test_hidden_folders_are_not_searched(take: StoredTake, tmp_path: Path) -> None:
    hidden = tmp_path / "music" / ".trash"
    hidden.mkdir(parents=True)
    shutil.copy(take.path, hidden / "rain.wav")
    assert find_takes([media_of_take(take)], [tmp_path / "music"]) == FoundTakes({})


def test_a_search_can_be_stopped(take: StoredTake) -> None:
    assert find_takes([media_of_take(take)], [take.path], lambda: True) == FoundTakes({})


def test_files_of_the_right_name_are_tried_first(
    take: StoredTake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(3):
        soundfile.write(folder / f"a{number}.wav", sound(number + 5), 48_000, "FLOAT")
    shutil.copy(take.path, folder / take.path.name)

    def listen(path: Path) -> TakeId:
        heard.append(path.name)
        return fingerprint(path)

    monkeypatch.setattr(relink, "fingerprint", listen)
    assert find_takes([media_of_take(take)], [folder]).paths
    assert heard == [take.path.name]


def test_a_search_through_a_whole_disk_ends(
    take: StoredTake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relink, "MAX_FILES", 3)
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.wav").touch()
    shutil.copy(take.path, folder / "z.wav")
    assert find_takes([media_of_take(take)], [folder]) == FoundTakes({}, complete=False)
    assert MAX_FILES == 20_000


def test_a_search_that_finds_all_before_its_end_is_complete(
    take: StoredTake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relink, "MAX_FILES", 3)
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.wav").touch()
    shutil.copy(take.path, folder / "0.wav")
    found = find_takes([media_of_take(take)], [folder])
    assert found == FoundTakes({take.take_id: folder / "0.wav"})


def test_a_search_is_stopped_while_it_lists_folders(take: StoredTake, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / "disk" / f"{number:02d}" / "inner").mkdir(parents=True)
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    assert find_takes([media_of_take(take)], [tmp_path / "disk"], stopped) == FoundTakes({})
    assert asked == 4


@pytest.mark.parametrize(
    ("path", "name"),
    [("../Takes/Rain.wav", "Rain.wav"), ("C:\\Music\\Rain.wav", "Rain.wav"), ("", "the-id")],
)
def test_a_missing_file_goes_by_the_name_that_a_person_knows(
    take: StoredTake, path: str, name: str
) -> None:
    assert media_name(Media("the-id", path, take.frames, 2)) == name  # type: ignore[arg-type]
