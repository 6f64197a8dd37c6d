"""What any audio file is, before something is made from it: its length and its outline."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.audiofile.decode import decode, open_audio
from acestep_desktop.domain.time import Frame

OUTLINE: Final = 400
"""Into so many equal spans a sound is divided to be drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class SourceFacts:
    """The length of a sound at 48 kHz, and how far equal spans of it go below and above zero.

    `outline` has shape (2, n), never above zero and never below; n is at most `OUTLINE`.
    """

    frames: Frame
    outline: npt.NDArray[np.float32]


def source_frames(path: Path) -> Frame:
    """Return the length of a file at 48 kHz, as it says itself; an AudioFileError says why not."""
    return Frame(open_audio(path).standard_frames)


def source_facts(path: Path) -> SourceFacts:
    """Return what a file holds; an AudioFileError says why it cannot be read. Reads all of it."""
    decoder = decode(path)
    step = max(1, -(-decoder.info.standard_frames // OUTLINE))
    lows, highs = np.zeros(OUTLINE, np.float32), np.zeros(OUTLINE, np.float32)
    frames = 0
    for block in decoder.standard():
        low, high = block.min(axis=1), block.max(axis=1)
        spans = np.minimum((frames + np.arange(len(block))) // step, OUTLINE - 1)
        np.minimum.at(lows, spans, low)
        np.maximum.at(highs, spans, high)
        frames += len(block)
    used = max(1, min(OUTLINE, -(-frames // step)))
    return SourceFacts(Frame(frames), np.stack((lows[:used], highs[:used])))
