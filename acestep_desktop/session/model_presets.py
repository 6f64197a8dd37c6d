"""What each kind of ACE-Step checkpoint does by itself, and what it cannot do."""

from collections.abc import Collection

from acestep_desktop.models.catalogue import ModelKind
from acestep_desktop.models.kinds import PRESETS, Preset, reasons_against

__all__ = ["PRESETS", "Preset", "model_refusal"]


def model_refusal(kind: ModelKind, parts: Collection[str], task: str) -> str:
    """Return why a model of this kind, with these parts, cannot do a task; empty if it can."""
    return reasons_against(kind, parts).get(task, "")
