"""Tensor files: what a safetensors file holds, read from its header and checked.

The format is that of https://huggingface.co/docs/safetensors: eight bytes with
the length of a JSON header, the header, then the tensors without a gap.
"""

import json
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.errors import disk_errors, shown
from acestep_desktop.domain.codec import Json, loads
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.models.errors import DamagedModelError

MAX_HEADER_BYTES: Final = 100_000_000
"""The limit of the safetensors library itself."""

_LENGTH: Final = struct.Struct("<Q")
_BITS: Final = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64"), 64),
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a file: its type as the format names it, and where its bytes are."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    file: Path
    start: int
    length: int

    def renamed(self, name: str) -> "Tensor":
        """Return the same bytes under another name."""
        return Tensor(name, self.dtype, self.shape, self.file, self.start, self.length)


def read_tensors(path: Path) -> tuple[Tensor, ...]:
    """Return the tensors of a safetensors file, in the order of their bytes.

    Only the header is read. DamagedModelError names the file whose header is not
    whole, or does not fit the file's length.
    """
    with disk_errors(path), path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(_LENGTH.size)
        length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
        begin = _LENGTH.size + length
        if not 2 <= length <= MAX_HEADER_BYTES or begin > size:
            raise _damaged(path, "its header is cut short or no header at all")
        text = file.read(length)
    try:
        header = loads(text)
    except InvalidValueError as error:
        raise _damaged(path, "its header cannot be read") from error
    if not isinstance(header, dict):
        raise _damaged(path, "its header cannot be read")
    tensors = [
        _tensor(path, name, entry, begin)
        for name, entry in header.items()
        if name != "__metadata__"
    ]
    tensors.sort(key=lambda tensor: tensor.start)
    place = begin
    for tensor in tensors:
        if tensor.start != place:
            raise _damaged(path, f'the tensor "{shown(tensor.name)}" is not where it should be')
        place += tensor.length
    if place != size:
        raise _damaged(path, f"it has {size} bytes, and its header speaks of {place}")
    return tuple(tensors)


def header_of(tensors: tuple[Tensor, ...]) -> bytes:
    """Return the first bytes of a safetensors file with these tensors, in this order."""
    entries: dict[str, Json] = {"__metadata__": {"format": "pt"}}
    place = 0
    for tensor in tensors:
        entries[tensor.name] = {
            "dtype": tensor.dtype,
            "shape": list(tensor.shape),
            "data_offsets": [place, place + tensor.length],
        }
        place += tensor.length
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # tensors begin at a multiple of eight
    return _LENGTH.pack(len(text)) + text


def bytes_of(dtype: str, shape: tuple[int, ...]) -> int:
    """Return how many bytes a tensor takes; 0 for a type that is not known."""
    count = 1
    for side in shape:
        count *= side
    return count * _BITS.get(dtype, 0) // 8


def _tensor(path: Path, name: str, entry: Json, begin: int) -> Tensor:
    if isinstance(entry, dict):
        dtype, shape, span = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
        if isinstance(dtype, str) and dtype in _BITS:
            sides, ends = _counts(shape), _counts(span)
            if sides is not None and ends is not None and len(ends) == 2:
                length = ends[1] - ends[0]
                if length == bytes_of(dtype, sides):
                    return Tensor(name, dtype, sides, path, begin + ends[0], length)
    raise _damaged(path, f'the tensor "{shown(name)}" is described wrongly')


def _counts(value: Json) -> tuple[int, ...] | None:
    """Return a list of sizes as a tuple; None for anything else."""
    if not isinstance(value, list):
        return None
    counts = tuple(n for n in value if isinstance(n, int) and not isinstance(n, bool) and n >= 0)
    return counts if len(counts) == len(value) else None


def _damaged(path: Path, why: str) -> DamagedModelError:
    return DamagedModelError(
        f'"{shown(path.name)}" is damaged: {why}. Get the file again, then try once more.'
    )
