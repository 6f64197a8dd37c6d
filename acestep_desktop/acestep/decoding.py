"""Decoding latents to sound tile by tile, each tile heard as soon as it is there."""

import numpy as np
from torch import Tensor

from acestep_desktop.acestep.errors import BrokenSoundError
from acestep_desktop.acestep.ladder import in_full_precision
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.steps import DECODING, Step, Work
from acestep_desktop.acestep.tiles import FIRST_TILE, Tile, tiles_of
from acestep_desktop.dsp.samples import Samples


class Decoder:
    """Decodes latents [start, end) of one take; work that broke off goes on where it was."""

    def __init__(self, model: LoadedModel, latents: Tensor, start: int, end: int) -> None:
        self._model = model
        self._latents = latents
        self._start, self._end = start, end
        self._at = start
        self._pieces: list[Samples] = []
        self._fresh: list[tuple[int, Samples]] = []

    def fresh(self) -> list[tuple[int, Samples]]:
        """Return what was decoded since the last call, each with its first frame."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def work(self) -> Work[Samples]:
        """Decode the tiles that are left and return all audio; yield after each tile."""
        left = self._tiles()
        done = len(self._pieces)
        for index, tile in enumerate(left):
            samples = self._decoded(tile)
            self._fresh.append(((tile.start - self._start) * self._model.hop, samples))
            self._pieces.append(samples)
            self._at = tile.end
            yield Step(DECODING, done + index + 1, done + len(left))
        return np.concatenate(self._pieces)

    def _tiles(self) -> list[Tile]:
        model = self._model
        length = self._latents.shape[1]
        first = FIRST_TILE if self._at == self._start else model.tile
        return list(
            tiles_of(
                self._at, self._end, length, tile=model.tile, overlap=model.overlap, first=first
            )
        )

    def _decoded(self, tile: Tile) -> Samples:
        samples = self._model.decoded(self._latents, tile)
        if not np.isfinite(samples).all() and in_full_precision(self._model):
            samples = self._model.decoded(self._latents, tile)
        if not np.isfinite(samples).all():
            raise BrokenSoundError("The model's sound broke down while decoding: try another seed.")
        return samples
