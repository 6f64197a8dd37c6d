"""Waveforms of the project's takes at any zoom, read in the background."""

import contextlib
import math
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal, Slot

from acestep_desktop.domain.project import Project
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.dsp.peaks import FACTOR, FIRST_BIN
from acestep_desktop.library.errors import LibraryError
from acestep_desktop.library.waveforms import file_peaks, file_window
from acestep_desktop.session.transport import FindPaths
from acestep_desktop.session.work import Worker

__all__ = ["WaveformSession"]

Extremes = npt.NDArray[np.float32]
"""Shape (2, n): the lowest and the highest sample of n equal spans, both channels together."""

BLOCK: Final = 65_536
"""Frames that are read at a time for a close look."""

MAX_BLOCKS: Final = 96
MAX_TAKES: Final = 1_024


class WaveformSession(QObject):
    """What the takes of a project look like. All methods belong to the window's thread.

    `waveform_ready` carries the id of a take of which more can be drawn now;
    `missing_changed` says that files were found to be gone, or to be there again.
    """

    waveform_ready = Signal(str)
    missing_changed = Signal()

    def __init__(self, find_paths: FindPaths, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._find_paths = find_paths
        self._worker = Worker(self)
        self._paths: dict[TakeId, Path] = {}
        self._looked_for: set[TakeId] = set()
        self._missing: set[TakeId] = set()
        self._levels: OrderedDict[TakeId, tuple[Extremes, ...] | None] = OrderedDict()
        self._blocks: OrderedDict[tuple[TakeId, int], Extremes | None] = OrderedDict()

    @Slot(object)
    def show_project(self, project: Project) -> None:
        """Find the files of takes that are new."""
        wanted = {media.take_id for media in project.media}
        if not wanted <= self._looked_for:
            self._looked_for |= wanted
            self._worker.do(
                partial(self._find_paths, project),
                partial(self._keep_paths, wanted),
                lambda _: self._looked_for.difference_update(wanted),
            )

    @Slot()
    def look_again(self) -> None:
        """Forget which files were missing; the next project that is shown finds them anew."""
        self._looked_for -= self._missing
        for take_id in self._missing:
            self._levels.pop(take_id, None)
        self._missing.clear()
        self.missing_changed.emit()

    def is_missing(self, take_id: TakeId) -> bool:
        """Return whether the file of a take could not be found or read."""
        return take_id in self._missing

    def extremes(
        self, take_id: TakeId, first: float, frames_per_column: float, columns: int
    ) -> Extremes | None:
        """Return `columns` columns of a take from frame `first` on.

        None while nothing is known of it; it is asked for, and `waveform_ready`
        follows. A close look is first given in bins of 256 frames.
        """
        levels = self._levels_of(take_id)
        if levels is None:
            return None
        if frames_per_column < FIRST_BIN:
            close = self._close(take_id, first, frames_per_column, columns)
            if close is not None:
                return close
        level = 0
        while level + 1 < len(levels) and FIRST_BIN * FACTOR ** (level + 1) <= frames_per_column:
            level += 1
        size = FIRST_BIN * FACTOR**level
        return binned(levels[level], first / size, frames_per_column / size, columns)

    def close(self) -> None:
        """Forget what has not begun, and wait for what has."""
        self._worker.close()

    def _levels_of(self, take_id: TakeId) -> tuple[Extremes, ...] | None:
        known = self._levels.get(take_id)
        if known is not None:
            self._levels.move_to_end(take_id)
            return known
        path = self._paths.get(take_id)
        if path is not None and take_id not in self._levels and take_id not in self._missing:
            self._levels[take_id] = None
            self._worker.do(
                partial(_levels_in, path),
                partial(self._keep_levels, take_id),
                lambda _: self._note_missing(take_id),
            )
        return None

    def _close(
        self, take_id: TakeId, first: float, frames_per_column: float, columns: int
    ) -> Extremes | None:
        """Return columns made from samples, or None after asking for those that are not there."""
        start = max(0, int(first)) // BLOCK
        stop = max(0, int(first + frames_per_column * columns)) // BLOCK
        names = [(take_id, number) for number in range(start, stop + 1)]
        found = [self._blocks.get(name) for name in names]
        for name, block in zip(names, found, strict=True):
            if block is None and name not in self._blocks:
                self._blocks[name] = None
                self._worker.do(
                    partial(_block_in, self._paths[take_id], name[1]),
                    partial(self._keep_block, name),
                )
        blocks = [block for block in found if block is not None]
        if len(blocks) < len(names):
            return None
        return binned(
            np.concatenate(blocks, axis=1), first - start * BLOCK, frames_per_column, columns
        )

    def _keep_paths(self, wanted: set[TakeId], paths: Mapping[TakeId, Path]) -> None:
        self._paths.update(paths)
        for take_id in wanted:
            if take_id not in paths:
                self._missing.add(take_id)
        self.missing_changed.emit()
        for take_id in paths:
            self.waveform_ready.emit(take_id)

    def _keep_levels(self, take_id: TakeId, levels: tuple[Extremes, ...]) -> None:
        self._levels[take_id] = levels
        while len(self._levels) > MAX_TAKES:
            self._levels.popitem(last=False)
        self.waveform_ready.emit(take_id)

    def _keep_block(self, name: tuple[TakeId, int], block: Extremes) -> None:
        self._blocks[name] = block
        while len(self._blocks) > MAX_BLOCKS:
            self._blocks.popitem(last=False)
        self.waveform_ready.emit(name[0])

    def _note_missing(self, take_id: TakeId) -> None:
        self._missing.add(take_id)
        self.missing_changed.emit()


def binned(values: Extremes, first: float, step: float, columns: int) -> Extremes:
    """Return the extremes of columns of `step` values each, from value `first` on.

    Columns narrower than a value repeat it; those outside of all values are silent.
    """
    count = values.shape[1]
    if not count:
        return np.zeros((2, columns), np.float32)
    starts = np.floor(first + 1e-9 + step * np.arange(columns)).astype(np.int64)
    outside = None
    if starts[0] < 0 or starts[-1] >= count:
        outside = (starts < 0) | (starts >= count)
        starts = np.minimum(np.maximum(starts, 0), count - 1)
    if step <= 1.0:
        shown = values[:, starts]
    else:
        until = max(int(starts[-1]) + 1, min(count, math.ceil(first + step * columns)))
        shown = np.empty((2, columns), values.dtype)
        np.minimum.reduceat(values[0, :until], starts, out=shown[0])
        np.maximum.reduceat(values[1, :until], starts, out=shown[1])
    if outside is not None:
        shown[:, outside] = 0.0
    return shown


def _levels_in(path: Path) -> tuple[Extremes, ...]:
    with _readable(path):
        levels = file_peaks(path).levels
    return tuple(np.stack((level[0].min(axis=0), level[1].max(axis=0))) for level in levels)


def _block_in(path: Path, number: int) -> Extremes:
    with _readable(path):
        samples = file_window(path, number * BLOCK, BLOCK)
    return np.stack((samples.min(axis=1), samples.max(axis=1)))


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LibraryError(f'"{path.name}" cannot be read ({error}): find it again.') from error
