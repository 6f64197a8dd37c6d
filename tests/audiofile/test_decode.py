"""Decoding: every format, rate and channel count in; everything else out, in a sentence."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest

from acestep_desktop.audiofile.decode import Decoder, decode, open_audio, read_all
from acestep_desktop.audiofile.errors import (
    AudioFileError,
    DiskError,
    RefusedAudioError,
    UnreadableAudioError,
)
from acestep_desktop.audiofile.riff import chunk_bytes
from acestep_desktop.audiofile.samples import Samples
from tests.audiofile.sounds import noise, sine, wav_bytes, write
from tests.needs import needs

LOSSLESS = [
    ("a.wav", "PCM_24"),
    ("a.wav", "FLOAT"),
    ("a.wav", "PCM_32"),
    ("a.flac", "PCM_24"),
    ("a.aiff", "PCM_24"),
]


def standard(path: Path) -> Samples:
    return np.concatenate(list(decode(path).standard()))


@pytest.mark.parametrize(("name", "subtype"), LOSSLESS)
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_lossless_formats_come_back_as_they_were(
    tmp_path: Path, name: str, subtype: str, channels: int
) -> None:
    sound = noise(70_000, channels)
    write(tmp_path / name, sound, subtype=subtype)
    read = read_all(tmp_path / name)
    assert read.shape == sound.shape
    assert read.dtype == np.float32
    assert np.abs(read - sound).max() <= 2**-23


@pytest.mark.parametrize(("name", "subtype"), [("a.ogg", "VORBIS"), ("a.mp3", "MPEG_LAYER_III")])
def test_lossy_formats_come_back_about_as_they_were(
    tmp_path: Path, name: str, subtype: str
) -> None:
    sound = np.repeat(sine(96_000, 440.0), 2, axis=1)
    read = read_all(write(tmp_path / name, sound, subtype=subtype))
    assert abs(len(read) - 96_000) < 3_000
    assert np.abs(read[20_000:70_000] - sound[20_000:70_000]).max() < 0.02


@pytest.mark.parametrize("name", ["a.ogg", "a.mp3", "a.flac"])
def test_long_packed_files_are_heard_to_their_end(tmp_path: Path, name: str) -> None:
    sound = sine(480_000, 440.0)
    read = read_all(write(tmp_path / name, sound))
    assert np.abs(read[9_600:470_400] - sound[9_600:470_400]).max() < 0.02


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 96_000, 192_000])
def test_every_rate_becomes_48_khz(tmp_path: Path, rate: int) -> None:
    path = write(tmp_path / "a.wav", sine(rate, 440.0, rate), rate, "FLOAT")
    assert open_audio(path).standard_frames == 48_000
    read = standard(path)
    assert read.shape == (48_000, 1)
    error = read[4_800:-4_800] - sine(48_000, 440.0)[4_800:-4_800]
    assert np.abs(error).max() < 1e-4


@pytest.mark.parametrize("channels", range(1, 9))
def test_up_to_eight_channels_become_mono_or_stereo(tmp_path: Path, channels: int) -> None:
    path = write(tmp_path / "a.wav", noise(1_000, channels))
    assert standard(path).shape == (1_000, min(channels, 2))


@pytest.mark.parametrize("channels", [3, 5, 6, 7, 8])
def test_ogg_keeps_its_centre_in_the_middle(tmp_path: Path, channels: int) -> None:
    # Vorbis lays the centre second; only there is sound, so both sides must have it.
    sound = np.zeros((48_000, channels), np.float32)
    sound[:, 1] = sine(48_000, 440.0)[:, 0]
    stereo = standard(write(tmp_path / "a.ogg", sound, subtype="VORBIS"))
    left, right = np.sqrt(np.mean(stereo[4_800:-4_800] ** 2, axis=0))
    assert left == pytest.approx(0.25, rel=0.1)
    assert right == pytest.approx(left, rel=0.01)


def test_nine_channels_are_refused_in_a_sentence(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", noise(100, 9))
    with pytest.raises(RefusedAudioError, match="9 channels; at most 8"):
        open_audio(path)


def test_samples_that_are_no_sound_become_silence_and_are_counted(tmp_path: Path) -> None:
    sound = noise(100)
    sound[3, 0], sound[4, 1], sound[5, 0], sound[6, 1] = np.nan, np.inf, -np.inf, 1e30
    decoder = decode(write(tmp_path / "a.wav", sound, subtype="FLOAT"))
    read = np.concatenate(list(decoder))
    assert decoder.repaired == 4
    assert "4 samples" in decoder.notes[0]
    assert np.abs(read).max() < 1.0
    assert np.array_equal(read[10:], sound[10:])


def test_what_was_changed_is_said_in_notes(tmp_path: Path) -> None:
    decoder = decode(write(tmp_path / "a.wav", noise(100, 6), 44_100))
    list(decoder.standard())
    assert any("6 channels" in note for note in decoder.notes)
    assert any("44,100 Hz" in note for note in decoder.notes)


def test_a_plain_file_needs_no_notes(tmp_path: Path) -> None:
    decoder = decode(write(tmp_path / "a.wav", noise(100)))
    list(decoder)
    assert decoder.notes == ()


def test_a_file_cut_short_gives_what_is_there(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", noise(96_000))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    decoder = decode(path)
    frames = sum(map(len, decoder))
    assert 10_000 < frames < 96_000
    assert any("ends early" in note for note in decoder.notes)


def _sparse(path: Path, hours: float, channels: int, rate: int = 48_000) -> Path:
    frames = int(hours * 3600 * rate)
    size = frames * channels * 2
    head = wav_bytes(channels=channels, rate=rate) + b"data" + struct.pack("<I", size)
    path.write_bytes(head)
    os.truncate(path, len(head) + size)
    return path


def test_two_hours_pass_and_a_second_more_is_refused(tmp_path: Path) -> None:
    assert open_audio(_sparse(tmp_path / "a.wav", 2.0, 1, 8_000)).duration_s == 7_200
    with pytest.raises(RefusedAudioError, match=r"2\.\d hours; at most 2"):
        open_audio(_sparse(tmp_path / "b.wav", 2.001, 1, 8_000))


def test_long_files_are_read_in_small_blocks(tmp_path: Path) -> None:
    decoder = Decoder(_sparse(tmp_path / "a.wav", 0.01, 8))
    sizes = [block.shape for block in decoder]
    assert sum(frames for frames, _ in sizes) == 1_728_000
    assert max(frames for frames, _ in sizes) <= 65_536


def test_a_header_that_claims_more_than_the_file_holds_is_not_believed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", noise(100))
    data = bytearray(path.read_bytes())
    data[21] |= 0x0F
    data[22:26] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    with pytest.raises(UnreadableAudioError, match="claims more sound"):
        open_audio(path)


NOT_AUDIO = [
    (b"", "is empty"),
    (b"hello, I am a text", "is not audio"),
    (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video or an MP4"),
    (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1f", "Matroska"),
    (b"RIFF\0\0\0\0AVI LIST\0\0\0\0", "AVI video"),
    (b"MThd\0\0\0\x06\0\x01\0\x01\x01\xe0", "MIDI file"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture"),
    (b"RIFF\x04\0\0\0WAVE", "damaged"),
    (b"fLaC" + bytes(100), "damaged"),
    (b"OggS" + bytes(100), "damaged"),
    (b"FORM\0\0\0\x04AIFF", "damaged"),
    (b"\xff\xfb\x90\x00" + bytes(10), "damaged"),
    (b"ID3\x04\0\0\0\0\0\0" + bytes(40), "damaged"),
]


@pytest.mark.parametrize(("data", "words"), NOT_AUDIO)
def test_what_is_not_audio_is_refused_in_one_sentence_that_says_what_it_is(
    tmp_path: Path, data: bytes, words: str
) -> None:
    (tmp_path / "song.wav").write_bytes(data)
    with pytest.raises(AudioFileError, match=words) as caught:
        list(decode(tmp_path / "song.wav"))
    assert "song.wav" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_without_frames_holds_no_sound(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav_bytes(chunk_bytes(b"data", b"")))
    with pytest.raises(UnreadableAudioError, match="no sound"):
        open_audio(tmp_path / "a.wav")


def test_rare_codes_never_reach_the_decoder(tmp_path: Path) -> None:
    for code in (2, 17, 49, 0x0055):
        (tmp_path / "a.wav").write_bytes(wav_bytes(chunk_bytes(b"data", bytes(512)), code=code))
        with pytest.raises(RefusedAudioError, match="rare code"):
            open_audio(tmp_path / "a.wav")
    common = struct.pack(">hIh10s4s", 1, 100, 16, bytes(10), b"ima4")
    body = b"AIFC" + b"COMM" + struct.pack(">I", len(common)) + common
    (tmp_path / "a.aiff").write_bytes(b"FORM" + struct.pack(">I", len(body)) + body)
    with pytest.raises(RefusedAudioError, match="rare code"):
        open_audio(tmp_path / "a.aiff")


@pytest.mark.parametrize("rate", [1, 999, 4_000_000])
def test_an_impossible_rate_is_refused(tmp_path: Path, rate: int) -> None:
    (tmp_path / "a.wav").write_bytes(wav_bytes(chunk_bytes(b"data", bytes(400)), rate=rate))
    with pytest.raises(AudioFileError, match=r"cannot be right|damaged"):
        open_audio(tmp_path / "a.wav")


def test_missing_files_and_folders_are_said(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="Check the path"):
        open_audio(tmp_path / "no.wav")
    with pytest.raises(AudioFileError, match="is a folder"):
        open_audio(tmp_path)
    with pytest.raises(DiskError, match="zero character"):
        open_audio(tmp_path / "a\0b.wav")


@needs("posix")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.wav")
    with pytest.raises(DiskError, match="is a device"):
        open_audio(tmp_path / "a.wav")


@pytest.mark.parametrize("name", ["Ünïcødé 雨の家 🎹.wav", "with space.wav", "-dash.wav"])
def test_names_of_any_letters_are_read(tmp_path: Path, name: str) -> None:
    assert len(read_all(write(tmp_path / name, noise(10)))) == 10


@needs("linux")
def test_a_name_that_is_no_text_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", noise(10))
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.wav"))
    (tmp_path / "a.wav").rename(odd)
    assert len(read_all(odd)) == 10
