"""What to say of the first model: which suits this machine, its size, and an honest time."""

import os
from collections.abc import Sequence
from typing import Final

from acestep_desktop.models.machine import Machine
from acestep_desktop.models.overview import ModelState
from acestep_desktop.models.placing import in_words

_CORE_S: Final = 184.0
"""Seconds of one core's work for 30 s of music with the 2B turbo model in full precision;
measured at its real size on two cores."""


def device_words(machine: Machine | None) -> str:
    """Return where ACE-Step computes on this machine, as far as it can be seen from outside."""
    if machine is None:
        return ""
    return machine.card or "processor"


def offer_words(states: Sequence[ModelState], machine: Machine | None, cores: int = 0) -> str:
    """Return an offer of the model that suits this machine; nothing where there is one already.

    `cores` are the processor's; 0 asks the system.
    """
    best = next((state for state in states if state.best), None)
    if machine is None or best is None or any(state.installed for state in states):
        return ""
    return (
        f"Sketch plays at once. To sing, cover and repaint there is {best.label}: "
        f"{in_words(best.bytes)} to download, {best.suits}. "
        f"{_time_words(machine, cores or os.cpu_count() or 1)}"
    )


def _time_words(machine: Machine, cores: int) -> str:
    if machine.card == "Apple GPU":
        return "30 s of music take about as long to make, by what others measured."
    if machine.card is not None and machine.vram_bytes:
        return "A song takes seconds on a large card, by the makers' figures; more on a small one."
    seconds = _CORE_S / cores
    words = f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} s"
    return f"30 s of music take about {words} of all this processor's cores."
