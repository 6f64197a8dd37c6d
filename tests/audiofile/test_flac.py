"""FLAC files: what 24 bits can say comes back bit for bit."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from acestep_desktop.audiofile.errors import DiskFullError, RefusedAudioError
from acestep_desktop.audiofile.flac import write_flac
from acestep_desktop.audiofile.samples import blocks_of
from tests.audiofile.sounds import noise
from tests.disks import size_limit
from tests.needs import needs


@pytest.mark.parametrize("channels", [1, 2])
def test_24_bit_sound_comes_back_bit_for_bit(tmp_path: Path, channels: int) -> None:
    sound = (np.rint(noise(100_001, channels) * 2**23) / 2**23).astype(np.float32)
    assert write_flac(tmp_path / "a.flac", blocks_of(sound, 999), title="Räin") == 100_001
    with soundfile.SoundFile(tmp_path / "a.flac") as file:
        assert (file.subtype, file.samplerate, file.title) == ("PCM_24", 48_000, "Räin")
        assert np.array_equal(file.read(dtype="float32", always_2d=True), sound)


def test_full_scale_and_beyond_clip(tmp_path: Path) -> None:
    hot = np.array([[1.0], [-1.0], [5.0], [np.nan]], np.float32)
    write_flac(tmp_path / "a.flac", hot)
    read, _ = soundfile.read(tmp_path / "a.flac", dtype="int32")
    assert read.tolist() == [2**31 - 256, -(2**31), 2**31 - 256, 0]


def test_no_sound_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(RefusedAudioError, match="no sound"):
        write_flac(tmp_path / "a.flac", iter(()))
    assert list(tmp_path.iterdir()) == []


@needs("posix")
def test_a_full_disk_leaves_the_old_file_and_no_traceback(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_flac(tmp_path / "a.flac", noise(100))
    before = (tmp_path / "a.flac").read_bytes()
    with size_limit(100_000), pytest.raises(DiskFullError, match="disk is full"):
        write_flac(tmp_path / "a.flac", noise(480_000))
    assert (tmp_path / "a.flac").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1
    assert capfd.readouterr().err == ""
