"""What is done when memory runs out: the most sparing way that is still needed, step by step."""

import gc
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

import torch

from acestep_desktop.acestep.errors import TooLittleMemoryError
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.memory import is_out_of_memory
from acestep_desktop.acestep.placement import Placement, free_bytes, give_back
from acestep_desktop.acestep.steps import DECODING, LISTENING, Work

log = logging.getLogger(__name__)

T = TypeVar("T")

SMALL_CHUNKS: Final = (64, 32, 16)
SMALLER_CHUNKS: Final = "Memory was short: the sound was decoded in smaller pieces."
PARTS_OFF: Final = (
    "The graphics card's memory was short: parts of the model waited in the computer's own, "
    "which takes longer."
)
DECODED_ON_CPU: Final = (
    "The graphics card's memory was short: the sound was decoded on the processor, "
    "which takes longer."
)
FULL_PRECISION: Final = (
    "The model's numbers broke down in bfloat16: it runs in float32 until it is unloaded, "
    "which takes longer."
)


class Ladder:
    """Goes down rung by rung while work on `model` runs out of memory.

    The rungs: smaller chunks (64 latents, 32, then 16) for what the autoencoder
    does; parts off the card; the autoencoder on the processor. `said` has a
    sentence for each that was taken since `begin`.
    """

    def __init__(self, model: LoadedModel) -> None:
        self._model = model
        self.said: list[str] = []

    def begin(self) -> None:
        """Forget what was said in the job before; what was learned stays."""
        self.said = []

    def sparing(self, stage: str, make: Callable[[], Work[T]]) -> Work[T]:
        """Do the work that `make` begins, as often as it takes while there is a rung left.

        Raises TooLittleMemoryError at the bottom.
        """
        while True:
            try:
                return (yield from make())
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                log.warning("out of memory while %s: %s", stage.lower(), error)
            # Out here nothing holds the memory of what failed any more.
            self._go_down(stage)

    def _go_down(self, stage: str) -> None:
        gc.collect()
        give_back(self._model.placement)
        rung = self._smaller_chunk(stage) or self._parts_off() or self._decode_on_cpu(stage)
        if rung is None:
            raise TooLittleMemoryError(self._bottom(stage))
        if rung not in self.said:
            self.said.append(rung)
        log.warning("%s", rung)

    def _smaller_chunk(self, stage: str) -> str | None:
        smaller = [chunk for chunk in SMALL_CHUNKS if chunk < self._model.chunk]
        if stage not in (DECODING, LISTENING) or not smaller:
            return None
        self._model.chunk = smaller[0]
        return SMALLER_CHUNKS

    def _parts_off(self) -> str | None:
        if self._model.sparing or not self._model.placement.is_card:
            return None
        self._model.sparing = True
        self._model.conditions.clear()
        self._model.settle()
        return PARTS_OFF

    def _decode_on_cpu(self, stage: str) -> str | None:
        model = self._model
        if stage not in (DECODING, LISTENING) or not model.vae_placement.is_card:
            return None
        model.vae_placement = Placement(torch.device("cpu"), torch.float32)
        model.settle()
        return DECODED_ON_CPU

    def _bottom(self, stage: str) -> str:
        free = free_bytes(self._model.placement)
        where = "" if free is None else f" ({free / 2**30:.1f} GiB are free on the graphics card)"
        return (
            f"There was not enough memory{where}, at: {stage.lower()}. Ask for something shorter, "
            "close other programs, or choose a smaller model."
        )


def in_full_precision(model: LoadedModel) -> bool:
    """Have `model` compute in float32 from now on; return whether that changes anything.

    Each part is brought to it when it is used next. Takes say so from now on.
    """
    if model.dtype == torch.float32:
        return False
    said = f"{model.placement.said} {FULL_PRECISION}".strip()
    model.placement = replace(model.placement, dtype=torch.float32, said=said)
    model.vae_placement = replace(model.vae_placement, dtype=torch.float32)
    model.conditions.clear()
    return True
