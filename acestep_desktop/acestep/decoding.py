"""Decoding latents to sound chunk by chunk, each chunk heard as soon as it is there."""

from typing import Final

import numpy as np
from torch import Tensor

from acestep_desktop.acestep.errors import BrokenSoundError
from acestep_desktop.acestep.ladder import in_full_precision
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.rows import Kept
from acestep_desktop.acestep.steps import DECODING, Step, Work
from acestep_desktop.dsp.samples import Samples

FIRST_CHUNK: Final = 25
"""Latents of the first chunk: one second, so that something is heard soon."""


class Decoder:
    """Decodes latents [start, end) of one take; work that broke off goes on where it was."""

    def __init__(self, model: LoadedModel, latents: Tensor, start: int, end: int) -> None:
        self._model = model
        self._latents = latents
        self._from, self._to = start * model.hop, end * model.hop
        self._stop = min(latents.shape[1], end + model.overlap)
        self._at = self._from
        self._pieces: list[Samples] = []
        self._fresh: list[tuple[int, Samples]] = []

    def fresh(self) -> list[tuple[int, Samples]]:
        """Return what was decoded since the last call, each with its first frame."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def work(self) -> Work[Samples]:
        """Decode what is left and return all audio; yield after each chunk."""
        ends = self._ends()
        done = len(self._pieces)
        stream = _Stream(self._model, self._latents, self._at)
        for index, end in enumerate(ends):
            heard = stream.heard_to(end)
            if not np.isfinite(heard).all() and in_full_precision(self._model):
                stream = _Stream(self._model, self._latents, self._at)
                heard = stream.heard_to(end)
            if not np.isfinite(heard).all():
                raise BrokenSoundError(
                    "The model's sound broke down while decoding: try another seed."
                )
            self._keep(heard[: self._to - self._at])
            yield Step(DECODING, done + index + 1, done + len(ends))
        return np.concatenate(self._pieces)

    def _ends(self) -> list[int]:
        """Return where the chunks end that are left, each as far ahead as the network looks."""
        model = self._model
        size = min(model.chunk, FIRST_CHUNK) if self._at == self._from else model.chunk
        first = self._at // model.hop + size + model.overlap
        return [*range(first, self._stop, model.chunk), self._stop]

    def _keep(self, samples: Samples) -> None:
        self._fresh.append((self._at - self._from, samples))
        self._pieces.append(samples)
        self._at += len(samples)


class _Stream:
    """Latents on their way through the decoder, from where they begin to matter for `frame` on."""

    def __init__(self, model: LoadedModel, latents: Tensor, frame: int) -> None:
        self._model = model
        self._latents = latents
        self._next = max(0, frame // model.hop - model.overlap)
        self._early = frame - self._next * model.hop
        self._kept: Kept = {}

    def heard_to(self, end: int) -> Samples:
        """Return what is heard next, when all latents before `end` are known."""
        length = self._latents.shape[1]
        chunk, self._next = self._latents[0, self._next : end], end
        samples = self._model.decoded(chunk, self._kept, last=end == length)
        heard = samples[self._early :]
        self._early -= len(samples) - len(heard)
        return heard
