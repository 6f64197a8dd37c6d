"""What this machine offers a model: its card, the card's memory, and its own. Without torch."""

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

from acestep_desktop.models.catalogue import CatalogueModel
from acestep_desktop.models.placing import in_words

WSL_TOOL: Final = "/usr/lib/wsl/lib/nvidia-smi"
"""Where Windows lends NVIDIA's tool to the Linux inside it, mostly not on the path."""

_PATIENCE_S: Final = 5.0
_SHARED: Final = 0.7
"""Of the memory that an Apple processor shares with its card, so much is for the card."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A card's name and memory, None without a usable one; the machine's own memory."""

    card: str | None
    vram_bytes: int | None
    memory_bytes: int | None

    def fits(self, model: CatalogueModel) -> bool:
        """Return whether the model runs here, if need be with parts kept off the card."""
        if self.vram_bytes is not None:
            return self.vram_bytes >= model.least_vram_bytes
        return self.memory_bytes is None or self.memory_bytes >= model.disk_bytes

    def sentence(self, model: CatalogueModel) -> str:
        """Return how the model would do here, in a few words, by the makers' figures."""
        if self.vram_bytes is None:
            if self.fits(model):
                return "runs on the processor, slowly"
            return "needs more memory than this machine has"
        if self.vram_bytes >= model.vram_bytes:
            return "fits this card"
        if self.fits(model):
            return "fits with parts kept off the card"
        return f"needs a card with {in_words(model.least_vram_bytes)}"


def find_machine() -> Machine:
    """Look at this machine; takes a moment, so not in the window's thread."""
    memory = _memory_bytes()
    if sys.platform == "darwin" and platform.machine() == "arm64":
        shared = None if memory is None else int(memory * _SHARED)
        return Machine("Apple GPU", shared, memory)
    card = _nvidia()
    return Machine(card[0] if card else None, card[1] if card else None, memory)


def parse_nvidia(said: str) -> tuple[str, int] | None:
    """Return name and memory of the largest card in what `nvidia-smi` said, or None.

    The lines are "name, memory in MiB".
    """
    cards = []
    for line in said.splitlines():
        name, _, amount = line.rpartition(",")
        if name.strip() and amount.strip().isdigit():
            cards.append((int(amount) * 2**20, name.strip()))
    if not cards:
        return None
    memory, name = max(cards)
    return name, memory


def _nvidia() -> tuple[str, int] | None:
    tool = shutil.which("nvidia-smi") or shutil.which(WSL_TOOL)
    if tool is None:
        return None
    command = [tool, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_nvidia(done.stdout)


def _memory_bytes() -> int | None:
    if sys.platform == "win32":
        return _windows_memory()
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return None


def _windows_memory() -> int | None:
    import ctypes

    total = ctypes.c_ulonglong(0)
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - only Windows has it
    if not kernel.GetPhysicallyInstalledSystemMemory(ctypes.byref(total)):
        return None
    return total.value * 1024
