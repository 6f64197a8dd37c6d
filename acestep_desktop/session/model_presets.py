"""What each kind of ACE-Step checkpoint does by itself, and what it cannot do."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Preset:
    """Steps, shift and guidance of a checkpoint; `guidance` is None where it is built in."""

    steps: int
    shift: float
    guidance: float | None


PRESETS: Final = {
    "turbo": Preset(8, 3.0, None),
    "base": Preset(50, 1.0, 7.0),
    "sft": Preset(50, 1.0, 7.0),
}
"""By kind; the makers' training registry."""

_BASE_ALONE: Final = ("Extract", "AddLayer", "Complete")
_LISTENERS: Final = {"audio_tokenizer", "audio_token_detokenizer"}


def model_refusal(kind: str, parts: Collection[str], task: str) -> str:
    """Return why a model of this kind, with these parts, cannot do a task; empty if it can."""
    if task in _BASE_ALONE and kind != "base":
        return "Only a base model can do this: choose one, or get one in the Models dialog."
    if task == "Cover" and not set(parts) >= _LISTENERS:
        return "This model came without the part that listens for a cover: choose another model."
    return ""
