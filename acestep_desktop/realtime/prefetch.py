"""Reading ahead: pages of takes are in memory before the audio thread needs them."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Final

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime.deck import Score
from acestep_desktop.realtime.transport import Transport

log = logging.getLogger(__name__)

AHEAD: Final = SAMPLE_RATE
"""Frames that are read before they are due."""

_TILE: Final = SAMPLE_RATE // 2
_TRUSTED_S: Final = 5.0
"""For so long a tile that was read is believed to be in memory: a model that is loaded drives
out what nobody has read of late."""

_OPEN_FILES: Final = 64

_TRACKS_AT_ONCE: Final = 8
"""Tracks that are looked at before it pauses."""


class Prefetcher:
    """Reads the files behind memory maps, without holding up any other thread.

    Touching a cold page of a map would stop the whole interpreter; reading the
    same bytes from the file does not, and leaves them where the map finds them.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._files: OrderedDict[str | Path, FileIO] = OrderedDict()
        self._read: OrderedDict[tuple[str | Path, int], float] = OrderedDict()
        self._scratch = bytearray(_TILE * 8)

    def read_ahead(
        self, score: Score, transport: Transport, frames: int = AHEAD, *, pause_s: float = 0.0
    ) -> int:
        """Read what plays within the next `frames`; return how many tiles that took.

        `pause_s` is slept after every few tracks, because each thread that computes
        makes the audio thread wait for the interpreter.
        """
        count = 0
        for span in transport.spans(frames):
            for number, lane in enumerate(score.lanes.values(), 1):
                for source, first, last in lane.sounding(span.start, span.start + span.frames):
                    count += self.read_samples(source, first, last)
                if pause_s and number % _TRACKS_AT_ONCE == 0:
                    time.sleep(pause_s)
        return count

    def forget(self) -> None:
        """Close all files and begin anew, as the system may have dropped pages since."""
        for file in self._files.values():
            file.close()
        self._files.clear()
        self._read.clear()

    def read_samples(self, source: Samples | None, first: int, last: int) -> int:
        """Read the frames [first, last) of a memory map; return how many tiles that took."""
        if not isinstance(source, np.memmap) or not isinstance(source.filename, str | Path):
            return 0
        self._forget_old()
        path = source.filename
        frame_bytes = source.shape[1] * 4
        count = 0
        for tile in range(first // _TILE, -(-last // _TILE)):
            if (path, tile) in self._read:
                continue
            self._read[path, tile] = self._clock()
            count += 1
            at = source.offset + tile * _TILE * frame_bytes
            try:
                file = self._file(path)
                file.seek(at)
                file.readinto(memoryview(self._scratch)[: _TILE * frame_bytes])
            except OSError as error:
                log.warning("cannot read ahead in %s: %s", source.filename, error)
        return count

    def _forget_old(self) -> None:
        before = self._clock() - _TRUSTED_S
        while self._read and next(iter(self._read.values())) < before:
            self._read.popitem(last=False)

    def _file(self, path: str | Path) -> FileIO:
        if path not in self._files:
            self._files[path] = FileIO(path)
            if len(self._files) > _OPEN_FILES:
                self._files.popitem(last=False)[1].close()
        self._files.move_to_end(path)
        return self._files[path]
