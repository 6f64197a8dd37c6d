"""Chunks: whatever a file claims, nothing outside of it is read."""

import io
import struct

from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.audiofile.metadata import read_metadata
from acestep_desktop.audiofile.riff import MAX_CHUNKS, body_of, chunk_bytes, chunks_of
from acestep_desktop.audiofile.wav import DATA_OFFSET

NAMES = st.sampled_from(
    [b"fmt ", b"data", b"LIST", b"acid", b"ACEd", b"ds64", b"JUNK", b"\0\0\0\0"]
)


def file_of(outer: bytes, body: bytes) -> io.BytesIO:
    return io.BytesIO(outer + struct.pack("<I", len(body) + 4) + b"WAVE" + body)


def test_chunks_are_found_in_order_with_their_padding() -> None:
    body = chunk_bytes(b"one ", b"abc") + chunk_bytes(b"two ", b"") + chunk_bytes(b"thre", b"abcd")
    file = file_of(b"RIFF", body)
    found = [(chunk.name, body_of(file, chunk, 99)) for chunk in chunks_of(file)]
    assert found == [(b"one ", b"abc"), (b"two ", b""), (b"thre", b"abcd")]


def test_aiff_counts_the_other_way() -> None:
    file = io.BytesIO(b"FORM\0\0\0\x10AIFF" + b"COMM" + struct.pack(">I", 4) + b"abcd")
    assert [(chunk.name, chunk.size) for chunk in chunks_of(file)] == [(b"COMM", 4)]


def test_a_chunk_that_claims_too_much_is_cut_to_the_file() -> None:
    file = file_of(b"RIFF", b"data" + struct.pack("<I", 2**32 - 1) + b"abcd")
    (chunk,) = chunks_of(file)
    assert (chunk.size, chunk.whole) == (4, False)


def test_rf64_says_the_true_size_elsewhere() -> None:
    sizes = chunk_bytes(b"ds64", struct.pack("<QQQI", 0, 4, 1, 0))
    file = file_of(
        b"RF64", sizes + b"data" + struct.pack("<I", 2**32 - 1) + b"abcd" + b"next\0\0\0\0"
    )
    assert [chunk.name for chunk in chunks_of(file)] == [b"ds64", b"data", b"next"]


def test_a_file_of_nothing_but_chunks_comes_to_an_end() -> None:
    file = file_of(b"RIFF", b"JUNK\0\0\0\0" * 100_000)
    assert len(list(chunks_of(file))) == MAX_CHUNKS


@given(st.sampled_from([b"RIFF", b"RF64", b"FORM"]), st.binary(max_size=300))
def test_any_bytes_give_chunks_within_the_file(outer: bytes, body: bytes) -> None:
    file = file_of(outer, body)
    for chunk in chunks_of(file):
        assert 0 <= chunk.offset <= chunk.offset + chunk.size <= len(body) + 12
        assert len(body_of(file, chunk, 1_000)) == chunk.size


@given(st.lists(st.tuples(NAMES, st.integers(0, 2**32 - 1), st.binary(max_size=60)), max_size=8))
def test_any_chunks_can_be_asked_for_metadata(chunks: list[tuple[bytes, int, bytes]]) -> None:
    body = b"".join(name + struct.pack("<I", size) + data for name, size, data in chunks)
    metadata, acid = read_metadata(file_of(b"RIFF", body))
    assert len(metadata.record) <= len(body)
    assert acid.bpm is None or 20 <= acid.bpm <= 999
    acid.music(48_000)


def test_the_head_of_our_files_is_a_multiple_of_what_processors_like() -> None:
    assert DATA_OFFSET % 64 == 0
