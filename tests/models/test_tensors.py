"""Headers of tensor files: those of the safetensors library are read, all others refused."""

import json
import struct
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load, save_file

from acestep_desktop.models.errors import DamagedModelError
from acestep_desktop.models.tensors import Tensor, bytes_of, header_of, read_tensors

DTYPES = [torch.float32, torch.bfloat16, torch.float16, torch.int64, torch.uint8, torch.bool]


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_the_library_writes_is_read(tmp_path: Path, dtype: torch.dtype) -> None:
    path = tmp_path / "a.safetensors"
    given_tensors = {
        "one": torch.ones(3, 5).to(dtype),
        "two": torch.ones(2).to(dtype),
        "none": torch.zeros(0, 4).to(dtype),
        "scalar": torch.tensor(1).to(dtype),
    }
    save_file(given_tensors, path, metadata={"made": "here"})
    found = {tensor.name: tensor for tensor in read_tensors(path)}
    data = path.read_bytes()
    with safe_open(path, "pt") as opened:
        for name, tensor in given_tensors.items():
            assert found[name].shape == tuple(tensor.shape)
            assert found[name].dtype == opened.get_slice(name).get_dtype()
            span = data[found[name].start : found[name].start + found[name].length]
            assert span == tensor.reshape(-1).view(torch.uint8).numpy().tobytes()


def test_what_is_written_is_read_by_the_library(tmp_path: Path) -> None:
    tensors = (
        Tensor("a.b", "F32", (2, 3), tmp_path, 0, 24),
        Tensor("c", "BF16", (5,), tmp_path, 0, 10),
    )
    header = header_of(tensors)
    assert len(header) % 8 == 0
    found = load(header + bytes(34))
    assert {name: tuple(t.shape) for name, t in found.items()} == {"a.b": (2, 3), "c": (5,)}
    assert bytes_of("BF16", (5,)) == 10 and bytes_of("STRANGE", (5,)) == 0


entries = st.dictionaries(
    st.sampled_from(["dtype", "shape", "data_offsets", "else"]),
    st.one_of(
        st.none(),
        st.integers(),
        st.sampled_from(["F32", "BF16", "Q4", ""]),
        st.lists(st.integers(-5, 2**70), max_size=3),
        st.lists(st.booleans(), max_size=2),
    ),
)


@given(header=st.dictionaries(st.text(max_size=4), entries, max_size=3), rest=st.binary(max_size=9))
def test_any_header_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, header: dict[str, object], rest: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + rest)
    try:
        tensors = read_tensors(path)
    except DamagedModelError:
        return
    assert sum(tensor.length for tensor in tensors) == len(rest)


@given(data=st.binary(max_size=64))
def test_any_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.safetensors"
    path.write_bytes(data)
    with pytest.raises(DamagedModelError):
        read_tensors(path)


def test_tensors_that_overlap_are_refused(tmp_path: Path) -> None:
    entry = {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}
    text = json.dumps({"a": entry, "b": entry}).encode()
    path = tmp_path / "overlap.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))
    with pytest.raises(DamagedModelError, match="not where it should be"):
        read_tensors(path)
