"""The part of the engine that needs torch: keeps one model loaded, and does jobs with it."""

import gc
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path

from acestep_desktop.acestep.compiling import Compile, CompiledBlocks, is_wanted
from acestep_desktop.acestep.errors import TooLittleMemoryError
from acestep_desktop.acestep.int8 import IN_EIGHT_BITS, pays_off, quantised
from acestep_desktop.acestep.job import Job, Telling
from acestep_desktop.acestep.ladder import PARTS_OFF, Ladder
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.memory import is_out_of_memory
from acestep_desktop.acestep.placement import (
    Placement,
    best_placement,
    free_bytes,
    give_back,
    prepare_processor,
)
from acestep_desktop.acestep.plan import Wish
from acestep_desktop.acestep.steps import LOADING, Step, Work
from acestep_desktop.domain.recipe import EngineIdentity
from acestep_desktop.generation.generator import Output, Progress
from acestep_desktop.models.catalogue import ModelKind

_SPARE_BYTES = 1 << 30
"""So much of a card is left to what is computed."""


_COMPILER_BYTES = 2 << 30
"""So much of a card has to be free for a process that compiles: it has a context of its own."""


class Studio:
    """One model at a time, kept until another is wanted or all is to be forgotten.

    Its layers are compiled between the jobs by `compile_all`, where that is wanted.
    """

    def __init__(
        self, placement: Placement | None = None, compile_all: Compile | None = None
    ) -> None:
        prepare_processor()
        self.placement = placement or best_placement()
        self._model: LoadedModel | None = None
        self._ladder: Ladder | None = None
        self._compile_all = compile_all
        self._blocks: CompiledBlocks | None = None
        self._hash = ""

    def holds(self, model_hash: str) -> bool:
        """Return whether the model of this hash is loaded."""
        return self._model is not None and self._hash == model_hash

    def perform(
        self,
        wish: Wish,
        folder: Path,
        kind: ModelKind,
        identity: EngineIdentity,
        cancelled: Callable[[], bool],
    ) -> Iterator[Output]:
        """Make the takes of `wish` with the model in `folder`."""
        telling = Telling(cancelled)
        if not self.holds(identity.model_hash):
            self.forget()
            yield from self._load(telling, folder, kind)
            self._hash = identity.model_hash
        assert self._model is not None and self._ladder is not None
        job = Job(self._model, self._ladder, telling, identity, self._blocks)
        try:
            yield from job.takes(wish)
        finally:
            self._ladder.begin()
        if self._blocks is not None and self._has_room_to_compile():
            self._blocks.learn(job.shapes)

    def forget(self) -> None:
        """Give the memory of the model back."""
        if self._blocks is not None:
            self._blocks.stop()
        self._model = self._ladder = self._blocks = None
        self._hash = ""
        gc.collect()
        give_back(self.placement)

    def _load(
        self, telling: Telling, folder: Path, kind: ModelKind
    ) -> Generator[Progress, None, None]:
        try:
            model = yield from telling.of(0, LoadedModel.load(folder, kind, self.placement))
            model.sparing = self._must_spare(model)
            ladder = Ladder(model)
            if model.sparing:
                ladder.said.append(PARTS_OFF)
            # Bringing the parts to the card is work as any other, and may take the same rungs.
            yield from telling.of(0, ladder.sparing(LOADING, lambda: _settled(model)))
            yield from telling.of(0, _suited(model))
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            raise TooLittleMemoryError(
                f'There was not enough memory to load the model "{folder.name}": '
                "close other programs or choose a smaller model."
            ) from None
        self._model, self._ladder = model, ladder
        self._blocks = CompiledBlocks(self._compile_all) if is_wanted(model.placement) else None

    def _has_room_to_compile(self) -> bool:
        """Return whether jobs would not feel the memory that compiling takes of their card."""
        free = free_bytes(self.placement)
        spares = self._model is not None and self._model.sparing
        return not spares and (free is None or free >= _COMPILER_BYTES)

    def _must_spare(self, model: LoadedModel) -> bool:
        """Return whether the model does not fit onto the card whole."""
        free = free_bytes(self.placement)
        weights = sum(
            parameter.numel() * parameter.element_size()
            for part in model.parts.networks().values()
            for parameter in part.parameters()
        )
        return free is not None and weights + _SPARE_BYTES > free


def _settled(model: LoadedModel) -> Work[None]:
    model.settle()
    yield Step(LOADING, 1, 1)


def _suited(model: LoadedModel) -> Work[None]:
    """Round the transformer to eight bits where it runs on a processor that is faster so."""
    if model.device.type != "cpu" or not pays_off():
        return
    if (yield from quantised(model.parts.transformer)):
        model.placement = replace(
            model.placement, said=f"{model.placement.said} {IN_EIGHT_BITS}".strip()
        )
