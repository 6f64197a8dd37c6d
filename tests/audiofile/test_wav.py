"""Our WAV files: what is written is read by others and by us, and lies where maps want it."""

import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import wavinfo

from acestep_desktop.audiofile.atomic import write_new
from acestep_desktop.audiofile.depth import Quantiser
from acestep_desktop.audiofile.errors import (
    AudioFileError,
    NameTakenError,
    RefusedAudioError,
    UnreadableAudioError,
)
from acestep_desktop.audiofile.metadata import WavMetadata
from acestep_desktop.audiofile.raw import map_raw
from acestep_desktop.audiofile.samples import blocks_of
from acestep_desktop.audiofile.wav import (
    DATA_OFFSET,
    WavWriter,
    map_wav,
    read_layout,
    read_wav_metadata,
    write_wav,
)
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.raw import RAW_HEAD_BYTES
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.time import Meter
from tests.audiofile.sounds import noise, sine, wav_bytes
from tests.needs import needs

LOOP = Music(120.0, Key("A", "minor"), Meter(), 1)
FACTS = WavMetadata(title="Rainy hoüse", comment="rain", created="2026-11-22T10:00:00Z", music=LOOP)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [1, 3, 96_000])
def test_a_float_wav_holds_exactly_what_was_written(
    tmp_path: Path, frames: int, channels: int
) -> None:
    sound = noise(frames, channels)
    assert write_wav(tmp_path / "a.wav", sound, metadata=FACTS) == frames
    read, rate = soundfile.read(tmp_path / "a.wav", dtype="float32", always_2d=True)
    assert rate == 48_000
    assert np.array_equal(read, sound)
    assert np.array_equal(map_wav(tmp_path / "a.wav"), sound)


@pytest.mark.parametrize(("depth", "subtype"), [("16", "PCM_16"), ("24", "PCM_24")])
def test_integer_wavs_are_read_by_others_within_their_step(
    tmp_path: Path, depth: str, subtype: str
) -> None:
    sound = noise(10_001, 1)
    write_wav(tmp_path / "a.wav", sound, depth=depth, metadata=FACTS, sample_rate=44_100)
    info = soundfile.info(tmp_path / "a.wav")
    assert (info.subtype, info.samplerate, info.frames) == (subtype, 44_100, 10_001)
    read, _ = soundfile.read(tmp_path / "a.wav", dtype="float64", always_2d=True)
    steps = {"16": 1.51 / 2**15, "24": 0.51 / 2**23}
    assert np.abs(read - sound).max() <= steps[depth]


@needs("sox")
@pytest.mark.parametrize("depth", ["16", "24", "32f"])
def test_sox_reads_every_depth_without_a_complaint(tmp_path: Path, depth: str) -> None:
    write_wav(tmp_path / "a.wav", noise(48_000), depth=depth, metadata=FACTS)
    told = subprocess.run(
        ["sox", "--info", tmp_path / "a.wav"], capture_output=True, text=True, check=True
    )
    assert "48000 samples" in told.stdout
    assert told.stderr == ""


def test_wavinfo_finds_the_texts_and_the_sound(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", noise(24_000), metadata=FACTS)
    info = wavinfo.WavInfoReader(str(tmp_path / "a.wav"), info_encoding="utf-8")
    assert info.data.frame_count == 24_000
    assert (info.info.title, info.info.comment) == ("Rainy hoüse", "rain")
    assert info.info.created_date == "2026-11-22"
    assert info.info.software.startswith("ACE-Step Desktop ")


@pytest.mark.parametrize("depth", ["16", "24", "32f"])
def test_the_first_sample_lies_at_byte_128(tmp_path: Path, depth: str) -> None:
    write_wav(tmp_path / "a.wav", noise(7), depth=depth)
    assert read_layout(tmp_path / "a.wav").data_offset == DATA_OFFSET == 128


def test_the_acid_chunk_says_tempo_beats_meter_and_root_note(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", noise(96_000), metadata=FACTS)
    data = (tmp_path / "a.wav").read_bytes()
    place = data.index(b"acid")
    size, flags, root = struct.unpack_from("<IIH", data, place + 4)
    beats, lower, upper, bpm = struct.unpack_from("<IHHf", data, place + 20)
    assert (size, flags, root) == (24, 0x06, 69)
    assert (beats, lower, upper, bpm) == (4, 4, 4, 120.0)


@pytest.mark.parametrize(
    "music",
    [
        LOOP,
        Music(174.3, None, Meter(), 8),
        Music(90.0, None, Meter(6, 8), 4),
        Music(100.0, Key("Eb", "major"), Meter(3, 4), 2),
    ],
)
def test_bars_and_tempo_come_back_from_the_acid_chunk(tmp_path: Path, music: Music) -> None:
    frames = music.loop_frames()
    assert frames is not None
    write_wav(tmp_path / "a.wav", noise(frames, 1), metadata=WavMetadata(music=music))
    _, acid = read_wav_metadata(tmp_path / "a.wav")
    read = acid.music(frames)
    assert (read.bpm, read.bars, read.meter) == (music.bpm, music.bars, music.meter)


def test_an_acid_chunk_that_lies_about_the_length_gives_no_bars(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", noise(96_000), metadata=FACTS)
    _, acid = read_wav_metadata(tmp_path / "a.wav")
    assert acid.music(95_999).bars is None
    assert acid.music(95_999, slack=1).bars == 1
    assert acid.music(95_999).bpm == 120.0


@pytest.mark.parametrize("bpm", [float("nan"), float("inf"), -1.0, 0.0, 1e9])
def test_an_impossible_acid_tempo_is_no_tempo(tmp_path: Path, bpm: float) -> None:
    body = struct.pack("<IHHfIHHf", 4, 60, 0, 0.0, 4, 4, 4, bpm)
    acid = b"acid" + struct.pack("<I", 24) + body
    (tmp_path / "a.wav").write_bytes(wav_bytes(b"data\x04\0\0\0abcd", acid))
    assert read_wav_metadata(tmp_path / "a.wav")[1].bpm is None


def test_our_record_rides_in_the_file_whatever_its_length(tmp_path: Path) -> None:
    for record in (b"{}", b'{"a":1}', b"x" * 100_001):
        write_wav(tmp_path / "a.wav", noise(10), metadata=WavMetadata(record=record))
        assert read_wav_metadata(tmp_path / "a.wav")[0].record == record
        assert soundfile.info(tmp_path / "a.wav").frames == 10


def test_texts_with_zeros_and_of_any_length_do_not_break_the_file(tmp_path: Path) -> None:
    facts = WavMetadata(title="a\0b", comment="雨" * 9_000)
    write_wav(tmp_path / "a.wav", noise(10), metadata=facts)
    read, _ = read_wav_metadata(tmp_path / "a.wav")
    assert read.title == "ab"
    assert read.comment == "雨" * (4_096 // 3)
    assert soundfile.info(tmp_path / "a.wav").frames == 10


def test_a_file_beyond_the_limit_becomes_rf64_and_is_read_by_others(tmp_path: Path) -> None:
    sound = noise(1_000)
    with write_new(tmp_path / "a.wav") as draft:
        writer = WavWriter(draft, channels=2, riff_limit=5_000)
        for block in blocks_of(sound, 300):
            writer.write(block)
        writer.finish(FACTS)
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RF64"
    read, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert np.array_equal(read, sound)
    assert np.array_equal(map_wav(tmp_path / "a.wav"), sound)
    assert read_wav_metadata(tmp_path / "a.wav")[0].title == "Rainy hoüse"


def test_block_size_does_not_change_a_byte(tmp_path: Path) -> None:
    sound = noise(10_000)
    for depth in ("16", "24", "32f"):
        write_wav(tmp_path / "one.wav", sound, depth=depth, seed=7)
        write_wav(tmp_path / "many.wav", blocks_of(sound, 333), depth=depth, seed=7)
        assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "many.wav").read_bytes()


def test_another_seed_is_another_dither() -> None:
    sound = noise(1_000)
    assert not np.array_equal(Quantiser("16", 1)(sound), Quantiser("16", 2)(sound))


def test_dither_leaves_an_error_without_mean_and_a_quarter_step_of_power() -> None:
    sound = sine(480_000, 997.0, level=2**-15 * 0.8)
    steps = Quantiser("16")(sound).astype(np.float64)
    error = steps - sound.astype(np.float64) * 2**15
    assert abs(error.mean()) < 0.01
    assert error.var() == pytest.approx(0.25, rel=0.02)


def test_a_sine_below_one_step_keeps_its_harmonics_in_the_noise() -> None:
    frames = 65_536
    sound = sine(frames, 48_000 * 1_365 / frames, level=10 ** (-90.3 / 20))
    spectrum = np.abs(np.fft.rfft(Quantiser("16")(sound)[:, 0].astype(np.float64))) ** 2
    floor = float(np.mean(spectrum[100:]))
    for harmonic in range(2, 12):
        assert spectrum[1_365 * harmonic] < floor * 10


def test_full_scale_and_beyond_clip_instead_of_wrapping() -> None:
    hot = np.array([[1.0, -1.0], [9.0, -9.0], [np.inf, -np.inf], [np.nan, 0.0]], np.float32)
    assert Quantiser("16")(hot).min() == -(2**15)
    assert Quantiser("16")(hot)[:3, 0].tolist() == [2**15 - 1] * 3
    three = Quantiser("24")(hot)
    assert three[1, 0].tobytes() == b"\xff\xff\x7f"
    assert three[1, 1].tobytes() == b"\x00\x00\x80"


def test_only_whole_float_wavs_at_48_khz_are_mapped(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, noise(1_000), depth="24")
    with pytest.raises(UnreadableAudioError, match="Import it"):
        map_wav(path)
    write_wav(path, noise(1_000), sample_rate=44_100)
    with pytest.raises(UnreadableAudioError, match="48 kHz"):
        map_wav(path)
    write_wav(path, noise(1_000))
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(UnreadableAudioError, match="ends too early"):
        map_wav(path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"RIFF\xff\xff\xff\xffWAVE",
        b"not a wav at all, not at all",
        wav_bytes(),
        wav_bytes(b"data\0\0\0\0", channels=0),
        b"RIFF\0\0\0\0WAVEdata\x04\0\0\0abcd",
        wav_bytes(*[b"junk\0\0\0\0"] * 5_000, b"data\x04\0\0\0abcd"),
    ],
)
def test_a_wav_without_sound_is_refused_in_a_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(data)
    with pytest.raises(AudioFileError, match=r'"a.wav" .*\.$'):
        map_wav(tmp_path / "a.wav")


def test_a_missing_wav_and_a_folder_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="Check the path"):
        map_wav(tmp_path / "no.wav")
    with pytest.raises(AudioFileError, match="is a folder"):
        map_wav(tmp_path)


def test_nothing_and_odd_shapes_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(RefusedAudioError, match="no sound"):
        write_wav(tmp_path / "a.wav", noise(0))
    with pytest.raises(RefusedAudioError, match="mono or stereo"):
        write_wav(tmp_path / "a.wav", noise(10, 3))
    with pytest.raises(RefusedAudioError, match="shape"):
        write_wav(tmp_path / "a.wav", iter([noise(10, 2), noise(10, 1)]))
    with pytest.raises(RefusedAudioError, match="16, 24 or 32f"):
        write_wav(tmp_path / "a.wav", noise(10), depth="8")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_without_replace_a_file_that_is_there_stays(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", noise(10))
    before = (tmp_path / "a.wav").read_bytes()
    with pytest.raises(NameTakenError):
        write_wav(tmp_path / "a.wav", noise(20), replace=False)
    assert (tmp_path / "a.wav").read_bytes() == before


def test_a_map_of_raw_samples_must_have_their_size(tmp_path: Path) -> None:
    sound = noise(1_000)
    (tmp_path / "a.f32").write_bytes(bytes(RAW_HEAD_BYTES) + sound.tobytes())
    assert np.array_equal(map_raw(tmp_path / "a.f32", 1_000, 2), sound)
    for frames, channels in ((999, 2), (1_001, 2), (0, 2), (1_000, 1)):
        with pytest.raises(UnreadableAudioError, match="not finished"):
            map_raw(tmp_path / "a.f32", frames, channels)
