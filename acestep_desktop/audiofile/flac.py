"""FLAC files: 24-bit, lossless from 24-bit sound, whole or not at all."""

import os
from pathlib import Path
from typing import Final

import numpy as np

from acestep_desktop.audiofile.atomic import Draft, write_atomically, write_new
from acestep_desktop.audiofile.errors import DiskError, RefusedAudioError, shown
from acestep_desktop.audiofile.samples import Blocks, Samples, blocks_of
from acestep_desktop.domain.time import SAMPLE_RATE

MAX_RATE: Final = 655_350
"""No FLAC says a higher one (RFC 9639, section 9.1.2)."""


def write_flac(
    path: Path,
    audio: Samples | Blocks,
    *,
    sample_rate: int = SAMPLE_RATE,
    title: str = "",
    replace: bool = True,
) -> int:
    """Write `audio` (one array, or blocks) as a 24-bit FLAC and return its frames.

    Without `replace`, a file that is there stays and NameTakenError is raised.
    """
    import soundfile

    if sample_rate > MAX_RATE:
        raise RefusedAudioError(
            f"A FLAC has at most {MAX_RATE:,} Hz, not {sample_rate:,}: choose .wav, or less."
        )
    blocks = iter(blocks_of(audio) if isinstance(audio, np.ndarray) else audio)
    first = next(blocks, None)
    if first is None:
        raise RefusedAudioError(f'There is no sound to write to "{shown(path.name)}".')
    frames = 0
    with (write_atomically if replace else write_new)(path) as draft:
        file = _Guarded(draft)
        channels = first.shape[1]
        with soundfile.SoundFile(file, "w", sample_rate, channels, "PCM_24", format="FLAC") as out:
            if title:
                out.title = title
            block: Samples | None = first
            while block is not None and file.error is None:
                out.write(_in_24_bits(block))
                frames += len(block)
                block = next(blocks, None)
        if file.error is not None:
            raise file.error
    return frames


class _Guarded:
    """A draft for a C library: the first error waits in `error`, for it cannot cross C."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self.error: DiskError | None = None

    def write(self, data: bytes) -> int:
        if self.error is None:
            try:
                self._draft.write(data)
            except DiskError as error:
                self.error = error
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._draft.seek(offset, whence)

    def tell(self) -> int:
        return self._draft.tell()


def _in_24_bits(block: Samples) -> "np.ndarray[tuple[int, ...], np.dtype[np.int32]]":
    steps = np.rint(np.nan_to_num(block.astype(np.float64) * 2.0**23))
    whole: np.ndarray[tuple[int, ...], np.dtype[np.int32]] = (
        np.clip(steps, -(2**23), 2**23 - 1).astype(np.int32) << 8
    )
    return whole
