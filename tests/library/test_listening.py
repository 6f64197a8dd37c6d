"""The facts of a take, learnt while it is made: the same as those of the finished file."""

import os
import sys
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

from acestep_desktop.audiofile.samples import Blocks, Samples
from acestep_desktop.audiofile.wav import map_wav, read_layout
from acestep_desktop.domain.recipe import Measured
from acestep_desktop.domain.time import Frame
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.listening import Listening, SoundFacts
from acestep_desktop.library.takes import TakeLibrary
from tests.library.makers import library, quick_library, raw_bytes, recipe, sound

FRAMES = 48_000


def facts_heard(mix: Samples, *spans: tuple[int, int]) -> SoundFacts | None:
    listening = Listening()
    for start, end in spans:
        listening.hear(start, mix[start:end])
    return listening.facts(FRAMES, 2)


class Counting:
    """Measures nothing, and counts the samples that it was given to measure."""

    def __init__(self) -> None:
        self.frames = 0

    def __call__(self, blocks: Blocks) -> Measured:
        self.frames += sum(len(block) for block in blocks)
        return Measured()


def work_of(shelf: TakeLibrary, folder: Path, mix: Samples, *stems: str) -> dict[str, Path]:
    """Write the files of a take as an engine leaves them."""
    files = {name: folder / f"{name}.f32" for name in ("mix", *stems)}
    for number, path in enumerate(files.values(), 1):
        path.write_bytes(raw_bytes((mix / np.float32(number)).astype(np.float32)))
    return files


def test_what_was_heard_in_chunks_has_the_facts_of_the_whole(tmp_path: Path) -> None:
    mix = sound()
    take = library(tmp_path).commit(mix)
    facts = facts_heard(mix, (0, 17_000), (17_000, 40_000), (40_000, FRAMES))
    assert facts == SoundFacts(take.take_id, Frame(FRAMES), 2)


def test_a_chunk_from_the_beginning_begins_anew(tmp_path: Path) -> None:
    mix = sound()
    facts = facts_heard(mix, (0, 9_000), (0, 20_000), (20_000, FRAMES))
    assert facts is not None
    assert facts.take_id == library(tmp_path).commit(mix).take_id


@pytest.mark.parametrize(
    "spans",
    [
        (),
        ((1, FRAMES),),
        ((0, 20_000),),
        ((0, 20_000), (20_001, FRAMES)),
        ((0, 20_000), (19_999, FRAMES)),
        ((20_000, FRAMES), (0, 20_000)),
    ],
)
def test_what_was_not_heard_whole_and_in_order_has_no_facts(
    spans: tuple[tuple[int, int], ...],
) -> None:
    assert facts_heard(sound(), *spans) is None


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 2e6])
def test_samples_that_are_no_sound_have_no_facts(wrong: float) -> None:
    mix = sound()
    mix[7, 1] = wrong
    assert facts_heard(mix, (0, FRAMES)) is None


@pytest.mark.parametrize("levels", [None, Measured(-3.0, -2.5, -14.0)])
def test_a_take_is_measured_only_where_nobody_did(tmp_path: Path, levels: Measured | None) -> None:
    measure, mix, heard = Counting(), sound(), Listening()
    shelf = TakeLibrary(folders_below(tmp_path), measure)
    heard.hear(0, mix)
    with shelf.workplace() as folder:
        files = work_of(shelf, folder, mix)
        take = shelf.commit_raw(
            files["mix"], (), frames=FRAMES, channels=2, recipe=recipe(), levels=levels, heard=heard
        )
    assert measure.frames == (FRAMES if levels is None else 0)
    assert shelf.full_take(take).measured == take.measured == (levels or Measured())
    assert np.array_equal(map_wav(take.path), mix)


@pytest.mark.parametrize("wrong", [False, True])
def test_levels_that_come_with_a_sound_are_believed_unless_it_is_repaired(
    tmp_path: Path, wrong: bool
) -> None:
    measure, mix, levels = Counting(), sound(), Measured(-3.0, -2.5, -14.0)
    mix[7, 1] = 2e6 if wrong else mix[7, 1]
    take = TakeLibrary(folders_below(tmp_path), measure).commit(mix, levels=levels)
    assert measure.frames == (FRAMES if wrong else 0)
    assert take.measured == (Measured() if wrong else levels)


def test_the_files_of_an_engine_become_the_takes_files(tmp_path: Path) -> None:
    mix, shelf = sound(), library(tmp_path)
    with shelf.workplace() as folder:
        files = work_of(shelf, folder, mix, "Drums", "Bass")
        numbers = [path.stat().st_ino for path in files.values()]
        take = shelf.commit_raw(
            files["mix"],
            [(name, files[name]) for name in ("Drums", "Bass")],
            frames=FRAMES,
            channels=2,
            recipe=recipe(),
        )
    whole = [take.path, *(stem.path for stem in take.stems)]
    assert [path.stat().st_ino for path in whole] == numbers, "something was copied"
    assert [path.name for path in whole[1:]] == ["01 Drums.wav", "02 Bass.wav"]
    for number, path in enumerate(whole, 1):
        assert read_layout(path).whole
        assert np.array_equal(map_wav(path), mix / np.float32(number))
    assert shelf.verify() == ()
    assert shelf.full_take(take).recipe == recipe()


def test_it_is_the_same_take_whether_its_files_were_copied_or_not(tmp_path: Path) -> None:
    mix = sound()
    copied = library(tmp_path / "a").commit(mix, [("Drums", mix / np.float32(2))], recipe())
    shelf = library(tmp_path / "b")
    with shelf.workplace() as folder:
        files = work_of(shelf, folder, mix, "Drums")
        taken = shelf.commit_raw(
            files["mix"], [("Drums", files["Drums"])], frames=FRAMES, channels=2, recipe=recipe()
        )
    assert (taken.take_id, taken.path.name) == (copied.take_id, copied.path.name)
    assert taken.measured.loudness_lufs == pytest.approx(copied.measured.loudness_lufs, abs=1e-6)
    stems = [take.stems[0].path.read_bytes() for take in (taken, copied)]
    assert stems[0] == stems[1]


def test_raw_samples_that_are_no_sound_become_silence(tmp_path: Path) -> None:
    mix, shelf = sound(), quick_library(tmp_path)
    mix[7, 1] = 2e6
    with shelf.workplace() as folder:
        files = work_of(shelf, folder, mix)
        take = shelf.commit_raw(files["mix"], (), frames=FRAMES, channels=2, recipe=recipe())
    assert map_wav(take.path)[7, 1] == 0
    assert "1 samples were no sound" in take.notes[0]


def test_sound_that_is_kept_already_is_not_kept_twice(tmp_path: Path) -> None:
    mix, shelf = sound(), quick_library(tmp_path)
    first = shelf.commit(mix, recipe=recipe())
    with shelf.workplace() as folder:
        files = work_of(shelf, folder, mix, "Drums")
        again = shelf.commit_raw(
            files["mix"], [("Drums", files["Drums"])], frames=FRAMES, channels=2, recipe=recipe()
        )
    assert again.path == first.path
    assert "already" in again.notes[0]
    assert [path.name for path in (tmp_path / "Takes" / "Stems").iterdir()] == []


def test_a_stem_of_another_length_leaves_nothing_behind(tmp_path: Path) -> None:
    mix, shelf = sound(), quick_library(tmp_path)
    with shelf.workplace() as folder:
        files = work_of(shelf, folder, mix, "Drums")
        files["Drums"].write_bytes(raw_bytes(mix[:-1]))
        with pytest.raises(Exception, match="not finished"):
            shelf.commit_raw(
                files["mix"],
                [("Drums", files["Drums"])],
                frames=FRAMES,
                channels=2,
                recipe=recipe(),
            )
    assert shelf.search() == ()
    assert [path.name for path in (tmp_path / "Takes").iterdir()] == []


def test_more_stems_are_not_more_waits_for_the_disk(tmp_path: Path) -> None:
    few, many = (waits_to_keep(tmp_path / str(count), count) for count in (1, 6))
    assert few == many


def waits_to_keep(home: Path, stems: int) -> int:
    """Return how often the thread that keeps a take waits for the disk."""
    shelf, names = quick_library(home), [f"Part {number}" for number in range(stems)]
    waits = 0

    def count(frame: FrameType, event: str, called: object) -> None:
        nonlocal waits
        waits += event == "c_call" and called is os.fsync

    with shelf.workplace() as folder:
        files = work_of(shelf, folder, sound(), *names)
        sys.setprofile(count)
        try:
            shelf.commit_raw(
                files["mix"],
                [(name, files[name]) for name in names],
                frames=FRAMES,
                channels=2,
                recipe=recipe(),
            )
        finally:
            sys.setprofile(None)
    return waits
