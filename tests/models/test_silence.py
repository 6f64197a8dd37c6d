"""The latent of silence is read as data: nothing in its pickle is ever run."""

import os
import pickle
import zipfile
from pathlib import Path

import pytest
import torch

from acestep_desktop.models.errors import NotAModelError
from acestep_desktop.models.silence import read_silence


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("view", ["plain", "turned", "window"])
def test_time_comes_before_channels(tmp_path: Path, dtype: torch.dtype, view: str) -> None:
    latent = torch.randn(1, 4, 30).to(dtype)
    if view == "turned":
        latent = torch.randn(1, 30, 4).to(dtype).transpose(1, 2)
    if view == "window":
        latent = torch.randn(1, 4, 50).to(dtype)[:, :, 7:37]
    path = tmp_path / "silence_latent.pt"
    torch.save(latent, path)
    found = read_silence(path)
    wanted = latent.transpose(1, 2).contiguous()
    assert found.shape == tuple(wanted.shape) == (1, 30, 4)
    assert found.data == wanted.view(torch.uint8).numpy().tobytes()


class Trap:
    """Would leave a file behind if it were ever unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, int]]:
        return os.mkdir, (str(self.path), 0o700)


def test_a_pickle_that_would_run_something_is_refused_and_does_not(tmp_path: Path) -> None:
    path, sprung = tmp_path / "silence_latent.pt", tmp_path / "sprung"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Trap(sprung), protocol=2))
    with pytest.raises(NotAModelError, match="would run"):
        read_silence(path)
    assert not sprung.exists()


@pytest.mark.parametrize(
    "value",
    [
        {"latent": torch.zeros(1, 2, 3)},
        [torch.zeros(1, 2, 3)],
        torch.zeros(2, 3),
        torch.zeros(2, 2, 3),
        torch.zeros(1, 0, 3),
        torch.zeros(1, 2, 3, dtype=torch.int64),
        torch.nn.Parameter(torch.zeros(1, 2, 3)),
        7,
        "text",
    ],
    ids=lambda value: type(value).__name__,
)
def test_anything_but_one_plain_latent_is_refused(tmp_path: Path, value: object) -> None:
    path = tmp_path / "silence_latent.pt"
    torch.save(value, path)
    with pytest.raises(NotAModelError, match="is refused"):
        read_silence(path)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x80\x02K\x01.", b"x" * 5_000])
def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "silence_latent.pt"
    path.write_bytes(data)
    with pytest.raises(NotAModelError):
        read_silence(path)


def test_every_flipped_byte_is_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "silence_latent.pt"
    torch.save(torch.randn(1, 4, 6), path)
    data = path.read_bytes()
    for place in range(0, len(data), 3):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x5A]) + data[place + 1 :])
        try:
            assert len(read_silence(path).shape) == 3
        except NotAModelError:
            continue
