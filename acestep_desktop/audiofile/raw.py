"""Audio that engines leave in the work folder: room for a header, then samples alone."""

from pathlib import Path

import numpy as np

from acestep_desktop.audiofile.errors import UnreadableAudioError, disk_errors, shown
from acestep_desktop.audiofile.samples import Samples
from acestep_desktop.domain.raw import RAW_HEAD_BYTES


def map_raw(path: Path, frames: int, channels: int) -> Samples:
    """Return a file of little-endian 32-bit float, interleaved, as a read-only memory map.

    It has shape (frames, channels); a file of any other size raises UnreadableAudioError.
    """
    check_raw(path, frames, channels)
    with disk_errors(path):
        return np.memmap(path, "<f4", "r", offset=RAW_HEAD_BYTES, shape=(frames, channels))


def check_raw(path: Path, frames: int, channels: int) -> None:
    """Raise UnreadableAudioError unless a file has the size of raw audio of this shape."""
    with disk_errors(path):
        size = path.stat().st_size
    if frames < 1 or channels < 1 or size != RAW_HEAD_BYTES + frames * channels * 4:
        raise UnreadableAudioError(
            f'"{shown(path.name)}" has {size:,} bytes, not those of {frames:,} frames: '
            "it was not finished. Make the take again."
        )
