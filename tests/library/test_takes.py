"""The take library: kept at once, found again, never lost, never renamed, never kept twice."""

import multiprocessing
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from acestep_desktop.audiofile.errors import DiskError, DiskFullError, UnreadableAudioError
from acestep_desktop.audiofile.raw import map_raw
from acestep_desktop.audiofile.wav import map_wav, read_wav_metadata
from acestep_desktop.domain.recipe import Music
from acestep_desktop.library.errors import LibraryError, TakeNotFoundError
from acestep_desktop.library.stored import StoredTake, TakeQuery
from acestep_desktop.library.verify import fingerprint
from acestep_desktop.library.waveforms import take_peaks
from tests.disks import read_only, size_limit, small_disk
from tests.library.makers import HOUSE, library, quick_library, raw_bytes, recipe, sound
from tests.needs import needs

EVERYTHING = TakeQuery(trashed=None, present=None)


def titles(takes: tuple[StoredTake, ...]) -> list[str]:
    return [take.title for take in takes]


def test_a_take_is_a_named_wav_with_its_sound_bit_for_bit(tmp_path: Path) -> None:
    mix = sound()
    take = library(tmp_path).commit(mix, recipe=recipe())
    assert take.path == tmp_path / "Takes" / "Rainy house_240bpm_Amin_1bar_v1.wav"
    assert np.array_equal(map_wav(take.path), mix)
    assert (take.number, take.title, take.caption) == (
        1,
        "Rainy house",
        recipe().request.prompt.caption,
    )
    assert (take.music, take.engine, take.duration_s) == (HOUSE, "sketch", 1.0)


def test_a_take_is_measured(tmp_path: Path) -> None:
    take = library(tmp_path).commit(sound(), recipe=recipe())
    peak = 20 * np.log10(np.abs(sound()).max())
    assert take.measured.peak_db == pytest.approx(peak, abs=0.01)
    assert take.measured.true_peak_db is not None
    assert take.measured.true_peak_db >= peak - 0.1
    assert take.measured.loudness_lufs == pytest.approx(-14, abs=4)


def test_the_raw_files_of_an_engine_make_the_same_take_or_none(tmp_path: Path) -> None:
    mix, shelf = sound(), library(tmp_path)
    raw = tmp_path / "mix.f32"
    raw.write_bytes(raw_bytes(mix))
    frames, channels = mix.shape
    with pytest.raises(UnreadableAudioError):
        shelf.commit_raw(raw, (), frames=frames + 1, channels=channels, recipe=recipe())
    assert shelf.search() == ()
    take = shelf.commit_raw(raw, (), frames=frames, channels=channels, recipe=recipe())
    assert np.array_equal(map_wav(take.path), mix)


def test_silence_is_kept_and_has_no_level(tmp_path: Path) -> None:
    take = library(tmp_path).commit(np.zeros((480, 2), np.float32))
    assert take.measured.loudness_lufs is None
    assert (take.title, take.path.name) == ("Untitled", "Untitled_v1.wav")


def test_the_recipe_rides_inside_and_comes_back_whole(tmp_path: Path) -> None:
    shelf = library(tmp_path)
    take = shelf.commit(sound(), recipe=recipe())
    full = shelf.full_take(take)
    assert full.recipe == recipe()
    assert (full.take_id, full.frames, full.music) == (take.take_id, take.frames, take.music)
    texts, acid = read_wav_metadata(take.path)
    assert (texts.title, texts.comment) == ("Rainy house", "rainy house, 240 bpm in A minor")
    assert acid.bpm == 240.0


def test_stems_lie_in_a_folder_of_the_takes_name(tmp_path: Path) -> None:
    mix = sound()
    parts = [("Drums", mix * 0.5), ("Bass / sub", mix * 0.25), ("", mix * 0.25)]
    take = library(tmp_path).commit(mix, parts, recipe())
    folder = tmp_path / "Takes" / "Stems" / take.path.stem
    assert [stem.path for stem in take.stems] == [
        folder / "01 Drums.wav",
        folder / "02 Bass sub.wav",
        folder / "03 Stem.wav",
    ]
    assert [stem.name for stem in take.stems] == ["Drums", "Bass / sub", ""]
    total = sum(map_wav(stem.path) for stem in take.stems)
    assert np.abs(total - mix).max() < 1e-6
    assert sorted(path.name for path in folder.iterdir()) == sorted(s.path.name for s in take.stems)


def test_a_draft_in_the_work_folder_is_kept_like_any_sound(tmp_path: Path) -> None:
    mix = sound()
    (tmp_path / "mix.f32").write_bytes(raw_bytes(mix))
    (tmp_path / "drums.f32").write_bytes(raw_bytes(mix * 0.5))
    take = library(tmp_path / "home").commit(
        map_raw(tmp_path / "mix.f32", len(mix), 2),
        [("Drums", map_raw(tmp_path / "drums.f32", len(mix), 2))],
        recipe(),
    )
    assert np.array_equal(map_wav(take.path), mix)
    assert np.array_equal(map_wav(take.stems[0].path), mix * np.float32(0.5))


def test_the_same_sound_is_kept_once_and_a_note_says_so(tmp_path: Path) -> None:
    shelf = library(tmp_path)
    first = shelf.commit(sound(), recipe=recipe())
    second = shelf.commit(sound(), recipe=recipe("another caption"))
    assert (second.take_id, second.path) == (first.take_id, first.path)
    assert "already" in second.notes[0]
    assert len(list((tmp_path / "Takes").glob("*.wav"))) == 1


def test_the_same_sound_comes_back_from_the_trash(tmp_path: Path) -> None:
    shelf = library(tmp_path)
    shelf.commit(sound(), recipe=recipe())
    shelf.trash(1)
    again = shelf.commit(sound(), recipe=recipe())
    assert "trash" in again.notes[0]
    assert titles(shelf.search()) == ["Rainy house"]


def test_the_same_sound_is_written_again_where_its_file_is_gone(tmp_path: Path) -> None:
    shelf = library(tmp_path)
    first = shelf.commit(sound(), recipe=recipe())
    shelf.star(1)
    first.path.unlink()
    again = shelf.commit(sound(), recipe=recipe())
    assert again.path.name == "Rainy house_240bpm_Amin_1bar_v2.wav"
    assert (again.number, again.starred, again.present) == (1, True, True)


def test_a_take_made_again_comes_out_of_the_trash_where_its_file_was_gone(tmp_path: Path) -> None:
    shelf = library(tmp_path)
    first = shelf.commit(sound(), recipe=recipe())
    shelf.trash(1)
    first.path.unlink()
    again = shelf.commit(sound(), recipe=recipe())
    assert not again.trashed
    assert titles(shelf.search()) == ["Rainy house"]
    shelf.rebuild()
    assert titles(shelf.search()) == ["Rainy house"]


def test_the_id_is_that_of_the_sound_alone(tmp_path: Path) -> None:
    one = library(tmp_path / "one").commit(sound(), recipe=recipe())
    two = library(tmp_path / "two").commit(sound(), recipe=recipe("other"), title="Other")
    assert one.take_id == two.take_id == fingerprint(one.path)
    assert len(one.take_id) == 32


def test_silences_with_the_same_bytes_are_not_mixed_up(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    shelf.commit(np.zeros((500, 2), np.float32))
    with pytest.raises(LibraryError, match="it is silence"):
        shelf.commit(np.zeros((1_000, 1), np.float32))
    assert len(shelf.search()) == 1


def test_what_a_dead_program_left_is_swept_with_the_first_take(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    takes = tmp_path / "Takes"
    others = [tmp_path / name for name in ("Data/Autosaves", "MIDI", "Dragged", "Projects")]
    for folder in (takes, takes / "Stems" / "Lost_v1", tmp_path / "Data", *others):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f".a.tmp-{dead.pid}-01234567").write_bytes(b"half")
    (takes / "Stems" / "Lost_v1" / ".unfinished").touch()
    (takes / "Stems" / "Theirs").mkdir()
    quick_library(tmp_path).commit(sound(frames=100), [("Drums", sound(frames=100))])
    names = sorted(path.name for path in takes.rglob("*"))
    assert names == ["01 Drums.wav", "Stems", "Theirs", "Untitled_v1", "Untitled_v1.wav"]
    assert list(tmp_path.rglob(".a.tmp*")) == []


def test_stems_whose_mix_is_in_place_are_finished_not_swept(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    take = shelf.commit(sound(), [("Drums", sound())], recipe())
    marker = take.stems[0].path.parent / ".unfinished"
    marker.touch()
    assert shelf.sweep() == 0
    assert not marker.exists()
    assert take.stems[0].path.is_file()


def test_a_takes_waveform_is_that_of_its_file(tmp_path: Path) -> None:
    take = quick_library(tmp_path).commit(sound(), recipe=recipe())
    assert take_peaks(take).frames == take.frames
    take.path.unlink()
    with pytest.raises(DiskError, match="Check the path"):
        take_peaks(take)


def test_versions_count_up_and_no_name_is_ever_used_again(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    first = shelf.commit(sound(1), recipe=recipe())
    second = shelf.commit(sound(2), recipe=recipe())
    assert second.path.name.endswith("_v2.wav")
    shelf.trash(first.number)
    second.path.unlink()
    third = shelf.commit(sound(3), recipe=recipe())
    assert third.path.name.endswith("_v3.wav")
    shelf.hand_out([tmp_path / "elsewhere" / "Rainy house_240bpm_Amin_1bar_v4.wav"])
    assert shelf.commit(sound(4), recipe=recipe()).path.name.endswith("_v5.wav")


def test_a_strangers_file_of_the_next_name_is_not_touched(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    (tmp_path / "Takes").mkdir()
    theirs = tmp_path / "Takes" / "RAINY HOUSE_240bpm_amin_1BAR_V1.WAV"
    theirs.write_bytes(b"theirs")
    take = shelf.commit(sound(), recipe=recipe())
    assert take.path.name == "Rainy house_240bpm_Amin_1bar_v2.wav"
    assert theirs.read_bytes() == b"theirs"


def test_bars_that_the_sound_does_not_fill_are_not_claimed(tmp_path: Path) -> None:
    take = quick_library(tmp_path).commit(sound(frames=47_000), recipe=recipe())
    assert (take.music.bpm, take.music.bars) == (240.0, None)
    assert take.path.name == "Rainy house_240bpm_Amin_v1.wav"


def test_samples_that_are_no_sound_are_silenced_and_said(tmp_path: Path) -> None:
    mix = sound()
    mix[5, 0], mix[6, 1] = np.nan, -np.inf
    take = library(tmp_path).commit(mix)
    assert "2 samples" in take.notes[0]
    assert np.isfinite(map_wav(take.path)).all()


def test_no_sound_and_stems_of_another_length_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    with pytest.raises(UnreadableAudioError, match="no sound"):
        shelf.commit(np.zeros((0, 2), np.float32))
    with pytest.raises(LibraryError, match="not as long as its mix"):
        shelf.commit(sound(), [("Drums", sound(frames=99))])
    with pytest.raises(LibraryError, match="64 stems"):
        shelf.commit(sound(), [("Drums", sound())] * 65)
    assert [path.name for path in (tmp_path / "Takes").rglob("*")] == ["Stems"]
    assert (tmp_path / "library.jsonl").read_bytes() == b""


@pytest.mark.parametrize(
    "title", ["Häuser 雨 🎹", "CON", "a/b\\c", "." * 50, "x" * 500, "new\nline", "e\u0301"]
)
def test_a_title_of_any_letters_can_be_kept(tmp_path: Path, title: str) -> None:
    shelf = quick_library(tmp_path)
    take = shelf.commit(sound(frames=100), [("Drüms 🥁", sound(frames=100))], title=title)
    assert take.path.is_file()
    assert take.stems[0].path.is_file()
    assert shelf.get(take.path.name).take_id == take.take_id
    assert shelf.verify() == ()


def test_stars_titles_and_tags_are_remembered_by_the_next_library(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    shelf.commit(sound(), recipe=recipe())
    shelf.star(1)
    shelf.set_title(1, "  Wet\nhouse ")
    shelf.set_tags(1, ["rain", " good ", "rain", ""])
    shelf.close()
    take = quick_library(tmp_path).get(1)
    assert (take.starred, take.title, take.tags) == (True, "Wet house", ("rain", "good"))
    assert take.path.name == "Rainy house_240bpm_Amin_1bar_v1.wav"
    assert shelf.unstar(1).starred is False


def test_empty_titles_and_too_many_tags_are_refused(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    shelf.commit(sound())
    with pytest.raises(LibraryError, match="title"):
        shelf.set_title(1, " \n ")
    with pytest.raises(LibraryError, match="32 tags"):
        shelf.set_tags(1, [f"tag {number}" for number in range(33)])


def test_trash_hides_a_take_and_leaves_its_files(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    take = shelf.commit(sound(), [("Drums", sound())], recipe())
    assert shelf.trash(1).trashed
    assert shelf.search() == ()
    assert titles(shelf.search(TakeQuery(trashed=True))) == ["Rainy house"]
    assert take.path.is_file()
    assert take.stems[0].path.is_file()
    assert not shelf.restore(1).trashed
    assert titles(shelf.search()) == ["Rainy house"]


def test_a_take_goes_by_number_id_beginning_file_and_title(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    take = shelf.commit(sound(1), recipe=recipe())
    shelf.commit(sound(2), recipe=recipe("another song"))
    for name in (
        1,
        "1",
        "#1",
        take.take_id,
        take.take_id[:8].upper(),
        take.path.name,
        take.path.stem,
        str(take.path),
        "Rainy house",
    ):
        assert shelf.get(name).take_id == take.take_id


def test_a_name_of_no_take_or_of_two_is_refused_in_a_sentence(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    shelf.commit(sound(1), recipe=recipe())
    shelf.commit(sound(2), recipe=recipe())
    with pytest.raises(TakeNotFoundError, match="names 2 takes: 1"):
        shelf.get("Rainy house")
    for name in (3, 0, -1, 10**30, "", "nope", "abcd", "\0", "x" * 10_000, "%", "'; DROP TABLE"):
        with pytest.raises(TakeNotFoundError, match="No take goes by"):
            shelf.get(name)


def test_search_finds_all_words_in_any_letters(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    shelf.commit(sound(1), recipe=recipe("rainy house, warm bass"))
    shelf.commit(sound(2), recipe=recipe("雨の夜 techno"))
    shelf.commit(sound(3), recipe=recipe("STRASSE drums", Music(174.3)))
    shelf.set_tags(1, ["Würzig"])
    assert titles(shelf.search()) == ["STRASSE drums", "雨の夜 techno", "Rainy house"]
    found = {
        "HOUSE warm": ["Rainy house"],
        "雨": ["雨の夜 techno"],
        "straße": ["STRASSE drums"],
        "174.3": ["STRASSE drums"],
        "WÜRZIG": ["Rainy house"],
        "amin": ["雨の夜 techno", "Rainy house"],
        "house techno": [],
        "%": [],
        "_v1": ["STRASSE drums", "雨の夜 techno", "Rainy house"],
    }
    for text, expected in found.items():
        assert titles(shelf.search(TakeQuery(text))) == expected, text


def test_search_narrows_by_star_tag_engine_and_count(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    for number in range(1, 5):
        shelf.commit(sound(number), recipe=recipe(f"song {number}"), title=f"song {number}")
    shelf.star(2)
    shelf.set_tags(3, ["x"])
    assert titles(shelf.search(TakeQuery(starred=True))) == ["song 2"]
    assert titles(shelf.search(TakeQuery(tag="x"))) == ["song 3"]
    assert titles(shelf.search(TakeQuery(limit=2))) == ["song 4", "song 3"]
    assert titles(shelf.search(TakeQuery(engine="acestep"))) == []
    assert len(shelf.search(TakeQuery(engine="sketch", starred=False))) == 3


@pytest.mark.parametrize(
    "query",
    [
        TakeQuery("caf\udce9"),
        TakeQuery(tag="\udcff"),
        TakeQuery(key="\udcff"),
        TakeQuery(engine="\udcff"),
        TakeQuery("a\0b"),
    ],
)
def test_half_characters_find_nothing_and_leave_the_index_alone(
    tmp_path: Path, query: TakeQuery
) -> None:
    shelf = quick_library(tmp_path)
    shelf.commit(sound(), recipe=recipe("café"))
    before = shelf.folders.index.stat().st_ino
    assert shelf.search(query) == ()
    assert shelf.folders.index.stat().st_ino == before


def test_what_was_handed_out_is_in_the_ledger(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    take = shelf.commit(sound(), [("Drums", sound())], recipe())
    other = tmp_path.parent / "Bounce.wav"
    shelf.hand_out([take.path, take.stems[0].path, other])
    ledger = shelf.handed_out()
    assert [out.path for out in ledger] == [take.path, take.stems[0].path, other]
    assert [out.take_id for out in ledger] == [take.take_id, take.take_id, None]
    assert shelf.get(1).handed_out
    assert all(out.at.endswith("Z") for out in ledger)


def test_verify_names_what_is_amiss(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    good = shelf.commit(sound(1), [("Drums", sound(2))], recipe())
    changed = shelf.commit(sound(3), recipe=recipe())
    assert shelf.verify() == ()
    data = bytearray(changed.path.read_bytes())
    data[5_000] ^= 1
    changed.path.write_bytes(data)
    good.stems[0].path.unlink()
    problems = shelf.verify()
    assert {problem.path for problem in problems} == {changed.path, good.stems[0].path}
    assert all(problem.reason.endswith(".") for problem in problems)


@needs("posix")
def test_a_full_disk_keeps_nothing_and_loses_nothing(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path)
    shelf.commit(sound(1), recipe=recipe())
    before = sorted(path.name for path in (tmp_path / "Takes").rglob("*"))
    for limit in (100, 200_000, 384_200):
        with size_limit(limit), pytest.raises(DiskFullError, match="disk is full"):
            shelf.commit(sound(2), [("Drums", sound(2))], recipe())
        after = sorted(p.name for p in (tmp_path / "Takes").rglob("*") if p.name != "Stems")
        assert after == before
    assert shelf.commit(sound(2), recipe=recipe()).number == 2
    assert shelf.verify() == ()


@needs("linux", "root")
def test_a_small_disk_keeps_what_fits_and_says_what_does_not(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        shelf = quick_library(disk)
        kept = 0
        with pytest.raises(DiskFullError):
            for number in range(20):
                shelf.commit(sound(number), recipe=recipe())
                kept += 1
        assert kept >= 2
        again = quick_library(disk)
        assert len(again.search()) == kept
        assert again.verify() == ()
        again.close()
        shelf.close()


@needs("linux", "root")
def test_a_library_on_a_read_only_disk_can_be_looked_at(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "8m") as disk:
        shelf = quick_library(disk)
        shelf.commit(sound(1), recipe=recipe())
        shelf.star(1)
        shelf.close()
        (disk / "library.jsonl").rename(disk / "journal.old")
        with read_only(disk):
            viewer = quick_library(disk)
            assert titles(viewer.search()) == ["Rainy house"]
            assert viewer.full_take(viewer.get(1)).recipe == recipe()
            for verb in (lambda: viewer.star(1), lambda: viewer.commit(sound(2))):
                with pytest.raises(DiskError, match="read-only"):
                    verb()
            viewer.close()


def _commit_many(home: Path, first: int) -> None:
    shelf = quick_library(home)
    for number in range(first, first + 10):
        shelf.commit(sound(number, 500), [("Drums", sound(number, 500))], recipe())


def test_two_processes_may_keep_takes_at_once(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    # 5..14 and 10..19: five sounds are made by both, and kept once.
    writers = [spawn.Process(target=_commit_many, args=(tmp_path, first)) for first in (5, 10)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    shelf = quick_library(tmp_path)
    takes = shelf.search()
    assert len(takes) == 15
    assert len({take.path for take in takes}) == 15
    assert sorted(take.number for take in takes) == list(range(1, 16))
    assert shelf.verify() == ()
