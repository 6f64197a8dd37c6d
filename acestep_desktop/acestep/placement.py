"""Where and how precisely the model computes: graphics card, Apple's, or the processor."""

import os
import sys
from dataclasses import dataclass
from typing import Final

import torch

_AMPERE: Final = (8, 0)
"""The first compute capability that computes in bfloat16; older cards make NaN in float16."""

ON_CPU: Final = (
    "No graphics card that ACE-Step can use was found: it ran on the processor, "
    "which takes minutes where a card takes seconds."
)
ON_MPS: Final = "ACE-Step ran on Apple's graphics in full precision (float32)."


@dataclass(frozen=True, slots=True)
class Placement:
    """A device, the precision it computes in, and a sentence if a person should know."""

    device: torch.device
    dtype: torch.dtype
    said: str = ""

    @property
    def is_card(self) -> bool:
        """Whether the model has to be brought to memory other than the program's own."""
        return self.device.type == "cuda"


def best_placement() -> Placement:
    """Return the fastest device there is, and the precision that is safe on it."""
    if torch.cuda.is_available():
        capable = torch.cuda.get_device_capability() >= _AMPERE
        return Placement(
            torch.device("cuda"),
            torch.bfloat16 if capable else torch.float32,
            ""
            if capable
            else "This graphics card is too old for bfloat16: ACE-Step ran in float32, "
            "which takes twice the memory.",
        )
    if torch.backends.mps.is_available():
        return Placement(torch.device("mps"), torch.float32, ON_MPS)
    return Placement(torch.device("cpu"), torch.float32, ON_CPU)


def prepare_processor() -> None:
    """Have the processor treat tiny numbers as zero, and leave a core to the rest of the program.

    Tiny numbers (denormals) are a hundred times slower, and mean silence.
    """
    torch.set_flush_denormal(True)
    if sys.platform == "darwin" or "OMP_NUM_THREADS" in os.environ:
        return
    cores = usable_cores()
    if cores > _FEW_CORES:
        torch.set_num_threads(max(1, min(torch.get_num_threads(), cores - 1)))


_FEW_CORES: Final = 4
"""With more cores than these, one is left free; with fewer, each is needed."""


def usable_cores() -> int:
    """Return on how many cores this process may run."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_bytes(placement: Placement) -> int | None:
    """Return the memory that is free on the card; None where it is the program's own."""
    if not placement.is_card:
        return None
    free, _ = torch.cuda.mem_get_info(placement.device)
    return int(free)


def give_back(placement: Placement) -> None:
    """Return memory that nothing uses any more to the card."""
    if placement.device.type == "cuda":
        torch.cuda.empty_cache()
    elif placement.device.type == "mps":
        torch.mps.empty_cache()
