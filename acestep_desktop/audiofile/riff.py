"""RIFF, RF64 and AIFF chunks, read with care: no size in a file is trusted."""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

MAX_CHUNKS: Final = 2_048
"""More chunks than any honest file has."""

UNKNOWN_SIZE: Final = 0xFFFF_FFFF
"""What RF64 writes where a size does not fit, and streams where it is not known."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: its four letters, where its body begins, and how much of it is really there.

    `whole` says whether the file holds all that the chunk claims.
    """

    name: bytes
    offset: int
    size: int
    whole: bool = True


def chunks_of(file: BinaryIO) -> Iterator[Chunk]:
    """Yield the chunks of a RIFF, RF64 or FORM file, in order, within the file's real size."""
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    outer = file.read(12)[:4]
    order = ">" if outer == b"FORM" else "<"
    data_size: int | None = None
    position = 12
    for _ in range(MAX_CHUNKS):
        if position + 8 > end:
            return
        file.seek(position)
        name, size = struct.unpack(f"{order}4sI", file.read(8))
        body = position + 8
        if outer == b"RF64" and name == b"data" and size == UNKNOWN_SIZE and data_size is not None:
            size = data_size
        yield Chunk(name, body, min(size, end - body), size <= end - body)
        if outer == b"RF64" and name == b"ds64" and size >= 16:
            file.seek(body + 8)
            data_size = int.from_bytes(file.read(8), "little")
        position = body + size + (size & 1)


def body_of(file: BinaryIO, chunk: Chunk, most: int) -> bytes:
    """Return the first `most` bytes, at most, of a chunk's body."""
    file.seek(chunk.offset)
    return file.read(min(chunk.size, most))


def chunk_bytes(name: bytes, body: bytes) -> bytes:
    """Return a RIFF chunk, padded to an even length."""
    return struct.pack("<4sI", name, len(body)) + body + b"\0" * (len(body) & 1)
