"""Our WAV files: written in one pass, aligned for memory maps, facts behind the sound.

The header is 128 bytes: RIFF, room for RF64's sizes (EBU Tech 3306), format,
length, filler, data. So the first sample lies at a multiple of 128, and the
writer need not know the length beforehand.
"""

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

import numpy as np

from acestep_desktop.audiofile.atomic import Draft, write_atomically, write_new
from acestep_desktop.audiofile.depth import Quantiser
from acestep_desktop.audiofile.errors import (
    RefusedAudioError,
    UnreadableAudioError,
    disk_errors,
    shown,
)
from acestep_desktop.audiofile.formats import BYTES, Depth
from acestep_desktop.audiofile.metadata import AcidFacts, WavMetadata, read_metadata
from acestep_desktop.audiofile.riff import Chunk, body_of, chunk_bytes, chunks_of
from acestep_desktop.audiofile.samples import Blocks, Samples, blocks_of
from acestep_desktop.domain.raw import RAW_HEAD_BYTES
from acestep_desktop.domain.time import SAMPLE_RATE

DATA_OFFSET: Final = RAW_HEAD_BYTES
RIFF_LIMIT: Final = int(3.9 * 2**30)
"""Longer files become RF64: RIFF's sizes end at 4 GiB, and some programs count signed."""

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
_UNKNOWN: Final = 0xFFFF_FFFF

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class WavLayout:
    """Where the sound of a WAV lies, and how it is written.

    `depth` is None for codes that are not ours. `whole` is false where the file
    ends before the sound that it announces.
    """

    data_offset: int
    frames: int
    channels: int
    sample_rate: int
    depth: Depth | None
    whole: bool = True


class WavWriter:
    """Writes sound, then facts, into an open draft; `finish` makes the file complete.

    `frames` say how much sound a draft of raw audio holds already.
    """

    def __init__(
        self,
        file: Draft,
        *,
        channels: int,
        sample_rate: int = SAMPLE_RATE,
        depth: Depth = "32f",
        seed: int = 0,
        riff_limit: int = RIFF_LIMIT,
        frames: int = 0,
    ) -> None:
        if not 1 <= channels <= 2:
            raise RefusedAudioError(f"A WAV is written in mono or stereo, not {channels} channels.")
        self._file = file
        self._channels, self._rate, self._depth = channels, sample_rate, depth
        self._quantise = Quantiser(depth, seed)
        self._limit = riff_limit
        self.frames = frames
        if frames:
            file.seek(0, os.SEEK_END)
        else:
            file.write(bytes(DATA_OFFSET))

    def write(self, samples: Samples) -> None:
        """Append samples, shape (frames, channels)."""
        if samples.ndim != 2 or samples.shape[1] != self._channels:
            raise RefusedAudioError(
                f"A WAV of {self._channels} channels cannot take audio of shape {samples.shape}."
            )
        self._file.write(self._quantise(samples))
        self.frames += len(samples)

    def finish(self, metadata: WavMetadata | None = None) -> None:
        """Write the facts behind the sound, then the header; nothing may follow."""
        data_bytes = self.frames * self._channels * BYTES[self._depth]
        facts = b"" if metadata is None else metadata.chunks()
        self._file.write(b"\0" * (data_bytes & 1) + facts)
        size = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        self._file.write(self._header(size, data_bytes))
        self._file.seek(0, os.SEEK_END)

    def _header(self, size: int, data_bytes: int) -> bytes:
        large = size > self._limit
        sizes = struct.pack("<QQQI", size - 8, data_bytes, self.frames, 0)
        width = BYTES[self._depth]
        frame_bytes = self._channels * width
        tag = FLOAT if self._depth == "32f" else PCM
        rates = (self._rate, self._rate * frame_bytes, frame_bytes, width * 8)
        head = struct.pack(
            "<4sI4s", b"RF64" if large else b"RIFF", _UNKNOWN if large else size - 8, b"WAVE"
        )
        head += chunk_bytes(b"ds64", sizes) if large else chunk_bytes(b"JUNK", bytes(28))
        form = struct.pack("<HHIIHH", tag, self._channels, *rates)
        # Codes other than PCM say how long their extension is: none.
        head += chunk_bytes(b"fmt ", form if tag == PCM else form + b"\0\0")
        head += chunk_bytes(b"fact", struct.pack("<I", min(self.frames, _UNKNOWN)))
        head += chunk_bytes(b"JUNK", bytes(DATA_OFFSET - len(head) - 16))
        return head + struct.pack("<4sI", b"data", _UNKNOWN if large else data_bytes)


def write_wav(
    path: Path,
    audio: Samples | Blocks,
    *,
    metadata: WavMetadata | None = None,
    sample_rate: int = SAMPLE_RATE,
    depth: Depth = "32f",
    seed: int = 0,
    replace: bool = True,
) -> int:
    """Write `audio` (one array, or blocks) as a WAV and return its frames.

    The file appears whole or not at all. Without `replace`, a file that is there
    stays and NameTakenError is raised. DiskError says why a disk refused.
    """
    blocks = iter(blocks_of(audio) if isinstance(audio, np.ndarray) else audio)
    first = next(blocks, None)
    if first is None:
        raise RefusedAudioError(f'There is no sound to write to "{shown(path.name)}".')
    with (write_atomically if replace else write_new)(path) as draft:
        writer = WavWriter(
            draft, channels=first.shape[1], sample_rate=sample_rate, depth=depth, seed=seed
        )
        writer.write(first)
        for block in blocks:
            writer.write(block)
        writer.finish(metadata)
    return writer.frames


def read_layout(path: Path) -> WavLayout:
    """Return where the sound of the WAV at `path` lies; UnreadableAudioError if there is none."""
    return _with_file(path, layout_of)


def read_wav_metadata(path: Path) -> tuple[WavMetadata, AcidFacts]:
    """Return what the WAV at `path` says besides sound; empty facts for any other file."""
    return _with_file(path, lambda file, _: read_metadata(file))


def map_wav(path: Path) -> Samples:
    """Return the sound of one of our takes as a read-only memory map, shape (frames, channels).

    Only 32-bit float WAVs at 48 kHz, whole and aligned, can be mapped; any other
    file raises UnreadableAudioError.
    """
    layout = read_layout(path)
    name = shown(path.name)
    if layout.depth != "32f" or layout.sample_rate != SAMPLE_RATE or layout.data_offset % 4:
        raise UnreadableAudioError(
            f'"{name}" is not a 32-bit float WAV at 48 kHz. Import it into the library first.'
        )
    if not layout.whole or layout.frames < 1:
        raise UnreadableAudioError(f'"{name}" ends too early: it is damaged. Use another copy.')
    with disk_errors(path):
        return np.memmap(
            path, "<f4", "r", offset=layout.data_offset, shape=(layout.frames, layout.channels)
        )


def layout_of(file: BinaryIO, path: Path) -> WavLayout:
    """Return where the sound of an open WAV lies; `path` names it in messages."""
    file.seek(0)
    head = file.read(12)
    if head[:4] not in (b"RIFF", b"RF64") or head[8:12] != b"WAVE":
        raise UnreadableAudioError(f'"{shown(path.name)}" is not a WAV file. Choose another file.')
    form: bytes | None = None
    for chunk in chunks_of(file):
        if chunk.name == b"fmt " and form is None:
            form = body_of(file, chunk, 40)
        if chunk.name == b"data" and form is not None:
            return _layout(form, chunk, path)
    raise UnreadableAudioError(
        f'"{shown(path.name)}" is a WAV without sound: it is damaged. Use another copy.'
    )


def _layout(form: bytes, data: Chunk, path: Path) -> WavLayout:
    if len(form) >= 16:
        tag, channels, rate, _, frame_bytes, bits = struct.unpack_from("<HHIIHH", form)
        if tag == EXTENSIBLE and len(form) >= 26:
            tag = int.from_bytes(form[24:26], "little")
        codes: dict[tuple[int, int], Depth] = {(PCM, 16): "16", (PCM, 24): "24", (FLOAT, 32): "32f"}
        depth = codes.get((tag, bits))
        if channels and rate and frame_bytes:
            if depth is not None and frame_bytes != channels * BYTES[depth]:
                depth = None
            return WavLayout(
                data.offset, data.size // frame_bytes, channels, rate, depth, data.whole
            )
    raise UnreadableAudioError(
        f'"{shown(path.name)}" has a damaged WAV header. Use another copy of it.'
    )


def _with_file(path: Path, use: Callable[[BinaryIO, Path], _T]) -> _T:
    with disk_errors(path), path.open("rb") as file:
        return use(file, path)
