"""The facts of a take, learnt while it is made: the same as those of the finished file."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

from acestep_desktop.audiofile.samples import Blocks, Samples
from acestep_desktop.audiofile.wav import map_wav, read_layout
from acestep_desktop.domain.recipe import Measured
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.listening import MAX_WAITING, Listening
from acestep_desktop.library.takes import TakeLibrary, measured
from tests.library.makers import library, quick_library, raw_bytes, recipe, sound

FRAMES = 48_000


@contextmanager
def hearing(mix: Samples, *spans: tuple[int, int]) -> Iterator[Listening]:
    listening = Listening(measured)
    for start, end in spans:
        listening.hear(start, mix[start:end])
    try:
        yield listening
    finally:
        listening.close()


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
    with hearing(mix, (0, 17_000), (17_000, 40_000), (40_000, FRAMES)) as listening:
        facts = listening.facts(FRAMES, 2)
    assert facts is not None
    assert facts.take_id == take.take_id
    levels = facts.measured()
    assert levels is not None
    assert levels.loudness_lufs == pytest.approx(take.measured.loudness_lufs, abs=1e-6)
    assert levels.true_peak_db == pytest.approx(take.measured.true_peak_db, abs=1e-4)


def test_a_chunk_from_the_beginning_begins_anew(tmp_path: Path) -> None:
    mix = sound()
    with hearing(mix, (0, 9_000), (0, 20_000), (20_000, FRAMES)) as listening:
        facts = listening.facts(FRAMES, 2)
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
    with hearing(sound(), *spans) as listening:
        assert listening.facts(FRAMES, 2) is None


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 2e6])
def test_samples_that_are_no_sound_have_no_facts(wrong: float) -> None:
    mix = sound()
    mix[7, 1] = wrong
    with hearing(mix, (0, FRAMES)) as listening:
        assert listening.facts(FRAMES, 2) is None


def test_who_measures_nothing_holds_nobody_up() -> None:
    listening = Listening(lambda blocks: Measured())
    for start in range(0, 100 * MAX_WAITING, 100):
        listening.hear(start, sound(1, 100))
    facts = listening.facts(100 * MAX_WAITING, 2)
    assert facts is not None


def test_a_take_that_was_heard_is_not_measured_again(tmp_path: Path) -> None:
    measure, mix = Counting(), sound()
    shelf = TakeLibrary(folders_below(tmp_path), measure)
    with shelf.workplace() as folder:
        files = work_of(shelf, folder, mix)
        heard = shelf.listening()
        heard.hear(0, mix)
        take = shelf.commit_raw(
            files["mix"], (), frames=FRAMES, channels=2, recipe=recipe(), heard=heard
        )
    assert measure.frames == FRAMES
    assert np.array_equal(map_wav(take.path), mix)


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


def test_the_id_of_a_sound_is_known_before_its_levels_are(tmp_path: Path) -> None:
    may_end = threading.Event()

    def measure(blocks: Blocks) -> Measured:
        frames = sum(len(block) for block in blocks)
        assert may_end.wait(30)
        return Measured(loudness_lufs=-float(frames))

    mix, heard = sound(), Listening(measure)
    heard.hear(0, mix)
    facts = heard.facts(FRAMES, 2)
    assert facts is not None
    assert facts.take_id == quick_library(tmp_path).commit(mix).take_id
    may_end.set()
    assert facts.measured() == Measured(loudness_lufs=-float(FRAMES))


def test_what_could_not_be_measured_while_it_was_made_is_measured_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    monkeypatch.setattr(threading, "excepthook", told.append)

    def measure(blocks: Blocks) -> Measured:
        if threading.current_thread().name == "measuring":
            raise MemoryError
        return measured(blocks)

    shelf, mix = TakeLibrary(folders_below(tmp_path), measure), sound()
    with shelf.workplace() as folder:
        files = work_of(shelf, folder, mix)
        heard = shelf.listening()
        heard.hear(0, mix)
        take = shelf.commit_raw(
            files["mix"], (), frames=FRAMES, channels=2, recipe=recipe(), heard=heard
        )
    assert len(told) == 1
    assert shelf.full_take(take).measured == take.measured != Measured()
