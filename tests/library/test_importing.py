"""Importing: any audio file becomes a take, and what is known of its music comes with it."""

import os
import struct
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from acestep_desktop.audiofile.errors import AudioFileError
from acestep_desktop.audiofile.metadata import WavMetadata
from acestep_desktop.audiofile.wav import map_wav, write_wav
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.time import Meter
from tests.audiofile.sounds import sine, wav_bytes, write
from tests.library.makers import HOUSE, library, quick_library, recipe, sound

FORMATS = [
    ("a.wav", None),
    ("a.flac", None),
    ("a.aiff", None),
    ("a.ogg", "VORBIS"),
    ("a.mp3", None),
]


@pytest.mark.parametrize(("name", "subtype"), FORMATS)
@pytest.mark.parametrize("rate", [22_050, 48_000])
def test_every_format_and_rate_becomes_a_take(
    tmp_path: Path, name: str, subtype: str | None, rate: int
) -> None:
    path = write(tmp_path / name, sine(rate * 2, 440.0, rate), rate, subtype)
    take = library(tmp_path / "home").import_file(path)
    audio = map_wav(take.path)
    assert take.title == "a"
    assert abs(take.frames - 96_000) < 3_000
    middle = audio[24_000:72_000, 0]
    assert 20 * np.log10(np.sqrt(np.mean(middle**2)) * np.sqrt(2)) == pytest.approx(-6.02, abs=0.3)


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
def test_up_to_eight_channels_become_mono_or_stereo(tmp_path: Path, channels: int) -> None:
    path = write(tmp_path / "surround.wav", sound(channels=channels, frames=500))
    take = quick_library(tmp_path / "home").import_file(path)
    assert take.channels == min(channels, 2)
    assert bool(take.notes) == (channels > 2)


def test_a_float_file_at_48_khz_keeps_every_bit_and_the_original_stays(tmp_path: Path) -> None:
    path = write(tmp_path / "song.wav", sound(), subtype="FLOAT")
    before = path.read_bytes()
    take = quick_library(tmp_path / "home").import_file(path)
    assert np.array_equal(map_wav(take.path), sound())
    assert path.read_bytes() == before


def test_the_same_file_imported_twice_is_one_take(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path / "home")
    path = write(tmp_path / "song.wav", sound(frames=900))
    first, second = shelf.import_file(path), shelf.import_file(path)
    assert first.path == second.path
    assert "already" in second.notes[-1]


@pytest.mark.parametrize(
    ("name", "title", "music"),
    [
        ("Rainy house_240bpm_Amin_1bar_v3.wav", "Rainy house", HOUSE),
        ("Loop_240bpm_2bars.wav", "Loop", Music(240.0, None, None, None)),
        ("Deep Pad Gm.wav", "Deep Pad", Music(key=Key("G", "minor"))),
        ("雨.wav", "雨", Music()),
    ],
)
def test_title_and_facts_come_from_the_name(
    tmp_path: Path, name: str, title: str, music: Music
) -> None:
    path = write(tmp_path / name, sound(frames=48_000))
    take = quick_library(tmp_path / "home").import_file(path)
    assert (take.title, take.music) == (title, music)


def test_an_acid_loop_at_44_100_becomes_exactly_its_bars(tmp_path: Path) -> None:
    music = Music(174.3, None, Meter(), 4)
    exact = music.loop_frames()
    assert exact is not None
    for wrong in (-1, 0, 1):
        frames = round(exact * 44_100 / 48_000) + wrong
        path = tmp_path / "loop.wav"
        facts = WavMetadata(music=music)
        write_wav(path, sound(wrong + 1, frames, 1), metadata=facts, sample_rate=44_100)
        take = quick_library(tmp_path / f"home{wrong}").import_file(path)
        if abs(take.frames - exact) == 0:
            assert take.music == music
        else:
            assert (take.music.bpm, take.music.bars) == (174.3, None)
        assert wrong or take.frames == exact


def test_a_title_can_be_given(tmp_path: Path) -> None:
    path = write(tmp_path / "x.wav", sound(frames=100))
    take = quick_library(tmp_path / "home").import_file(path, title="My loop")
    assert (take.title, take.path.name) == ("My loop", "My loop_v1.wav")


def test_the_title_inside_a_wav_beats_its_name(tmp_path: Path) -> None:
    write_wav(tmp_path / "x.wav", sound(frames=100), metadata=WavMetadata(title="Inside/out"))
    assert quick_library(tmp_path / "home").import_file(tmp_path / "x.wav").title == "Inside out"


def test_a_take_of_another_library_keeps_its_recipe_and_title(tmp_path: Path) -> None:
    theirs = quick_library(tmp_path / "theirs").commit(sound(), recipe=recipe(), title="Théirs")
    mine = quick_library(tmp_path / "mine")
    take = mine.import_file(theirs.path)
    assert (take.take_id, take.title, take.music) == (theirs.take_id, "Théirs", HOUSE)
    assert mine.full_take(take).recipe == recipe()


def test_a_changed_copy_of_a_take_is_an_import_that_keeps_the_music(tmp_path: Path) -> None:
    theirs = quick_library(tmp_path / "theirs").commit(sound(), recipe=recipe())
    data = bytearray(theirs.path.read_bytes())
    data[1_000] ^= 1
    (tmp_path / "changed.wav").write_bytes(data)
    mine = quick_library(tmp_path / "mine")
    take = mine.import_file(tmp_path / "changed.wav")
    assert take.take_id != theirs.take_id
    assert take.music == HOUSE
    assert mine.full_take(take).recipe is None


def test_a_damaged_record_is_passed_over(tmp_path: Path) -> None:
    for record in (b"{", b'{"format":"acestep-desktop take","version":99}', b"\xff" * 100, b"[]"):
        write_wav(tmp_path / "x.wav", sound(frames=100), metadata=WavMetadata(record=record))
        assert quick_library(tmp_path / "home").import_file(tmp_path / "x.wav").title == "x"


def test_what_is_not_audio_leaves_nothing_behind(tmp_path: Path) -> None:
    shelf = quick_library(tmp_path / "home")
    (tmp_path / "text.wav").write_bytes(b"hello")
    write(tmp_path / "nine.wav", sound(frames=10, channels=9))
    for name in ("text.wav", "nine.wav", "no.wav", "."):
        with pytest.raises(AudioFileError) as caught:
            shelf.import_file(tmp_path / name)
        assert "\n" not in str(caught.value)
    assert [path for path in (tmp_path / "home").rglob("*.wav*") if path.is_file()] == []


def test_a_sound_shorter_than_one_frame_at_48_khz_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.wav", sound(frames=1, channels=1), 192_000)
    with pytest.raises(AudioFileError, match="no sound"):
        quick_library(tmp_path / "home").import_file(path)


def test_a_long_file_of_eight_channels_needs_little_memory(tmp_path: Path) -> None:
    frames = 48_000 * 60
    path = tmp_path / "long.wav"
    head = wav_bytes(channels=8, rate=48_000) + b"data" + struct.pack("<I", frames * 16)
    path.write_bytes(head)
    os.truncate(path, len(head) + frames * 16)
    before = psutil.Process().memory_info().rss
    take = quick_library(tmp_path / "home").import_file(path)
    grown = psutil.Process().memory_info().rss - before
    assert (take.frames, take.channels) == (frames, 2)
    assert grown < 60e6
    assert soundfile.info(take.path).frames == frames
