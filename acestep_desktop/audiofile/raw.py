"""Audio that engines leave in the work folder: samples alone, without a header."""

from pathlib import Path

import numpy as np

from acestep_desktop.audiofile.errors import UnreadableAudioError, disk_errors, shown
from acestep_desktop.audiofile.samples import Samples


def map_raw(path: Path, frames: int, channels: int) -> Samples:
    """Return a file of little-endian 32-bit float, interleaved, as a read-only memory map.

    It has shape (frames, channels); a file of any other size raises UnreadableAudioError.
    """
    with disk_errors(path):
        size = path.stat().st_size
    if frames < 1 or channels < 1 or size != frames * channels * 4:
        raise UnreadableAudioError(
            f'"{shown(path.name)}" has {size:,} bytes, not those of {frames:,} frames: '
            "it was not finished. Make the take again."
        )
    with disk_errors(path):
        return np.memmap(path, "<f4", "r", shape=(frames, channels))
